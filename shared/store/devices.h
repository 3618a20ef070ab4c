#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/store/store.h"

namespace lalanh {

/// A device whose certificate is known here.
struct KnownDevice {
  CertificateLink link;                ///< of its newest certificate here
  std::optional<TimeMs> last_contact;  ///< with this server
  bool revoked = false;
  bool copied = false;  ///< see CopiedMachine
};

/// A machine that was copied, or put back to an old copy: lines of its key branch
/// (`identity.md`, Copies).
struct CopiedMachine {
  Hash key{};
  DeviceNo device;
  UnitNo unit;
  Scope scope;              ///< where it shows
  std::vector<Point> tips;  ///< of the key's lines there
};

/// Devices of the units, in the order of their numbers; `in` says which units are wanted. Errors:
/// store.*
Result<std::vector<KnownDevice>> known_devices(Store& store, const std::function<bool(UnitNo)>& in);
/// One entry for each machine and scope. Errors: store.*
Result<std::vector<CopiedMachine>> copied_machines(Store& store);

}  // namespace lalanh
