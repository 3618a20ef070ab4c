#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "shared/base/bytes.h"

namespace lalanh::sim {

/// The bytes of a file, in pages that copies share until one of them writes: a copy costs a pointer
/// a page. What was never written is zero and costs nothing. Not thread-safe; copies are
/// independent.
class Content {
 public:
  static constexpr std::uint64_t kPageBytes = 4'096;

  std::uint64_t size() const { return size_; }
  /// How many of the wanted bytes are there; the rest of `out` is as it was.
  std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) const;
  /// Grows as needed; a hole is zeros.
  void write(std::uint64_t offset, ByteView bytes);
  /// Cuts off, or adds zeros.
  void resize(std::uint64_t size);
  /// Takes the pages that hold [offset, offset + size) from `other`; both are large enough.
  void share(const Content& other, std::uint64_t offset, std::uint64_t size);
  Bytes all() const;

 private:
  using Page = std::array<std::uint8_t, kPageBytes>;
  Page& own(std::size_t page);

  std::uint64_t size_ = 0;
  std::vector<std::shared_ptr<Page>> pages_;  ///< nullptr: zeros
};

}  // namespace lalanh::sim
