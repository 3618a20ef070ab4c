#include "shared/console/serve_file.h"

#include <array>
#include <limits>

#include "shared/base/bytes.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/json_writer.h"
#include "shared/platform/platform.h"

namespace lalanh {
namespace {

constexpr std::size_t kFileBytesMax = 1'024;
constexpr std::size_t kTokenBytesMax = 256;
constexpr std::string_view kName = "serve.json";

std::string path_in(const std::string& folder) { return folder + "/" + std::string(kName); }

}  // namespace

std::string make_token(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  return to_hex(bytes);
}

Status write_serve_file(Files& files, const std::string& folder, const ServeFile& serve) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.integer("port", serve.port).text("token", serve.token).integer("pid", serve.pid);
  json.end_object();
  text.push_back('\n');
  return files.replace(path_in(folder), as_bytes(text), true);
}

Result<std::optional<ServeFile>> read_serve_file(Files& files, const std::string& folder) {
  const std::string path = path_in(folder);
  if (!files.exists(path)) return std::optional<ServeFile>();
  TRY_ASSIGN(const Bytes bytes, files.read(path, kFileBytesMax));
  TRY_ASSIGN(const JsonValue value, parse_json(as_text(bytes), kName));
  const JsonIn in(value, kName);
  TRY(in.expect_keys({"port", "token", "pid"}));
  ServeFile serve;
  TRY_ASSIGN(const std::int64_t port, in.integer("port", 1, 65'535));
  TRY_ASSIGN(const std::string_view token, in.text("token", kTokenBytesMax));
  TRY_ASSIGN(serve.pid, in.integer("pid", 1, std::numeric_limits<std::int64_t>::max()));
  serve.port = static_cast<std::uint16_t>(port);
  serve.token = std::string(token);
  if (!process_runs(serve.pid)) return std::optional<ServeFile>();
  return std::optional<ServeFile>(std::move(serve));
}

Status remove_serve_file(Files& files, const std::string& folder) {
  return files.remove(path_in(folder));
}

}  // namespace lalanh
