#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "client/http/gate.h"
#include "client/http/local_server.h"

/// Inside of LocalServer: included by its two source files alone, for it brings Asio along.
namespace lalanh::client {

class LocalConnection;

/// What all connections of a server share. Everything but `options`, `handler`, `gate` and `pool`
/// belongs to the thread that runs `io`.
struct LocalShared {
  LocalShared(LocalServerOptions o, LocalServer::Handler h)
      : options(std::move(o)), handler(std::move(h)), pool(options.handlers) {}

  /// Called by a connection when it has closed.
  void closed(const std::shared_ptr<LocalConnection>& connection);

  const LocalServerOptions options;
  const LocalServer::Handler handler;
  std::optional<Gate> gate;  ///< set once the port is known, before the first connection
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  boost::asio::steady_timer drain{io};
  boost::asio::thread_pool pool;
  std::set<std::shared_ptr<LocalConnection>> connections;
  std::uint64_t idle_count = 0;
  bool stopping = false;
};

/// One connection: reads a request, has it handled, writes the reply, again. Lives in `connections`
/// and in the operations that it has started; used in the thread that runs `io`.
class LocalConnection : public std::enable_shared_from_this<LocalConnection> {
 public:
  LocalConnection(boost::asio::ip::tcp::socket socket, LocalShared& shared);
  ~LocalConnection();

  void start();
  /// Answers http.busy without reading, and closes.
  void turn_away();
  /// The smaller, the longer it has waited for a request; nothing where it is in work.
  std::optional<std::uint64_t> idle_since() const;
  /// Closes once the request in work is answered; at once where there is none.
  void finish();
  /// Closes at once, unless the handler has the request.
  void abort();

 private:
  enum class State : std::uint8_t { kIdle, kReading, kHandling, kWriting, kDraining, kClosed };
  struct Reading;

  void wait_for_request();
  void read_header();
  void on_header();
  void send_continue();
  void read_body();
  void handle();
  void refuse(const Error& error, int status = 0);
  template <class AnyCode>
  void refuse_unreadable(const AnyCode& code);
  void write(ApiReply reply);
  std::string head_of(const ApiReply& reply) const;
  void on_written();
  void drain();
  void arm(std::int64_t timeout_ms);
  void watch(std::int64_t timeout_ms, std::uint64_t armed);
  void disarm();
  void close();

  boost::asio::ip::tcp::socket socket_;
  LocalShared& shared_;
  boost::asio::steady_timer timer_;
  std::uint64_t armed_ = 0;  ///< counts timers, so that a late one is known
  bool timed_out_ = false;
  State state_ = State::kIdle;
  std::uint64_t idle_since_ = 0;
  std::unique_ptr<Reading> reading_;
  ApiRequest request_;
  Admitted admitted_;
  bool head_only_ = false;
  bool keep_ = false;  ///< the connection, after this reply
  std::string out_head_;
  std::string out_body_;
  std::size_t drained_ = 0;
};

}  // namespace lalanh::client
