#pragma once

#include <memory>
#include <optional>

#include "client/app/options.h"
#include "shared/api/node.h"
#include "sync/bundle/node_bundles.h"
#include "sync/link/local_client.h"
#include "sync/link/parent_sync.h"

namespace lalanh::client {

/// The ports of the real machine.
struct Machine {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Random> random;
  std::unique_ptr<Files> files;
  static Result<Machine> make();
};

/// Where a command's work is done: in this process, or by the `serve` that has the database.
class Backend {
 public:
  /// Opens the node; where another program has it, finds the `serve` to hand the work to.
  static Result<std::unique_ptr<Backend>> open(Machine& machine, const Options& options,
                                               std::function<bool()> stopped);
  /// Errors are of the way to the server; a refusal is a reply.
  Result<ApiReply> ask(const ApiRequest& request);
  /// The node where it is open here; nullptr where the work is handed over.
  Node* node() { return node_.get(); }
  /// Syncs with a fault, or with progress: where the node is open here.
  sync::ParentSync* parent() { return parent_.get(); }

 private:
  std::unique_ptr<Node> node_;
  std::unique_ptr<sync::ParentSync> parent_;
  std::unique_ptr<sync::NodeBundles> bundles_;
  std::optional<sync::LocalClient> remote_;
};

/// Version of the program.
std::string program_version();

}  // namespace lalanh::client
