#include "tests/sim/disk/vfs.h"

#include <cstring>
#include <memory>

#include <sqlite3.h>

#include "shared/base/check.h"
#include "tests/sim/disk/disk_state.h"

namespace lalanh::sim {
namespace {

constexpr const char* kName = "lalanh-sim";
constexpr int kPathBytesMax = 512;

/// What SQLite allocates for an open file.
struct VfsFile {
  sqlite3_file base;
  OpenFile* file;  ///< owned; SQLite copies nothing and calls no destructor
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<VfsFile*>(file)->file; }

/// The result code of a call; `failed` is what SQLite says of this kind of call.
int code_of(Io io, int failed) {
  switch (io) {
    case Io::kOk: return SQLITE_OK;
    case Io::kFull: return SQLITE_FULL;
    case Io::kBusy: return SQLITE_BUSY;
    case Io::kMissing:
    case Io::kNoFolder:
    case Io::kWrongKind:
    case Io::kExists: return SQLITE_CANTOPEN;
    // As os_unix.c answers EROFS on an open file.
    case Io::kReadOnly:
    case Io::kDead:
    case Io::kFailed: return failed;
  }
  return failed;
}

int x_close(sqlite3_file* file) {
  const std::unique_ptr<OpenFile> mine(
      std::exchange(reinterpret_cast<VfsFile*>(file)->file, nullptr));
  mine->disk->close(*mine);
  return SQLITE_OK;
}

int x_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  const std::span<std::uint8_t> to(static_cast<std::uint8_t*>(out), static_cast<std::size_t>(size));
  std::size_t got = 0;
  const Io io = of(file).disk->read(of(file), static_cast<std::uint64_t>(offset), to, got);
  // Zeros where nothing was read: SQLite wants them after the end, and the same bytes every time.
  if (got < to.size()) std::memset(to.data() + got, 0, to.size() - got);
  if (io != Io::kOk) return code_of(io, SQLITE_IOERR_READ);
  return got == to.size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  const ByteView bytes(static_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size));
  const Io io = of(file).disk->write(of(file), static_cast<std::uint64_t>(offset), bytes);
  return code_of(io, SQLITE_IOERR_WRITE);
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  const Io io = of(file).disk->truncate(of(file), static_cast<std::uint64_t>(size));
  return code_of(io, SQLITE_IOERR_TRUNCATE);
}

int x_sync(sqlite3_file* file, int /*flags*/) {
  return code_of(of(file).disk->sync(of(file)), SQLITE_IOERR_FSYNC);
}

int x_file_size(sqlite3_file* file, sqlite3_int64* out) {
  std::uint64_t size = 0;
  const Io io = of(file).disk->size(of(file), size);
  *out = static_cast<sqlite3_int64>(size);
  return code_of(io, SQLITE_IOERR_FSTAT);
}

int x_lock(sqlite3_file* file, int level) {
  return code_of(of(file).disk->lock(of(file), level), SQLITE_IOERR_LOCK);
}

int x_unlock(sqlite3_file* file, int level) {
  return code_of(of(file).disk->unlock(of(file), level), SQLITE_IOERR_UNLOCK);
}

int x_check_reserved(sqlite3_file* file, int* out) {
  bool reserved = false;
  const Io io = of(file).disk->reserved(of(file), reserved);
  *out = reserved ? 1 : 0;
  return code_of(io, SQLITE_IOERR_CHECKRESERVEDLOCK);
}

int x_file_control(sqlite3_file* /*file*/, int /*op*/, void* /*arg*/) { return SQLITE_NOTFOUND; }

int x_sector_size(sqlite3_file* file) { return static_cast<int>(of(file).disk->model().sector); }

int x_characteristics(sqlite3_file* file) {
  return of(file).disk->model().powersafe_overwrite ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

int x_shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
  const Io io = of(file).disk->shm_map(of(file), region, bytes, extend != 0, out);
  // As os_unix.c: no shared memory on a read-only disk; a full one has no room for it.
  if (io == Io::kReadOnly) return SQLITE_CANTOPEN;
  if (io == Io::kFull) return SQLITE_IOERR_SHMSIZE;
  return code_of(io, SQLITE_IOERR_SHMMAP);
}

int x_shm_lock(sqlite3_file* file, int from, int n, int flags) {
  const bool lock = (flags & SQLITE_SHM_LOCK) != 0;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const Io io = of(file).disk->shm_lock(of(file), from, n, lock, exclusive);
  return code_of(io, SQLITE_IOERR_SHMLOCK);
}

