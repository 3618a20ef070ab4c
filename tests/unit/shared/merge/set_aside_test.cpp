#include "shared/merge/set_aside.h"

#include <catch2/catch.hpp>

using namespace lalanh;

namespace {

constexpr Hash kKey{1};

AsideStream stream(std::uint32_t no) { return {no, Rank(1), kKey, 0, Ref(), no}; }
AsideStream branch(std::uint32_t no, std::uint32_t of, std::uint32_t shared) {
  return {no, Rank(1), kKey, shared, shared == 0 ? Ref() : Ref(of, shared), of};
}
/// By a commune's stream with number 9.
AsideStream hall() { return {9, Rank(2), Hash{2}, 0, Ref(), 9}; }
HeldRevoke revoking(std::vector<Ref> tips) { return {Ref(9, 1), kKey, std::move(tips), {}}; }

using Cuts = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("two that go on from one event are set aside from there on, and their beginning stands") {
  CHECK(set_aside_from({stream(1)}, {}) == Cuts{0});
  CHECK(set_aside_from({stream(1), branch(2, 1, 3)}, {}) == Cuts{4, 4});
  CHECK(set_aside_from({stream(1), branch(2, 1, 3), branch(3, 1, 3)}, {}) == Cuts{4, 4, 4});
}

TEST_CASE("a tip says which of two branches stands") {
  const std::vector<AsideStream> streams = {stream(1), branch(2, 1, 3), hall()};
  CHECK(set_aside_from(streams, {revoking({Ref(2, 8)})}) == Cuts{4, 9, 0});
  CHECK(set_aside_from(streams, {revoking({Ref(1, 6)})}) == Cuts{7, 4, 0});
  CHECK(set_aside_from(streams, {revoking({})}) == Cuts{1, 4, 0});
}

TEST_CASE("a branch whose beginning is set aside has no end that stands") {
  // Three contents: the first parts from the second after 2 events, and from the third after 5. By
  // the tips the ends of both branches stand, and of the first all up to the later parting; but
  // from the earlier one on the first and the second are two.
  const std::vector<AsideStream> streams = {stream(1), branch(2, 1, 2), branch(3, 1, 5), hall()};
  CHECK(set_aside_from(streams, {revoking({Ref(2, 7), Ref(3, 9)})}) == Cuts{3, 3, 6, 0});
  // The same without the second one: nothing is forked.
  CHECK(set_aside_from(streams, {revoking({Ref(3, 9)})}) == Cuts{6, 3, 10, 0});
}
