#pragma once

#include <memory>
#include <optional>

#include "client/app/options.h"
#include "shared/api/front.h"
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
  /// Opens the node, for whoever is signed in; where another program has it, finds the `serve` to
  /// hand the work to. With `options.locked` it may stay locked. Also accounts.*
  static Result<std::unique_ptr<Backend>> open(Machine& machine, const Options& options,
                                               std::function<bool()> stopped);
  /// Errors are of the way to the server; a refusal is a reply.
  Result<ApiReply> ask(ApiRequest request);
  /// The node behind its desk; nullptr where the work is handed over.
  Front* front() { return front_.get(); }
  Desk& desk() { return *desk_; }
  /// From here on told how far a sync is that runs here.
  void show_progress(std::function<void(const SyncProgress&)> shown);

 private:
  void attach(Node& node, const Options& options, const std::function<bool()>& stopped);

  std::unique_ptr<Desk> desk_;
  std::string login_;  ///< who acts; "" on a machine without users
  std::unique_ptr<sync::ParentSync> parent_;
  std::unique_ptr<SyncStarter> starter_;
  std::function<void(const SyncProgress&)> progress_;
  std::unique_ptr<sync::NodeBundles> bundles_;
  std::unique_ptr<Front> front_;
  std::optional<sync::LocalClient> remote_;
};

/// Version of the program.
std::string program_version();

}  // namespace lalanh::client
