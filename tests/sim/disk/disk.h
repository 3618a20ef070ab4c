#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/bytes.h"
#include "tests/sim/disk/content.h"

namespace lalanh::sim {

/// The model of a simulated disk.
///
/// Files. Each has what programs see and what is durable; between them stand the calls that nobody
/// synced. After a power cut each sector of a file is as it was after one of the calls on it (the
/// kernel writes pages in any order, each as it stands at that moment), and the file's size as it
/// was after one of all calls; what was synced is there in any case. So a write may be kept, lost
/// or torn between sectors, and a file may be longer than what was written into it (zeros). A
/// sector that was being written may hold garbage: only within the bytes of the write where the
/// disk has powersafe overwrite (as SQLite's VFS for Linux says of every disk), all over it where
/// not.
///
/// Names. Creating, removing and renaming are durable after a sync of the folder, and not before:
/// fsync of a file does not save its name (POSIX promises no more; ext4 does more). Until then a
/// power cut keeps the first few of these calls (a journal), or any of them in their order; a
/// rename is whole or not at all. As SQLite's VFS for Linux does, the first sync of a new journal
/// or WAL syncs the folder too, and a removal where SQLite asks for it.
///
/// What it does not model: attributes and times of files, links, mapped files, bad sectors that
/// cannot be read, wear.

/// What can fail, and what is counted as a mutation: all but reading.
enum class IoKind : std::uint8_t { kRead, kWrite, kTruncate, kSync, kCreate, kRemove, kRename };
constexpr std::size_t kIoKinds = 7;

struct DiskOptions {
  std::uint64_t seed = 1;
  std::uint32_t sector = 0;                 ///< 512 or 4096; 0: by the seed
  std::optional<bool> powersafe_overwrite;  ///< by the seed where not given
  bool garbage = true;                      ///< torn sectors may hold anything
  bool reorder_names = true;                ///< unsynced changes of names survive in any subset
};

/// The files of a disk at one moment, as a running machine sees them (what is not synced is there
/// too). A value: copies share their pages, so that hundreds of them are cheap.
class DiskImage {
 public:
  std::size_t files() const { return entries_.size(); }

 private:
  friend class Disk;
  struct Entry {
    bool folder = false;
    Content content;
  };
  std::map<std::string, Entry> entries_;
};

class DiskState;

/// One machine's files, in memory, behind a SQLite VFS and (SimFiles) the port Files. Several
/// hundred may exist at once. Thread-safe, but made for one thread a disk: the VFS never sleeps, so
/// a busy timeout passes at once, for whoever holds the lock is the same thread.
class Disk {
 public:
  explicit Disk(const DiskOptions& options);
  explicit Disk(std::uint64_t seed) : Disk(of_seed(seed)) {}
  /// What is still open on it fails from then on.
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  /// The name for DatabaseOptions::vfs: one VFS for all disks, with encryption. Its name is unique
  /// in the process, and it stays to the end.
  static const std::string& vfs();
  /// From now on, databases of this process whose opener names no VFS lie on simulated disks.
  static void make_default();
  /// The path of a name on this disk, for SQLite and SimFiles alike: "village.db" ->
  /// "/disk7/village.db". path("") is the root folder.
  std::string path(const std::string& name = "") const;

  // --- power -----------------------------------------------------------------------------
  /// Now. Every open file fails from here on until it is closed; nothing opens before power_on().
  void cut_power();
  void power_on();
  bool powered() const;
  /// The power goes at the n-th mutating call from now (1: the next), before it or in its middle,
  /// by the seed; that call fails. 0: not any more. power_on() too takes it back.
  void cut_after_writes(std::uint64_t n);
  /// Mutating calls so far, those that failed among them.
  std::uint64_t mutations() const;
  /// All programs end without closing anything (SIGKILL); the system goes on, so nothing is lost.
  void kill_programs();

  // --- faults, each on its own -----------------------------------------------------------
  /// Files (and SQLite's shared memory) may hold so many bytes in all; nullopt: no bound. What is
  /// there stays, and may be overwritten; a write is cut where the disk ends.
  void set_capacity(std::optional<std::uint64_t> bytes);
  std::uint64_t used() const;
  /// `count` calls of the kind fail, beginning with the `from`-th from now (1: the next). A write
  /// that fails may have written a part. On a disk with powersafe overwrite, a sync that fails may
  /// have lost for good what it should have saved, though it reads as before (Linux); not on
  /// others, where SQLite leaves the end of a frame of padding to the next sync of its WAL and
  /// would lose all that comes after it. count 0: none any more.
  void fail_io(std::uint64_t from, std::uint64_t count, IoKind kind);
  /// Syncs succeed and make nothing durable.
  void lie_about_sync(bool lies);
  /// Nothing can be created or changed; a database opens for reading, if at all.
  void read_only(bool on);
  /// One byte of a file turned into another, in what is seen and what is durable. The file is
  /// there.
  void corrupt(const std::string& name, std::uint64_t offset, std::uint8_t byte);

  // --- copies ----------------------------------------------------------------------------
  /// Another machine's disk with what this one's programs see now, all of it durable; with the
  /// sectors of this one, but choices of its own seed, and without faults.
  std::unique_ptr<Disk> clone(std::uint64_t seed) const;
  DiskImage snapshot() const;
  /// Programs end, and the files are those of the image, all of it durable.
  void restore(const DiskImage& image);

  // --- looking ---------------------------------------------------------------------------
  /// Names of files (not folders) as programs see them, sorted.
  std::vector<std::string> files() const;
  /// What programs see of a file; nullopt: no such file.
  std::optional<Bytes> read(const std::string& name) const;
  /// Does it stand in any file, as seen, as durable or on the way, removed ones whose removal is
  /// not durable among them? For searches for leaks.
  bool contains(ByteView bytes) const;
  bool contains(std::string_view text) const { return contains(as_bytes(text)); }
  std::uint32_t sector() const;
  bool powersafe_overwrite() const;

  /// For SimFiles.
  const std::shared_ptr<DiskState>& state() const { return state_; }

 private:
  static DiskOptions of_seed(std::uint64_t seed) {
    DiskOptions out;
    out.seed = seed;
    return out;
  }
  std::uint64_t number_;
  std::shared_ptr<DiskState> state_;
};

/// SQLite draws the salts of its WAL from one generator of the process: after this, files that are
/// not encrypted have the same bytes in every run (in one thread). Nonces of encrypted ones come
/// from the system all the same; sizes and calls do not depend on either.
void seed_sqlite(std::uint64_t seed);

}  // namespace lalanh::sim
