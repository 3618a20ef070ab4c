#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "shared/accounts/desk.h"
#include "shared/api/node.h"

namespace lalanh {

/// A node behind its desk: open from the start where nothing is locked, else opened by the first
/// who signs in. What programs serve. Thread-safe.
class Front {
 public:
  /// Told of the node once it is open, before any request reaches it: the place to attach a sync.
  using Opened = std::function<void(Node&)>;

  /// Errors as Node::open; none where it has to stay locked. `desk` outlives it.
  static Result<std::unique_ptr<Front>> open(const NodeOptions& options, Desk& desk, Opened opened);
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  /// The JSON API. Never throws. While the database is locked all but /api/session is
  /// accounts.sign_in.
  ApiReply handle(const ApiRequest& request);
  /// nullptr while it is locked; the same for ever after.
  Node* node();

 private:
  Front(const NodeOptions& options, Desk& desk, Opened opened);
  Status open_node();

  NodeOptions options_;
  Desk& desk_;
  Opened opened_;
  std::mutex mutex_;
  std::unique_ptr<Node> node_;
};

}  // namespace lalanh
