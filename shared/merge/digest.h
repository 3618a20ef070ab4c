#pragma once

#include <span>

#include "shared/merge/state.h"

namespace lalanh {

/// A sum modulo 2^256 of hashes; little-endian. Order of adding does not matter.
class HashSum {
 public:
  HashSum() = default;
  explicit HashSum(const Hash& bytes);
  void add(const Hash& hash);
  void subtract(const Hash& hash);
  Hash bytes() const;
  friend bool operator==(const HashSum&, const HashSum&) = default;

 private:
  std::array<std::uint64_t, 4> limbs_{};
};

/// What one entity adds to the digest of its scope's state (`sync.md`, invariant 1): each live
/// write, item, live removal, its state (with type and parent), decisions and revokes; full names,
/// never local ones. Items need not be in any order.
void add_to_digest(Scope scope, const EntityState& state, std::span<const AppendedItem> items,
                   const Lines& lines, Words& words, HashSum& sum);

}  // namespace lalanh
