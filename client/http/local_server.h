#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "shared/api/http.h"
#include "shared/base/limits.h"
#include "shared/base/result.h"

namespace lalanh::client {

struct LocalServerOptions {
  std::uint16_t port = 0;  ///< 0: any that is free
  std::string token;       ///< of this start; 32 random bytes in hexadecimal
  std::size_t body_bytes_max = limits::kApiBodyBytesMax;
  /// From the first byte of a request to its last.
  std::int64_t request_ms = 30'000;
  /// From one request to the next on a connection.
  std::int64_t idle_ms = 60'000;
  /// For a reply to be taken.
  std::int64_t reply_ms = 30'000;
  /// How long stop() waits for requests on their way in and replies on their way out.
  std::int64_t drain_ms = 10'000;
  /// A browser opens six. Beyond them the longest idle one is closed, else 503.
  std::size_t connections_max = 32;
  /// Requests handled at once: a sync takes one for minutes, the page must stay alive meanwhile.
  std::size_t handlers = 2;
};

/// Serves an API on 127.0.0.1 and nowhere else, to the user of this machine alone (see Gate).
/// Requests are bounded in size and time, replies carry headers that keep browsers strict. What
/// the handler throws becomes system.internal. Bodies need Content-Length; chunked ones are
/// refused.
///
/// Thread-safe. One thread does all input and output; `handlers` threads call the handler, so it
/// must be thread-safe as well.
class LocalServer {
 public:
  using Handler = std::function<ApiReply(const ApiRequest&)>;

  /// Listens and serves from here on. system.internal, with why, where the port cannot be had.
  static Result<std::unique_ptr<LocalServer>> start(LocalServerOptions options, Handler handler);
  /// As stop().
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  std::uint16_t port() const;
  /// For the user's browser; holds the token.
  std::string start_address() const;
  /// Takes no new request, lets those in work end and their replies be sent, returns then. Waits
  /// for a handler as long as it takes: what is being written is written to its end.
  void stop();

 private:
  class Impl;
  explicit LocalServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lalanh::client
