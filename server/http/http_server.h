#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/metrics.h"
#include "shared/api/http.h"
#include "shared/base/bytes.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

struct ssl_ctx_st;

namespace lalanh::server {

class JsonLog;

/// What a server answers with. Each is called from several threads at once; what leaves one as an
/// exception becomes `system.internal`.
struct HttpHandlers {
  /// One request of a child's sync, as Node::handle_sync: the path ("/s/open"), the body, and
  /// whether all of it arrived (only a push is handed over in part). The reply's body, or an Error.
  /// Empty: there is no `/s/` here.
  std::function<Result<Bytes>(std::string_view path, ByteView body, bool complete)> sync;
  /// The JSON API, as Node::handle. Empty: there is no `/api/` here.
  std::function<ApiReply(const ApiRequest&)> api;
  /// Further values for `/metrics`; may be empty.
  std::function<std::vector<Gauge>()> gauges;
};

/// How an HttpServer behaves; the defaults are those of a district. Times in milliseconds.
struct HttpOptions {
  std::string host = "127.0.0.1";  ///< an address, not a name
  std::uint16_t port = 0;          ///< 0: any free one
  std::string version;             ///< of the program, for `/health`
  /// Every connection is TLS by it (sync::open_server_tls); none: plain, for this machine alone.
  std::shared_ptr<ssl_ctx_st> tls;
  /// What a client of `/api` must show as `Lalanh-Token`; "" refuses all of them.
  std::string token;

  /// Connections served at once: a thread each. A hall has a dozen villages.
  int threads = 16;
  /// Connections that wait for a thread: the rush at seven in the evening. Beyond: 503.
  int queue_max = 512;
  /// An address of another machine has at most a quarter of threads and queue together, and half of
  /// the threads; beyond: 503. This machine's own addresses too? For trials.
  bool bound_loopback = false;
  /// Sync requests that are answered at once, from the moment that their body is there; beyond:
  /// 503, so that threads stay free for health and API.
  int sync_in_work_max = 12;
  /// What the 503 says: between one and four times this many seconds.
  int retry_after_s = 5;

  /// An idle connection holds a thread so long: the round trip of a bad link fits.
  int keep_alive_ms = 3'000;
  /// After so many the client must connect again, so no one holds a thread for ever.
  int keep_alive_requests_max = 1'000;
  /// A new connection that has a thread says something within this time.
  int first_byte_ms = 3'000;
  /// For a whole TLS handshake, from the moment that the connection has a thread.
  int handshake_deadline_ms = 10'000;
  /// From the first moment of waiting (new connection) or the first byte to the end of the head.
  /// A new connection that is plain waits no longer than `first_byte_ms` for that byte.
  int head_deadline_ms = 10'000;
  /// For a whole body; of `/s/` this much plus a second for each `bytes_per_s_min` that arrived:
  /// a bad link of 4 KB/s is served, one byte a second is not.
  int sync_body_deadline_ms = 20'000;
  int api_body_deadline_ms = 10'000;
  int bytes_per_s_min = 4'096;
  /// For a reply, plus the same allowance.
  int reply_deadline_ms = 20'000;
  /// On stop(): so long for requests and replies under way.
  int drain_ms = 10'000;
};

/// The server's one HTTP adapter, on Poco's TCPServer and thread pool with own deadlines
/// (`docs/OPERATING.md`, Limits).
///
///   POST /s/...   the sync function; bodies of up to limits::kSyncBodyBytesMax
///   *    /api/... the JSON API, for loopback clients that show the token
///   GET  /health  200 {"status":"ok","version":...}, or 503 while it stops
///   GET  /metrics Prometheus text
///
/// Everything else is http.not_found. Bodies need a Content-Length.
/// Thread-safe: stop() and the getters may be called from any thread.
class HttpServer {
 public:
  /// Listens and serves from now on. input.usage where the address cannot be used. `clock` (its
  /// steady side is the real one), `random` and `log` outlive the server.
  static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options,
                                                   HttpHandlers handlers, Clock& clock,
                                                   Random& random, JsonLog& log);
  /// As stop().
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  /// Refuses new connections with 503, ends idle ones, lets requests that have begun finish within
  /// the drain deadline, and returns when every thread has ended. A handler that is in work is
  /// always waited for: what it writes is never cut. False where the deadline cut something off.
  bool stop();

  /// As `/metrics` shows it.
  std::string metrics_text() const;

 private:
  struct Parts;
  explicit HttpServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lalanh::server
