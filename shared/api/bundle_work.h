#pragma once

#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace lalanh {

/// What is asked of bundles, the sync on a stick (`docs/FORMATS.md`, Bundle).
struct BundleCall {
  enum class Kind : std::uint8_t { kExport, kImport, kInspect };
  Kind kind = Kind::kInspect;
  std::vector<std::string> paths;  ///< folders and files on this machine, UTF-8; of an export, one
  bool down = false;               ///< export: for the devices of `unit`, not for the parent
  UnitNo unit;
  std::uint64_t part_bytes = 0;  ///< export: largest file; 0: as usual
};

/// Port: writes and reads bundles; filled by client and server (shared/ knows no sync).
class BundleWork {
 public:
  virtual ~BundleWork() = default;
  /// The reply of the API (openapi.json). In the caller's thread, without the node's lock held.
  /// Errors: bundle.*, sync.is_top, register.*, store.*, system.file; a bad file among several is
  /// part of the reply.
  virtual Result<std::string> run(const BundleCall& call) = 0;
};

}  // namespace lalanh
