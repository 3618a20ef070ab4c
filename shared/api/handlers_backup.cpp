#include "shared/api/backup.h"
#include "shared/api/call.h"

/// Backups that somebody asks for. Restoring needs the programs, for no node is open then.
namespace lalanh {
namespace {

constexpr std::size_t kPathBytesMax = 4'096;

Result<std::string> read_path(Node& node, const ApiRequest& request) {
  const auto lock = node.lock();
  Call call(node, request, {});
  TRY_ASSIGN(const JsonIn in, call.body({"path"}));
  TRY_ASSIGN(const std::string_view path, in.text("path", kPathBytesMax));
  return std::string(path);
}

}  // namespace

Result<std::string> run_backup(Node& node, const ApiRequest& request) {
  TRY_ASSIGN(const std::string path, read_path(node, request));
  TRY_ASSIGN(const BackupMade made, make_backup(backup_of(node), path));
  std::string text;
  JsonWriter(text)
      .begin_object()
      .text("path", made.path)
      .integer("bytes", static_cast<std::int64_t>(made.bytes))
      .text("time", vietnam_time_text(made.front.time))
      .boolean("elsewhere", made.elsewhere)
      .end_object();
  return text;
}

}  // namespace lalanh
