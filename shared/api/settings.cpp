#include "shared/api/settings.h"

#include "shared/accounts/secret.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/json_writer.h"

namespace lalanh {

NodeFiles::NodeFiles(const std::string& folder)
    : database(folder + "/lalanh.db"),
      lock(folder + "/lalanh.lock"),
      key(folder + "/device.key"),
      certificate(folder + "/device.cert"),
      root_public(folder + "/root.pub"),
      root_secret(folder + "/root.key"),
      settings(folder + "/settings.json"),
      request(folder + "/device.llreq"),
      ticket(folder + "/device.llticket"),
      used_ticket(folder + "/used.llticket"),
      generation(folder + "/generation"),
      tls(folder + "/tls.pem"),
      recovery(folder + "/recovery.pub") {}

Result<Hash> read_key_file(Files& files, const std::string& path) {
  TRY_ASSIGN(const Bytes bytes, files.read(path, limits::kEnrolmentBytesMax));
  Hash out{};
  if (bytes.size() != out.size()) {
    return Error{ErrorCode::system_file,
                 {{"path", path}, {"action", "read"}, {"why", "wrong length"}}};
  }
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

Result<Hash> read_hex_key(Files& files, const std::string& path) {
  constexpr std::size_t kFileBytesMax = 1'024;
  TRY_ASSIGN(Bytes text, files.read(path, kFileBytesMax));
  const std::string_view all = as_text(text);
  const std::string_view line = all.substr(0, all.find_last_not_of(" \t\r\n") + 1);
  Bytes bytes;
  Hash out{};
  const bool good = from_hex(line, bytes) && bytes.size() == out.size();
  if (good) std::copy(bytes.begin(), bytes.end(), out.begin());
  wipe(text);
  wipe(bytes);
  if (good) return out;
  return Error{ErrorCode::input_wrong_file, {{"path", path}, {"expected", "a recovery key"}}};
}

Result<NodeSettings> read_settings(Files& files, const std::string& folder) {
  TRY_ASSIGN(const Bytes bytes, files.read(NodeFiles(folder).settings, limits::kEnrolmentBytesMax));
  TRY_ASSIGN(const JsonValue value, parse_json(as_text(bytes), "settings.json"));
  const JsonIn in(value, "settings.json");
  TRY(in.expect_keys({"format", "actor", "unit", "unit_code", "unit_name", "parent_address",
                      "parent_key", "block_first", "block_size"}));
  TRY(in.integer("format", 1, 1));
  NodeSettings out;
  TRY_ASSIGN(out.actor, in.text_or("actor", "", limits::kActorBytesMax));
  TRY_ASSIGN(const std::int64_t unit, in.integer_or("unit", 0, 0xffffffff, 0));
  out.unit = UnitNo(static_cast<std::uint32_t>(unit));
  TRY_ASSIGN(out.unit_code, in.text_or("unit_code", ""));
  TRY_ASSIGN(out.unit_name, in.text_or("unit_name", ""));
  TRY_ASSIGN(out.parent_address, in.text_or("parent_address", ""));
  TRY_ASSIGN(const std::string_view key, in.text_or("parent_key", ""));
  Bytes key_bytes;
  if (!key.empty()) {
    if (!from_hex(key, key_bytes) || key_bytes.size() != out.parent_key.size()) {
      return Error{ErrorCode::input_wrong_kind,
                   {{"field", "parent_key"}, {"expected", "64 hex"}, {"where", in.where()}}};
    }
    std::copy(key_bytes.begin(), key_bytes.end(), out.parent_key.begin());
  }
  TRY_ASSIGN(const std::int64_t first, in.integer_or("block_first", 0, 0xffffffff, 0));
  TRY_ASSIGN(const std::int64_t size, in.integer_or("block_size", 0, 0xffffffff, 0));
  out.block_first = static_cast<std::uint32_t>(first);
  out.block_size = static_cast<std::uint32_t>(size);
  return out;
}

Status write_settings(Files& files, const std::string& folder, const NodeSettings& settings) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().integer("format", 1).text("actor", settings.actor);
  out.integer("unit", settings.unit.value).text("unit_code", settings.unit_code);
  out.text("unit_name", settings.unit_name).text("parent_address", settings.parent_address);
  out.text("parent_key", settings.parent_key == Hash{} ? "" : to_hex(settings.parent_key));
  out.integer("block_first", settings.block_first).integer("block_size", settings.block_size);
  out.end_object();
  text.push_back('\n');
  return files.replace(NodeFiles(folder).settings, as_bytes(text), false);
}

}  // namespace lalanh
