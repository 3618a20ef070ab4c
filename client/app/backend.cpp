#include "client/app/backend.h"

#include "shared/console/serve_file.h"
#include "shared/platform/platform.h"

namespace lalanh::client {
namespace {

/// A sync over a poor link may take long; everything else answers at once.
constexpr std::int64_t kHandedOverMs = 4 * 3'600'000;

}  // namespace

std::string program_version() { return LALANH_VERSION; }

Result<Machine> Machine::make() {
  Machine out;
  out.clock = make_system_clock();
  TRY_ASSIGN(out.random, make_system_random());
  out.files = make_system_files();
  return out;
}

Result<std::unique_ptr<Backend>> Backend::open(Machine& machine, const Options& options,
                                               std::function<bool()> stopped) {
  auto out = std::make_unique<Backend>();
  NodeOptions node_options;
  node_options.folder = options.folder;
  node_options.clock = machine.clock.get();
  node_options.random = machine.random.get();
  node_options.files = machine.files.get();
  node_options.version = program_version();
  Result<std::unique_ptr<Node>> node = Node::open(node_options);
  if (node.ok()) {
    out->node_ = std::move(*node);
    sync::ParentSyncOptions sync_options;
    sync_options.program = program_version();
    sync_options.stopped = stopped;
    sync_options.cut_after_bytes = options.cut_after_bytes;
    out->parent_ = std::make_unique<sync::ParentSync>(*out->node_, sync_options);
    out->node_->set_sync_starter(out->parent_.get());
    out->bundles_ =
        std::make_unique<sync::NodeBundles>(*out->node_, program_version(), std::move(stopped));
    out->node_->set_bundles(out->bundles_.get());
    return out;
  }
  if (node.error().code != ErrorCode::store_locked) return node.error();
  TRY_ASSIGN(const std::optional<ServeFile> serve, read_serve_file(*machine.files, options.folder));
  if (!serve) return node.error();
  if (options.cut_after_bytes) {
    return Error{ErrorCode::input_usage,
                 {{"why", "--cut-after-bytes is a trial of this process: close 'serve' first"}}};
  }
  out->remote_.emplace(serve->port, serve->token, *machine.clock, std::move(stopped));
  return out;
}

Result<ApiReply> Backend::ask(const ApiRequest& request) {
  if (node_ != nullptr) return node_->handle(request);
  return remote_->request(request, kHandedOverMs);
}

}  // namespace lalanh::client
