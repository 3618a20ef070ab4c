#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

/// A file that is read in pieces, or bytes in memory. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills all of `out` from byte `at` on; format.truncated where the file is shorter.
  virtual Status read(std::uint64_t at, std::span<std::uint8_t> out) = 0;
};

/// A file that is written from its beginning to its end, or bytes in memory. Not thread-safe.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status write(ByteView bytes) = 0;
  /// Durable and under its name on success. A sink that goes without it leaves nothing.
  virtual Status finish() = 0;
};

/// Port: files. Paths are UTF-8. Thread-safe. Errors: system.file with path, action and reason.
class Files {
 public:
  virtual ~Files() = default;
  /// The whole file; format.limit where it is larger than `bytes_max`. Not for a live database: see
  /// open().
  virtual Result<Bytes> read(const std::string& path, std::size_t bytes_max) = 0;
  /// Durable replacement: temporary name, fsync, rename, fsync of the folder. `secret`: only the
  /// owner may read it.
  virtual Status replace(const std::string& path, ByteView bytes, bool secret) = 0;
  virtual bool exists(const std::string& path) = 0;
  /// Bytes of a file, which is not opened: the only way to learn that of a live database. A folder,
  /// a pipe or a device is system.file.
  virtual Result<std::uint64_t> size(const std::string& path) = 0;
  /// When and as which file the path was last made or changed, as the file system says: a copy put
  /// back in its place has another one. system.file; also where files have no such mark.
  virtual Result<std::string> change_mark(const std::string& path) {
    return Error{ErrorCode::system_file,
                 {{"path", path}, {"action", "look at"}, {"why", "No such file or directory"}}};
  }
  virtual Status make_folder(const std::string& path) = 0;
  virtual Status remove(const std::string& path) = 0;
  /// Gives a file another name in the same file system, durably. system.exists where something has
  /// that name.
  virtual Status move(const std::string& from, const std::string& to) = 0;
  /// What begins the name of each file that create() has not finished.
  static constexpr std::string_view kUnfinished = "~ll";
  /// A file read in pieces. A folder, a pipe or a device is system.file. Never a database that this
  /// process has a connection to: POSIX takes all of a process's locks off a file as soon as any
  /// descriptor of it is closed, and another program then removes the WAL that is in use.
  virtual Result<std::unique_ptr<ByteSource>> open(const std::string& path) = 0;
  /// A file written in pieces, in place of what may be there: under a name that begins with
  /// kUnfinished until finish(), which does what replace() does. Needs no rights of its own and no
  /// fsync of a folder, so that it may lie on a stick.
  virtual Result<std::unique_ptr<ByteSink>> create(const std::string& path) = 0;
  /// Names of the files and folders in a folder, sorted by bytes; format.limit where there are more
  /// than `names_max`.
  virtual Result<std::vector<std::string>> list(const std::string& folder,
                                                std::size_t names_max) = 0;
  virtual bool is_folder(const std::string& path) = 0;
  /// Bytes that this user may still write in the file system of an existing folder.
  virtual Result<std::uint64_t> free_bytes(const std::string& folder) = 0;
  /// store.locked where another program (or this one) holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

}  // namespace lalanh
