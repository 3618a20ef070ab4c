#include "server/app/sync_state_file.h"

#include <limits>

#include "shared/catalogue/json.h"
#include "shared/catalogue/json_writer.h"

namespace lalanh::server {
namespace {

constexpr std::size_t kFileBytesMax = 1'024;
constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max() / 2;

std::string path_in(const std::string& folder) { return folder + "/sync-up.json"; }

void put_time(JsonWriter& json, std::string_view name, const std::optional<TimeMs>& time) {
  if (time) {
    json.integer(name, time->value);
  } else {
    json.key(name).null();
  }
}

Result<std::optional<TimeMs>> time_of(const JsonIn& in, std::string_view name) {
  TRY_ASSIGN(const std::int64_t ms, in.integer_or(name, -kTimeMax, kTimeMax, -kTimeMax));
  return ms == -kTimeMax ? std::optional<TimeMs>() : std::optional<TimeMs>(TimeMs(ms));
}

Result<UpSyncState> read(Files& files, const std::string& path) {
  TRY_ASSIGN(const Bytes bytes, files.read(path, kFileBytesMax));
  TRY_ASSIGN(const JsonValue value, parse_json(as_text(bytes), path));
  const JsonIn in(value, path);
  UpSyncState state;
  TRY_ASSIGN(state.last_success, time_of(in, "last_success"));
  TRY_ASSIGN(state.last_try, time_of(in, "last_try"));
  TRY_ASSIGN(const std::int64_t failures, in.integer_or("failures", 0, 1'000, 0));
  TRY_ASSIGN(const std::int64_t retry, in.integer_or("retry_after", 0, 86'400, 0));
  state.failures = static_cast<int>(failures);
  state.retry_after_s = static_cast<int>(retry);
  return state;
}

}  // namespace

Status write_sync_state(Files& files, const std::string& folder, const UpSyncState& state) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  put_time(json, "last_success", state.last_success);
  put_time(json, "last_try", state.last_try);
  json.integer("failures", state.failures).integer("retry_after", state.retry_after_s);
  json.end_object();
  text += '\n';
  return files.replace(path_in(folder), as_bytes(text), false);
}

UpSyncState read_sync_state(Files& files, const std::string& folder) {
  const std::string path = path_in(folder);
  if (!files.exists(path)) return {};
  Result<UpSyncState> state = read(files, path);
  return state.ok() ? std::move(state).value() : UpSyncState{};
}

}  // namespace lalanh::server
