#pragma once

#include <memory>
#include <string>

#include "tools/bench/world.h"

namespace lalanh::bench {

/// What a plain program would do that keeps one row an event and one row an entity, and checks
/// nothing: the yardstick. The same SQLite, page cache, WAL and synchronous=FULL, our entity table
/// with its index, blobs of our mean size. Not thread-safe.
class Bound {
 public:
  /// A new database at `path`, or the one that is there.
  static Result<std::unique_ptr<Bound>> open(const std::string& path, std::size_t state_bytes);
  /// For each event one INSERT of its canonical bytes and one UPSERT of its entity's row, all in
  /// one transaction.
  Status write(std::span<const BoundEvent> events);

 private:
  Bound() = default;
  std::unique_ptr<Database> db_;
  Statement log_, entity_;
  Bytes state_;
  std::uint64_t changes_ = 0;
};

}  // namespace lalanh::bench
