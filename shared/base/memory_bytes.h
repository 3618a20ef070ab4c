#pragma once

#include <algorithm>

#include "shared/base/ports.h"

/// Bytes in memory as a file, for what is small, for simulators and for tests.
namespace lalanh {

class MemorySink final : public ByteSink {
 public:
  Status write(ByteView bytes) override {
    append(held, bytes);
    return {};
  }
  Status finish() override { return {}; }
  Bytes held;
};

/// Not copied: the bytes outlive it.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Status read(std::uint64_t at, std::span<std::uint8_t> out) override {
    if (at > bytes_.size() || out.size() > bytes_.size() - at) {
      return Error{ErrorCode::format_truncated, {{"where", "memory"}}};
    }
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
    return {};
  }

 private:
  ByteView bytes_;
};

}  // namespace lalanh
