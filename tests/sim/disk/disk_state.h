#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "tests/sim/disk/disk.h"
#include "tests/sim/disk/file_node.h"

namespace lalanh::sim {

/// How a call on a disk ended.
enum class Io : std::uint8_t {
  kOk,
  kDead,    ///< the power is off, or was since the file was opened
  kFailed,  ///< a fault that was asked for
  kFull,
  kReadOnly,
  kMissing,
  kNoFolder,
  kWrongKind,  ///< a folder where a file is wanted, or a file where a folder is
  kExists,
  kBusy,
};

class DiskState;

/// One open file of one program. Ends with close(); after a power cut it only fails.
struct OpenFile {
  std::shared_ptr<DiskState> disk;
  std::shared_ptr<FileNode> node;
  std::shared_ptr<Shm> shm;
  std::uint64_t boot = 0;  ///< which life of the machine opened it
  std::string name;
  int level = 0;  ///< SQLITE_LOCK_*
  bool read_only = false;
  bool delete_on_close = false;
  bool sync_folder_too = false;  ///< with the first sync: a new journal or WAL of SQLite's
};

struct OpenMode {
  bool create = false, exclusive = false, write = true;
};

/// What a Disk is: shared with the files that are open on it, so that they may outlive it (and then
/// fail). Names are relative to the disk's root, "" being the root. Thread-safe.
class DiskState : public std::enable_shared_from_this<DiskState> {
 public:
  explicit DiskState(const DiskOptions& options);

  const CutModel& model() const { return model_; }
  Io open(const std::string& name, OpenMode mode, OpenFile& out);
  /// A file without a name, gone when it is closed.
  Io open_temporary(OpenFile& out);
  void close(OpenFile& file);
  Io read(OpenFile& file, std::uint64_t offset, std::span<std::uint8_t> out, std::size_t& got);
  Io write(OpenFile& file, std::uint64_t offset, ByteView bytes);
  Io truncate(OpenFile& file, std::uint64_t size);
  Io sync(OpenFile& file);
  Io size(OpenFile& file, std::uint64_t& out);
  Io lock(OpenFile& file, int level);
  Io unlock(OpenFile& file, int level);
  Io reserved(OpenFile& file, bool& out);
  /// nullptr in `out`: there is no such region and `extend` is false.
  Io shm_map(OpenFile& file, int region, int bytes, bool extend, volatile void** out);
  Io shm_lock(OpenFile& file, int from, int n, bool lock, bool exclusive);
  void shm_unmap(OpenFile& file);

  Io remove(const std::string& name);
  /// Within one folder; what was there is replaced.
  Io rename(const std::string& from, const std::string& to);
  Io sync_folder(const std::string& folder);
  Io make_folder(const std::string& name);
  bool exists(const std::string& name, bool& is_folder, std::uint64_t& size);
  /// The lock of a program on a name; false: held. Ends with unlock_name or the machine's life.
  bool lock_name(const std::string& name, std::uint64_t& boot);
  void unlock_name(const std::string& name, std::uint64_t boot);
  /// Another one at each call: for names that nothing else uses.
  std::uint64_t next_number();
  /// Names of files and folders directly in a folder, sorted.
  Io list(const std::string& folder, std::vector<std::string>& out);
  /// Bytes that may still be written; as good as no bound where there is none.
  std::uint64_t left();

 private:
  friend class Disk;
  using Node = std::shared_ptr<FileNode>;
  using Names = std::map<std::string, Node>;
  /// A change of a folder that is not durable yet: `name` is `node`'s (nullptr: nobody's), and
  /// `from`, where given, is nobody's any more.
  struct NameCall {
    std::string folder, name, from;
    Node node;
  };
  enum class Step : std::uint8_t { kRun, kCutAtEnd, kDead, kFail };

  /// Counts the call, cuts the power before it, or says what becomes of it.
  Step step(IoKind kind);
  bool alive(const OpenFile& file) const { return powered_ && file.boot == boot_; }
  Io finish(Step step) { return step == Step::kCutAtEnd ? (cut(), Io::kDead) : Io::kOk; }
  void cut();
  /// Every program ends: open files are dead, locks and shared memory are gone.
  void end_programs();
  void change_name(NameCall call);
  void replay(Names& names, const NameCall& call) const;
  Names names_after_cut();
  Io sync_folder_locked(const std::string& folder);
  std::uint64_t used() const;
  /// How many bytes of a file may grow to `size`; `size` where all of them.
  std::uint64_t room(const FileNode& node, std::uint64_t size) const;
  bool has_folder(const std::string& name) const;

  mutable std::mutex mutex_;
  const CutModel model_;
  const bool reorder_names_;
  Rng rng_;
  bool powered_ = true, lying_ = false, read_only_ = false;
  std::uint64_t boot_ = 1, mutations_ = 0, cut_in_ = 0;
  std::optional<std::uint64_t> capacity_;
  struct Fault {
    std::uint64_t after = 0, left = 0;
  };
  std::array<Fault, kIoKinds> faults_{};
  Names now_, durable_, temporary_;
  std::vector<NameCall> pending_;
  std::set<std::string> locked_;
  std::uint64_t numbers_ = 0;
};

/// The folder of a name; "" for the root.
std::string folder_of(const std::string& name);

/// The disk and the name on it that a path means ("/disk7/a/b.db"); nullptr: no such disk.
std::shared_ptr<DiskState> find_disk(std::string_view path, std::string& name);

}  // namespace lalanh::sim
