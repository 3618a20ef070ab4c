#include "tests/unit/server/http/running.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "shared/base/check.h"
#include "shared/platform/platform.h"

namespace lalanh::server::test {

Running::Running() : clock_(make_system_clock()) {
  random_ = std::move(make_system_random()).value();
  log_ = std::make_unique<JsonLog>(
      [this](std::string_view line) {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(line);
      },
      *clock_);
  options.token = "0123456789abcdef";
  options.version = "9.8.7";
  options.threads = 4;
  options.sync_in_work_max = 3;
  handlers.sync = [](std::string_view, ByteView body, bool) {
    return Result<Bytes>(Bytes(body.begin(), body.end()));
  };
  handlers.api = [](const ApiRequest& request) {
    ApiReply reply;
    reply.body = "{\"path\":\"" + request.path + "\"}";
    return reply;
  };
}

Running::~Running() { server.reset(); }

void Running::start() {
  auto started = try_start(options);
  CHECK(started.ok());
  server = std::move(started).value();
}

Result<std::unique_ptr<HttpServer>> Running::try_start(const HttpOptions& with) {
  return HttpServer::start(with, handlers, *clock_, *random_, *log_);
}

std::string Running::api_fields() const {
  return "Host: 127.0.0.1:" + std::to_string(port()) + "\r\nLalanh-Token: " + options.token +
         "\r\n";
}

std::vector<std::string> Running::log_lines() {
  const std::lock_guard lock(mutex_);
  return lines_;
}

bool Running::logged(std::string_view part) {
  const auto lines = log_lines();
  return std::ranges::any_of(
      lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

}  // namespace lalanh::server::test
