#include "sync/link/http_link.h"

#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "shared/platform/platform.h"
#include "sync/link/parent_sync.h"
#include "tests/unit/sync/link/raw_socket.h"

namespace lalanh::sync {
namespace {

using testing::RawServer;
using testing::RawSocket;

constexpr std::int64_t kDeadlineMs = 10'000;

/// A link without TLS, so that the test sees what goes over it.
HttpLink plain_link(const HostPort& to, Clock& clock, HttpTimes times = {},
                    std::optional<std::uint64_t> cut = {}, std::function<bool()> stopped = {}) {
  auto stream = make_plain_stream(to, clock, std::move(stopped));
  if (cut) stream = make_cut_stream(std::move(stream), *cut);
  HttpLinkOptions options;
  options.parent = to;
  options.clock = &clock;
  options.times = times;
  return {options, std::move(stream)};
}

struct Linked {
  explicit Linked(std::uint16_t port, HttpTimes times = {}, std::optional<std::uint64_t> cut = {},
                  std::function<bool()> stopped = {})
      : link(plain_link({"127.0.0.1", port}, *clock, times, cut, std::move(stopped))) {}
  std::unique_ptr<Clock> clock = make_system_clock();
  HttpLink link;
};

std::string read_request(RawSocket& socket) {
  std::string head = socket.read_until("\r\n\r\n");
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? head : head + socket.read(std::stoul(head.substr(at + 16)));
}

std::string reply_of(std::string_view body, std::string_view more = "") {
  return "HTTP/1.1 200 OK\r\n" + std::string(more) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST_CASE("a request has exactly a request line, Host and Content-Length") {
  std::string heard;
  std::uint64_t sent = 0;
  std::uint16_t port = 0;
  {
    const RawServer server({[&](RawSocket& socket) {
      heard = read_request(socket);
      socket.write(reply_of("yes"));
    }});
    port = server.port();
    Linked to(port);
    const auto reply = to.link.post("/s/open", as_bytes("body"), kDeadlineMs);
    REQUIRE(reply.ok());
    CHECK(reply->status == 200);
    CHECK(reply->complete);
    CHECK(reply->body == bytes_of("yes"));
    CHECK(reply->elapsed_ms >= 0);
    CHECK_FALSE(reply->retry_after_s.has_value());
    sent = to.link.bytes_sent();
    CHECK(to.link.bytes_received() == reply_of("yes").size());
  }
  CHECK(heard == "POST /s/open HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                     "\r\nContent-Length: 4\r\n\r\nbody");
  CHECK(sent == heard.size());
}

TEST_CASE("one connection carries all calls of a sync, and bodies of all sizes") {
  const std::string large(limits::kSyncBodyBytesMax, 'x');
  std::string heard;
  {
    const RawServer server({[&](RawSocket& socket) {
      read_request(socket);
      socket.write(reply_of(large));
      heard = read_request(socket);
      socket.write(reply_of(""));
    }});
    Linked to(server.port());
    const auto first = to.link.post("/s/pull", {}, kDeadlineMs);
    REQUIRE(first.ok());
    CHECK(first->body.size() == large.size());
    const auto second = to.link.post("/s/push", as_bytes(large), kDeadlineMs);
    REQUIRE(second.ok());
    CHECK(second->body.empty());
  }
  CHECK(heard.ends_with("\r\n\r\n" + large));
}

TEST_CASE("a reply cut within its body gives back the bytes that came") {
  const RawServer server({
      [](RawSocket& socket) {
        read_request(socket);
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of");
      },
      [](RawSocket& socket) {
        read_request(socket);
        socket.write(reply_of("again"));
      },
  });
  Linked to(server.port());
  const auto reply = to.link.post("/s/pull", {}, kDeadlineMs);
  REQUIRE(reply.ok());
  CHECK_FALSE(reply->complete);
  CHECK(reply->body == bytes_of("half of"));
  CHECK(reply->cut.value().name() == "sync.cut");
  CHECK_FALSE(to.link.lost_kept_connection());
  // The link connects anew by itself.
  CHECK(to.link.post("/s/open", {}, kDeadlineMs)->body == bytes_of("again"));
}

TEST_CASE("a server that falls silent within its reply gives back the bytes that came") {
  const RawServer server({[](RawSocket& socket) {
    read_request(socket);
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    socket.read_to_end();
  }});
  Linked to(server.port(), {5'000, 200});
  const auto reply = to.link.post("/s/pull", {}, kDeadlineMs);
  REQUIRE(reply.ok());
  CHECK_FALSE(reply->complete);
  CHECK(reply->body == bytes_of("half"));
}

TEST_CASE("the deadline ends a call, however busily the other side drips") {
  const RawServer server({[](RawSocket& socket) {
    read_request(socket);
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (socket.write("x")) ::usleep(20'000);
  }});
  Linked to(server.port());
  const std::int64_t before = to.clock->steady_ms();
  const auto reply = to.link.post("/s/pull", {}, 500);
  const std::int64_t took = to.clock->steady_ms() - before;
  REQUIRE(reply.ok());
  CHECK_FALSE(reply->complete);
  CHECK_FALSE(reply->body.empty());
  CHECK(took >= 500);
  CHECK(took < 5'000);
}

TEST_CASE("a server that never answers is a cut link after the deadline") {
  const RawServer server({[](RawSocket& socket) {
    read_request(socket);
    socket.read_to_end();
  }});
  Linked to(server.port());
  const auto reply = to.link.post("/s/open", {}, 300);
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().name() == "sync.cut");
  CHECK(reply.error().value("why") == "no answer in time");
}

TEST_CASE("a refused connection and a name that does not exist are told in words") {
  const std::uint16_t port = testing::free_port();
  Linked to(port);
  const auto refused = to.link.post("/s/open", {}, kDeadlineMs);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().name() == "sync.unreachable");
  CHECK(refused.error().value("address") == "127.0.0.1:" + std::to_string(port));
  CHECK(refused.error().value("why") == "nothing listens there");

  const auto clock = make_system_clock();
  HttpLink nowhere = plain_link({"không-có.invalid", 80}, *clock);
  const auto unknown = nowhere.post("/s/open", {}, 5'000);
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().name() == "sync.unreachable");
}

TEST_CASE("localhost is found by its name") {
  const RawServer server({[](RawSocket& socket) {
    read_request(socket);
    socket.write(reply_of("here"));
  }});
  const auto clock = make_system_clock();
  HttpLink link = plain_link({"localhost", server.port()}, *clock);
  CHECK(link.post("/s/open", {}, kDeadlineMs)->body == bytes_of("here"));
}

TEST_CASE("a busy server's status, name and time to retry are handed over") {
  const RawServer server({[](RawSocket& socket) {
    read_request(socket);
    socket.write(
        "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nLalanh-Error: sync.busy\r\n"
        "Content-Length: 0\r\n\r\n");
  }});
  Linked to(server.port());
  const auto reply = to.link.post("/s/open", {}, kDeadlineMs);
  REQUIRE(reply.ok());
  CHECK(reply->status == 503);
  CHECK(reply->retry_after_s == 7);
  CHECK(reply->error_name == "sync.busy");
}

TEST_CASE("a server that refuses before it has read everything is heard") {
  const RawServer server({[](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.write(
        "HTTP/1.1 413 Too Large\r\nLalanh-Error: format.limit\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n");
    socket.shutdown_send();
    socket.read_to_end();
  }});
  Linked to(server.port());
  const Bytes large(2'000'000, 1);
  const auto reply = to.link.post("/s/push", large, kDeadlineMs);
  REQUIRE(reply.ok());
  CHECK(reply->status == 413);
  CHECK(reply->error_name == "format.limit");
}

TEST_CASE("replies that are not ours are refused: no HTTP, no length, chunks, too large") {
  const std::string too_large = std::to_string(limits::kSyncBodyBytesMax + 1);
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"), std::string("HTTP/1.1 200 OK\r\n\r\nx"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
        "HTTP/1.1 200 OK\r\nContent-Length: " + too_large + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"}) {
    const RawServer server({[&](RawSocket& socket) {
      read_request(socket);
      socket.write(bytes);
    }});
    Linked to(server.port());
    const auto reply = to.link.post("/s/open", {}, kDeadlineMs);
    INFO(bytes.substr(0, 60));
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().name() == "sync.protocol");
  }
}

TEST_CASE("a connection that the server let go while idle is not written to") {
  const RawServer server({
      [](RawSocket& socket) {
        read_request(socket);
        socket.write(reply_of("one"));
      },
      [](RawSocket& socket) {
        read_request(socket);
        socket.write(reply_of("two"));
      },
  });
  Linked to(server.port());
  REQUIRE(to.link.post("/s/open", {}, kDeadlineMs).ok());
  ::usleep(50'000);  // the end of the first connection has arrived
  CHECK(to.link.post("/s/differ", {}, kDeadlineMs)->body == bytes_of("two"));
}

TEST_CASE("a kept connection that is lost before the reply is told apart, and not repeated") {
  int requests = 0;
  {
    const RawServer server({[&](RawSocket& socket) {
      read_request(socket);
      socket.write(reply_of("one"));
      if (!read_request(socket).empty()) ++requests;
    }});
    Linked to(server.port());
    REQUIRE(to.link.post("/s/open", {}, kDeadlineMs).ok());
    const auto reply = to.link.post("/s/differ", {}, kDeadlineMs);
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().name() == "sync.cut");
    CHECK(to.link.lost_kept_connection());
  }
  CHECK(requests == 1);
}

TEST_CASE("the fault option cuts the link after exactly so many bytes, for good") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
  std::string heard;
  std::uint64_t request_bytes = 0;
  {
    const RawServer counting({[&](RawSocket& socket) {
      request_bytes = read_request(socket).size();
      socket.write(reply_of(""));
    }});
    Linked to(counting.port());
    REQUIRE(to.link.post("/s/push", as_bytes("0123456789"), kDeadlineMs).ok());
  }
  SECTION("within the request, which the server gets up to there") {
    {
      const RawServer server({[&](RawSocket& socket) { heard = socket.read_to_end(); }});
      Linked to(server.port(), {}, request_bytes - 4);
      const auto reply = to.link.post("/s/push", as_bytes("0123456789"), kDeadlineMs);
      REQUIRE_FALSE(reply.ok());
      CHECK(reply.error().name() == "sync.cut");
    }
    CHECK(heard.ends_with("\r\n\r\n012345"));
  }
  SECTION("within the reply, whose beginning is kept") {
    const RawServer server({[&](RawSocket& socket) {
      read_request(socket);
      socket.write(head + std::string(100, 'r'));
    }});
    Linked to(server.port(), {}, request_bytes + head.size() + 30);
    const auto reply = to.link.post("/s/push", as_bytes("0123456789"), kDeadlineMs);
    REQUIRE(reply.ok());
    CHECK_FALSE(reply->complete);
    CHECK(reply->body == Bytes(30, 'r'));
    CHECK(to.link.post("/s/open", {}, kDeadlineMs).error().name() == "sync.cut");
    CHECK(to.link.bytes_sent() + to.link.bytes_received() == request_bytes + head.size() + 30);
  }
}

TEST_CASE("a stop ends a call that waits") {
  const RawServer server({[](RawSocket& socket) { socket.read_to_end(); }});
  const auto clock = make_system_clock();
  const std::int64_t stop_at = clock->steady_ms() + 200;
  Linked to(server.port(), {}, {}, [&] { return clock->steady_ms() >= stop_at; });
  const auto reply = to.link.post("/s/open", {}, kDeadlineMs);
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().name() == "system.cancelled");
  CHECK(clock->steady_ms() < stop_at + 5'000);
}

TEST_CASE("addresses are read and written, and what is none is refused") {
  for (const char* text :
       {"http://hall.example:8443", "https://hall.example:8443", "hall.example:8443/"}) {
    const auto address = host_port_from_text(text, "x");
    REQUIRE(address.ok());
    CHECK(address->host == "hall.example");
    CHECK(address->port == 8443);
  }
  CHECK(to_text(host_port_from_text("http://[::1]:80/", "x").value()) == "[::1]:80");
  for (const char* text :
       {"", "hall", "hall:", "hall:0", "hall:65536", "hall:80x", ":80", "ftp://hall:80",
        "http://a b:80", "http://a\r\nX: y:80", "::1:80", "http://hall:80/path", "[]:80"}) {
    INFO(text);
    const auto address = host_port_from_text(text, "x");
    REQUIRE_FALSE(address.ok());
    CHECK(address.error().name() == "input.not_an_address");
  }
}

TEST_CASE("a parent that is busy or fails has not answered, one that refuses a plea has") {
  LinkReply reply;
  const auto said = [&](int status, std::string name = "") {
    reply.status = status;
    reply.error_name = std::move(name);
    const Status answered = expect_answer(reply);
    return answered.ok() ? "" : answered.error().name() + " " + answered.error().context[0].second;
  };
  CHECK(said(200).empty());
  CHECK(said(400, "sync.protocol").empty());
  CHECK(said(500) == "sync.refused HTTP status 500");
  CHECK(said(500, "store.corrupt") == "sync.refused store.corrupt");
  CHECK(said(503, "http.busy") == "sync.busy 2");
  reply.retry_after_s = 7;
  CHECK(said(503) == "sync.busy 7");
  reply.complete = false;
  reply.cut = Error{ErrorCode::sync_cut, {{"why", "reply"}}};
  CHECK(said(200) == "sync.cut reply");
}

}  // namespace
}  // namespace lalanh::sync
