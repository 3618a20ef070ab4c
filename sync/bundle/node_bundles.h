#pragma once

#include <functional>
#include <string>

#include "shared/api/bundle_work.h"
#include "shared/api/node.h"
#include "sync/bundle/bundle_folder.h"

namespace lalanh::sync {

/// A node's bundles, for the API of client and server alike: the node's lock is held during
/// database calls alone, never while a stick is read or written. Thread-safe.
class NodeBundles : public BundleWork {
 public:
  /// `node` outlives it; `stopped` may be empty.
  NodeBundles(Node& node, std::string program, std::function<bool()> stopped);
  Result<std::string> run(const BundleCall& call) override;

 private:
  Result<std::string> write(const BundleSide& side, const BundleCall& call);
  Result<std::string> read(const BundleSide& side, const BundleCall& call);
  /// A new machine's request on the stick, and why it was not answered.
  struct Answered {
    std::string path;
    std::optional<Error> error;
  };
  std::vector<Answered> answer_requests(const std::vector<std::string>& paths);
  Status answer_request(const std::string& path, const std::string& to);
  std::string file_text(const std::vector<BundleFile>& files, const std::vector<Answered>& answered,
                        bool imported);
  std::string name_of(UnitNo unit);
  Error named(Error error);

  Node& node_;
  const std::string program_;
  const std::function<bool()> stopped_;
};

}  // namespace lalanh::sync
