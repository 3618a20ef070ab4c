#include "tests/sim/disk/sim_files.h"

#include "tests/sim/disk/disk_state.h"

namespace lalanh::sim {
namespace {

const char* reason(Io io) {
  switch (io) {
    case Io::kMissing:
    case Io::kNoFolder: return "No such file or directory";
    case Io::kWrongKind: return "Is a directory";
    case Io::kExists: return "File exists";
    default: return "Input/output error";
  }
}

Error file_error(const char* action, const std::string& path, Io io) {
  if (io == Io::kFull) return {ErrorCode::store_full};
  if (io == Io::kReadOnly) return {ErrorCode::store_read_only, {{"path", path}}};
  return {ErrorCode::system_file, {{"action", action}, {"path", path}, {"why", reason(io)}}};
}

/// A file that is closed with the object.
struct Closing {
  OpenFile file;
  ~Closing() {
    if (file.disk != nullptr) file.disk->close(file);
  }
};

class SimFileLock final : public FileLock {
 public:
  SimFileLock(std::shared_ptr<DiskState> disk, std::string name, std::uint64_t boot)
      : disk_(std::move(disk)), name_(std::move(name)), boot_(boot) {}
  ~SimFileLock() override { disk_->unlock_name(name_, boot_); }

 private:
  std::shared_ptr<DiskState> disk_;
  std::string name_;
  std::uint64_t boot_;
};

/// The name of a path on this disk; false: it is no path of this disk.
bool name_of(Disk& disk, const std::string& path, std::string& name) {
  if (path.find('\0') != std::string::npos) return false;
  return find_disk(path, name) == disk.state();
}

Io write_durably(DiskState& disk, const std::string& name, ByteView bytes) {
  Closing open;
  Io io = disk.open(name, {true, true, true}, open.file);
  if (io == Io::kOk && !bytes.empty()) io = disk.write(open.file, 0, bytes);
  if (io == Io::kOk) io = disk.sync(open.file);
  return io;
}

}  // namespace

Result<Bytes> SimFiles::read(const std::string& path, std::size_t bytes_max) {
  std::string name;
  if (!name_of(disk_, path, name)) return file_error("read", path, Io::kMissing);
  DiskState& disk = *disk_.state();
  Closing open;
  Io io = disk.open(name, {false, false, false}, open.file);
  std::uint64_t size = 0;
  if (io == Io::kOk) io = disk.size(open.file, size);
  if (io != Io::kOk) return file_error("read", path, io);
  if (size > bytes_max) {
    return Error{ErrorCode::format_limit, {{"limit", std::to_string(bytes_max)}, {"where", path}}};
  }
  Bytes out(static_cast<std::size_t>(size));
  std::size_t got = 0;
  io = disk.read(open.file, 0, out, got);
  if (io != Io::kOk) return file_error("read", path, io);
  out.resize(got);
  return out;
}

Status SimFiles::replace(const std::string& path, ByteView bytes, bool /*secret*/) {
  std::string name;
  if (!name_of(disk_, path, name)) return file_error("write", path, Io::kMissing);
  DiskState& disk = *disk_.state();
  const std::string temporary = name + ".1-" + std::to_string(disk.next_number()) + ".tmp";
  if (const Io io = write_durably(disk, temporary, bytes); io != Io::kOk) {
    (void)disk.remove(temporary);
    return file_error("write", path, io);
  }
  if (const Io io = disk.rename(temporary, name); io != Io::kOk) {
    (void)disk.remove(temporary);
    return file_error("replace", path, io);
  }
  const Io io = disk.sync_folder(folder_of(name));
  return io == Io::kOk ? Status() : Status(file_error("write", path, io));
}

bool SimFiles::exists(const std::string& path) {
  std::string name;
  bool folder = false;
  std::uint64_t size = 0;
  return name_of(disk_, path, name) && disk_.state()->exists(name, folder, size);
}

Status SimFiles::make_folder(const std::string& path) {
  std::string name;
  if (!name_of(disk_, path, name)) return file_error("create", path, Io::kMissing);
  DiskState& disk = *disk_.state();
  for (std::size_t slash = name.find('/'); !name.empty(); slash = name.find('/', slash + 1)) {
    const std::string part = name.substr(0, slash);
    Io io = disk.make_folder(part);
    if (io == Io::kOk) io = disk.sync_folder(folder_of(part));
    if (io != Io::kOk && io != Io::kExists) return file_error("create", path, io);
    if (slash == std::string::npos) break;
  }
  return {};
}

Status SimFiles::remove(const std::string& path) {
  std::string name;
  if (!name_of(disk_, path, name)) return file_error("remove", path, Io::kMissing);
  DiskState& disk = *disk_.state();
  const Io io = disk.remove(name);
  if (io == Io::kMissing) return {};
  if (io != Io::kOk) return file_error("remove", path, io);
  (void)disk.sync_folder(folder_of(name));  // best effort, as in shared/platform
  return {};
}

Result<std::unique_ptr<FileLock>> SimFiles::lock(const std::string& path) {
  std::string name;
  if (!name_of(disk_, path, name)) return file_error("lock", path, Io::kMissing);
  DiskState& disk = *disk_.state();
  Closing open;
  const Io io = disk.open(name, {true, false, true}, open.file);
  if (io != Io::kOk) return file_error("lock", path, io);
  std::uint64_t boot = 0;
  if (!disk.lock_name(name, boot)) return Error{ErrorCode::store_locked, {{"path", path}}};
  return std::unique_ptr<FileLock>(std::make_unique<SimFileLock>(disk_.state(), name, boot));
}

}  // namespace lalanh::sim
