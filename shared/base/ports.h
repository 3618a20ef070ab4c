#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace lalanh {

/// Port: the time. Real in shared/platform, simulated in tests. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The wall clock as it stands, right or wrong.
  virtual TimeMs now() = 0;
  /// A steady clock that counts sleep, in milliseconds from any origin of this boot.
  virtual std::int64_t steady_ms() = 0;
};

/// Port: unpredictable bytes. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
  std::uint64_t next_u64() {
    std::array<std::uint8_t, 8> b{};
    fill(b);
    std::uint64_t v = 0;
    for (const std::uint8_t x : b) v = (v << 8U) | x;
    return v;
  }
};

/// Held while a program may write a database; let go on destruction.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

/// Port: files. Paths are UTF-8. Thread-safe. Errors: system.file with path, action and reason.
class Files {
 public:
  virtual ~Files() = default;
  /// The whole file; format.limit where it is larger than `bytes_max`.
  virtual Result<Bytes> read(const std::string& path, std::size_t bytes_max) = 0;
  /// Durable replacement: temporary name, fsync, rename, fsync of the folder. `secret`: only the
  /// owner may read it.
  virtual Status replace(const std::string& path, ByteView bytes, bool secret) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual Status make_folder(const std::string& path) = 0;
  virtual Status remove(const std::string& path) = 0;
  /// store.locked where another program (or this one) holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

}  // namespace lalanh
