#if !defined(_WIN32)

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <pwd.h>
#include <signal.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <time.h>
#include <unistd.h>

#include "shared/platform/os.h"
#include "shared/platform/platform.h"

namespace lalanh {
namespace {

// --- clock ---------------------------------------------------------------------------------

std::int64_t read_clock_ms(clockid_t which) {
  timespec t{};
  CHECK(clock_gettime(which, &t) == 0);
  return static_cast<std::int64_t>(t.tv_sec) * 1'000 + t.tv_nsec / 1'000'000;
}

class SystemClock final : public Clock {
 public:
  TimeMs now() override { return TimeMs(read_clock_ms(CLOCK_REALTIME)); }
  std::int64_t steady_ms() override { return read_clock_ms(CLOCK_BOOTTIME); }
};

// --- stopping ------------------------------------------------------------------------------

constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr char kAsked = 's';
constexpr char kQuit = 'q';

// The handler may touch nothing but these; set before it is installed.
int g_stop_write = -1;
int g_stop_read = -1;
std::thread g_stop_thread;
std::array<struct sigaction, kStopSignals.size()> g_stop_before;

extern "C" void on_stop_signal(int /*signal*/) {
  const int saved = errno;
  const ssize_t ignored = ::write(g_stop_write, &kAsked, 1);
  static_cast<void>(ignored);
  errno = saved;
}

void stop_loop(const std::function<void()>& asked) {
  char what = 0;
  while (true) {
    const ssize_t n = ::read(g_stop_read, &what, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n != 1 || what == kQuit) return;
    asked();
  }
}

}  // namespace

bool os::watch_stop(std::function<void()> asked) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  g_stop_read = ends[0];
  g_stop_write = ends[1];
  g_stop_thread = std::thread([asked = std::move(asked)] { stop_loop(asked); });
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = SA_RESTART | SA_RESETHAND;  // reset: the second one ends the program
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    ::sigaction(kStopSignals[i], nullptr, &g_stop_before[i]);
    // Whoever started us under nohup wants SIGHUP ignored.
    if (g_stop_before[i].sa_handler != SIG_IGN) ::sigaction(kStopSignals[i], &action, nullptr);
  }
  return true;
}

void os::unwatch_stop() {
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    ::sigaction(kStopSignals[i], &g_stop_before[i], nullptr);
  }
  const ssize_t ignored = ::write(g_stop_write, &kQuit, 1);
  static_cast<void>(ignored);
  g_stop_thread.join();
  ::close(g_stop_read);
  ::close(g_stop_write);
}

// --- the rest ------------------------------------------------------------------------------

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }

std::string default_data_folder(const std::string& program) {
  // The specification of XDG has relative paths ignored.
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && data[0] == '/') return std::string(data) + "/" + program;
  const char* home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/') {
    const passwd* user = ::getpwuid(::getuid());
    home = user == nullptr ? nullptr : user->pw_dir;
  }
  if (home == nullptr || home[0] != '/') return "";
  return std::string(home) + "/.local/share/" + program;
}

void keep_files_private() { ::umask(0077); }

std::vector<std::string> utf8_arguments(int argc, char** argv) { return {argv, argv + argc}; }

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::int64_t process_id() { return ::getpid(); }

bool process_runs(std::int64_t id) {
  const auto pid = static_cast<pid_t>(id);
  if (pid <= 0 || pid != id) return false;
  return ::kill(pid, 0) == 0 || errno == EPERM;
}

void ignore_broken_pipes() { ::signal(SIGPIPE, SIG_IGN); }

bool claim_port(std::uintptr_t socket) {
  // On Linux this takes over what waits to time out, never a port where another one listens.
  const int yes = 1;
  return ::setsockopt(static_cast<int>(socket), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0;
}

}  // namespace lalanh

#endif
