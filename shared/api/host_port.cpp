#include "shared/api/host_port.h"

#include <algorithm>
#include <charconv>

namespace lalanh {
namespace {

constexpr std::string_view kSchemes[] = {"https://", "http://"};
constexpr std::size_t kHostBytesMax = 253;  // the longest name of DNS

bool is_host_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

}  // namespace

Result<HostPort> host_port_from_text(std::string_view text, std::string_view field) {
  const Error refused(ErrorCode::input_not_an_address,
                      {{"value", std::string(text.substr(0, 300))}, {"where", std::string(field)}});
  std::string_view rest = text;
  for (const std::string_view scheme : kSchemes) {
    if (text.starts_with(scheme)) rest = text.substr(scheme.size());
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return refused;
  std::string_view host = rest.substr(0, colon);
  const std::string_view port = rest.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.size() > kHostBytesMax) return refused;
  if (!std::all_of(host.begin(), host.end(), is_host_byte)) return refused;
  if (!bracketed && host.find(':') != std::string_view::npos) return refused;
  HostPort out{std::string(host), 0};
  const auto read = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (read.ec != std::errc() || read.ptr != port.data() + port.size() || out.port == 0) {
    return refused;
  }
  return out;
}

std::string to_text(const HostPort& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + address.host + "]" : address.host;
  return host + ":" + std::to_string(address.port);
}

}  // namespace lalanh
