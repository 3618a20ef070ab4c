#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "tests/sim/machine.h"

namespace lalanh::sim {

/// What happens to one sync on its way; all off: a good link.
struct LinkFaults {
  std::optional<std::uint64_t> cut_after_bytes;  ///< of bodies, both ways together
  int lose_reply = 0;                            ///< the n-th reply is lost; 0: none
  bool twice = false;                            ///< each request arrives twice
  std::optional<std::uint64_t> drop;     ///< seed: a request or a reply is lost now and then
  std::optional<std::uint64_t> reorder;  ///< seed: old requests arrive again, late and shuffled
};

/// One request that went over a wire, and its reply where there was one.
struct Exchange {
  std::string path;
  Bytes request;
  Bytes reply;
};

/// One sync of `child` with `parent` by the real sessions, in memory. How it ended is its result;
/// what was taken in before an error stays. `seen` is told of each exchange as it was sent.
Result<SyncSummary> sync_over(Machine& child, Machine& parent, const LinkFaults& faults,
                              const std::function<void(const Exchange&)>& seen);

}  // namespace lalanh::sim
