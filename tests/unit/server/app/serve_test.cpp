#include <atomic>
#include <chrono>
#include <thread>

// clang-format off
#include "server/app/serve.h"
#include "shared/console/serve_file.h"
#include "shared/console/show.h"
#include "sync/link/local_client.h"
#include "shared/api/print.h"
#include "server/app/sync_state_file.h"
#include "shared/catalogue/json.h"
#include "shared/platform/platform.h"
#include "tests/support/simple_ports.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;

namespace {

/// A folder and the real ports.
struct Place {
  testing::TemporaryFolder temporary;
  std::string folder = temporary.path();
  std::unique_ptr<Clock> clock = make_system_clock();
  std::unique_ptr<Random> random = std::move(make_system_random()).value();
  std::unique_ptr<Files> files = make_system_files();
  Ports ports{*clock, *random, *files};
};

/// `lalanhd serve` without a database, in a thread, until it is let go.
class Serving {
 public:
  explicit Serving(const UpSyncSettings& sync_up = {false, 60, 60}) {
    options.command = Command::kServe;
    options.folder = place.folder;
    options.port = 0;
    options.log_file = place.folder + "/log.txt";
    options.manner.json = true;
    options.sync_up = sync_up;
    served.device = DeviceNo(42);
    served.unit = UnitNo(3'700'001);
    served.handlers.api = [this](const ApiRequest& request) {
      ApiReply reply;
      if (request.path == "/api/sync") {
        const auto done = starter.load()->sync_now({});
        if (!done.ok()) return error_reply(done.error());
      }
      reply.body = "{\"path\":\"" + request.path + "\"}";
      return reply;
    };
    served.handlers.sync = [](std::string_view, ByteView, bool) { return Result<Bytes>(Bytes{}); };
    served.sync_up = [this](const UpSync::Progress&) {
      syncs.fetch_add(1);
      return Result<SyncSummary>(SyncSummary{});
    };
    served.set_sync_starter = [this](SyncStarter* s) { starter.store(s); };
  }
  ~Serving() { stop(); }

