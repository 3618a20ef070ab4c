#if defined(_WIN32)

// clang-format off: winsock2 before windows, and both before what builds on them.
#include <windows.h>
#include <winsock2.h>
// clang-format on

#include <algorithm>
#include <array>
#include <atomic>
#include <io.h>
#include <sddl.h>
#include <shellapi.h>
#include <system_error>

#include "shared/base/cbor.h"
#include "shared/platform/os.h"
#include "shared/platform/platform.h"

namespace lalanh {
namespace {

// --- text ----------------------------------------------------------------------------------

/// UTF-16 of checked UTF-8.
std::wstring wide(const std::string& text) {
  const int length = static_cast<int>(text.size());
  const int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), length, nullptr, 0);
  std::wstring out(static_cast<std::size_t>(n), L'\0');
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), length, out.data(), n);
  return out;
}

std::string narrow(const wchar_t* text) {
  const int n = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
  if (n <= 1) return "";
  std::string out(static_cast<std::size_t>(n), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text, -1, out.data(), n, nullptr, nullptr);
  out.pop_back();  // the terminating zero
  return out;
}

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

// --- clock ---------------------------------------------------------------------------------

class SystemClock final : public Clock {
 public:
  TimeMs now() override {
    FILETIME t{};
    GetSystemTimePreciseAsFileTime(&t);
    const auto ticks = (static_cast<std::int64_t>(t.dwHighDateTime) << 32) | t.dwLowDateTime;
    return TimeMs(ticks / 10'000 - 11'644'473'600'000);  // from 1601, in units of 100 ns
  }
  std::int64_t steady_ms() override { return static_cast<std::int64_t>(GetTickCount64()); }
};

// --- files ---------------------------------------------------------------------------------

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

std::string temporary_name(const std::string& path) {
  static std::atomic<std::uint32_t> count{0};
  return path + "." + std::to_string(GetCurrentProcessId()) + "-" + std::to_string(++count) +
         ".tmp";
}

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

class SystemFileLock final : public FileLock {
 public:
  explicit SystemFileLock(Handle handle) : handle_(std::move(handle)) {}

 private:
  Handle handle_;  // closing lets the lock go
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
    const std::wstring temporary = wide_path(temporary_name(path));
    if (const DWORD code = write_durably(temporary, bytes, secret); code != 0) {
      DeleteFileW(temporary.c_str());
      return file_error("write", path, code);
    }
    // There is no fsync of a folder: the write-through flag makes the new name durable.
    const DWORD code = with_patience([&] {
      return MoveFileExW(temporary.c_str(), wide_path(path).c_str(),
                         MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
    });
    if (code == 0) return {};
    DeleteFileW(temporary.c_str());
    return file_error("replace", path, code);
  }

  bool exists(const std::string& path) override {
    return check_path("find", path).ok() &&
           GetFileAttributesW(wide_path(path).c_str()) != INVALID_FILE_ATTRIBUTES;
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
    while (!bytes.empty()) {
      const auto piece = (std::min)(bytes.size(), std::size_t{1} << 20U);
      DWORD n = 0;
      if (!WriteFile(file.get(), bytes.data(), static_cast<DWORD>(piece), &n, nullptr)) {
        return GetLastError();
      }
      if (n == 0) return ERROR_WRITE_FAULT;
      bytes = bytes.subspan(n);
    }
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

// --- stopping ------------------------------------------------------------------------------

std::function<void()> g_stop_asked;
std::atomic<int> g_stop_asks{0};
HANDLE g_stop_done = nullptr;

/// Runs in a thread that Windows makes. When the console closes, the program ends as soon as it
/// returns, so it waits until the program has stopped by itself (Windows gives it 5 seconds).
BOOL WINAPI on_console(DWORD event) {
  const bool first = g_stop_asks.fetch_add(1) == 0;
  const bool key = event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
  if (!first && key) return FALSE;  // the second one ends the program
  g_stop_asked();
  if (!key) WaitForSingleObject(g_stop_done, 5'000);
  return TRUE;
}

}  // namespace

bool os::watch_stop(std::function<void()> asked) {
  g_stop_asked = std::move(asked);
  g_stop_asks = 0;
  g_stop_done = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  return g_stop_done != nullptr && SetConsoleCtrlHandler(on_console, TRUE) != 0;
}

void os::unwatch_stop() {
  // Windows serialises handlers with this call; the event stays open for one that waits on it.
  SetConsoleCtrlHandler(on_console, FALSE);
  SetEvent(g_stop_done);
}

// --- the rest ------------------------------------------------------------------------------

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }
std::unique_ptr<Files> make_system_files() { return std::make_unique<SystemFiles>(); }

Result<std::uint64_t> free_bytes(const std::string& folder) {
  TRY(check_path("look at", folder));
  ULARGE_INTEGER free{};
  if (!GetDiskFreeSpaceExW(wide_path(folder).c_str(), &free, nullptr, nullptr)) {
    return file_error("look at", folder, GetLastError());
  }
  return static_cast<std::uint64_t>(free.QuadPart);
}

std::string default_data_folder(const std::string& program) {
  const wchar_t* data = _wgetenv(L"LOCALAPPDATA");
  if (data == nullptr || data[0] == L'\0') return "";
  return narrow(data) + "\\" + program;
}

void keep_files_private() {}

std::vector<std::string> utf8_arguments(int /*argc*/, char** /*argv*/) {
  SetConsoleOutputCP(CP_UTF8);
  int count = 0;
  wchar_t** const given = CommandLineToArgvW(GetCommandLineW(), &count);
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(narrow(given[i]));
  LocalFree(given);
  return out;
}

bool stdout_is_terminal() { return _isatty(1) != 0; }
bool stderr_is_terminal() { return _isatty(2) != 0; }

std::int64_t process_id() { return static_cast<std::int64_t>(GetCurrentProcessId()); }

bool process_runs(std::int64_t id) {
  if (id <= 0 || id > 0xffff'ffff) return false;
  const HANDLE process =
      OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(id));
  if (process == nullptr) return GetLastError() == ERROR_ACCESS_DENIED;
  DWORD code = 0;
  const bool runs = GetExitCodeProcess(process, &code) == 0 || code == STILL_ACTIVE;
  CloseHandle(process);
  return runs;
}

void ignore_broken_pipes() {}  // there is no such signal

bool claim_port(std::uintptr_t socket) {
  // SO_REUSEADDR would let a second program take the port; this is the reverse.
  const BOOL yes = TRUE;
  return setsockopt(static_cast<SOCKET>(socket), SOL_SOCKET, SO_EXCLUSIVEADDRUSE,
                    reinterpret_cast<const char*>(&yes), sizeof yes) == 0;
}

}  // namespace lalanh

#endif
