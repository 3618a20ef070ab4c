#if defined(_WIN32)

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <system_error>
#include <windows.h>
// After windows.h, which it needs.
#include <sddl.h>

#include "shared/base/cbor.h"
#include "shared/base/paths.h"
#include "shared/platform/platform.h"
#include "shared/platform/text_win.h"

/// The files of Windows.
namespace lalanh {

using os::narrow;
using os::wide;

namespace {

/// For the W functions; with the prefix that lifts MAX_PATH where it would be hit.
std::wstring wide_path(const std::string& path) {
  std::wstring given = wide(path);
  std::replace(given.begin(), given.end(), L'/', L'\\');
  const DWORD n = GetFullPathNameW(given.c_str(), 0, nullptr, nullptr);
  if (n < 240 || given.rfind(L"\\\\", 0) == 0) return given;
  std::wstring full(n, L'\0');
  full.resize(GetFullPathNameW(given.c_str(), n, full.data(), nullptr));
  return L"\\\\?\\" + full;
}

constexpr DWORD kDiskQuotaExceeded = 1295;  // ERROR_DISK_QUOTA_EXCEEDED, which mingw 10 lacks

Error file_error(const char* action, const std::string& path, DWORD code) {
  if (code == ERROR_DISK_FULL || code == ERROR_HANDLE_DISK_FULL || code == kDiskQuotaExceeded) {
    return {ErrorCode::store_full};
  }
  if (code == ERROR_WRITE_PROTECT) return {ErrorCode::store_read_only, {{"path", path}}};
  return {ErrorCode::system_file,
          {{"action", action},
           {"path", path},
           {"why", std::system_category().message(static_cast<int>(code))}}};
}

Status check_path(const char* action, const std::string& path) {
  if (!path.empty() && cbor::valid_utf8(path)) return {};
  return Error{ErrorCode::system_file,
               {{"action", action}, {"path", path}, {"why", "the name is not text in UTF-8"}}};
}

/// An open file, closed with the object.
class Handle {
 public:
  explicit Handle(HANDLE handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, INVALID_HANDLE_VALUE)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (open()) CloseHandle(handle_);
  }
  bool open() const { return handle_ != INVALID_HANDLE_VALUE; }
  HANDLE get() const { return handle_; }

 private:
  HANDLE handle_;
};

/// Owner, system and administrators alone; nothing inherited from the folder.
class SecretRights {
 public:
  SecretRights() {
    if (ConvertStringSecurityDescriptorToSecurityDescriptorW(
            L"D:P(A;;FA;;;OW)(A;;FA;;;SY)(A;;FA;;;BA)", SDDL_REVISION_1, &descriptor_, nullptr)) {
      attributes_.lpSecurityDescriptor = descriptor_;
    }
  }
  SecretRights(const SecretRights&) = delete;
  SecretRights& operator=(const SecretRights&) = delete;
  ~SecretRights() { LocalFree(descriptor_); }
  SECURITY_ATTRIBUTES* get() { return descriptor_ == nullptr ? nullptr : &attributes_; }

