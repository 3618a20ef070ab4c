#if !defined(_WIN32)

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "shared/platform/terminal.h"

namespace lalanh {
namespace {

void put(const std::string& text) {
  const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
  static_cast<void>(ignored);
}

/// The terminal without its echo, until the end of the block.
class NoEcho {
 public:
  NoEcho() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  bool is_terminal_;
};

}  // namespace

Result<std::string> read_password(const std::string& prompt) {
  const NoEcho quiet;
  if (!quiet.is_terminal()) return Error{ErrorCode::accounts_no_password};
  put(prompt);
  std::string out;
  char c = 0;
  while (out.size() <= limits::kPasswordBytesMax) {
    const ssize_t n = ::read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || c == '\n') break;
    out.push_back(c);
  }
  put("\n");
  if (out.empty()) return Error{ErrorCode::accounts_no_password};
  return out;
}

std::string runtime_folder() {
  std::string folder = environment_text("XDG_RUNTIME_DIR");
  struct stat about {};
  // Of this user, and closed to others: as the specification demands, which not all keep.
  const bool good = !folder.empty() && folder.front() == '/' &&
                    ::stat(folder.c_str(), &about) == 0 && S_ISDIR(about.st_mode) &&
                    about.st_uid == ::getuid() && (about.st_mode & 0077U) == 0;
  return good ? folder : "";
}

std::string environment_text(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr || !cbor::valid_utf8(value) ? "" : value;
}

bool processor_has_aes() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("aes") != 0;
#elif defined(__aarch64__)
  constexpr std::uint64_t kHwcapAes = std::uint64_t{1} << 3U;
  return (::getauxval(AT_HWCAP) & kHwcapAes) != 0;
#else
  return false;
#endif
}

}  // namespace lalanh

#endif
