#include "server/http/peer_places.h"

#include <algorithm>

namespace lalanh::server {
namespace {

constexpr std::size_t kNetworkBytes = 8;

std::string network_of(const Poco::Net::IPAddress& peer) {
  std::string out(static_cast<const char*>(peer.addr()), peer.length());
  if (peer.family() == Poco::Net::AddressFamily::IPv6 && !peer.isIPv4Mapped()) {
    out.resize(kNetworkBytes);
  }
  return out;
}

}  // namespace

bool PeerPlaces::take(int descriptor, const Poco::Net::IPAddress& peer) {
  std::string network = network_of(peer);
  const std::lock_guard lock(mutex_);
  held_.erase(descriptor);
  const auto has = std::ranges::count_if(
      held_, [&](const auto& held) { return held.second.network == network; });
  if (static_cast<std::size_t>(has) >= each_max_) return false;
  held_.emplace(descriptor, Place{std::move(network)});
  return true;
}

bool PeerPlaces::begin(int descriptor) {
  const std::lock_guard lock(mutex_);
  const auto own = held_.find(descriptor);
  if (own == held_.end()) return true;
  const auto served = std::ranges::count_if(held_, [&](const auto& held) {
    return held.second.served && held.second.network == own->second.network;
  });
  own->second.served = static_cast<std::size_t>(served) < served_max_;
  return own->second.served;
}

void PeerPlaces::leave(int descriptor) {
  const std::lock_guard lock(mutex_);
  held_.erase(descriptor);
}

}  // namespace lalanh::server
