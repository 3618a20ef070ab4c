#pragma once

#include <cstdint>
#include <vector>

#include "shared/merge/names.h"

/// What does not count (`identity.md`: Two hashes at one counter, Set aside, Revocation): a
/// function of the streams and `revoke`s that are held, of nothing else.
namespace lalanh {

/// A stream, or a branch of one, as it lies in one scope.
struct AsideStream {
  std::uint32_t no = 0;  ///< ascending: what it follows or branches off has a lower one
  Rank rank;
  Hash key{};
  /// Of a branch: the events that it has in common with what it branches off. 0: a stream, or a
  /// branch that differs from the first event on.
  std::uint32_t shared = 0;
  /// The event before the first of its own: the last one in common, or the stream's predecessor.
  Ref predecessor;
  /// The row that it branches off; its own number where it is no branch.
  std::uint32_t branch_of = 0;
};

/// One op `revoke` that is held, waiting or not.
struct HeldRevoke {
  Ref ref;
  Hash key{};
  std::vector<Ref> tips;      ///< those that stand, as far as they are held
  std::vector<Ref> replaced;  ///< earlier revokes of the key that it names
};

/// The first counter of each stream that is set aside, in the order of `streams`; 0: none is. It
/// may lie beyond what is held: what comes there is set aside as well.
std::vector<std::uint32_t> set_aside_from(const std::vector<AsideStream>& streams,
                                          const std::vector<HeldRevoke>& revokes);

}  // namespace lalanh
