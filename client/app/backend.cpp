#include "client/app/backend.h"

#include "client/app/accounts.h"
#include "shared/console/serve_file.h"
#include "shared/platform/platform.h"

namespace lalanh::client {
namespace {

/// A sync over a poor link may take long; everything else answers at once.
constexpr std::int64_t kHandedOverMs = 4 * 3'600'000;

/// A sync as the API starts it, with its progress shown here.
class ShownSync final : public SyncStarter {
 public:
  ShownSync(sync::ParentSync& parent, const std::function<void(const SyncProgress&)>& shown)
      : parent_(parent), shown_(shown) {}
  Result<SyncSummary> sync_now(const std::function<void(const SyncProgress&)>& progress) override {
    return parent_.sync_now(shown_ ? shown_ : progress);
  }
  std::optional<SyncProgress> running() override { return parent_.running(); }

 private:
  sync::ParentSync& parent_;
  const std::function<void(const SyncProgress&)>& shown_;
};

/// Whoever has the database knows that no other program of this folder works with it. One that runs
/// may wait for somebody to sign in; the file of one that was killed goes.
void forget_killed(Files& files, const std::string& folder) {
  const Result<std::optional<ServeFile>> found = read_serve_file(files, folder);
  if (!found.ok() || !*found) (void)remove_serve_file(files, folder).ok();
}

}  // namespace

std::string program_version() { return LALANH_VERSION; }

Result<Machine> Machine::make() {
  Machine out;
  out.clock = make_system_clock();
  TRY_ASSIGN(out.random, make_system_random());
  out.files = make_system_files();
  return out;
}

void Backend::attach(Node& node, const Options& options, const std::function<bool()>& stopped) {
  sync::ParentSyncOptions sync_options;
  sync_options.program = program_version();
  sync_options.stopped = stopped;
  sync_options.cut_after_bytes = options.cut_after_bytes;
  parent_ = std::make_unique<sync::ParentSync>(node, sync_options);
  starter_ = std::make_unique<ShownSync>(*parent_, progress_);
  node.set_sync_starter(starter_.get());
  bundles_ = std::make_unique<sync::NodeBundles>(node, program_version(), stopped);
  node.set_bundles(bundles_.get());
}

Result<std::unique_ptr<Backend>> Backend::open(Machine& machine, const Options& options,
                                               std::function<bool()> stopped) {
  auto out = std::make_unique<Backend>();
  TRY_ASSIGN(out->desk_, open_desk(machine, options));
  if (!options.locked) {
    TRY_ASSIGN(out->login_, sign_in(machine, options, *out->desk_));
  }
  NodeOptions node_options;
  node_options.folder = options.folder;
  node_options.clock = machine.clock.get();
  node_options.random = machine.random.get();
  node_options.files = machine.files.get();
  node_options.version = program_version();
  node_options.stopped = stopped;
  node_options.rebuild = options.command.front() == "rebuild";
  Backend* self = out.get();
  Result<std::unique_ptr<Front>> front =
      Front::open(node_options, *out->desk_,
                  [self, options, stopped](Node& node) { self->attach(node, options, stopped); });
  if (front.ok()) {
    out->front_ = std::move(*front);
    if (out->front_->node() != nullptr) forget_killed(*machine.files, options.folder);
    return out;
  }
  if (front.error().code != ErrorCode::store_locked) return front.error();
  TRY_ASSIGN(const std::optional<ServeFile> serve, read_serve_file(*machine.files, options.folder));
  if (!serve) return front.error();
  if (options.cut_after_bytes) {
    return Error{ErrorCode::input_usage,
                 {{"why", "--cut-after-bytes is a trial of this process: close 'serve' first"}}};
  }
  out->desk_->set_start_token(serve->token);
  out->remote_.emplace(serve->port, serve->token, *machine.clock, std::move(stopped));
  return out;
}

void Backend::show_progress(std::function<void(const SyncProgress&)> shown) {
  progress_ = std::move(shown);
}

Result<ApiReply> Backend::ask(ApiRequest request) {
  if (desk_->has_accounts()) request.session = desk_->proof(login_);
  if (front_ != nullptr) return front_->handle(request);
  return remote_->request(request, kHandedOverMs);
}

}  // namespace lalanh::client
