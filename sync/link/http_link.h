#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "sync/link/http_connection.h"

namespace lalanh::sync {

/// The parent's reply to one call of a sync, as far as it came.
struct LinkReply {
  int status = 0;
  Bytes body;
  std::optional<int> retry_after_s;
  std::string error_name;       ///< "trust.replayed"; "" where the parent named none
  std::int64_t elapsed_ms = 0;  ///< the session adapts the size of its messages to it
  bool complete = true;         ///< false: the link broke; `body` is what came
  std::optional<Error> cut;     ///< why, where it is not complete: sync.cut or system.cancelled
};

/// Port: the way to the parent. Real: HttpLink. Not thread-safe; one sync at a time.
class SyncLink {
 public:
  virtual ~SyncLink() = default;
  /// One call, in the caller's thread, within `deadline_ms`. Sends the bytes once at most. Errors:
  /// sync.unreachable, sync.cut (nothing of a reply came), sync.protocol, system.cancelled, and
  /// those of make_tls_stream.
  virtual Result<LinkReply> post(std::string_view path, ByteView body,
                                 std::int64_t deadline_ms) = 0;
  /// Did the last post fail because the parent had let an idle connection go? Worth one more try.
  virtual bool lost_kept_connection() const = 0;
};

struct HttpLinkOptions {
  HostPort parent;
  Hash parent_key{};       ///< of its device: no other server is spoken to
  Clock* clock = nullptr;  ///< outlives the link
  HttpTimes times;
  std::function<bool()> stopped;  ///< asked while it waits; may be empty
  /// Fault: the link closes for good after so many bytes, sent and received together.
  std::optional<std::uint64_t> cut_after_bytes;
};

/// The calls of `docs/PROTOCOL.md` over TLS and one keep-alive connection, with three header lines:
/// request line, Host, Content-Length. Reply bodies are at most limits::kSyncBodyBytesMax.
class HttpLink final : public SyncLink {
 public:
  explicit HttpLink(const HttpLinkOptions& options);
  /// Over a stream of another kind, for tests; of `options`, `parent_key`, `stopped` and the fault
  /// are the stream's matter.
  HttpLink(const HttpLinkOptions& options, std::unique_ptr<ByteStream> stream);
  Result<LinkReply> post(std::string_view path, ByteView body, std::int64_t deadline_ms) override;
  bool lost_kept_connection() const override { return connection_.lost_kept_connection(); }
  /// Bytes on the wire so far, headers included, TCP and TLS aside.
  std::uint64_t bytes_sent() const { return connection_.bytes_sent(); }
  std::uint64_t bytes_received() const { return connection_.bytes_received(); }

 private:
  std::string host_;
  HttpConnection connection_;
};

}  // namespace lalanh::sync
