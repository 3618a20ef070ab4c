#if defined(_WIN32)

// clang-format off: winsock2 before windows, and both before what builds on them.
#include <windows.h>
#include <winsock2.h>
// clang-format on

#include <atomic>
#include <io.h>
#include <shellapi.h>

#include "shared/platform/os.h"
#include "shared/platform/platform.h"
#include "shared/platform/text_win.h"

namespace lalanh {

std::string os::narrow(const wchar_t* text) {
  const int n = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
  if (n <= 1) return "";
  std::string out(static_cast<std::size_t>(n), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text, -1, out.data(), n, nullptr, nullptr);
  out.pop_back();  // the terminating zero
  return out;
}

std::wstring os::wide(const std::string& text) {
  const int length = static_cast<int>(text.size());
  const int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), length, nullptr, 0);
  std::wstring out(static_cast<std::size_t>(n), L'\0');
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), length, out.data(), n);
  return out;
}

using os::narrow;

namespace {

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

std::string real_path(const std::string& path) {
  std::string out = absolute_path(path);
  while (out.size() > 3 && (out.back() == '\\' || out.back() == '/')) out.pop_back();  // "C:\"
  return out;
}

}  // namespace lalanh

#endif
