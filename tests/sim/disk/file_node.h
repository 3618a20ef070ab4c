#pragma once

#include <array>
#include <memory>
#include <vector>

#include "tests/sim/disk/content.h"
#include "tests/sim/disk/rng.h"

namespace lalanh::sim {

struct OpenFile;

/// What a disk may do to writes that nobody synced.
struct CutModel {
  std::uint32_t sector = 4'096;     ///< bytes that are written as one
  bool powersafe_overwrite = true;  ///< bytes beside a write are never harmed by it
  bool garbage = true;              ///< a sector that was being written may hold anything
};

/// SQLite's five lock levels on one file, among the connections of this process: as os_unix.c keeps
/// them, without the kernel. Not thread-safe.
class FileLocks {
 public:
  /// False: another holds it. `level` is the caller's own, SQLITE_LOCK_*, moved on success (and to
  /// PENDING where EXCLUSIVE has to wait for readers).
  bool lock(const OpenFile* who, int& level, int wanted);
  void unlock(const OpenFile* who, int& level, int wanted);
  bool reserved() const { return reserved_ != nullptr; }

 private:
  int shared_ = 0;
  const OpenFile *reserved_ = nullptr, *pending_ = nullptr, *exclusive_ = nullptr;
};

/// The shared memory of a database in WAL mode: regions and eight locks. It lives as long as a
/// connection that maps it, also beyond a power cut, for pointers into it are held. Not
/// thread-safe.
class Shm {
 public:
  static constexpr int kLocks = 8;
  using Region = std::unique_ptr<std::uint8_t[]>;

  bool lock(const OpenFile* who, int from, int n, bool exclusive);
  void unlock(const OpenFile* who, int from, int n);
  /// All that it holds.
  void leave(const OpenFile* who) { unlock(who, 0, kLocks); }
  std::vector<Region> regions;
  int users = 0;

 private:
  struct Slot {
    std::vector<const OpenFile*> shared;
    const OpenFile* exclusive = nullptr;
  };
  std::array<Slot, kLocks> slots_;
};

/// A file (or folder) apart from its name: what programs see now, what is durable, and the calls
/// between the two. Not thread-safe.
class FileNode {
 public:
  const Content& now() const { return now_; }
  const Content& durable() const { return durable_; }
  bool synced() const { return pending_.empty() && !split_; }

  void write(std::uint64_t offset, ByteView bytes);
  void resize(std::uint64_t size);
  /// All of `now` is durable, except for what a failed sync has lost.
  void sync();
  /// A sync failed and the system took the pages for clean: they are read as before, but no later
  /// sync writes them (Linux does so).
  void lose_pending();
  /// The bytes that a power cut leaves: each sector as it was after one of the calls on it, the
  /// size as it was after one of all calls. Which ones, is drawn.
  Content after_cut(Rng& rng, const CutModel& model) const;
  /// All of `content` is there and durable.
  void reset(Content content);
  /// On the disk itself, whoever wrote it.
  void corrupt(std::uint64_t offset, std::uint8_t byte);
  /// Does it stand in what is seen, what is durable or what is on its way?
  bool contains(ByteView bytes) const;

  bool folder = false;
  FileLocks locks;
  std::shared_ptr<Shm> shm;

 private:
  struct Call {
    bool write = true;  ///< otherwise a change of size to `offset`
    std::uint64_t offset = 0;
    std::size_t begin = 0, size = 0;  ///< in bytes_
  };
  ByteView bytes_of(const Call& call) const {
    return ByteView(bytes_).subspan(call.begin, call.size);
  }
  void apply_to_durable(const Call& call);
  void note(const Call& call);
  void write_back_some();

  Content now_, durable_;
  std::vector<Call> pending_;
  Bytes bytes_;         ///< of the pending calls, one after the other
  bool split_ = false;  ///< `now` has what neither `durable` nor `pending` has
};

}  // namespace lalanh::sim
