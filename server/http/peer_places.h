#pragma once

#include <map>
#include <mutex>
#include <string>

#include <Poco/Net/IPAddress.h>

namespace lalanh::server {

/// Inside server/http: whose the connections are, so that no single address takes all places.
/// Thread-safe.
class PeerPlaces {
 public:
  /// So many connections of each address, and so many of them with a thread.
  PeerPlaces(std::size_t each_max, std::size_t served_max)
      : each_max_(each_max), served_max_(served_max) {}

  /// A place for the connection that has this descriptor, until leave(); false where its address
  /// has as many as it may. An IPv6 address is as good as any other of its /64, which one machine
  /// has to itself. A descriptor that comes again was closed meanwhile: its old place is free.
  bool take(int descriptor, const Poco::Net::IPAddress& peer);
  /// The connection has a thread. False where as many of its address have one as may: it is to be
  /// let go. True where it has no place: it is not counted.
  bool begin(int descriptor);
  /// Before the descriptor is closed. Nothing where it has no place.
  void leave(int descriptor);

 private:
  struct Place {
    std::string network;  ///< the address, or what counts of it, in its bytes
    bool served = false;
  };
  const std::size_t each_max_;
  const std::size_t served_max_;
  std::mutex mutex_;
  std::map<int, Place> held_;  ///< by descriptor
};

}  // namespace lalanh::server
