#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/http/http_server.h"
#include "server/http/json_log.h"
#include "tests/unit/server/http/raw_client.h"

namespace lalanh::server::test {

/// A server on a free loopback port, with handlers that a test may replace before start(), and
/// its log in memory.
class Running {
 public:
  Running();
  ~Running();
  void start();
  Result<std::unique_ptr<HttpServer>> try_start(const HttpOptions& with);

  HttpOptions options;
  HttpHandlers handlers;
  std::unique_ptr<HttpServer> server;
  std::uint16_t port() const { return server->port(); }
  /// The header fields that a good client of `/api` sends.
  std::string api_fields() const;
  std::vector<std::string> log_lines();
  bool logged(std::string_view part);

 private:
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Random> random_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::unique_ptr<JsonLog> log_;
};

/// Waits up to five seconds for a condition; what it last was.
bool eventually(const std::function<bool()>& condition);

}  // namespace lalanh::server::test
