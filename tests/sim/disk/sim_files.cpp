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

class SimSource final : public ByteSource {
 public:
  SimSource(OpenFile file, std::string path, std::uint64_t size)
      : open_{std::move(file)}, path_(std::move(path)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Status read(std::uint64_t at, std::span<std::uint8_t> out) override {
    std::size_t got = 0;
    const Io io = open_.file.disk->read(open_.file, at, out, got);
    if (io != Io::kOk) return file_error("read", path_, io);
    if (got < out.size()) return Error{ErrorCode::format_truncated, {{"where", path_}}};
    return {};
  }

 private:
  Closing open_;
  std::string path_;
  std::uint64_t size_;
};

/// Under an unfinished name until finish(): then synced, renamed, and its folder synced.
class SimSink final : public ByteSink {
 public:
  SimSink(OpenFile file, std::string unfinished, std::string name, std::string path)
      : open_{std::move(file)},
        unfinished_(std::move(unfinished)),
        name_(std::move(name)),
        path_(std::move(path)) {}
  ~SimSink() override {
    if (!finished_) (void)open_.file.disk->remove(unfinished_);
  }
  Status write(ByteView bytes) override {
    const Io io = open_.file.disk->write(open_.file, at_, bytes);
    at_ += bytes.size();
    return told(io);
  }
  Status finish() override {
    DiskState& disk = *open_.file.disk;
    Io io = disk.sync(open_.file);
    if (io == Io::kOk) io = disk.rename(unfinished_, name_);
    finished_ = io == Io::kOk;
    if (finished_) io = disk.sync_folder(folder_of(name_));
    return told(io);
  }

 private:
  Status told(Io io) const {
    return io == Io::kOk ? Status() : Status(file_error("write", path_, io));
  }
  Closing open_;
  std::string unfinished_, name_, path_;
  std::uint64_t at_ = 0;
  bool finished_ = false;
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

Result<std::uint64_t> SimFiles::size(const std::string& path) {
  std::string name;
  bool folder = false;
  std::uint64_t size = 0;
  if (!name_of(disk_, path, name) || !disk_.state()->exists(name, folder, size)) {
    return file_error("look at", path, Io::kMissing);
  }
  if (folder) return file_error("look at", path, Io::kWrongKind);
  return size;
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

Status SimFiles::move(const std::string& from, const std::string& to) {
  std::string name;
  std::string other;
  if (!name_of(disk_, from, name) || !name_of(disk_, to, other)) {
    return file_error("rename", from, Io::kMissing);
  }
  if (exists(to)) return Error{ErrorCode::system_exists, {{"path", to}}};
  DiskState& disk = *disk_.state();
  Io io = disk.rename(name, other);
  if (io == Io::kOk) io = disk.sync_folder(folder_of(other));
  if (io == Io::kOk) io = disk.sync_folder(folder_of(name));
  return io == Io::kOk ? Status() : Status(file_error("rename", from, io));
}

Result<std::unique_ptr<ByteSource>> SimFiles::open(const std::string& path) {
  std::string name;
  if (!name_of(disk_, path, name)) return file_error("read", path, Io::kMissing);
  DiskState& disk = *disk_.state();
  OpenFile file;
  Io io = disk.open(name, {false, false, false}, file);
  std::uint64_t size = 0;
  if (io == Io::kOk) io = disk.size(file, size);
  if (io != Io::kOk) {
    const Closing close{std::move(file)};
    return file_error("read", path, io);
  }
  return std::unique_ptr<ByteSource>(std::make_unique<SimSource>(std::move(file), path, size));
}

Result<std::unique_ptr<ByteSink>> SimFiles::create(const std::string& path) {
  std::string name;
  if (!name_of(disk_, path, name)) return file_error("write", path, Io::kMissing);
  DiskState& disk = *disk_.state();
  const std::string folder = folder_of(name);
  const std::string unfinished = (folder.empty() ? "" : folder + "/") + std::string(kUnfinished) +
                                 std::to_string(disk.next_number());
  OpenFile file;
  const Io io = disk.open(unfinished, {true, true, true}, file);
  if (io != Io::kOk) return file_error("write", path, io);
  return std::unique_ptr<ByteSink>(
      std::make_unique<SimSink>(std::move(file), unfinished, name, path));
}

Result<std::vector<std::string>> SimFiles::list(const std::string& folder, std::size_t names_max) {
  std::string name;
  if (!name_of(disk_, folder, name)) return file_error("read", folder, Io::kMissing);
  std::vector<std::string> out;
  if (const Io io = disk_.state()->list(name, out); io != Io::kOk) {
    return file_error("read", folder, io);
  }
  if (out.size() > names_max) {
    return Error{ErrorCode::format_limit,
                 {{"limit", std::to_string(names_max)}, {"where", folder}}};
  }
  return out;
}

bool SimFiles::is_folder(const std::string& path) {
  std::string name;
  bool folder = false;
  std::uint64_t size = 0;
  return name_of(disk_, path, name) && disk_.state()->exists(name, folder, size) && folder;
}

Result<std::uint64_t> SimFiles::free_bytes(const std::string& folder) {
  if (!is_folder(folder)) return file_error("read", folder, Io::kMissing);
  return disk_.state()->left();
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
