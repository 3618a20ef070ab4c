#include "client/http/local_server.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include <boost/asio/post.hpp>

#include "client/http/local_connection.h"
#include "shared/platform/platform.h"

namespace lalanh::client {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

/// Connections beyond the limit that are told "busy" at the same time; more are dropped unheard.
constexpr std::size_t kTurnedAwayMax = 16;
/// When the system has no descriptor left, before the next is accepted.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

void LocalShared::closed(const std::shared_ptr<LocalConnection>& connection) {
  connections.erase(connection);
  if (!stopping || !connections.empty()) return;
  drain.cancel();
  work.reset();
}

class LocalServer::Impl {
 public:
  Impl(LocalServerOptions options, Handler handler)
      : shared_(std::move(options), std::move(handler)),
        acceptor_(shared_.io),
        pause_(shared_.io) {}

  Status listen();
  void run() {
    accept();
    thread_ = std::thread([this] { shared_.io.run(); });
  }
  void stop();
  std::uint16_t port() const { return port_; }
  const Gate& gate() const { return *shared_.gate; }

 private:
  void accept();
  void take(tcp::socket socket);
  void begin_stop();

  LocalShared shared_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  std::mutex stop_mutex_;
};

Status LocalServer::Impl::listen() {
  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), shared_.options.port);
  Code code;
  acceptor_.open(endpoint.protocol(), code);
  if (!code && !claim_port(static_cast<std::uintptr_t>(acceptor_.native_handle()))) {
    code = asio::error::access_denied;
  }
  if (!code) acceptor_.bind(endpoint, code);
  if (!code) acceptor_.listen(asio::socket_base::max_listen_connections, code);
  if (!code) port_ = acceptor_.local_endpoint(code).port();
  const std::string port = std::to_string(endpoint.port());
  if (code == asio::error::address_in_use || code == asio::error::access_denied) {
    return Error{ErrorCode::system_port_taken, {{"port", port}, {"option", "--port"}}};
  }
  if (code) {
    return Error{ErrorCode::system_cannot_listen,
                 {{"address", "127.0.0.1:" + port}, {"why", code.message()}, {"option", "--port"}}};
  }
  shared_.gate.emplace(port_, shared_.options.token);
  return {};
}

void LocalServer::Impl::accept() {
  acceptor_.async_accept([this](const Code& code, tcp::socket socket) {
    if (shared_.stopping) return;
    if (!code) {
      take(std::move(socket));
      return accept();
    }
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const Code&) {
      if (!shared_.stopping) accept();
    });
  });
}

void LocalServer::Impl::take(tcp::socket socket) {
  Code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const std::size_t limit = shared_.options.connections_max;
  if (shared_.connections.size() >= limit + kTurnedAwayMax) return;
  if (shared_.connections.size() >= limit) {
    std::shared_ptr<LocalConnection> longest_idle;
    for (const auto& connection : shared_.connections) {
      if (!connection->idle_since()) continue;
      if (!longest_idle || *connection->idle_since() < *longest_idle->idle_since()) {
        longest_idle = connection;
      }
    }
    if (longest_idle) longest_idle->finish();
  }
  const bool room = shared_.connections.size() < limit;
  const auto connection = std::make_shared<LocalConnection>(std::move(socket), shared_);
  shared_.connections.insert(connection);
  room ? connection->start() : connection->turn_away();
}

void LocalServer::Impl::begin_stop() {
  shared_.stopping = true;
  Code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  const auto connections = shared_.connections;  // a copy: those that close take themselves out
  for (const auto& connection : connections) connection->finish();
  if (shared_.connections.empty()) {
    shared_.work.reset();
    return;
  }
  shared_.drain.expires_after(std::chrono::milliseconds(shared_.options.drain_ms));
  shared_.drain.async_wait([this](const Code& code) {
    if (code) return;
    const auto left = shared_.connections;
    for (const auto& connection : left) connection->abort();
  });
}

void LocalServer::Impl::stop() {
  const std::lock_guard<std::mutex> guard(stop_mutex_);
  if (!thread_.joinable()) return;
  asio::post(shared_.io, [this] { begin_stop(); });
  thread_.join();
  shared_.pool.join();
}

LocalServer::LocalServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocalServer::~LocalServer() { stop(); }

Result<std::unique_ptr<LocalServer>> LocalServer::start(LocalServerOptions options,
                                                        Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  TRY(impl->listen());
  impl->run();
  return std::unique_ptr<LocalServer>(new LocalServer(std::move(impl)));
}

std::uint16_t LocalServer::port() const { return impl_->port(); }
std::string LocalServer::start_address() const { return impl_->gate().start_address(); }
void LocalServer::stop() { impl_->stop(); }

}  // namespace lalanh::client
