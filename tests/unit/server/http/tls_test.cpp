#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

// clang-format off
#include "server/http/tls_session.h"
#include "shared/base/limits.h"
#include "shared/platform/platform.h"
#include "sync/link/http_link.h"
#include "tests/support/simple_ports.h"
#include "tests/unit/server/http/running.h"
#include "tests/unit/sync/tls/forge.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;
using namespace lalanh::server::test;
using lalanh::testing::TlsEnd;

namespace {

using Ms = std::chrono::milliseconds;
constexpr std::int64_t kDeadlineMs = 20'000;

/// A server that speaks TLS alone, and links of its children.
class Secure : public Running {
 public:
  Secure() {
    testing::must(start_crypto().ok());
    testing::SeededRandom random(11);
    key_ = std::make_unique<KeyPair>(KeyPair::make(random));
    options.tls = testing::good_server(*key_);
    options.handshake_deadline_ms = 400;
  }
  ~Secure() { server.reset(); }

  sync::HttpLinkOptions to_it() {
    sync::HttpLinkOptions out;
    out.parent = {"127.0.0.1", port()};
    out.parent_key = key_->public_key();
    out.clock = clock.get();
    return out;
  }
  /// Does a child that comes now get an answer?
  bool serves() {
    sync::HttpLink link(to_it());
    const auto reply = link.post("/s/open", as_bytes("hello"), kDeadlineMs);
    return reply.ok() && reply->status == 200 && as_text(reply->body) == "hello";
  }
  int failed(const std::string& why) {
    const std::string text = server->metrics_text();
    const std::string name = "lalanhd_tls_handshakes_failed_total{why=\"" + why + "\"} ";
    const std::size_t at = text.find(name);
    return at == std::string::npos ? -1 : std::stoi(text.substr(at + name.size()));
  }
  bool has_metric(const std::string& line) {
    return server->metrics_text().find(line + "\n") != std::string::npos;
  }

  std::unique_ptr<Clock> clock = make_system_clock();

 private:
  std::unique_ptr<KeyPair> key_;
};

/// The first flight of a client, as it goes over the wire.
std::string client_hello(int version_max = 0) {
  const auto context = testing::any_client(version_max);
  const std::unique_ptr<ssl_st, void (*)(ssl_st*)> client(SSL_new(context.get()), SSL_free);
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), out);
  SSL_set_connect_state(client.get());
  (void)SSL_do_handshake(client.get());
  ERR_clear_error();
  std::string hello(BIO_ctrl_pending(out), '\0');
  testing::must(BIO_read(out, hello.data(), static_cast<int>(hello.size())) > 0);
  return hello;
}

}  // namespace

