#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

// clang-format off
#include "server/http/peer_places.h"
#include "tests/unit/server/http/running.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;
using namespace lalanh::server::test;

namespace {

/// A sync function that does not return before it is let go.
class Held : public Running {
 public:
  Held() {
    handlers.sync = [this](std::string_view, ByteView, bool) {
      entered.fetch_add(1);
      while (!let_go.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      left.fetch_add(1);
      return Result<Bytes>(Bytes{'d', 'o', 'n', 'e'});
    };
  }
  ~Held() {
    let_go.store(true);
    server.reset();
  }
  std::atomic<int> entered{0};
  std::atomic<int> left{0};
  std::atomic<bool> let_go{false};
};

int retry_after(const RawReply& reply) {
  const std::size_t at = reply.head.find("Retry-After: ");
  return at == std::string::npos ? 0 : std::atoi(reply.head.c_str() + at + 13);
}

}  // namespace

TEST_CASE("sync requests beyond the limit are told when to come again, health is not held up") {
  Held running;
  running.options.sync_in_work_max = 2;
  running.start();
  RawClient first(running.port());
  RawClient second(running.port());
  first.send(post("/s/open", "1"));
  second.send(post("/s/open", "2"));
  REQUIRE(eventually([&] { return running.entered.load() == 2; }));
  RawClient third(running.port());
  third.send(post("/s/open", "3"));
  const RawReply busy = third.reply();
  CHECK(busy.status == 503);
  CHECK(busy.has("Lalanh-Error: http.busy"));
  CHECK(retry_after(busy) >= running.options.retry_after_s);
  CHECK(retry_after(busy) <= 4 * running.options.retry_after_s);
  RawClient probe(running.port());
  probe.send(get("/health"));
  CHECK(probe.reply().status == 200);
  running.let_go.store(true);
  CHECK(first.reply().body == "done");
  CHECK(second.reply().body == "done");
  RawClient again(running.port());
  again.send(post("/s/open", "3"));
  CHECK(again.reply().status == 200);
  CHECK(running.server->metrics_text().find("lalanhd_sync_busy_total 1\n") != std::string::npos);
}

TEST_CASE("a hundred clients at once with four threads all get an answer") {
  Running running;
  running.options.threads = 4;
  running.options.sync_in_work_max = 2;
  running.options.keep_alive_ms = 200;
  running.handlers.sync = [](std::string_view, ByteView body, bool) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    return Result<Bytes>(Bytes(body.begin(), body.end()));
  };
  running.start();
  std::atomic<int> served{0};
  std::atomic<int> told{0};
  std::atomic<int> lost{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 100; ++i) {
    clients.emplace_back([&, i] {
      RawClient client(running.port());
      client.send(post("/s/open", "n" + std::to_string(i), "Connection: close\r\n"));
      const RawReply reply = client.reply(20'000);
      if (reply.status == 200 && reply.body == "n" + std::to_string(i)) {
        served.fetch_add(1);
      } else if (reply.status == 503 && retry_after(reply) > 0) {
        told.fetch_add(1);
      } else {
        lost.fetch_add(1);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(lost.load() == 0);
  CHECK(served.load() + told.load() == 100);
  CHECK(served.load() > 0);
}

TEST_CASE("a connection beyond the queue is told so instead of being dropped") {
  Held running;
  running.options.threads = 1;
  running.options.sync_in_work_max = 1;
  running.options.queue_max = 1;
  running.start();
  RawClient working(running.port());
  working.send(post("/s/open", "1"));
  REQUIRE(eventually([&] { return running.entered.load() == 1; }));
  RawClient waiting(running.port());
  REQUIRE(eventually([&] {
    return running.server->metrics_text().find("lalanhd_http_queue_length 1\n") !=
           std::string::npos;
  }));
  RawClient beyond(running.port());
  const RawReply reply = beyond.reply();
  CHECK(reply.status == 503);
  CHECK(reply.has("Lalanh-Error: http.busy"));
  CHECK(retry_after(reply) > 0);
  CHECK(running.server->metrics_text().find("lalanhd_http_connections_refused_total 1\n") !=
        std::string::npos);
}

TEST_CASE("one address holds a quarter of all places, and who leaves makes room") {
  Held running;
  running.options.threads = 6;
  running.options.queue_max = 6;
  const bool bound = GENERATE(true, false);
  running.options.bound_loopback = bound;
  running.start();
  const auto refused = [&](RawClient& client) {
    const RawReply reply = client.reply(300);
    return reply.status == 503 && reply.has("Lalanh-Error: http.busy");
  };
  RawClient first(running.port());
  RawClient second(running.port());
  auto third = std::make_unique<RawClient>(running.port());
  RawClient fourth(running.port());
  CHECK(refused(fourth) == bound);
  if (!bound) return;  // this machine's own programs
  third->reset();
  bool served = false;
  CHECK(eventually([&] {
    RawClient again(running.port());
    again.send(get("/health"));
    served = served || again.reply().status == 200;
    return served;
  }));
  CHECK_FALSE(refused(first));
  CHECK_FALSE(refused(second));
}

TEST_CASE("one address has half of the threads, and who is beyond is told at once") {
  Held running;
  running.options.threads = 4;
  running.options.bound_loopback = true;
  running.start();
  RawClient first(running.port());
  RawClient second(running.port());
  const std::string half = "POST /s/push HTTP/1.1\r\nContent-Length: 4\r\n\r\nha";
  first.send(half);
  second.send(half);
  REQUIRE(eventually([&] {
    return running.server->metrics_text().find("lalanhd_http_threads_in_use 2\n") !=
           std::string::npos;
  }));
  for (int i = 0; i < 3; ++i) {
    RawClient third(running.port());
    const RawReply reply = third.reply();
    CHECK(reply.status == 503);
    CHECK(reply.has("Lalanh-Error: http.busy"));
  }
  running.let_go.store(true);
  first.send("lf");
  CHECK(first.reply().status == 200);
}

TEST_CASE("addresses are counted each, networks of IPv6 as one, and a descriptor comes again") {
  using Poco::Net::IPAddress;
  PeerPlaces places(2, 1);
  CHECK(places.take(1, IPAddress("10.0.0.1")));
  CHECK(places.take(2, IPAddress("10.0.0.1")));
  CHECK_FALSE(places.take(3, IPAddress("10.0.0.1")));
  CHECK(places.take(3, IPAddress("10.0.0.2")));
  CHECK(places.take(4, IPAddress("::ffff:10.0.0.3")));
  CHECK(places.take(5, IPAddress("::ffff:10.0.0.4")));
  CHECK(places.take(6, IPAddress("::ffff:10.0.0.4")));
  CHECK(places.take(7, IPAddress("2001:db8:1:2::1")));
  CHECK(places.take(8, IPAddress("2001:db8:1:2:9::1")));
  CHECK_FALSE(places.take(9, IPAddress("2001:db8:1:2:8::1")));
  CHECK(places.take(9, IPAddress("2001:db8:1:3::1")));
  CHECK(places.begin(1));
  CHECK_FALSE(places.begin(2));
  CHECK(places.begin(3));
  CHECK(places.begin(77));  // not counted
  places.leave(1);
  places.leave(1);
  CHECK(places.begin(2));
  CHECK(places.take(10, IPAddress("10.0.0.1")));
  // Nobody said that it had left.
  CHECK(places.take(2, IPAddress("10.0.0.2")));
  CHECK(places.take(11, IPAddress("10.0.0.1")));
  CHECK_FALSE(places.take(12, IPAddress("10.0.0.2")));
}

TEST_CASE("slow bodies hold threads, and none of the places of syncs") {
  Held running;
  running.options.threads = 4;
  running.options.sync_in_work_max = 1;
  running.let_go.store(true);
  running.start();
  const std::string half = "POST /s/open HTTP/1.1\r\nContent-Length: 4\r\n\r\nha";
  RawClient slow(running.port());
  RawClient slower(running.port());
  slow.send(half);
  slower.send(half);
  REQUIRE(eventually([&] {
    return running.server->metrics_text().find("lalanhd_http_threads_in_use 2\n") !=
           std::string::npos;
  }));
  RawClient quick(running.port());
  quick.send(post("/s/open", "1"));
  CHECK(quick.reply().status == 200);
  running.let_go.store(false);
  slow.send("lf");
  REQUIRE(eventually([&] { return running.entered.load() == 2; }));
  slower.send("lf");  // the only place is taken now; the connection is good for another try
  const RawReply busy = slower.reply();
  CHECK(busy.status == 503);
  CHECK(busy.has("Lalanh-Error: http.busy"));
  running.let_go.store(true);
  CHECK(slow.reply().status == 200);
  slower.send(post("/s/open", "1"));
  CHECK(slower.reply().status == 200);
}

TEST_CASE("a request whose body comes while the server stops is answered") {
  Held running;
  running.let_go.store(true);
  running.start();
  RawClient client(running.port());
  client.send("POST /s/push HTTP/1.1\r\nContent-Length: 4\r\n\r\nha");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // let it arrive first
  std::thread stopping([&] { running.server->stop(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  client.send("lf");
  CHECK(client.reply().status == 200);
  stopping.join();
}

TEST_CASE("a stop lets the running request finish and its reply arrive") {
  Held running;
  running.start();
  RawClient client(running.port());
  client.send(post("/s/push", "x"));
  REQUIRE(eventually([&] { return running.entered.load() == 1; }));
  std::atomic<bool> drained{false};
  std::thread stopping([&] { drained.store(running.server->stop()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(running.left.load() == 0);
  running.let_go.store(true);
  const RawReply reply = client.reply();
  stopping.join();
  CHECK(drained.load());
  CHECK(reply.status == 200);
  CHECK(reply.body == "done");
  CHECK(reply.has("Connection: close"));
  CHECK_FALSE(RawClient(running.port()).connected());
}

TEST_CASE("a stop ends idle connections at once and answers who still waits with 503") {
  Held running;
  running.options.threads = 2;
  running.options.keep_alive_ms = 60'000;
  running.options.head_deadline_ms = 60'000;
  running.let_go.store(true);
  running.start();
  RawClient idle(running.port());
  idle.send(post("/s/open", "1"));
  CHECK(idle.reply().status == 200);
  running.let_go.store(false);
  RawClient working(running.port());
  working.send(post("/s/open", "2"));
  REQUIRE(eventually([&] { return running.entered.load() == 2; }));
  RawClient queued(running.port());
  queued.send(get("/health"));
  REQUIRE(eventually([&] {
    return running.server->metrics_text().find("lalanhd_http_queue_length 1\n") !=
           std::string::npos;
  }));
  std::thread stopping([&] { running.server->stop(); });
  CHECK(idle.ended(2'000));
  const RawReply reply = queued.reply();
  CHECK(reply.status == 503);
  CHECK(reply.body == "{\"status\":\"stopping\",\"version\":\"9.8.7\"}\n");
  running.let_go.store(true);
  CHECK(working.reply().status == 200);
  stopping.join();
}

TEST_CASE("a stop does not wait beyond the drain deadline for a client that sends no more") {
  Held running;
  running.options.drain_ms = 200;
  running.let_go.store(true);
  running.start();
  RawClient client(running.port());
  client.send("POST /s/push HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(running.server->stop());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  CHECK(running.entered.load() == 1);  // what arrived of the push was still handed over
}

TEST_CASE("a second server on the same port is a typed error") {
  Running running;
  running.start();
  Running other;
  HttpOptions options = running.options;
  options.port = running.port();
  const auto clash = other.try_start(options);
  REQUIRE_FALSE(clash.ok());
  CHECK(clash.error().name() == "system.port_taken");
}

TEST_CASE("metrics count requests, bytes, times and the gauges of others") {
  Running running;
  running.handlers.gauges = [] {
    return std::vector<Gauge>{{"lalanhd_waiting_events", "Events that wait.", 7}};
  };
  running.start();
  RawClient client(running.port());
  client.send(post("/s/open", "12345"));
  CHECK(client.reply().status == 200);
  client.send(post("/s/open", "12345"));
  CHECK(client.reply().status == 200);
  client.send(get("/nowhere"));
  CHECK(client.reply().status == 404);
  // On the same connection: a request is counted before the next is read, but after its reply.
  client.send(get("/metrics"));
  const RawReply reply = client.reply();
  CHECK(reply.status == 200);
  CHECK(reply.has("Content-Type: text/plain; version=0.0.4"));
  const auto has = [&](std::string_view line) {
    return reply.body.find(line) != std::string::npos;
  };
  CHECK(has("lalanhd_http_requests_total{route=\"/s/open\",status=\"200\"} 2\n"));
  CHECK(has("lalanhd_http_requests_total{route=\"other\",status=\"404\"} 1\n"));
  const std::size_t in = 2 * post("/s/open", "12345").size();
  CHECK(has("lalanhd_http_received_bytes_total{route=\"/s/open\"} " + std::to_string(in) + "\n"));
  CHECK(has("lalanhd_http_sent_bytes_total{route=\"/s/open\"} 86\n"));
  CHECK(has("lalanhd_http_request_seconds_count{route=\"/s/open\"} 2\n"));
  CHECK(has("lalanhd_http_request_seconds_bucket{route=\"/s/open\",le=\"+Inf\"} 2\n"));
  CHECK(has("lalanhd_http_threads_max 4\n"));
  CHECK(has("lalanhd_http_threads_in_use "));
  CHECK(has("# TYPE lalanhd_http_connections_refused_total counter\n"));
  CHECK(has("process_start_time_seconds 1"));
  CHECK(
      has("# HELP lalanhd_waiting_events Events that wait.\n# TYPE lalanhd_waiting_events gauge\n"
          "lalanhd_waiting_events 7\n"));
}
