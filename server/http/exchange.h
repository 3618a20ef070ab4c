#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/http_server.h"
#include "server/http/json_log.h"
#include "server/http/reply.h"
#include "server/http/request_head.h"
#include "server/http/timed_socket.h"

/// Inside server/http: what a request may do before its body is read, and the reply afterwards.
/// No sockets here.
namespace lalanh::server {

/// What all connections of a server share. Thread-safe.
struct Shared {
  Shared(const HttpOptions& o, HttpHandlers h, Clock& c, Random& r, JsonLog& l)
      : options(o), handlers(std::move(h)), clock(c), random(r), log(l) {}

  const HttpOptions options;
  const HttpHandlers handlers;
  Clock& clock;
  Random& random;
  JsonLog& log;
  Metrics metrics;
  StopState stop;
  std::atomic<int> sync_in_work{0};
  std::atomic<int> connections{0};         ///< that have a thread
  std::atomic<std::uint64_t> accepted{0};  ///< connections that were given to the queue
  std::atomic<std::uint64_t> begun{0};     ///< of them, those that got a thread
  std::atomic<std::uint64_t> refused{0};   ///< connections beyond the queue, or while stopping
  std::atomic<bool> cut_off{false};        ///< the drain deadline broke off something
  std::function<std::vector<Gauge>()> own_gauges;  ///< of the TCP server; set before it starts
  std::atomic<std::uint16_t> port{0};
};

enum class RouteKind : std::uint8_t { kSync, kApi, kHealth, kMetrics, kNone };

/// Where a request goes.
struct Route {
  RouteKind kind = RouteKind::kNone;
  std::string label = "other";  ///< of a closed list: it is counted
  /// What is logged and, of `/s/`, handed on: the whole of "/s/open", the beginning of "/api/...".
  /// Of a closed list too, so that nothing a person typed gets into the log.
  std::string path = "other";
};

Route route_of(const RequestHead& head);

/// The reply that refuses a request by its head alone (method, token, host, length, too large), or
/// nullopt and the length of the body to read.
std::optional<Reply> refusal(const Shared& shared, const Route& route, const RequestHead& head,
                             bool peer_is_loopback, std::size_t& body_bytes);

/// An error in the manner of the route: a header for `/s/`, JSON elsewhere.
Reply error_of(const Route& route, const Error& error, int status);

/// Calls the handler of the route. Never throws: the one place where exceptions of handlers end.
Reply answer(Shared& shared, const Route& route, const RequestHead& head, ByteView body,
             bool complete);

/// May a sync request begin? Not where all places are taken, nor while the server stops. Asked
/// before the body is read, so that it is not sent for nothing.
bool sync_may_begin(const Shared& shared);

/// A place among the sync requests in work, held until it is destroyed; not granted beyond the
/// limit. Taken when the body is there: a slow one costs a thread, and no place. A request that has
/// begun has its place while the server stops, too.
class SyncPlace {
 public:
  explicit SyncPlace(Shared& shared);
  ~SyncPlace();
  SyncPlace(const SyncPlace&) = delete;
  SyncPlace& operator=(const SyncPlace&) = delete;
  bool granted() const { return granted_; }

 private:
  Shared& shared_;
  bool granted_ = false;
};

/// http.busy with the seconds after which to come again, spread so that not all come at once.
Error busy_error(Shared& shared);

}  // namespace lalanh::server