TEST_CASE("a child syncs over TLS, with bodies up to the limit both ways, on one connection") {
  Secure running;
  running.start();
  sync::HttpLink link(running.to_it());
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{16'384},
                                 std::size_t{100'000}, limits::kSyncBodyBytesMax}) {
    Bytes body(size, 0);
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    const auto reply = link.post("/s/push", body, kDeadlineMs);
    REQUIRE(reply.ok());
    CHECK(reply->status == 200);
    CHECK(reply->body == body);
  }
  CHECK(running.has_metric("lalanhd_tls_handshakes_total 1"));
  CHECK(running.failed("closed") == 0);
}

TEST_CASE("plain HTTP on the TLS port is closed and counted") {
  Secure running;
  running.options.handshake_deadline_ms = 30'000;  // it is not waited for
  running.start();
  for (const std::string& bytes :
       {post("/s/open", "x"), get("/health"), std::string("\0\0\0\0\0\0\0", 7),
        std::string("SSH-2.0-OpenSSH_9.2\r\n")}) {
    RawClient client(running.port());
    client.send(bytes);
    const RawReply reply = client.reply();
    CHECK(reply.status == 0);
  }
  CHECK(eventually([&] { return running.failed("not_tls") == 4; }));
  CHECK(running.serves());
}

TEST_CASE("who only looks whether the port is open is not counted as a failure") {
  Secure running;
  running.start();
  { const RawClient client(running.port()); }
  CHECK(running.serves());
  for (const char* why : {"timeout", "not_tls", "refused", "closed"})
    CHECK(running.failed(why) == 0);
}

TEST_CASE("twenty half-open handshakes end by their deadline, and others are served") {
  Secure running;  // four threads, 400 ms
  running.start();
  const std::string hello = client_hello();
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(running.port()));
    // Nothing at all, the half of a hello, or a hello whose answer is not answered.
    if (i % 3 == 1) clients.back()->send(std::string_view(hello).substr(0, hello.size() / 2));
    if (i % 3 == 2) clients.back()->send(hello);
  }
  CHECK(running.serves());  // after them in the queue: five rounds of four
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(took < Ms(6'000));
  CHECK(eventually([&] { return running.failed("timeout") == 20; }));
  CHECK(running.serves());
}

TEST_CASE("who connects and says nothing is let go before who is slow in the handshake") {
  Secure running;
  running.options.handshake_deadline_ms = 30'000;
  running.options.first_byte_ms = 300;
  running.start();
  RawClient silent(running.port());
  RawClient slow(running.port());
  slow.send(std::string_view(client_hello()).substr(0, 20));
  CHECK(silent.ended(3'000));
  CHECK(eventually([&] { return running.failed("timeout") == 1; }));
  CHECK_FALSE(slow.ended(300));
}

TEST_CASE("a handshake byte by byte holds a thread no longer than its deadline") {
  Secure running;
  running.options.threads = 2;
  running.options.sync_in_work_max = 1;
  running.start();
  const std::string hello = client_hello();
  RawClient client(running.port());
  const auto start = std::chrono::steady_clock::now();
  std::size_t at = 0;
  // One byte each 20 ms would take seconds.
  while (at < hello.size() && client.send(std::string_view(hello).substr(at, 1)) &&
         running.failed("timeout") == 0) {
    ++at;
    std::this_thread::sleep_for(Ms(20));
  }
  CHECK(std::chrono::steady_clock::now() - start < Ms(2'000));
  CHECK(at < hello.size());
  CHECK(client.ended());
  CHECK(running.serves());
}

TEST_CASE("a handshake that is slow but in time is served") {
  Secure running;
  running.options.handshake_deadline_ms = 5'000;
  running.start();
  RawClient client(running.port());
  // The socket is slow to start, then as quick as any.
  std::this_thread::sleep_for(Ms(300));
  TlsEnd end(testing::any_client(), client.native());
  REQUIRE(end.connect());
  std::this_thread::sleep_for(Ms(300));
  end.write(post("/s/open", "late"));
  CHECK(end.read_message().ends_with("late"));
}

TEST_CASE("TLS 1.1 is refused and counted, 1.2 is served") {
  Secure running;
  running.start();
  {
    RawClient client(running.port());
    TlsEnd end(testing::any_client(TLS1_1_VERSION), client.native());
    CHECK_FALSE(end.connect());
  }
  CHECK(eventually([&] { return running.failed("refused") == 1; }));
  RawClient client(running.port());
  TlsEnd end(testing::any_client(TLS1_2_VERSION), client.native());
  REQUIRE(end.connect());
  CHECK(end.version() == "TLSv1.2");
  end.write(post("/s/open", "1.2"));
  CHECK(end.read_message().ends_with("1.2"));
}

TEST_CASE("no renegotiation, and the connection goes on or ends without harm") {
  Secure running;
  running.start();
  RawClient client(running.port());
  TlsEnd end(testing::any_client(TLS1_2_VERSION), client.native());
  REQUIRE(end.connect());
  (void)SSL_renegotiate(end.ssl());
  (void)SSL_do_handshake(end.ssl());
  (void)end.write(post("/s/open", "x"));
  (void)end.read_until("\r\n\r\n");
  CHECK(running.serves());
  CHECK_FALSE(running.logged("exception"));
}

TEST_CASE("a client that changes its keys in the middle is served on") {
  Secure running;
  running.start();
  RawClient client(running.port());
  TlsEnd end(testing::any_client(TLS1_3_VERSION), client.native());
  REQUIRE(end.connect());
  end.write(post("/s/open", "one"));
  CHECK(end.read_message().ends_with("one"));
  REQUIRE(SSL_key_update(end.ssl(), SSL_KEY_UPDATE_REQUESTED) == 1);
  end.write(post("/s/open", "two"));
  CHECK(end.read_message().ends_with("two"));
}

TEST_CASE("requests that come together in one record are answered one after the other") {
  Secure running;
  running.start();
  RawClient client(running.port());
  TlsEnd end(testing::any_client(), client.native());
  REQUIRE(end.connect());
  end.write(post("/s/open", "one") + post("/s/open", "two") + post("/s/open", "three"));
  CHECK(end.read_message().ends_with("one"));
  CHECK(end.read_message().ends_with("two"));
  CHECK(end.read_message().ends_with("three"));
}

TEST_CASE("a client may end with close_notify, without it, or with a reset") {
  Secure running;
  std::atomic<int> cut{0};
  running.handlers.sync = [&](std::string_view, ByteView body, bool complete) {
    if (!complete && as_text(body) == "half of it") cut.fetch_add(1);
    return Result<Bytes>(Bytes(body.begin(), body.end()));
  };
  running.start();
  const std::string half = "POST /s/push HTTP/1.1\r\nContent-Length: 1000\r\n\r\nhalf of it";
  for (int how = 0; how < 3; ++how) {
    RawClient client(running.port());
    TlsEnd end(testing::any_client(), client.native());
    REQUIRE(end.connect());
    end.write(half);
    std::this_thread::sleep_for(Ms(100));  // let it arrive
    if (how == 0) SSL_shutdown(end.ssl());
    if (how == 1) client.end();
    if (how == 2) client.reset();
    CHECK(eventually([&] { return cut.load() == how + 1; }));
  }
  CHECK_FALSE(running.logged("exception"));
}

TEST_CASE("over TLS, a client that goes on sending a refused body can still read why") {
  Secure running;
  running.start();
  const std::size_t size = limits::kSyncBodyBytesMax + 1;
  sync::HttpLink link(running.to_it());
  const auto reply = link.post("/s/push", Bytes(size, 'x'), kDeadlineMs);
  REQUIRE(reply.ok());
  CHECK(reply->status == 413);
  CHECK(reply->error_name == "http.too_large");
}

TEST_CASE("over TLS, a connection beyond the queue is told to come again") {
  Secure running;
  running.options.threads = 1;
  running.options.sync_in_work_max = 1;
  running.options.queue_max = 1;
  running.options.handshake_deadline_ms = 10'000;
  running.start();
  const RawClient working(running.port());
  REQUIRE(eventually([&] { return running.has_metric("lalanhd_http_threads_in_use 1"); }));
  const RawClient waiting(running.port());
  REQUIRE(eventually([&] { return running.has_metric("lalanhd_http_queue_length 1"); }));
  sync::HttpLink link(running.to_it());
  const auto reply = link.post("/s/open", {}, kDeadlineMs);
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().name() == "sync.busy");
}

TEST_CASE("a stop does not wait for handshakes, and ends idle connections at once") {
  Secure running;
  running.options.handshake_deadline_ms = 30'000;
  running.options.keep_alive_ms = 30'000;
  running.start();
  sync::HttpLink idle(running.to_it());
  REQUIRE(idle.post("/s/open", {}, kDeadlineMs).ok());
  const RawClient silent(running.port());
  RawClient half(running.port());
  half.send(std::string_view(client_hello()).substr(0, 50));
  REQUIRE(eventually([&] { return running.has_metric("lalanhd_http_threads_in_use 3"); }));
  const auto start = std::chrono::steady_clock::now();
  CHECK(running.server->stop());
  CHECK(std::chrono::steady_clock::now() - start < Ms(3'000));
}

TEST_CASE("fifty children at once with four threads are all served") {
  Secure running;
  running.options.handshake_deadline_ms = 10'000;
  running.options.keep_alive_ms = 200;
  running.start();
  std::atomic<int> served{0};
  std::vector<std::thread> children;
  for (int i = 0; i < 50; ++i) {
    children.emplace_back([&] {
      if (running.serves()) served.fetch_add(1);
    });
  }
  for (std::thread& child : children) child.join();
  CHECK(served.load() == 50);
}

TEST_CASE("a handler's thread is not held by a child that does not read its reply") {
  Secure running;
  running.options.reply_deadline_ms = 300;
  running.handlers.sync = [](std::string_view, ByteView, bool) {
    return Result<Bytes>(Bytes(64 * 1'024 * 1'024, 'x'));  // more than any socket buffers
  };
  running.start();
  RawClient client(running.port());
  TlsEnd end(testing::any_client(), client.native());
  REQUIRE(end.connect());
  end.write(post("/s/pull", "x"));
  CHECK(eventually([&] {
    return running.has_metric("lalanhd_http_requests_total{route=\"/s/pull\",status=\"0\"} 1");
  }));
}

TEST_CASE("where there are no handlers of a kind, there is nothing of that kind") {
  Running running;
  running.handlers.sync = nullptr;
  running.start();
  RawClient client(running.port());
  client.send(post("/s/open", "x"));
  CHECK(client.reply().status == 404);
  Running other;
  other.handlers.api = nullptr;
  other.start();
  RawClient to_other(other.port());
  to_other.send(get("/api/status", other.api_fields()));
  CHECK(to_other.reply().status == 404);
}
