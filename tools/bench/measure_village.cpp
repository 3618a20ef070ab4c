#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/platform/platform.h"
#include "tools/bench/measures.h"

namespace lalanh::bench {
namespace {

constexpr std::size_t kHouseholds = 120;
constexpr int kYears = 5;
constexpr int kEveningsAYear = 12;

/// Five years of a village: everybody entered, then each year a dozen evenings of corrections, one
/// or two for each household, and the yearly review of each.
Status live(const Context& context, World& world) {
  const std::span<const Household> rows(context.form.households);
  const std::size_t count = (std::min)(rows.size(), kHouseholds);
  TRY(world.enter(rows.first(count), 200));
  std::vector<Update> all;
  for (Update update : context.form.updates) {
    // Updates of any household become those of the village's.
    update.id = rows[all.size() % count].id;
    all.push_back(std::move(update));
  }
  std::size_t at = 0;
  for (int year = 0; year < kYears; ++year) {
    for (int evening = 0; evening < kEveningsAYear; ++evening) {
      world.village().store().new_epoch();
      const std::size_t run = (std::min)(count * 3 / 2 / kEveningsAYear, all.size() - at);
      TRY(world.correct(std::span<const Update>(all).subspan(at, run), 1'000));
      at += run;
    }
    world.village().store().new_epoch();
    TRY(world.review(rows.first(count), std::to_string(2026 + year)));
  }
  return {};
}

struct Child {
  double first_answer_ms = 0;
  double memory_mib = 0;
};

/// Starts this program anew on the node: time to its first answer, and what it took at most.
Result<Child> start_child(const std::string& program, const std::string& folder) {
  std::array<int, 2> from_child{};
  const auto fault = [](const char* why) {
    return Error{ErrorCode::system_internal, {{"why", why}}};
  };
  if (pipe(from_child.data()) != 0) return fault("pipe");
  Child out;
  pid_t child = -1;
  TRY_ASSIGN(const double seconds, timed([&]() -> Status {
               child = fork();
               if (child < 0) return fault("fork");
               if (child == 0) {
                 dup2(from_child[1], STDOUT_FILENO);
                 close(from_child[0]);
                 execl(program.c_str(), program.c_str(), "--answer-once", folder.c_str(), nullptr);
                 _exit(127);
               }
               close(from_child[1]);
               char byte = 0;
               if (read(from_child[0], &byte, 1) != 1) return fault("no answer");
               return {};
             }));
  out.first_answer_ms = seconds * 1'000;
  // Its own word, the last line: what wait4 tells counts this process's memory before the exec.
  std::string text;
  std::array<char, 4'096> some{};
  for (ssize_t n = 1; n > 0;) {
    n = read(from_child[0], some.data(), some.size());
    if (n > 0) text.append(some.data(), static_cast<std::size_t>(n));
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(from_child[0]);
  const std::size_t last = text.rfind("VmHWM:");
  if (status != 0 || last == std::string::npos) return fault("the other process failed");
  out.memory_mib = std::strtod(text.c_str() + last + 6, nullptr) / 1'024;
  return out;
}

}  // namespace

Status answer_once(const std::string& folder) {
  const std::unique_ptr<Clock> clock = make_system_clock();
  const std::unique_ptr<Files> files = make_system_files();
  TRY_ASSIGN(const std::unique_ptr<Random> random, make_system_random());
  NodeOptions options;
  options.folder = folder;
  options.clock = clock.get();
  options.random = random.get();
  options.files = files.get();
  TRY_ASSIGN(const std::unique_ptr<Node> node, Node::open(options));
  ApiRequest request;
  request.method = "GET";
  request.path = "/api/households";
  const ApiReply reply = node->handle(request);
  std::cout << reply.body << std::endl;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) std::cout << line << std::endl;
  }
  if (reply.status != 200) return Error{ErrorCode::system_internal, {{"why", reply.body}}};
  return {};
}

Status measure_village(const Context& context) {
  if (!context.any({"size.village", "rss.lalanh", "open.first"})) return {};
  const std::filesystem::path folder = context.folder / "village";
  std::filesystem::create_directories(folder);
  {
    TRY_ASSIGN(const std::unique_ptr<World> world, World::make(folder));
    TRY(live(context, *world));
    TRY(world->village().store().core().db->checkpoint());
  }
  const auto bytes = std::filesystem::file_size(folder / "village" / "lalanh.db");
  context.tell({"size.village",
                static_cast<double>(bytes) / 1e6,
                "MB",
                {},
                2.0,
                false,
                "120 households, 5 years, after a checkpoint"});
  std::vector<double> opened, memory;
  for (int i = 0; i < context.runs; ++i) {
    TRY_ASSIGN(const Child child, start_child(context.program, (folder / "village").string()));
    opened.push_back(child.first_answer_ms);
    memory.push_back(child.memory_mib);
  }
  const std::string note = "a node and its API in a process of its own, no socket";
  context.tell({"rss.lalanh", median(memory), "MiB", {}, 30.0, false, note});
  context.tell({"open.first", median(opened), "ms", {}, 100.0, false, note});
  return {};
}

}  // namespace lalanh::bench
