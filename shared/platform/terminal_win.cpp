#if defined(_WIN32)

#include <windows.h>

#include "shared/base/limits.h"
#include "shared/platform/terminal.h"

namespace lalanh {
namespace {

std::string narrow(const std::wstring& text) {
  const int size = static_cast<int>(text.size());
  const int n = WideCharToMultiByte(CP_UTF8, 0, text.data(), size, nullptr, 0, nullptr, nullptr);
  std::string out(static_cast<std::size_t>(n < 0 ? 0 : n), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text.data(), size, out.data(), n, nullptr, nullptr);
  return out;
}

}  // namespace

Result<std::string> read_password(const std::string& prompt) {
  const HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
  DWORD before = 0;
  if (GetConsoleMode(in, &before) == 0) return Error{ErrorCode::accounts_no_password};
  DWORD written = 0;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), prompt.data(), static_cast<DWORD>(prompt.size()),
            &written, nullptr);
  SetConsoleMode(in, (before | ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT) &
                         ~static_cast<DWORD>(ENABLE_ECHO_INPUT));
  std::wstring text(limits::kPasswordBytesMax, L'\0');
  DWORD read = 0;
  const BOOL done = ReadConsoleW(in, text.data(), static_cast<DWORD>(text.size()), &read, nullptr);
  SetConsoleMode(in, before);
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), "\r\n", 2, &written, nullptr);
  text.resize(done == 0 ? 0 : read);
  while (!text.empty() && (text.back() == L'\n' || text.back() == L'\r')) text.pop_back();
  if (text.empty()) return Error{ErrorCode::accounts_no_password};
  return narrow(text);
}

std::string runtime_folder() { return ""; }

std::string environment_text(const std::string& name) {
  const std::wstring wide(name.begin(), name.end());  // our names are ASCII
  std::wstring value(32'768, L'\0');
  const DWORD size =
      GetEnvironmentVariableW(wide.c_str(), value.data(), static_cast<DWORD>(value.size()));
  value.resize(size < value.size() ? size : 0);
  return narrow(value);
}

bool processor_has_aes() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("aes") != 0;
#else
  return false;
#endif
}

}  // namespace lalanh

#endif
