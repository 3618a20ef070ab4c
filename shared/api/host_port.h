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

/// Reads "host:port", "https://host:port", "http://[::1]:8080/"; the scheme says nothing, the link
/// is TLS in any case. input.not_an_address otherwise, with `field` in "where".
Result<HostPort> host_port_from_text(std::string_view text, std::string_view field);
/// "host:port", as in the header Host.
std::string to_text(const HostPort& address);

}  // namespace lalanh
