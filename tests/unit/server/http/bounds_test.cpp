#include <chrono>
#include <mutex>
#include <thread>

// clang-format off
#include "shared/base/limits.h"
#include "tests/unit/server/http/running.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;
using namespace lalanh::server::test;

namespace {

/// A server whose sync function keeps what it was given.
class Keeping : public Running {
 public:
  struct Given {
    std::string path;
    std::string body;
    bool complete = false;
  };
  Keeping() {
    handlers.sync = [this](std::string_view path, ByteView body, bool complete) {
      const std::lock_guard lock(given_mutex_);
      given_.push_back({std::string(path), std::string(as_text(body)), complete});
      return Result<Bytes>(Bytes{'k'});
    };
  }
  ~Keeping() { server.reset(); }
  std::vector<Given> given() {
    const std::lock_guard lock(given_mutex_);
    return given_;
  }

 private:
  std::mutex given_mutex_;
  std::vector<Given> given_;
};

std::string head_of_push(std::size_t length) {
  return "POST /s/push HTTP/1.1\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("a body above the limit is refused by its length alone, and named") {
  Keeping running;
  running.start();
  RawClient sync(running.port());
  sync.send(head_of_push(limits::kSyncBodyBytesMax + 1));
  const RawReply reply = sync.reply();
  CHECK(reply.status == 413);
  CHECK(reply.has("Lalanh-Error: http.too_large"));
  RawClient api(running.port());
  api.send("POST /api/import HTTP/1.1\r\nContent-Length: 99999999999\r\n" + running.api_fields() +
           "\r\n");
  const RawReply refused = api.reply();
  CHECK(refused.status == 413);
  CHECK(refused.body.find("http.too_large") != std::string::npos);
  RawClient health(running.port());
  health.send("GET /health HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
  CHECK(health.reply().status == 413);
  CHECK(running.given().empty());
}

TEST_CASE("a client that goes on sending a refused body can still read why") {
  Keeping running;
  running.start();
  RawClient client(running.port());
  client.send(head_of_push(limits::kSyncBodyBytesMax + 1));
  client.send(std::string(limits::kSyncBodyBytesMax + 1, 'x'));
  CHECK(client.reply().status == 413);
}

TEST_CASE("the largest body that is allowed arrives whole") {
  Keeping running;
  running.start();
  RawClient client(running.port());
  const std::string body(limits::kSyncBodyBytesMax, 'b');
  client.send(head_of_push(body.size()) + body);
  CHECK(client.reply().status == 200);
  REQUIRE(running.given().size() == 1);
  CHECK(running.given()[0].body == body);
  CHECK(running.given()[0].complete);
}

TEST_CASE("a chunked body, or one of unknown length, is refused") {
  Keeping running;
  running.start();
  const auto status = [&](const std::string& request) {
    RawClient client(running.port());
    client.send(request);
    return client.reply().status;
  };
  const std::string chunk = "\r\n1\r\nx\r\n0\r\n\r\n";
  CHECK(status("POST /s/push HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + chunk) == 411);
  CHECK(status("POST /api/x HTTP/1.1\r\n" + running.api_fields() +
               "Transfer-Encoding: chunked\r\n" + chunk) == 411);
  CHECK(status("POST /s/push HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n" +
               chunk) == 400);
  CHECK(status("POST /s/push HTTP/1.1\r\n\r\n") == 411);
  CHECK(status("POST /s/push HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx") == 400);
  CHECK(running.given().empty());
}

TEST_CASE("a malformed head is a typed 400 and the connection ends") {
  Keeping running;
  running.start();
  RawClient client(running.port());
  client.send("POST /s/push HTTP/1.1\r\nBad Name: x\r\n\r\n");
  const RawReply reply = client.reply();
  CHECK(reply.status == 400);
  CHECK(reply.body.find("http.malformed") != std::string::npos);
  CHECK(client.ended());
}

TEST_CASE("a head above 8 KiB is refused, whether or not it ends") {
  Keeping running;
  running.start();
  const std::string field = "A: " + std::string(limits::kHttpHeaderBytesMax, 'a');
  for (const char* end : {"", "\r\n\r\n"}) {
    RawClient client(running.port());
    client.send("GET /health HTTP/1.1\r\n" + field + end);
    CHECK(client.reply().status == 431);
  }
}

TEST_CASE("a short body is noticed and never taken for a whole one") {
  Keeping running;
  running.start();
  for (const char* path : {"/s/open", "/s/pull"}) {
    RawClient client(running.port());
    client.send("POST " + std::string(path) + " HTTP/1.1\r\nContent-Length: 100\r\n\r\nshort");
    client.end();
    const RawReply reply = client.reply();
    CHECK(reply.status == 400);
    CHECK(reply.has("Lalanh-Error: http.malformed"));
  }
  RawClient api(running.port());
  api.send("POST /api/x HTTP/1.1\r\nContent-Length: 100\r\n" + running.api_fields() + "\r\nshort");
  api.end();
  CHECK(api.reply().status == 400);
  CHECK(running.given().empty());
}

TEST_CASE("of a push that is cut, what arrived is handed over as incomplete") {
  Keeping running;
  running.start();
  SECTION("by an end") {
    RawClient client(running.port());
    client.send(head_of_push(1'000) + "half of it");
    client.end();
    CHECK(client.reply().status == 400);
  }
  SECTION("by a reset") {
    RawClient client(running.port());
    client.send(head_of_push(1'000) + "half of it");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // let it arrive first
    client.reset();
  }
  REQUIRE(eventually([&] { return running.given().size() == 1; }));
  CHECK(running.given()[0].path == "/s/push");
  CHECK(running.given()[0].body == "half of it");
  CHECK_FALSE(running.given()[0].complete);
  CHECK(running.server->metrics_text().find("lalanhd_sync_cut_pushes_total 1\n") !=
        std::string::npos);
}

TEST_CASE("of a push that stalls, what arrived is handed over at the deadline") {
  Keeping running;
  running.options.sync_body_deadline_ms = 200;
  running.start();
  RawClient client(running.port());
  client.send(head_of_push(1'000) + "half of it");
  const RawReply reply = client.reply();
  CHECK(reply.status == 408);
  CHECK(reply.has("Lalanh-Error: http.timeout"));
  REQUIRE(running.given().size() == 1);
  CHECK(running.given()[0].body == "half of it");
  CHECK_FALSE(running.given()[0].complete);
}

TEST_CASE("a body that trickles in holds a thread no longer than the deadline") {
  Keeping running;
  running.options.sync_body_deadline_ms = 300;
  running.options.api_body_deadline_ms = 300;
  running.start();
  const bool sync = GENERATE(true, false);
  RawClient client(running.port());
  client.send(sync ? "POST /s/open HTTP/1.1\r\nContent-Length: 1000\r\n\r\n"
                   : "POST /api/x HTTP/1.1\r\nContent-Length: 1000\r\n" + running.api_fields() +
                         "\r\n");
  const auto start = std::chrono::steady_clock::now();
  RawReply reply;
  while (reply.status == 0 && std::chrono::steady_clock::now() - start < std::chrono::seconds(5)) {
    client.send("x");
    reply = client.reply(20);
  }
  CHECK(reply.status == 408);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

TEST_CASE("a slow link that keeps to the least rate is served beyond the deadline") {
  Keeping running;
  running.options.sync_body_deadline_ms = 200;
  running.options.bytes_per_s_min = 1'000;
  running.start();
  RawClient client(running.port());
  client.send(head_of_push(1'000));
  for (int i = 0; i < 10; ++i) {  // 100 bytes each 50 ms: half a second, twice the least rate
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    client.send(std::string(100, 'x'));
  }
  CHECK(client.reply().status == 200);
}

TEST_CASE("a head that trickles in holds a thread no longer than the deadline") {
  Keeping running;
  running.options.head_deadline_ms = 300;
  running.start();
  RawClient client(running.port());
  RawReply reply;
  for (int i = 0; i < 200 && reply.status == 0; ++i) {
    client.send("G");
    reply = client.reply(20);
  }
  CHECK(reply.status == 408);
  CHECK(reply.body.find("http.timeout") != std::string::npos);
}

TEST_CASE("a client that connects and says nothing is dropped without a word") {
  Keeping running;
  SECTION("at the first byte's time") { running.options.first_byte_ms = 100; }
  SECTION("or at the head's") { running.options.head_deadline_ms = 100; }
  running.start();
  RawClient client(running.port());
  CHECK(client.ended(3'000));
}

TEST_CASE("a client that does not read its reply holds a thread no longer than the deadline") {
  Keeping running;
  running.options.reply_deadline_ms = 300;
  running.handlers.sync = [](std::string_view, ByteView, bool) {
    return Result<Bytes>(Bytes(64 * 1'024 * 1'024, 'x'));  // more than any socket buffers
  };
  running.start();
  RawClient client(running.port());
  client.send(post("/s/pull", "x"));
  CHECK(eventually([&] {
    return running.server->metrics_text().find(
               "lalanhd_http_requests_total{route=\"/s/pull\",status=\"0\"} 1\n") !=
           std::string::npos;
  }));
}

TEST_CASE("a client that waits for 100-continue gets it, and a refusal instead where it is due") {
  Keeping running;
  running.start();
  RawClient client(running.port());
  client.send("POST /s/push HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.reply().head == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  CHECK(client.reply().status == 200);
  client.send("POST /s/push HTTP/1.1\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.reply().status == 413);
}
