#pragma once

#include <string>

namespace lalanh::sim {

/// Registers the VFS of all simulated disks, once a process, and that of Multiple Ciphers on top;
/// the name of the latter. Thread-safe.
const std::string& register_vfs();

}  // namespace lalanh::sim
