#include <cstdio>
#include <cstdlib>

#include "shared/trust/crypto.h"
#include "tests/fuzz/main/corpus.h"
#include "tests/sim/seeds.h"
#include "tests/support/simple_ports.h"

/// The bytes are all choices of a random run of a tree (`tests/sim/seeds.h`): which line, which
/// machine, which fault. A promise that is broken ends the program, with the smallest script found.
using namespace lalanh;

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    Bytes choices(60 * seed);
    testing::SeededRandom(seed).fill(choices);
    corpus.file("choices-" + std::to_string(seed), choices);
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  LALANH_CHECK(start_crypto().ok());
  const sim::SeedRun run = sim::play_bytes({data, size});
  if (!run.broken) return 0;
  const sim::SeedRun small = sim::shrink(run);
  std::fprintf(stderr, "# invariant %d is broken: %s\n# faults: %s\n", small.broken->invariant,
               small.broken->what.c_str(), to_text(run.faults).c_str());
  std::fprintf(stderr, "# lalanh-sim run FILE --catalogue free --lenient --seed %llu\n",
               static_cast<unsigned long long>(small.seed));
  for (const sim::ScriptLine& line : small.script) {
    std::fprintf(stderr, "%s\n", sim::write_line(line).c_str());
  }
  std::abort();
}