 private:
  PSECURITY_DESCRIPTOR descriptor_ = nullptr;
  SECURITY_ATTRIBUTES attributes_{sizeof(SECURITY_ATTRIBUTES), nullptr, FALSE};
};

/// Calls `action` until it succeeds or fails for good: an antivirus holds fresh files open for a
/// moment. 0 or the error; half a second at most.
template <class Action>
DWORD with_patience(Action action) {
  DWORD code = 0;
  for (DWORD wait_ms = 10; wait_ms <= 320; wait_ms *= 2) {
    if (action()) return 0;
    code = GetLastError();
    if (code != ERROR_SHARING_VIOLATION && code != ERROR_ACCESS_DENIED) return code;
    Sleep(wait_ms);
  }
  return code;
}

/// There is no fsync of a folder: the write-through flag makes the new name durable. 0 or the
/// error.
DWORD move_over(const std::wstring& temporary, const std::string& path) {
  return with_patience([&] {
    return MoveFileExW(temporary.c_str(), wide_path(path).c_str(),
                       MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
  });
}

/// 0 or the error.
DWORD write_all(HANDLE file, ByteView bytes) {
  while (!bytes.empty()) {
    const auto piece = (std::min)(bytes.size(), std::size_t{1} << 20U);
    DWORD n = 0;
    if (!WriteFile(file, bytes.data(), static_cast<DWORD>(piece), &n, nullptr)) {
      return GetLastError();
    }
    if (n == 0) return ERROR_WRITE_FAULT;
    bytes = bytes.subspan(n);
  }
  return 0;
}

/// A name in the same folder that nothing else uses, for a file that is not whole yet.
std::string unfinished_name(const std::string& path) {
  static std::atomic<std::uint32_t> count{0};
  return passing_name(path, std::string(Files::kUnfinished), GetCurrentProcessId(), ++count);
}

class SystemFileLock final : public FileLock {
 public:
  explicit SystemFileLock(Handle handle) : handle_(std::move(handle)) {}

 private:
  Handle handle_;  // closing lets the lock go
};

/// A file that is read in pieces.
class SystemSource final : public ByteSource {
 public:
  SystemSource(Handle file, std::string path, std::uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Status read(std::uint64_t at, std::span<std::uint8_t> out) override {
    while (!out.empty()) {
      OVERLAPPED from{};
      from.Offset = static_cast<DWORD>(at & 0xffff'ffffU);
      from.OffsetHigh = static_cast<DWORD>(at >> 32U);
      const auto piece = (std::min)(out.size(), std::size_t{1} << 20U);
      DWORD n = 0;
      if (!ReadFile(file_.get(), out.data(), static_cast<DWORD>(piece), &n, &from)) {
        const DWORD code = GetLastError();
        if (code != ERROR_HANDLE_EOF) return file_error("read", path_, code);
      }
      if (n == 0) return Error{ErrorCode::format_truncated, {{"where", path_}}};
      out = out.subspan(n);
      at += n;
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
  SystemSink(Handle file, std::wstring temporary, std::string path)
      : file_(std::move(file)), temporary_(std::move(temporary)), path_(std::move(path)) {}
  ~SystemSink() override {
    file_.reset();
    if (!done_) DeleteFileW(temporary_.c_str());
  }
  Status write(ByteView bytes) override {
    const DWORD code = write_all(file_->get(), bytes);
    return code == 0 ? Status() : Status(file_error("write", path_, code));
  }
  Status finish() override {
    if (!FlushFileBuffers(file_->get())) return file_error("write", path_, GetLastError());
    file_.reset();
    const DWORD code = move_over(temporary_, path_);
    if (code != 0) return file_error("replace", path_, code);
    done_ = true;
    return {};
  }

 private:
  std::optional<Handle> file_;
  std::wstring temporary_;
  std::string path_;
  bool done_ = false;
};

class SystemFiles final : public Files {
 public:
  Result<Bytes> read(const std::string& path, std::size_t bytes_max) override {
    TRY(check_path("read", path));
    const Handle file(CreateFileW(wide_path(path).c_str(), GENERIC_READ,
                                  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                  OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
    if (!file.open()) return file_error("read", path, GetLastError());
    Bytes out;
    std::array<std::uint8_t, 64 * 1'024> piece;
    while (true) {
      DWORD n = 0;
      if (!ReadFile(file.get(), piece.data(), static_cast<DWORD>(piece.size()), &n, nullptr)) {
        return file_error("read", path, GetLastError());
      }
      if (n == 0) return out;
      append(out, ByteView(piece.data(), n));
      if (out.size() > bytes_max) {
        return Error{ErrorCode::format_limit,
                     {{"limit", std::to_string(bytes_max)}, {"where", path}}};
      }
    }
  }

  Status replace(const std::string& path, ByteView bytes, bool secret) override {
    TRY(check_path("write", path));
    const std::wstring temporary = wide_path(unfinished_name(path));
    if (const DWORD code = write_durably(temporary, bytes, secret); code != 0) {
      DeleteFileW(temporary.c_str());
      return file_error("write", path, code);
    }
    const DWORD code = move_over(temporary, path);
    if (code == 0) return {};
    DeleteFileW(temporary.c_str());
    return file_error("replace", path, code);
  }

  bool exists(const std::string& path) override {
    return check_path("find", path).ok() &&
           GetFileAttributesW(wide_path(path).c_str()) != INVALID_FILE_ATTRIBUTES;
  }

  Result<std::uint64_t> size(const std::string& path) override {
    TRY(check_path("look at", path));
    WIN32_FILE_ATTRIBUTE_DATA about{};
    if (!GetFileAttributesExW(wide_path(path).c_str(), GetFileExInfoStandard, &about)) {
      return file_error("look at", path, GetLastError());
    }
    const bool folder = (about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    if (folder) return file_error("look at", path, ERROR_ACCESS_DENIED);
    return (std::uint64_t{about.nFileSizeHigh} << 32U) | about.nFileSizeLow;
  }

  Status make_folder(const std::string& path) override {
    TRY(check_path("create", path));
    for (std::size_t slash = path.find_first_of("/\\", 1); slash != std::string::npos;
         slash = path.find_first_of("/\\", slash + 1)) {
      if (path[slash - 1] == ':') continue;  // a drive
      TRY(make_one_folder(path.substr(0, slash)));
    }
    return make_one_folder(path);
  }

  Status remove(const std::string& path) override {
    TRY(check_path("remove", path));
    const std::wstring name = wide_path(path);
    const DWORD code = with_patience([&] { return DeleteFileW(name.c_str()) != 0; });
    if (code == 0 || code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND) return {};
    return file_error("remove", path, code);
  }

  Status move(const std::string& from, const std::string& to) override {
    TRY(check_path("rename", from));
    if (exists(to)) return Error{ErrorCode::system_exists, {{"path", to}}};
    TRY(check_path("rename", to));
    const DWORD code = with_patience([&] {
      return MoveFileExW(wide_path(from).c_str(), wide_path(to).c_str(), MOVEFILE_WRITE_THROUGH) !=
             0;
    });
    return code == 0 ? Status() : Status(file_error("rename", from, code));
  }

  Result<std::unique_ptr<ByteSource>> open(const std::string& path) override {
    TRY(check_path("read", path));
    Handle file(CreateFileW(wide_path(path).c_str(), GENERIC_READ,
                            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                            OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
    LARGE_INTEGER size{};
    if (!file.open() || !GetFileSizeEx(file.get(), &size)) {
      return file_error("read", path, GetLastError());
    }
    return std::unique_ptr<ByteSource>(std::make_unique<SystemSource>(
        std::move(file), path, static_cast<std::uint64_t>(size.QuadPart)));
  }

  Result<std::unique_ptr<ByteSink>> create(const std::string& path) override {
    TRY(check_path("write", path));
    std::wstring temporary = wide_path(unfinished_name(path));
    Handle file(CreateFileW(temporary.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW,
                            FILE_ATTRIBUTE_NORMAL, nullptr));
    if (!file.open()) return file_error("write", path, GetLastError());
    return std::unique_ptr<ByteSink>(
        std::make_unique<SystemSink>(std::move(file), std::move(temporary), path));
  }

  Result<std::vector<std::string>> list(const std::string& folder, std::size_t names_max) override {
    TRY(check_path("look at", folder));
    WIN32_FIND_DATAW entry{};
    const HANDLE found = FindFirstFileW((wide_path(folder) + L"\\*").c_str(), &entry);
    if (found == INVALID_HANDLE_VALUE) return file_error("look at", folder, GetLastError());
    const std::unique_ptr<void, decltype(&FindClose)> open(found, FindClose);
    std::vector<std::string> out;
    do {
      std::string name = narrow(entry.cFileName);
      if (name == "." || name == "..") continue;
      if (out.size() == names_max) {
        return Error{ErrorCode::format_limit,
                     {{"limit", std::to_string(names_max)}, {"where", folder}}};
      }
      out.push_back(std::move(name));
    } while (FindNextFileW(found, &entry));
    if (GetLastError() != ERROR_NO_MORE_FILES) {
      return file_error("look at", folder, GetLastError());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  bool is_folder(const std::string& path) override {
    if (!check_path("find", path).ok()) return false;
    const DWORD about = GetFileAttributesW(wide_path(path).c_str());
    return about != INVALID_FILE_ATTRIBUTES && (about & FILE_ATTRIBUTE_DIRECTORY) != 0;
  }

  Result<std::uint64_t> free_bytes(const std::string& folder) override {
    return lalanh::free_bytes(folder);
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    TRY(check_path("lock", path));
    Handle file(CreateFileW(wide_path(path).c_str(), GENERIC_READ | GENERIC_WRITE,
                            FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_ALWAYS,
                            FILE_ATTRIBUTE_NORMAL, nullptr));
    if (!file.open()) return file_error("lock", path, GetLastError());
    OVERLAPPED at{};
    if (LockFileEx(file.get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)) {
      return std::unique_ptr<FileLock>(std::make_unique<SystemFileLock>(std::move(file)));
    }
    const DWORD code = GetLastError();
    if (code == ERROR_LOCK_VIOLATION) return Error{ErrorCode::store_locked, {{"path", path}}};
    return file_error("lock", path, code);
  }

 private:
  static DWORD write_durably(const std::wstring& path, ByteView bytes, bool secret) {
    SecretRights rights;
    if (secret && rights.get() == nullptr) return ERROR_INVALID_SECURITY_DESCR;
    const Handle file(CreateFileW(path.c_str(), GENERIC_WRITE, 0, secret ? rights.get() : nullptr,
                                  CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
    if (!file.open()) return GetLastError();
    if (const DWORD code = write_all(file.get(), bytes); code != 0) return code;
    return FlushFileBuffers(file.get()) ? 0 : GetLastError();
  }

  static Status make_one_folder(const std::string& path) {
    const std::wstring name = wide_path(path);
    if (CreateDirectoryW(name.c_str(), nullptr)) return {};
    const DWORD code = GetLastError();
    const DWORD about = GetFileAttributesW(name.c_str());
    if (about != INVALID_FILE_ATTRIBUTES && (about & FILE_ATTRIBUTE_DIRECTORY) != 0) return {};
    return file_error("create", path, code);
  }
};

}  // namespace

std::unique_ptr<Files> make_system_files() { return std::make_unique<SystemFiles>(); }

Result<std::uint64_t> free_bytes(const std::string& folder) {
  TRY(check_path("look at", folder));
  ULARGE_INTEGER free{};
  if (!GetDiskFreeSpaceExW(wide_path(folder).c_str(), &free, nullptr, nullptr)) {
    return file_error("look at", folder, GetLastError());
  }
  return static_cast<std::uint64_t>(free.QuadPart);
}

std::string absolute_path(const std::string& path) {
  if (path.empty() || !cbor::valid_utf8(path)) return path;
  const std::wstring given = wide(path);
  const DWORD n = GetFullPathNameW(given.c_str(), 0, nullptr, nullptr);
  std::wstring full(n, L'\0');
  full.resize(GetFullPathNameW(given.c_str(), n, full.data(), nullptr));
  return full.empty() ? path : narrow(full.c_str());
}

}  // namespace lalanh

#endif
