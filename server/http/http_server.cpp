#include "server/http/http_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <mutex>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <typeinfo>

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>

#include "server/http/connection.h"
#include "server/http/peer_places.h"
#include "server/http/tls_session.h"
#include "shared/base/check.h"

namespace lalanh::server {
namespace {

namespace net = Poco::Net;

/// Poco's accepting thread looks up this often; a stop takes as long.
constexpr auto kPause = std::chrono::milliseconds(10);

/// Says 503 and when to come again, as far as the socket takes it at once.
void refuse_at_once(Shared& shared, const net::StreamSocket& socket) {
  shared.refused.fetch_add(1);
  // There is no time for a handshake here, but for its refusal.
  const std::string reply = shared.options.tls
                                ? std::string(tls_busy_alert())
                                : render(sync_error(busy_error(shared), 503), true, true);
  try {
    net::StreamSocket peer(socket);
    peer.setBlocking(false);
    peer.sendBytes(reply.data(), static_cast<int>(reply.size()), MSG_NOSIGNAL);
    peer.shutdownSend();
    // Closing with unread bytes would reset the connection, and the peer may lose the reply.
    std::array<char, 16 * 1'024> waste;
    for (int i = 0; i < 4 && peer.receiveBytes(waste.data(), static_cast<int>(waste.size())) > 0;) {
      ++i;
    }
  } catch (const Poco::Exception&) {
    // the peer is gone: nothing to tell
  }
}

/// A connection in a thread of the pool. The last place that an exception may reach: Poco drops it.
class PooledConnection : public net::TCPServerConnection {
 public:
  PooledConnection(const net::StreamSocket& socket, Shared& shared, PeerPlaces& places)
      : TCPServerConnection(socket), shared_(shared), places_(places) {}

  void run() override {
    shared_.connections.fetch_add(1);
    shared_.begun.fetch_add(1);
    const int descriptor = socket().impl()->sockfd();
    try {
      if (places_.begin(descriptor)) {
        Connection(shared_, socket()).serve();
      } else {
        refuse_at_once(shared_, socket());
      }
    } catch (const std::exception& failure) {
      shared_.log.write(LogLevel::kError, "exception",
                        {{"type", std::string_view(typeid(failure).name())}});
    }
    places_.leave(descriptor);
    shared_.connections.fetch_sub(1);
  }

 private:
  Shared& shared_;
  PeerPlaces& places_;
};

class ConnectionFactory : public net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(Shared& shared, PeerPlaces& places) : shared_(shared), places_(places) {}
  net::TCPServerConnection* createConnection(const net::StreamSocket& socket) override {
    return new PooledConnection(socket, shared_, places_);  // Poco owns it
  }

 private:
  Shared& shared_;
  PeerPlaces& places_;
};

/// Poco drops a connection beyond the queue without a word. Ours is told, and so is one from an
/// address that has its share of the connections. Runs in the accepting thread.
class QueueFilter : public net::TCPServerConnectionFilter {
 public:
  QueueFilter(Shared& shared, PeerPlaces& places, const net::TCPServer& server)
      : shared_(shared), places_(places), server_(server) {}

  bool accept(const net::StreamSocket& socket) override {
    if (!shared_.stop.stopping() && server_.queuedConnections() < shared_.options.queue_max &&
        take_place(socket)) {
      shared_.accepted.fetch_add(1);
      return true;
    }
    refuse_at_once(shared_, socket);
    return false;
  }

 private:
  /// This machine's own programs are not counted.
  bool take_place(const net::StreamSocket& socket) {
    try {
      const net::IPAddress peer = socket.peerAddress().host();
      if (peer.isLoopback() && !shared_.options.bound_loopback) return true;
      return places_.take(socket.impl()->sockfd(), peer);
    } catch (const Poco::Exception&) {
      return false;  // gone already
    }
  }

