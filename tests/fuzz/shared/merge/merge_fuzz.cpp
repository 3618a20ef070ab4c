#include "tests/fuzz/main/corpus.h"
#include "tests/support/simple_ports.h"
#include "tests/unit/shared/merge/real_merge.h"
#include "tests/unit/shared/merge/replica.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Bytes choices(40 * seed);
    testing::SeededRandom(seed).fill(choices);
    corpus.file("choices-" + std::to_string(seed), choices);
  }
}

/// The bytes are the choices of the maker of histories; the merge must agree with the naive model
/// on all of it and on a part with no regard to causes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lalanh::test;
  const std::size_t writes = size / 8 < 40 ? size / 8 : 40;
  const HistoryMaker made(Rng(1, {data, size}), writes);
  const Held all = all_of(made.history());
  RealMerge at_once(made.history());
  at_once.deliver(all);
  LALANH_CHECK(at_once.view() == NaiveModel(made.history(), all).view());
  Held part = all;
  for (std::size_t i = 0; i < part.size() && i < size; ++i)
    part[i] = data[size - 1 - i] % (all[i] + 1);
  RealMerge in_parts(made.history());
  in_parts.deliver(part);
  LALANH_CHECK(in_parts.view() == NaiveModel(made.history(), part).view());
  in_parts.deliver(all);
  LALANH_CHECK(in_parts.digest() == at_once.digest());
  return 0;
}