void x_shm_barrier(sqlite3_file* /*file*/) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int x_shm_unmap(sqlite3_file* file, int /*remove*/) {
  of(file).disk->shm_unmap(of(file));
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {2,
                                     x_close,
                                     x_read,
                                     x_write,
                                     x_truncate,
                                     x_sync,
                                     x_file_size,
                                     x_lock,
                                     x_unlock,
                                     x_check_reserved,
                                     x_file_control,
                                     x_sector_size,
                                     x_characteristics,
                                     x_shm_map,
                                     x_shm_lock,
                                     x_shm_barrier,
                                     x_shm_unmap,
                                     nullptr,
                                     nullptr};

/// Temporary files without a name lie on no machine's disk: nobody can read them.
const std::shared_ptr<DiskState>& scratch() {
  static const auto* const disk =
      new std::shared_ptr<DiskState>(std::make_shared<DiskState>(DiskOptions{}));
  return *disk;
}

Io open_file(DiskState& disk, const std::string& name, int flags, OpenFile& out, int& out_flags) {
  OpenMode mode;
  mode.create = (flags & SQLITE_OPEN_CREATE) != 0;
  mode.exclusive = (flags & SQLITE_OPEN_EXCLUSIVE) != 0;
  mode.write = (flags & SQLITE_OPEN_READWRITE) != 0;
  bool folder = false;
  std::uint64_t size = 0;
  const bool there = disk.exists(name, folder, size);
  Io io = disk.open(name, mode, out);
  if (io == Io::kReadOnly && there) {  // as os_unix.c: then for reading
    mode = {false, false, false};
    out_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    io = disk.open(name, mode, out);
  }
  constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  out.sync_folder_too = mode.create && !there && (flags & kJournals) != 0;
  out.delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  return io;
}

int x_open(sqlite3_vfs* /*vfs*/, sqlite3_filename path, sqlite3_file* file, int flags,
           int* out_flags) {
  file->pMethods = nullptr;
  auto mine = std::make_unique<OpenFile>();
  int got = flags;
  Io io = Io::kMissing;
  if (path == nullptr) {
    io = scratch()->open_temporary(*mine);
  } else {
    std::string name;
    const std::shared_ptr<DiskState> disk = find_disk(path, name);
    if (disk == nullptr) return SQLITE_CANTOPEN;
    io = open_file(*disk, name, flags, *mine, got);
  }
  if (io != Io::kOk) return io == Io::kFull ? SQLITE_FULL : SQLITE_CANTOPEN;
  if (out_flags != nullptr) *out_flags = got;
  reinterpret_cast<VfsFile*>(file)->file = mine.release();
  file->pMethods = &kMethods;
  return SQLITE_OK;
}

int x_delete(sqlite3_vfs* /*vfs*/, const char* path, int sync_folder) {
  std::string name;
  const std::shared_ptr<DiskState> disk = find_disk(path, name);
  if (disk == nullptr) return SQLITE_IOERR_DELETE;
  Io io = disk->remove(name);
  if (io == Io::kMissing) return SQLITE_IOERR_DELETE_NOENT;
  if (io != Io::kOk) return SQLITE_IOERR_DELETE;
  if (sync_folder != 0) io = disk->sync_folder(folder_of(name));
  return code_of(io, SQLITE_IOERR_DIR_FSYNC);
}

int x_access(sqlite3_vfs* /*vfs*/, const char* path, int flags, int* out) {
  std::string name;
  const std::shared_ptr<DiskState> disk = find_disk(path, name);
  bool folder = false;
  std::uint64_t size = 0;
  const bool there = disk != nullptr && disk->exists(name, folder, size);
  // As os_unix.c: an empty file counts as none; what is there may be written by its owner.
  *out = there && (flags != SQLITE_ACCESS_EXISTS || folder || size > 0) ? 1 : 0;
  return SQLITE_OK;
}

int x_full_path(sqlite3_vfs* /*vfs*/, const char* path, int bytes, char* out) {
  const std::string_view text(path);
  if (text.size() + 1 > static_cast<std::size_t>(bytes)) return SQLITE_CANTOPEN;
  std::memcpy(out, path, text.size() + 1);
  return SQLITE_OK;
}

int x_randomness(sqlite3_vfs* /*vfs*/, int bytes, char* out) {
  // SQLite's generator asks the default VFS: this one only after Disk::make_default().
  std::memset(out, 0, static_cast<std::size_t>(bytes));
  return bytes;
}

int x_sleep(sqlite3_vfs* /*vfs*/, int microseconds) { return microseconds; }

constexpr sqlite3_int64 kNow = 212'648'068'800'000;  // 2026-07-05 as Julian milliseconds

int x_time64(sqlite3_vfs* /*vfs*/, sqlite3_int64* out) {
  *out = kNow;
  return SQLITE_OK;
}

int x_time(sqlite3_vfs* /*vfs*/, double* out) {
  *out = static_cast<double>(kNow) / 86'400'000.0;
  return SQLITE_OK;
}

int x_last_error(sqlite3_vfs* /*vfs*/, int /*bytes*/, char* /*out*/) { return 0; }

std::string make_vfs() {
  static sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(VfsFile);
  vfs.mxPathname = kPathBytesMax;
  vfs.zName = kName;
  vfs.xOpen = x_open;
  vfs.xDelete = x_delete;
  vfs.xAccess = x_access;
  vfs.xFullPathname = x_full_path;
  vfs.xRandomness = x_randomness;
  vfs.xSleep = x_sleep;
  vfs.xCurrentTime = x_time;
  vfs.xCurrentTimeInt64 = x_time64;
  vfs.xGetLastError = x_last_error;
  CHECK(sqlite3_initialize() == SQLITE_OK);
  CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
  CHECK(sqlite3mc_vfs_create(kName, 0) == SQLITE_OK);
  std::string name = std::string("multipleciphers-") + kName;
  CHECK(sqlite3_vfs_find(name.c_str()) != nullptr);
  return name;
}

}  // namespace

const std::string& register_vfs() {
  static const std::string name = make_vfs();
  return name;
}

}  // namespace lalanh::sim
