#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/http/exchange.h"
#include "server/http/timed_socket.h"

namespace lalanh::server {

/// One client's connection from its first byte to its end: reads bounded requests one after the
/// other, each with a deadline, and writes the replies. Used by one thread.
class Connection {
 public:
  /// Neither is owned. `socket` becomes non-blocking.
  Connection(Shared& shared, Poco::Net::StreamSocket& socket);

  /// Returns when the connection is at its end; the caller closes the socket.
  void serve();

 private:
  /// What one request used and gave, for log and metrics.
  struct Turn {
    Route route;
    RequestHead head;
    std::size_t bytes_in = 0;
    std::int64_t started_ms = 0;
    bool close = true;     ///< the connection ends with this request
    std::size_t rest = 0;  ///< bytes of its body that were not taken; an estimate where unknown
  };

  bool shake_hands();
  bool wait_for_request(bool first, std::int64_t& deadline_ms);
  bool one_request(std::int64_t head_deadline_ms, bool last);
  std::optional<Bytes> read_head(Turn& turn, std::int64_t deadline_ms);
  bool refuse(Turn& turn, const Reply& reply);
  Io read_body(Turn& turn, std::size_t length, Bytes& body);
  bool serve_body(Turn& turn, std::size_t length);
  Reply answer_body(const Turn& turn, ByteView body);
  bool serve_cut(Turn& turn, Io how, ByteView body);
  bool send(const Turn& turn, const Reply& reply);
  void note(const Turn& turn, int status, std::size_t bytes_out);

  Shared& shared_;
  TimedSocket io_;
  bool peer_is_loopback_ = false;
  Bytes ahead_;  ///< read, not used yet: the next request's beginning
};

}  // namespace lalanh::server
