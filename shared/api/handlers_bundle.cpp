#include "shared/api/bundle_work.h"
#include "shared/api/call.h"

/// Bundles: what is asked is read here; the work is done outside of the node's lock.
namespace lalanh {
namespace {

constexpr std::size_t kPathsMax = 256;
constexpr std::size_t kPathBytesMax = 4'096;

Result<BundleCall> read_export(Node& node, const ApiRequest& request) {
  const std::unique_lock<std::recursive_mutex> lock = node.lock();
  Call call(node, request, {});
  TRY_ASSIGN(const JsonIn in, call.body({"path", "for", "part_bytes"}));
  BundleCall out;
  out.kind = BundleCall::Kind::kExport;
  TRY_ASSIGN(const std::string_view path, in.text("path", kPathBytesMax));
  out.paths.emplace_back(path);
  TRY_ASSIGN(const std::string_view unit, in.text_or("for", ""));
  out.down = !unit.empty();
  if (out.down) {
    TRY_ASSIGN(out.unit, call.unit(std::string(unit)));
  }
  const auto least = static_cast<std::int64_t>(limits::kBundlePartBytesMin);
  const auto most = static_cast<std::int64_t>(limits::kBundlePartBytesMax);
  TRY_ASSIGN(const std::int64_t part, in.integer_or("part_bytes", least, most, 0));
  out.part_bytes = static_cast<std::uint64_t>(part);
  return out;
}

Result<BundleCall> read_paths(Node& node, const ApiRequest& request, BundleCall::Kind kind) {
  Call call(node, request, {});
  TRY_ASSIGN(const JsonIn in, call.body({"paths"}));
  BundleCall out;
  out.kind = kind;
  TRY_ASSIGN(const std::vector<JsonIn> paths, in.array("paths", kPathsMax));
  for (const JsonIn& path : paths) {
    if (path.value().text() == nullptr) {
      return Error{ErrorCode::input_not_text, {{"field", "paths"}, {"where", path.where()}}};
    }
    out.paths.push_back(*path.value().text());
  }
  return out;
}

Result<BundleCall> read_call(Node& node, const ApiRequest& request) {
  if (request.path == "/api/bundles/export") return read_export(node, request);
  return read_paths(node, request,
                    request.path == "/api/bundles/import" ? BundleCall::Kind::kImport
                                                          : BundleCall::Kind::kInspect);
}

}  // namespace

Result<std::string> run_bundles(Node& node, const ApiRequest& request) {
  TRY_ASSIGN(const BundleCall call, read_call(node, request));
  BundleWork* work = node.bundles();
  if (work == nullptr) return Error{ErrorCode::system_internal, {{"why", "bundles"}}};
  return work->run(call);
}

}  // namespace lalanh
