// Every write, every byte, every order (`tests/sim/exhaustive.h`).
#include "tests/sim/exhaustive.h"

#include <catch2/catch.hpp>

using namespace lalanh;
using namespace lalanh::sim;

namespace {

void good(const Exhausted& all, std::uint64_t at_least) {
  if (all.failed) {
    std::string script;
    for (const ScriptLine& line : all.failed->script) script += write_line(line) + "\n";
    FAIL_CHECK("run " << all.runs << " breaks invariant " << all.failed->broken->invariant << ": "
                      << all.failed->broken->what << "\n"
                      << script);
  }
  CHECK(all.runs >= at_least);
}

}  // namespace

TEST_CASE("a power cut at any write of a save loses nothing that was confirmed") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) good(cut_at_every_write(CutIn::kSave, seed), 3);
}

TEST_CASE("a power cut at any write while a hall takes a segment in loses nothing") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    good(cut_at_every_write(CutIn::kTaking, seed), 10);
}

TEST_CASE("a power cut at any write of a laptop's sync loses nothing") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) good(cut_at_every_write(CutIn::kSync, seed), 10);
}

TEST_CASE("a power cut at any write while a bundle is taken in loses nothing") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    good(cut_at_every_write(CutIn::kImporting, seed), 10);
  }
}

TEST_CASE("a power cut at any write while a newer program makes its tables anew loses nothing") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    good(cut_at_every_write(CutIn::kUpgrading, seed), 4);
  }
}

TEST_CASE("a sync of 50 events that is cut at any byte goes on, to the same digest") {
  good(cut_at_every_byte(50, 1), 500);
}

TEST_CASE("two laptops, a hall and a district agree after every order of two steps each") {
  good(every_order(2, 1, false), 2'520);
}

TEST_CASE("the same with other steps: edits, removals and sets, orders that commute left out") {
  for (std::uint64_t program = 0; program < kPrograms; ++program)
    good(every_order(2, program, true), 45);
}

TEST_CASE("two laptops, a hall and a district agree after every order of three steps each") {
  good(every_order(3, 2, true), 200);
}
