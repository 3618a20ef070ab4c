#if !defined(_WIN32)

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <thread>
#include <time.h>
#include <unistd.h>

#include "shared/base/cbor.h"
#include "shared/platform/os.h"
#include "shared/platform/platform.h"

namespace lalanh {
namespace {

// --- clock ---------------------------------------------------------------------------------

std::int64_t read_clock_ms(clockid_t which) {
  timespec t{};
  CHECK(clock_gettime(which, &t) == 0);
  return static_cast<std::int64_t>(t.tv_sec) * 1'000 + t.tv_nsec / 1'000'000;
}

class SystemClock final : public Clock {
 public:
  TimeMs now() override { return TimeMs(read_clock_ms(CLOCK_REALTIME)); }
  std::int64_t steady_ms() override { return read_clock_ms(CLOCK_BOOTTIME); }
};

// --- files ---------------------------------------------------------------------------------

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

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
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
  return errno == EINVAL ? 0 : errno;  // a file system without fsync of folders (some FAT drivers)
}

/// A name beside `path` that nothing else uses.
std::string temporary_name(const std::string& path) {
  static std::atomic<std::uint32_t> count{0};
  return path + "." + std::to_string(::getpid()) + "-" + std::to_string(++count) + ".tmp";
}

class SystemFileLock final : public FileLock {
 public:
  explicit SystemFileLock(Handle handle) : handle_(std::move(handle)) {}

 private:
  Handle handle_;
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
    const std::string temporary = temporary_name(path);
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

  bool exists(const std::string& path) override {
    struct stat about {};
    return check_path("find", path).ok() && ::stat(path.c_str(), &about) == 0;
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

// --- stopping ------------------------------------------------------------------------------

constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr char kAsked = 's';
constexpr char kQuit = 'q';

// The handler may touch nothing but these; set before it is installed.
int g_stop_write = -1;
int g_stop_read = -1;
std::thread g_stop_thread;
std::array<struct sigaction, kStopSignals.size()> g_stop_before;

extern "C" void on_stop_signal(int /*signal*/) {
  const int saved = errno;
  const ssize_t ignored = ::write(g_stop_write, &kAsked, 1);
  static_cast<void>(ignored);
  errno = saved;
}

void stop_loop(const std::function<void()>& asked) {
  char what = 0;
  while (true) {
    const ssize_t n = ::read(g_stop_read, &what, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n != 1 || what == kQuit) return;
    asked();
  }
}

}  // namespace

bool os::watch_stop(std::function<void()> asked) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  g_stop_read = ends[0];
  g_stop_write = ends[1];
  g_stop_thread = std::thread([asked = std::move(asked)] { stop_loop(asked); });
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = SA_RESTART | SA_RESETHAND;  // reset: the second one ends the program
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    ::sigaction(kStopSignals[i], nullptr, &g_stop_before[i]);
    // Whoever started us under nohup wants SIGHUP ignored.
    if (g_stop_before[i].sa_handler != SIG_IGN) ::sigaction(kStopSignals[i], &action, nullptr);
  }
  return true;
}

void os::unwatch_stop() {
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    ::sigaction(kStopSignals[i], &g_stop_before[i], nullptr);
  }
  const ssize_t ignored = ::write(g_stop_write, &kQuit, 1);
  static_cast<void>(ignored);
  g_stop_thread.join();
  ::close(g_stop_read);
  ::close(g_stop_write);
}

// --- the rest ------------------------------------------------------------------------------

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }
std::unique_ptr<Files> make_system_files() { return std::make_unique<SystemFiles>(); }

Result<std::uint64_t> free_bytes(const std::string& folder) {
  TRY(check_path("look at", folder));
  struct statvfs about {};
  if (::statvfs(folder.c_str(), &about) != 0) return file_error("look at", folder, errno);
  return static_cast<std::uint64_t>(about.f_bavail) * static_cast<std::uint64_t>(about.f_frsize);
}

std::string default_data_folder(const std::string& program) {
  // The specification of XDG has relative paths ignored.
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && data[0] == '/') return std::string(data) + "/" + program;
  const char* home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/') {
    const passwd* user = ::getpwuid(::getuid());
    home = user == nullptr ? nullptr : user->pw_dir;
  }
  if (home == nullptr || home[0] != '/') return "";
  return std::string(home) + "/.local/share/" + program;
}

void keep_files_private() { ::umask(0077); }

std::vector<std::string> utf8_arguments(int argc, char** argv) { return {argv, argv + argc}; }

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::int64_t process_id() { return ::getpid(); }

bool process_runs(std::int64_t id) {
  const auto pid = static_cast<pid_t>(id);
  if (pid <= 0 || pid != id) return false;
  return ::kill(pid, 0) == 0 || errno == EPERM;
}

void ignore_broken_pipes() { ::signal(SIGPIPE, SIG_IGN); }

bool claim_port(std::uintptr_t socket) {
  // On Linux this takes over what waits to time out, never a port where another one listens.
  const int yes = 1;
  return ::setsockopt(static_cast<int>(socket), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0;
}

}  // namespace lalanh

#endif