  Shared& shared_;
  PeerPlaces& places_;
  const net::TCPServer& server_;
};

std::size_t share(int of, int parts) { return static_cast<std::size_t>(std::max(1, of / parts)); }

net::TCPServerParams::Ptr params_of(const HttpOptions& options) {
  net::TCPServerParams::Ptr params = new net::TCPServerParams;
  params->setMaxThreads(options.threads);
  // Above ours, so that Poco's silent refusal is never reached.
  params->setMaxQueued(options.queue_max + 64);
  // A thread that is just going to wait misses Poco's call to stop, and sleeps so long first.
  params->setThreadIdleTime(Poco::Timespan(0, 300'000));
  return params;
}

}  // namespace

struct HttpServer::Parts {
  Parts(const HttpOptions& options, HttpHandlers handlers, Clock& clock, Random& random,
        JsonLog& log)
      : shared(options, std::move(handlers), clock, random, log),
        places(share(options.threads + options.queue_max, 4), share(options.threads, 2)),
        pool("http", std::min(2, options.threads), options.threads) {}

  std::vector<Gauge> gauges() const;
  bool stop();

  Shared shared;
  PeerPlaces places;
  Poco::ThreadPool pool;
  net::ServerSocket socket;
  std::unique_ptr<net::TCPServer> server;
  double started_s = 0;
  std::mutex stop_mutex;
  bool stopped = false;
};

std::vector<Gauge> HttpServer::Parts::gauges() const {
  const auto count = [](auto n) { return static_cast<double>(n); };
  return {
      {"lalanhd_http_connections_refused_total",
       "Connections refused: queue or share full, or stopping.", count(shared.refused.load()),
       true},
      {"lalanhd_http_threads_in_use", "Connections that have a thread.",
       count(shared.connections.load())},
      {"lalanhd_http_threads_max", "Threads that there may be.", count(shared.options.threads)},
      {"lalanhd_http_queue_length", "Connections that wait for a thread.",
       count(server->queuedConnections())},
      {"lalanhd_sync_in_work", "Sync requests in work.", count(shared.sync_in_work.load())},
      {"process_start_time_seconds", "When the server started, in seconds since 1970.", started_s},
  };
}

bool HttpServer::Parts::stop() {
  const std::lock_guard lock(stop_mutex);
  if (stopped) return !shared.cut_off.load();
  stopped = true;
  const std::int64_t until_ms = shared.clock.steady_ms() + shared.options.drain_ms;
  shared.stop.stop(until_ms);
  // Whoever waits in the queue gets his 503 before Poco throws the queue away.
  while (shared.begun.load() < shared.accepted.load() && shared.clock.steady_ms() < until_ms) {
    std::this_thread::sleep_for(kPause);
  }
  server->stop();
  socket.close();
  pool.joinAll();  // bounded: nobody reads or writes after the deadline, and handlers are short
  return !shared.cut_off.load();
}

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options,
                                                      HttpHandlers handlers, Clock& clock,
                                                      Random& random, JsonLog& log) {
  CHECK(options.threads > 0 && options.sync_in_work_max > 0 && options.bytes_per_s_min > 0);
  auto parts = std::make_unique<Parts>(options, std::move(handlers), clock, random, log);
  Parts& p = *parts;
  try {
    // Poco's shorter ways set SO_REUSEPORT as well: two servers would silently share the clients.
    p.socket.bind(net::SocketAddress(options.host, options.port), true, false);
    p.socket.listen(options.queue_max);
    p.shared.port.store(p.socket.address().port());
    p.server = std::make_unique<net::TCPServer>(new ConnectionFactory(p.shared, p.places), p.pool,
                                                p.socket, params_of(options));
    p.server->setConnectionFilter(new QueueFilter(p.shared, p.places, *p.server));
    p.started_s = static_cast<double>(clock.now().value) / 1'000.0;
    p.shared.own_gauges = [&p] { return p.gauges(); };
    p.server->start();
  } catch (const Poco::Exception& failure) {
    const std::string port = std::to_string(options.port);
    if (failure.code() == EADDRINUSE) {
      return Error(ErrorCode::system_port_taken, {{"port", port}, {"option", "--listen"}});
    }
    return Error(ErrorCode::system_cannot_listen,
                 {{"address", options.host + ":" + port},
                  {"why", std::generic_category().message(failure.code())},
                  {"option", "--listen"}});
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

std::uint16_t HttpServer::port() const { return parts_->shared.port.load(); }

bool HttpServer::stop() { return parts_->stop(); }

std::string HttpServer::metrics_text() const {
  std::vector<Gauge> gauges = parts_->gauges();
  if (parts_->shared.handlers.gauges) {
    for (Gauge& gauge : parts_->shared.handlers.gauges()) gauges.push_back(std::move(gauge));
  }
  return parts_->shared.metrics.text(gauges);
}

}  // namespace lalanh::server
