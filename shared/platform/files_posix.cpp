#if !defined(_WIN32)

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

#include "shared/base/cbor.h"
#include "shared/base/paths.h"
#include "shared/platform/platform.h"

/// The files of a POSIX system.
namespace lalanh {
namespace {

Error file_error(const char* action, const std::string& path, int code) {
  if (code == ENOSPC || code == EDQUOT) return {ErrorCode::store_full};
  if (code == EROFS) return {ErrorCode::store_read_only, {{"path", path}}};
  return {ErrorCode::system_file,
          {{"action", action}, {"path", path}, {"why", std::generic_category().message(code)}}};
}

Status check_path(const char* action, const std::string& path) {
  if (!path.empty() && cbor::valid_utf8(path)) return {};
  return Error{ErrorCode::system_file,
               {{"action", action}, {"path", path}, {"why", "the name is not text in UTF-8"}}};
}

/// An open file, closed with the object.
class Handle {
 public:
  explicit Handle(int fd) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool open() const { return fd_ >= 0; }
  int get() const { return fd_; }
  /// 0 or the error: some file systems tell of a failed write only here.
  int close() { return ::close(std::exchange(fd_, -1)) == 0 ? 0 : errno; }

 private:
  int fd_;
};

int open_file(const std::string& path, int flags, mode_t mode = 0) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

/// 0 or the error.
int write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return 0;
}

/// Makes what was renamed in a folder durable. 0 or the error.
int sync_folder(const std::string& path) {
  const Handle folder(open_file(path, O_RDONLY | O_DIRECTORY));
  if (!folder.open()) return errno;
  if (::fsync(folder.get()) == 0) return 0;
  // File systems without fsync of folders: some FAT drivers, what a desktop mounts for a stick.
  const bool meaningless =
      errno == EINVAL || errno == EPERM || errno == ENOTSUP || errno == ENOSYS || errno == EBADF;
  return meaningless ? 0 : errno;
}

/// A name in the same folder that nothing else uses, for a file that is not whole yet.
std::string unfinished_name(const std::string& path) {
  static std::atomic<std::uint32_t> count{0};
  return passing_name(path, std::string(Files::kUnfinished), static_cast<std::uint64_t>(::getpid()),
                      ++count);
}

class SystemFileLock final : public FileLock {
 public:
  explicit SystemFileLock(Handle handle) : handle_(std::move(handle)) {}

 private:
  Handle handle_;
};

/// A file that is read in pieces.
class SystemSource final : public ByteSource {
 public:
  SystemSource(Handle file, std::string path, std::uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Status read(std::uint64_t at, std::span<std::uint8_t> out) override {
    while (!out.empty()) {
      const ssize_t n = ::pread(file_.get(), out.data(), out.size(), static_cast<off_t>(at));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return file_error("read", path_, errno);
      if (n == 0) return Error{ErrorCode::format_truncated, {{"where", path_}}};
      out = out.subspan(static_cast<std::size_t>(n));
      at += static_cast<std::uint64_t>(n);
    }
    return {};
  }

 private:
  Handle file_;
  std::string path_;
  std::uint64_t size_;
};

/// A file that is written in pieces under another name until it is whole.
class SystemSink final : public ByteSink {
 public:
  SystemSink(Handle file, std::string temporary, std::string path)
      : file_(std::move(file)), temporary_(std::move(temporary)), path_(std::move(path)) {}
  ~SystemSink() override {
    if (!done_) ::unlink(temporary_.c_str());
  }
  Status write(ByteView bytes) override {
    const int code = write_all(file_.get(), bytes);
    return code == 0 ? Status() : Status(file_error("write", path_, code));
  }
  Status finish() override {
    if (::fsync(file_.get()) != 0) return file_error("write", path_, errno);
    if (const int code = file_.close(); code != 0) return file_error("write", path_, code);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
      return file_error("replace", path_, errno);
    }
    done_ = true;
    const int code = sync_folder(folder_of(path_));
    return code == 0 ? Status() : Status(file_error("write", path_, code));
  }

 private:
  Handle file_;
  std::string temporary_;
  std::string path_;
  bool done_ = false;
};

class SystemFiles final : public Files {
 public:
  Result<Bytes> read(const std::string& path, std::size_t bytes_max) override {
    TRY(check_path("read", path));
    // Without waiting: the path may be a pipe that nobody writes.
    const Handle file(open_file(path, O_RDONLY | O_NONBLOCK));
    if (!file.open()) return file_error("read", path, errno);
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) return file_error("read", path, errno);
    if (!S_ISREG(about.st_mode)) return file_error("read", path, EISDIR);
    Bytes out;
    // The size may be stale or 0 (files of the kernel), so it is a hint; one byte more is asked.
    out.reserve((std::min)(static_cast<std::size_t>(about.st_size), bytes_max) + 1);
    std::array<std::uint8_t, 64 * 1'024> piece;
    while (true) {
      const ssize_t n = ::read(file.get(), piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return file_error("read", path, errno);
      if (n == 0) return out;
      append(out, ByteView(piece.data(), static_cast<std::size_t>(n)));
      if (out.size() > bytes_max) {
        return Error{ErrorCode::format_limit,
                     {{"limit", std::to_string(bytes_max)}, {"where", path}}};
      }
    }
  }

  Status replace(const std::string& path, ByteView bytes, bool secret) override {
    TRY(check_path("write", path));
    const std::string temporary = unfinished_name(path);
    const mode_t mode = secret ? 0600 : 0666;  // from its first moment; umask takes from 0666
    if (const int code = write_durably(temporary, bytes, mode); code != 0) {
      ::unlink(temporary.c_str());
      return file_error("write", path, code);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
      const int code = errno;
      ::unlink(temporary.c_str());
      return file_error("replace", path, code);
    }
    if (const int code = sync_folder(folder_of(path)); code != 0) {
      return file_error("write", path, code);
    }
    return {};
  }

