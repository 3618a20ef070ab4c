#include "shared/console/session_file.h"

#include <cstdlib>

#include "shared/accounts/secret.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/json_writer.h"
#include "shared/platform/platform.h"
#include "shared/platform/terminal.h"

namespace lalanh {
namespace {

constexpr std::size_t kFileBytesMax = 1'024;
/// How old the time of the last use may grow before it is written anew.
constexpr std::int64_t kRefreshMs = 60'000;
/// The wall clock may be put right by so much before a start of the machine is suspected.
constexpr std::int64_t kClockStepMs = 10 * 60'000;
constexpr std::int64_t kTimeMax = std::int64_t{1} << 60U;

struct Kept {
  SessionFile session;
  std::int64_t used_ms = 0;  ///< steady clock
  std::int64_t boot_ms = 0;  ///< wall clock when the steady one began
};

std::int64_t boot_ms(Clock& clock) { return clock.now().value - clock.steady_ms(); }

Result<Kept> parse(ByteView bytes) {
  TRY_ASSIGN(const JsonValue value, parse_json(as_text(bytes), "session"));
  const JsonIn in(value, "session");
  TRY(in.expect_keys({"format", "login", "key", "used", "boot"}));
  TRY(in.integer("format", 1, 1));
  Kept out;
  TRY_ASSIGN(const std::string_view login, in.text("login", limits::kLoginBytesMax));
  out.session.login = std::string(login);
  TRY_ASSIGN(const std::string_view hex, in.text("key", 64));
  Bytes key;
  if (!from_hex(hex, key) || key.size() != out.session.key.size()) {
    return Error{ErrorCode::input_wrong_kind,
                 {{"field", "key"}, {"expected", "64 hex"}, {"where", in.where()}}};
  }
  std::copy(key.begin(), key.end(), out.session.key.begin());
  wipe(key);
  TRY_ASSIGN(out.used_ms, in.integer("used", -kTimeMax, kTimeMax));
  TRY_ASSIGN(out.boot_ms, in.integer("boot", -kTimeMax, kTimeMax));
  return out;
}

}  // namespace

std::string session_path(const std::string& folder) {
  const std::string runtime = runtime_folder();
  if (runtime.empty()) return folder + "/session";
  const std::string name = to_hex(blake2b({as_bytes(real_path(folder))})).substr(0, 16);
  return runtime + "/lalanh-" + name;
}

Result<std::optional<SessionFile>> read_session(Files& files, Clock& clock,
                                                const std::string& folder) {
  const std::string path = session_path(folder);
  if (!files.exists(path)) return std::optional<SessionFile>();
  TRY_ASSIGN(Bytes bytes, files.read(path, kFileBytesMax));
  Result<Kept> kept = parse(bytes);
  wipe(bytes);
  const std::int64_t now = clock.steady_ms();
  const bool lives = kept.ok() && kept->used_ms <= now &&
                     now - kept->used_ms <= limits::kSessionIdleMs &&
                     std::abs(kept->boot_ms - boot_ms(clock)) <= kClockStepMs;
  if (!lives) {
    TRY(files.remove(path));
    return std::optional<SessionFile>();
  }
  if (now - kept->used_ms > kRefreshMs) TRY(write_session(files, clock, folder, kept->session));
  return std::optional<SessionFile>(std::move(kept->session));
}

Status write_session(Files& files, Clock& clock, const std::string& folder,
                     const SessionFile& session) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().integer("format", 1).text("login", session.login);
  out.text("key", to_hex(session.key)).integer("used", clock.steady_ms());
  out.integer("boot", boot_ms(clock)).end_object();
  const Status written = files.replace(session_path(folder), as_bytes(text), true);
  wipe(text);
  return written;
}

Status remove_session(Files& files, const std::string& folder) {
  return files.remove(session_path(folder));
}

}  // namespace lalanh
