#pragma once

#include <string>

namespace lalanh::sim {

/// A promise of `sync.md` that a run broke.
struct Broken {
  int invariant = 0;  ///< its number there; 0: what no number covers (a clean sync that fails)
  std::string what;
};

}  // namespace lalanh::sim