  Result<std::string> change_mark(const std::string& path) override {
    TRY(check_path("look at", path));
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return file_error("look at", path, errno);
    // No program can set the time of the last change: copies of any kind have their own.
    return std::to_string(about.st_ino) + " " + std::to_string(about.st_ctim.tv_sec) + " " +
           std::to_string(about.st_ctim.tv_nsec);
  }

  bool exists(const std::string& path) override {
    struct stat about {};
    return check_path("find", path).ok() && ::stat(path.c_str(), &about) == 0;
  }

  Result<std::uint64_t> size(const std::string& path) override {
    TRY(check_path("look at", path));
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return file_error("look at", path, errno);
    if (!S_ISREG(about.st_mode)) return file_error("look at", path, EISDIR);
    return static_cast<std::uint64_t>(about.st_size);
  }

  Status make_folder(const std::string& path) override {
    TRY(check_path("create", path));
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      TRY(make_one_folder(path.substr(0, slash)));
    }
    return make_one_folder(path);
  }

  Status remove(const std::string& path) override {
    TRY(check_path("remove", path));
    if (::unlink(path.c_str()) == 0) {
      sync_folder(folder_of(path));  // best effort: a file that comes back is removed again
      return {};
    }
    if (errno == ENOENT) return {};
    return file_error("remove", path, errno);
  }

  Status move(const std::string& from, const std::string& to) override {
    TRY(check_path("rename", from));
    if (exists(to)) return Error{ErrorCode::system_exists, {{"path", to}}};
    TRY(check_path("rename", to));
    if (::rename(from.c_str(), to.c_str()) != 0) return file_error("rename", from, errno);
    for (const std::string& folder : {folder_of(to), folder_of(from)}) {
      if (const int code = sync_folder(folder); code != 0) return file_error("rename", from, code);
    }
    return {};
  }

  Result<std::unique_ptr<ByteSource>> open(const std::string& path) override {
    TRY(check_path("read", path));
    Handle file(open_file(path, O_RDONLY | O_NONBLOCK));
    struct stat about {};
    if (!file.open() || ::fstat(file.get(), &about) != 0) return file_error("read", path, errno);
    if (!S_ISREG(about.st_mode)) return file_error("read", path, EISDIR);
    return std::unique_ptr<ByteSource>(std::make_unique<SystemSource>(
        std::move(file), path, static_cast<std::uint64_t>(about.st_size)));
  }

  Result<std::unique_ptr<ByteSink>> create(const std::string& path) override {
    TRY(check_path("write", path));
    std::string temporary = unfinished_name(path);
    Handle file(open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666));
    if (!file.open()) return file_error("write", path, errno);
    return std::unique_ptr<ByteSink>(
        std::make_unique<SystemSink>(std::move(file), std::move(temporary), path));
  }

  Result<std::vector<std::string>> list(const std::string& folder, std::size_t names_max) override {
    TRY(check_path("look at", folder));
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
    if (open == nullptr) return file_error("look at", folder, errno);
    std::vector<std::string> out;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(open.get());
      if (entry == nullptr && errno != 0) return file_error("look at", folder, errno);
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (out.size() == names_max) {
        return Error{ErrorCode::format_limit,
                     {{"limit", std::to_string(names_max)}, {"where", folder}}};
      }
      out.emplace_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  bool is_folder(const std::string& path) override {
    struct stat about {};
    return check_path("find", path).ok() && ::stat(path.c_str(), &about) == 0 &&
           S_ISDIR(about.st_mode);
  }

  Result<std::uint64_t> free_bytes(const std::string& folder) override {
    return lalanh::free_bytes(folder);
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    TRY(check_path("lock", path));
    Handle file(open_file(path, O_RDWR | O_CREAT, 0600));
    if (!file.open()) return file_error("lock", path, errno);
    int result = 0;
    do {
      result = ::flock(file.get(), LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    if (result == 0) {
      return std::unique_ptr<FileLock>(std::make_unique<SystemFileLock>(std::move(file)));
    }
    if (errno == EWOULDBLOCK) return Error{ErrorCode::store_locked, {{"path", path}}};
    return file_error("lock", path, errno);
  }

 private:
  static int write_durably(const std::string& path, ByteView bytes, mode_t mode) {
    Handle file(open_file(path, O_WRONLY | O_CREAT | O_EXCL, mode));
    if (!file.open()) return errno;
    if (const int code = write_all(file.get(), bytes); code != 0) return code;
    if (::fsync(file.get()) != 0) return errno;
    return file.close();
  }

  static Status make_one_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) {
      const int code = sync_folder(folder_of(path));
      return code == 0 ? Status() : Status(file_error("create", path, code));
    }
    const int code = errno;
    struct stat about {};
    if (::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) return {};
    return file_error("create", path, code);
  }
};

}  // namespace

std::unique_ptr<Files> make_system_files() { return std::make_unique<SystemFiles>(); }

Result<std::uint64_t> free_bytes(const std::string& folder) {
  TRY(check_path("look at", folder));
  struct statvfs about {};
  if (::statvfs(folder.c_str(), &about) != 0) return file_error("look at", folder, errno);
  return static_cast<std::uint64_t>(about.f_bavail) * static_cast<std::uint64_t>(about.f_frsize);
}

std::string absolute_path(const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  const std::unique_ptr<char, void (*)(void*)> here(::getcwd(nullptr, 0), std::free);
  return here == nullptr ? path : std::string(here.get()) + "/" + path;
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> found(::realpath(path.c_str(), nullptr), std::free);
  return found == nullptr ? absolute_path(path) : std::string(found.get());
}

}  // namespace lalanh

#endif
