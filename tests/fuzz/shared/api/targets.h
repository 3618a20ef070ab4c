#pragma once

#include "shared/api/host_port.h"
#include "shared/api/http.h"
#include "shared/base/bytes.h"
#include "shared/base/check.h"
#include "shared/base/limits.h"

namespace lalanh::fuzz {

/// A target that is read is written again as one that says the same.
inline void any_target(ByteView bytes) {
  ApiRequest read;
  if (!split_target(as_text(bytes), read)) return;
  const std::string target = target_of(read);
  if (target.size() > limits::kApiPathBytesMax) return;  // escapes made it too long
  ApiRequest again;
  LALANH_CHECK(split_target(target, again));
  LALANH_CHECK(again.path == read.path && again.query == read.query);
}

/// So is an address of a server.
inline void any_address(ByteView bytes) {
  const Result<HostPort> read = host_port_from_text(as_text(bytes), "any");
  if (!read.ok()) return;
  const Result<HostPort> again = host_port_from_text(to_text(*read), "again");
  LALANH_CHECK(again.ok() && again->host == read->host && again->port == read->port);
}

}  // namespace lalanh::fuzz
