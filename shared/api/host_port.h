#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace lalanh {

/// Where a server listens.
struct HostPort {
  std::string host;  ///< name, IPv4, or IPv6 without brackets
  std::uint16_t port = 0;
};

/// Reads "http://host:port", "host:port", "http://[::1]:8080/". input.not_an_address otherwise,
/// with `field` in "where"; "https" is refused too, until the link can speak it.
Result<HostPort> host_port_from_text(std::string_view text, std::string_view field);
/// "host:port", as in the header Host.
std::string to_text(const HostPort& address);

}  // namespace lalanh
