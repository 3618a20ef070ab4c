#include <atomic>
#include <chrono>
#include <thread>

// clang-format off
#include "server/app/serve.h"
#include "shared/console/serve_file.h"
#include "shared/console/show.h"
#include "sync/link/http_link.h"
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
    served.tls = *sync::open_server_tls(*place.files, place.folder + "/tls.pem", key);
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
  KeyPair key = KeyPair::make(*place.random);
  Options options;
  Served served;
  StopSignal signal;
  std::thread thread;
  std::atomic<SyncStarter*> starter{nullptr};
  std::atomic<int> syncs{0};
  Exit exit = Exit::kFailed;
};

bool eventually_logged(Serving& serving, std::string_view part) {
  for (int i = 0; i < 500 && serving.log().find(part) == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return serving.log().find(part) != std::string::npos;
}

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

/// The port of children, as the log names it.
std::uint16_t sync_port(Serving& serving) {
  const std::string log = serving.log();
  const std::size_t at = log.find("\"port\":");
  REQUIRE(at != std::string::npos);
  return static_cast<std::uint16_t>(std::stoi(log.substr(at + 7)));
}

TEST_CASE("children sync over TLS, and the API has a loopback port of its own") {
  Serving serving;
  const ServeFile file = serving.start();
  REQUIRE(eventually_logged(serving, "\"event\":\"started\""));
  CHECK(serving.log().find("\"event\":\"tls_key_made\"") != std::string::npos);
  const HostPort outside{"127.0.0.1", sync_port(serving)};
  CHECK(outside.port != file.port);
  sync::HttpLinkOptions options;
  options.parent = outside;
  options.parent_key = serving.key.public_key();
  options.clock = serving.place.clock.get();
  sync::HttpLink link(options);
  const auto opened = link.post("/s/open", {}, 60'000);
  REQUIRE(opened.ok());
  CHECK(opened->status == 200);
  CHECK(link.post("/api/status", {}, 60'000)->status == 404);
  // And each speaks on its own port alone.
  const auto plain = [&](std::uint16_t port, const char* path) {
    return ask({port, file.token, 0}, request("POST", path), *serving.place.clock);
  };
  CHECK(plain(file.port, "/api/status")->status == 200);
  CHECK(plain(file.port, "/s/open")->status == 404);
  CHECK_FALSE(plain(outside.port, "/api/status").ok());
}

TEST_CASE("a server without its TLS key makes a new one, and its children notice nothing") {
  Place place;
  const std::string path = place.folder + "/tls.pem";
  const KeyPair key = KeyPair::make(*place.random);
  CHECK(sync::open_server_tls(*place.files, path, key)->made);
  CHECK_FALSE(sync::open_server_tls(*place.files, path, key)->made);
  REQUIRE(place.files->remove(path).ok());
  CHECK(sync::open_server_tls(*place.files, path, key)->made);
  REQUIRE(place.files->replace(path, as_bytes("-----BEGIN PRIVATE KEY-----"), true).ok());
  CHECK(sync::open_server_tls(*place.files, path, key)->made);
  CHECK_FALSE(sync::open_server_tls(*place.files, path, key)->made);
  // One that another device vouches for, after a mix of two folders, is no key of ours.
  CHECK(sync::open_server_tls(*place.files, path, KeyPair::make(*place.random))->made);
}

TEST_CASE("a port that is taken ends serve with what is wrong") {
  Serving first;
  const ServeFile file = first.start();
  Place other;
  Options options = first.options;
  options.folder = other.folder;
  options.port = file.port;  // the API's port is as taken as another
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
