#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "sync/link/byte_stream.h"

namespace lalanh::sync {

/// The reply to one request, as far as it came.
struct HttpAnswer {
  int status = 0;
  Bytes body;
  std::string content_type;
  std::optional<int> retry_after_s;  ///< of Retry-After, where it is a number; an hour at most
  std::string error_name;            ///< of Lalanh-Error
  bool complete = true;              ///< false: the link broke within the body; `body` is what came
  std::optional<Error> cut;          ///< why, where it is not complete
  std::int64_t elapsed_ms = 0;       ///< from the first byte sent (connecting included) to the last
};

struct HttpTimes {
  std::int64_t connect_ms =
      15'000;  ///< a laptop on a mobile modem waits some seconds for its first packet
  std::int64_t idle_ms = 60'000;  ///< without a single byte in either direction
};

/// One keep-alive connection of an HTTP/1.1 client, opened when it is needed. It never sends a
/// request twice: requests are signed with a nonce (`docs/PROTOCOL.md`, Frames). Not thread-safe.
class HttpConnection {
 public:
  /// `clock` outlives it.
  HttpConnection(std::unique_ptr<ByteStream> stream, Clock& clock, HttpTimes times = {});
  ~HttpConnection();

  /// Sends `head` (request line and headers with the empty line) and `body`, and reads the reply,
  /// within `deadline_ms` in all. A reply of any status is a value, also when it comes before the
  /// request is sent whole. A reply cut within its body is a value that is not `complete`.
  /// Errors: those of ByteStream::connect and shake_hands (no connection), sync.cut (no reply, or
  /// cut within its headers), sync.protocol (not HTTP, no Content-Length, a body over
  /// `body_bytes_max`), system.cancelled.
  Result<HttpAnswer> exchange(std::string_view head, ByteView body, std::size_t body_bytes_max,
                              std::int64_t deadline_ms);

  /// Was the last failure a kept connection that the server had let go before it answered a
  /// single byte? A new request is then worth one more try at once.
  bool lost_kept_connection() const { return lost_kept_; }
  /// Bytes over all connections, headers included.
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  void close() { stream_->close(); }

 private:
  struct Reply;
  Status send(std::string_view head, ByteView body, std::int64_t until_ms);
  Status send_part(ByteView bytes, std::int64_t until_ms);
  Status receive(Reply& reply, std::int64_t until_ms);
  Result<HttpAnswer> answer(Reply& reply, const Status& received);
  std::int64_t idle_until(std::int64_t until_ms);

  std::unique_ptr<ByteStream> stream_;
  Clock& clock_;
  HttpTimes times_;
  bool lost_kept_ = false;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
};

}  // namespace lalanh::sync