  /// The address that serve.json names, once it is there.
  ServeFile start() {
    thread = std::thread([this] { exit = serve(options, served, place.ports, signal); });
    for (int i = 0; i < 500; ++i) {
      const auto file = read_serve_file(*place.files, place.folder);
      if (file.ok() && file->has_value()) return **file;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return {};
  }
  void stop() {
    signal.request();
    if (thread.joinable()) thread.join();
  }
  std::string log() {
    const auto bytes = place.files->read(options.log_file, 1'000'000);
    return bytes.ok() ? std::string(as_text(*bytes)) : "";
  }

  Place place;
  Options options;
  Served served;
  StopSignal signal;
  std::thread thread;
  std::atomic<SyncStarter*> starter{nullptr};
  std::atomic<int> syncs{0};
  Exit exit = Exit::kFailed;
};

ApiRequest request(const char* method, const char* path) {
  ApiRequest out;
  out.method = method;
  out.path = path;
  return out;
}

Result<ApiReply> ask(const ServeFile& file, const ApiRequest& request, Clock& clock) {
  return sync::LocalClient(file.port, file.token, clock).request(request, 60'000);
}

}  // namespace

TEST_CASE("a running server is found by serve.json and answers the commands") {
  Serving serving;
  const ServeFile file = serving.start();
  REQUIRE(file.port != 0);
  CHECK(file.token.size() == 64);
  CHECK(file.pid == process_id());
  const auto reply = ask(file, request("GET", "/api/status"), *serving.place.clock);
  REQUIRE(reply.ok());
  CHECK(reply->status == 200);
  CHECK(reply->body == "{\"path\":\"/api/status\"}");
  ServeFile wrong = file;
  wrong.token[0] = wrong.token[0] == '0' ? '1' : '0';
  const auto refused = ask(wrong, request("GET", "/api/status"), *serving.place.clock);
  REQUIRE(refused.ok());
  CHECK(refused->status == 403);
  CHECK(error_name_of(parse_json(refused->body, "reply").value()) == "trust.bad_token");
}

TEST_CASE("a sync that is asked for runs in the running server, and its time is kept") {
  Serving serving;
  const ServeFile file = serving.start();
  const auto reply = ask(file, request("POST", "/api/sync"), *serving.place.clock);
  REQUIRE(reply.ok());
  CHECK(reply->status == 200);
  CHECK(serving.syncs.load() == 1);
  const UpSyncState state = read_sync_state(*serving.place.files, serving.place.folder);
  CHECK(state.last_success.has_value());
  CHECK(state.failures == 0);
  CHECK(serving.log().find("\"event\":\"sync_up\"") != std::string::npos);
}

TEST_CASE("a stop takes serve.json away, says so in the log and ends well") {
  Serving serving;
  serving.start();
  serving.stop();
  CHECK(serving.exit == Exit::kDone);
  CHECK_FALSE(serving.place.files->exists(serving.place.folder + "/serve.json"));
  CHECK(serving.starter.load() == nullptr);
  const std::string log = serving.log();
  CHECK(log.find("\"event\":\"started\"") != std::string::npos);
  CHECK(log.find("\"device\":42,\"unit\":3700001") != std::string::npos);
  CHECK(log.find("\"event\":\"stopped\",\"device\":42,\"unit\":3700001,\"drained\":true") !=
        std::string::npos);
}

TEST_CASE("on a LAN the API has a loopback port of its own, and the log warns") {
  Serving serving;
  serving.options.host = "0.0.0.0";
  serving.options.lan = true;
  const ServeFile file = serving.start();
  const auto reply = ask(file, request("GET", "/api/status"), *serving.place.clock);
  REQUIRE(reply.ok());
  CHECK(reply->status == 200);
  const std::string log = serving.log();
  CHECK(log.find("\"level\":\"warning\",\"event\":\"insecure_lan\"") != std::string::npos);
  const std::size_t at = log.find("\"port\":");
  REQUIRE(at != std::string::npos);
  ServeFile outside = file;
  outside.port = static_cast<std::uint16_t>(std::stoi(log.substr(at + 7)));
  CHECK(outside.port != file.port);
  const auto refused = ask(outside, request("GET", "/api/status"), *serving.place.clock);
  REQUIRE(refused.ok());
  CHECK(refused->status == 403);
}

TEST_CASE("a port that is taken ends serve with what is wrong") {
  Serving first;
  const ServeFile file = first.start();
  Place other;
  Options options = first.options;
  options.folder = other.folder;
  options.port = file.port;
  CHECK(serve(options, first.served, other.ports, first.signal) == Exit::kFailed);
  CHECK_FALSE(other.files->exists(other.folder + "/serve.json"));
}

TEST_CASE("a serve.json that was left over is passed over") {
  Place place;
  CHECK_FALSE(read_serve_file(*place.files, place.folder).value().has_value());
  REQUIRE(write_serve_file(*place.files, place.folder, {1, "t", 0x7fff'fff0}).ok());
  CHECK_FALSE(read_serve_file(*place.files, place.folder).value().has_value());
  REQUIRE(place.files->replace(place.folder + "/serve.json", as_bytes("{\"port\":0}"), true).ok());
  CHECK_FALSE(read_serve_file(*place.files, place.folder).ok());
}

TEST_CASE("the scheduler's memory is read back, and a damaged one is an empty one") {
  Place place;
  CHECK_FALSE(read_sync_state(*place.files, place.folder).last_try.has_value());
  const UpSyncState state = after_failure(after_success(TimeMs(5)), TimeMs(-7), 30);
  REQUIRE(write_sync_state(*place.files, place.folder, state).ok());
  const UpSyncState read = read_sync_state(*place.files, place.folder);
  CHECK(read.last_success == TimeMs(5));
  CHECK(read.last_try == TimeMs(-7));
  CHECK(read.failures == 1);
  CHECK(read.retry_after_s == 30);
  REQUIRE(place.files->replace(place.folder + "/sync-up.json", as_bytes("{\"x"), false).ok());
  CHECK_FALSE(read_sync_state(*place.files, place.folder).last_try.has_value());
}
