#include <atomic>
#include <cstdlib>
#include <thread>

#include <catch2/catch.hpp>

#include "shared/platform/platform.h"
#include "shared/platform/stop_signal.h"

#if !defined(_WIN32)
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace lalanh;

TEST_CASE("the wall clock is after the year 2020 and the steady clock does not go back") {
  const auto clock = make_system_clock();
  CHECK(clock->now().value > 1'577'836'800'000);
  const std::int64_t before = clock->steady_ms();
  CHECK(clock->steady_ms() >= before);
}

TEST_CASE("random bytes fill the whole buffer and differ each time") {
  const auto random = make_system_random();
  REQUIRE(random.ok());
  std::array<std::uint8_t, 64> a{};
  std::array<std::uint8_t, 64> b{};
  random.value()->fill(a);
  random.value()->fill(b);
  CHECK(a != b);
  // 32 zeros in a row happen once in 2^256 times.
  CHECK(std::any_of(a.begin() + 32, a.end(), [](std::uint8_t x) { return x != 0; }));
  random.value()->fill({});
}

TEST_CASE("a stop asked for by the program wakes all who wait and calls each callback once") {
  StopSignal stop;
  CHECK_FALSE(stop.requested());
  CHECK_FALSE(stop.wait_for(1));
  std::atomic<int> calls{0};
  stop.on_stop([&] { ++calls; });
  std::thread waiting([&] { stop.wait(); });
  stop.request();
  stop.request();
  waiting.join();
  CHECK(stop.requested());
  CHECK(stop.wait_for(1'000'000));
  CHECK(calls == 1);
  stop.on_stop([&] { ++calls; });  // late: called at once
  CHECK(calls == 2);
}

TEST_CASE("this process runs, and one whose number cannot be does not") {
  CHECK(process_runs(process_id()));
  CHECK_FALSE(process_runs(0));
  CHECK_FALSE(process_runs(-1));
  CHECK_FALSE(process_runs(std::int64_t{1} << 40U));
}

#if !defined(_WIN32)

TEST_CASE("SIGINT and SIGTERM ask for a stop instead of ending the program") {
  for (const int signal : {SIGINT, SIGTERM}) {
    StopSignal stop;
    std::atomic<bool> told{false};
    stop.on_stop([&] { told = true; });
    ::kill(::getpid(), signal);
    CHECK(stop.wait_for(10'000));
    for (int i = 0; i < 1'000 && !told; ++i) ::usleep(10'000);
    CHECK(told);
  }
}

TEST_CASE("the second SIGTERM ends a program that does not stop") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    StopSignal stop;
    ::raise(SIGTERM);
    stop.wait();
    ::raise(SIGTERM);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
}

TEST_CASE("a write to a closed pipe is an error once broken pipes are ignored") {
  ignore_broken_pipes();
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  CHECK(::write(ends[1], "x", 1) == -1);
  ::close(ends[1]);
}

TEST_CASE("the data folder follows XDG_DATA_HOME, else the home folder") {
  ::setenv("XDG_DATA_HOME", "/x/dữ liệu", 1);
  CHECK(default_data_folder("lalanh") == "/x/dữ liệu/lalanh");
  ::setenv("XDG_DATA_HOME", "relative", 1);
  ::setenv("HOME", "/home/hà", 1);
  CHECK(default_data_folder("lalanh") == "/home/hà/.local/share/lalanh");
  ::unsetenv("XDG_DATA_HOME");
  CHECK(default_data_folder("lalanhd") == "/home/hà/.local/share/lalanhd");
  ::unsetenv("HOME");
  const std::string folder = default_data_folder("lalanh");  // from the user's own record
  CHECK((folder.empty() || folder.front() == '/'));
}

TEST_CASE("the command line is handed over whole") {
  char name[] = "lalanh";
  char word[] = "Giàng A Của";
  char* argv[] = {name, word, nullptr};
  CHECK((utf8_arguments(2, argv) == std::vector<std::string>{"lalanh", "Giàng A Của"}));
}

#endif
