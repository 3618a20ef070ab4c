#include "client/http/local_server.h"

#include <atomic>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "client/http/gate.h"
#include "shared/platform/platform.h"
#include "sync/link/local_client.h"
#include "tests/unit/sync/link/raw_socket.h"

namespace lalanh::client {
namespace {

using testing::RawSocket;

const std::string kToken(64, 'a');

/// A server whose handler tells what it was asked.
struct Served {
  explicit Served(LocalServerOptions options = {}, LocalServer::Handler handler = echo) {
    options.token = kToken;
    auto started = LocalServer::start(options, std::move(handler));
    REQUIRE(started.ok());
    server = std::move(started).value();
    host = "127.0.0.1:" + std::to_string(server->port());
  }
  static ApiReply echo(const ApiRequest& request) {
    ApiReply reply;
    reply.content_type = "text/plain";
    reply.body = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) reply.body += " " + name + "=" + value;
    if (!request.body.empty()) reply.body += " [" + request.body + "]";
    if (request.language == Language::kEnglish) reply.body += " en";
    return reply;
  }
  /// The reply to one request on a connection of its own; Host and token are added unless `bare`.
  std::string ask(const std::string& line, const std::string& headers = "",
                  const std::string& body = "", bool bare = false) const {
    RawSocket socket = RawSocket::connect(server->port());
    socket.write(request(line, headers, body, bare));
    return socket.read_reply();
  }
  std::string request(const std::string& line, const std::string& headers = "",
                      const std::string& body = "", bool bare = false) const {
    std::string out = line + " HTTP/1.1\r\n";
    if (!bare) out += "Host: " + host + "\r\nLalanh-Token: " + kToken + "\r\n";
    if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return out + headers + "\r\n" + body;
  }
  std::unique_ptr<LocalServer> server;
  std::string host;
};

int status_of(const std::string& reply) {
  return reply.starts_with("HTTP/1.1 ") ? std::stoi(reply.substr(9, 3)) : 0;
}
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a request is handed over decoded, and the reply is marked for strict browsers") {
  const Served to;
  const std::string reply =
      to.ask("POST /api/h%E1%BB%99?q=T%E1%BB%A7a+Th%C3%A0ng&x", "Accept-Language: en\r\n", "abc");
  CHECK(status_of(reply) == 200);
  CHECK(reply.ends_with("\r\n\r\nPOST /api/hộ q=Tủa Thàng x= [abc] en"));
  CHECK(has(reply, "\r\nContent-Type: text/plain\r\n"));
  CHECK(has(reply, "\r\nCache-Control: no-store\r\n"));
  CHECK(has(reply, "\r\nX-Content-Type-Options: nosniff\r\n"));
  CHECK(has(reply, "\r\nContent-Security-Policy: default-src 'none';"));
  CHECK(has(reply, "\r\nReferrer-Policy: no-referrer\r\n"));
  CHECK_FALSE(has(reply, "Connection: close"));
  CHECK_FALSE(has(reply, "Set-Cookie"));
}

TEST_CASE("a Host that is not this program is refused, whatever else is right") {
  const Served to;
  const std::string token = "Lalanh-Token: " + kToken + "\r\n";
  for (const std::string& host :
       {std::string("evil.example"), std::string("127.0.0.1"), std::string("127.0.0.1:1"),
        "evil.example:" + std::to_string(to.server->port()), to.host + ".evil.example"}) {
    INFO(host);
    const std::string reply = to.ask("GET /api/x", "Host: " + host + "\r\n" + token, "", true);
    CHECK(status_of(reply) == 421);
    CHECK(has(reply, "trust.bad_host"));
  }
  CHECK(status_of(to.ask("GET /api/x", token, "", true)) == 421);
  CHECK(status_of(to.ask("GET /api/x", "Host: " + to.host + "\r\n")) == 421);  // twice
  const std::string local = "Host: LocalHost:" + std::to_string(to.server->port()) + "\r\n";
  CHECK(status_of(to.ask("GET /api/x", local + token, "", true)) == 200);
}

TEST_CASE("without the start token nothing is served") {
  const Served to;
  const std::string host = "Host: " + to.host + "\r\n";
  const std::string port = std::to_string(to.server->port());
  const std::string wrong(64, 'b');
  for (const std::string& headers :
       {std::string(), "Lalanh-Token: " + wrong + "\r\n", std::string("Lalanh-Token: \r\n"),
        "Lalanh-Token: " + kToken.substr(1) + "\r\n",
        "Cookie: lalanh-" + port + "=" + wrong + "\r\n", "Cookie: lalanh-1=" + kToken + "\r\n",
        "Cookie: " + kToken + "\r\n"}) {
    INFO(headers);
    const std::string reply = to.ask("GET /api/x", host + headers, "", true);
    CHECK(status_of(reply) == 403);
    CHECK(has(reply, "trust.bad_token"));
  }
  CHECK(status_of(to.ask("GET /api/x?token=" + wrong, host, "", true)) == 403);
  CHECK(status_of(to.ask("POST /api/x?token=" + kToken, host, "", true)) == 403);
  const std::string cookie = "Cookie: a=b; lalanh-" + port + "=" + kToken + "; c=d\r\n";
  CHECK(status_of(to.ask("GET /api/x", host + cookie, "", true)) == 200);
}

TEST_CASE("the first GET with the token sets a strict cookie and hides the token") {
  const Served to;
  CHECK(to.server->start_address() == "http://" + to.host + "/?token=" + kToken);
  const std::string host = "Host: " + to.host + "\r\n";
  const std::string api = to.ask("GET /api/x?a=1&token=" + kToken + "&b=2", host, "", true);
  CHECK(status_of(api) == 200);
  CHECK(api.ends_with("\r\n\r\nGET /api/x a=1 b=2"));
  CHECK(has(api, "\r\nSet-Cookie: lalanh-" + std::to_string(to.server->port()) + "=" + kToken +
                     "; Path=/; HttpOnly; SameSite=Strict\r\n"));
  const std::string page = to.ask("GET //evil.example/?token=" + kToken, host, "", true);
  CHECK(status_of(page) == 303);
  CHECK(has(page, "\r\nLocation: http://" + to.host + "//evil.example/\r\n"));
  CHECK(has(page, "SameSite=Strict"));
}

TEST_CASE("another site's page may not change anything, even with the cookie") {
  const Served to;
  const std::string port = std::to_string(to.server->port());
  for (const std::string& headers :
       {std::string("Origin: http://evil.example\r\n"), std::string("Origin: null\r\n"),
        std::string("Origin: http://127.0.0.1:1\r\n"), "Origin: https://" + to.host + "\r\n",
        std::string("Sec-Fetch-Site: same-site\r\n"),
        std::string("Sec-Fetch-Site: cross-site\r\n")}) {
    INFO(headers);
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
      const std::string reply = to.ask(std::string(method) + " /api/x", headers);
      CHECK(status_of(reply) == 403);
      CHECK(has(reply, "trust.bad_host"));
    }
  }
  CHECK(status_of(to.ask("POST /api/x", "Origin: http://" + to.host + "\r\n", "x")) == 200);
  CHECK(status_of(to.ask("POST /api/x", "Origin: http://localhost:" + port + "\r\n", "x")) == 200);
  CHECK(status_of(to.ask("GET /api/x", "Origin: http://evil.example\r\n")) == 200);
}

TEST_CASE("a body or a header that is too large is refused with its limit, and not read") {
  LocalServerOptions options;
  options.body_bytes_max = 1'000;
  const Served to(options);
  CHECK(status_of(to.ask("POST /api/x", "", std::string(1'000, 'x'))) == 200);
  const std::string body = to.ask("POST /api/x", "", std::string(1'001, 'x'));
  CHECK(status_of(body) == 413);
  CHECK(has(body, "http.too_large"));
  CHECK(has(body, "\"max\":\"1000\""));
  CHECK(has(body, "\r\nConnection: close\r\n"));
  CHECK(status_of(to.ask("POST /api/x", "Content-Length: 99999999999999\r\n")) == 413);
  CHECK(status_of(to.ask("GET /api/x", "X: " + std::string(9'000, 'x') + "\r\n")) == 431);
  CHECK(status_of(to.ask("GET /" + std::string(3'000, 'x'))) == 400);
  CHECK(status_of(to.ask("POST /api/x", "Transfer-Encoding: chunked\r\n")) == 411);
}

TEST_CASE("requests that are not HTTP, and addresses that cannot be read, are told so") {
  const Served to;
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n")}) {
    RawSocket socket = RawSocket::connect(to.server->port());
    socket.write(bytes);
    const std::string reply = socket.read_reply();
    CHECK(status_of(reply) == 400);
    CHECK(has(reply, "http.malformed"));
  }
  for (const char* target : {"/%zz", "/a%00b", "/%ff", "*", "http://x/", "/a?b=%c3"}) {
    INFO(target);
    CHECK(status_of(to.ask(std::string("GET ") + target)) == 400);
  }
}

TEST_CASE("a header that arrives too slowly is told so after the deadline") {
  LocalServerOptions options;
  options.request_ms = 300;
  const Served to(options);
  const auto clock = make_system_clock();
  RawSocket socket = RawSocket::connect(to.server->port());
  const std::int64_t before = clock->steady_ms();
  std::thread dripping([&] {
    for (int i = 0; i < 200 && socket.write("G"); ++i) ::usleep(10'000);
  });
  const std::string reply = socket.read_reply();
  const std::int64_t took = clock->steady_ms() - before;
  dripping.join();
  CHECK(status_of(reply) == 408);
  CHECK(has(reply, "http.timeout"));
  CHECK(took >= 300);
  CHECK(took < 8'000);
}

TEST_CASE("a body that stays away is told so, and an idle connection is closed without a word") {
  LocalServerOptions options;
  options.request_ms = 200;
  options.idle_ms = 300;
  const Served to(options);
  CHECK(status_of(to.ask("POST /api/x", "Content-Length: 10\r\n")) == 408);
  RawSocket idle = RawSocket::connect(to.server->port());
  CHECK(idle.read_to_end().empty());
}

TEST_CASE("requests on one connection are answered in order, and garbage after them refused") {
  const Served to;
  RawSocket socket = RawSocket::connect(to.server->port());
  socket.write(to.request("GET /1") + to.request("POST /2", "", "two") + "garbage\r\n\r\n");
  CHECK(socket.read_reply().ends_with("\r\n\r\nGET /1"));
  CHECK(socket.read_reply().ends_with("\r\n\r\nPOST /2 [two]"));
  CHECK(status_of(socket.read_reply()) == 400);
  CHECK(socket.read_to_end().empty());
}

TEST_CASE("a client that has closed its half still gets its reply") {
  const Served to;
  RawSocket socket = RawSocket::connect(to.server->port());
  socket.write(to.request("GET /half"));
  socket.shutdown_send();
  CHECK(socket.read_to_end().ends_with("\r\n\r\nGET /half"));
}

TEST_CASE("clients that vanish at any moment leave the server well") {
  const Served to;
  const std::string whole = to.request("POST /api/x", "", "body");
  for (std::size_t n = 0; n <= whole.size(); n += 7) {
    RawSocket socket = RawSocket::connect(to.server->port());
    socket.write(whole.substr(0, n));
    n % 2 == 0 ? socket.reset() : socket.close();
  }
  CHECK(status_of(to.ask("GET /well")) == 200);
}

TEST_CASE("a client that asks first whether to send its body is told to go on, or refused") {
  const Served to;
  RawSocket socket = RawSocket::connect(to.server->port());
  socket.write(to.request("POST /x", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  CHECK(socket.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("abc");
  CHECK(socket.read_reply().ends_with("POST /x [abc]"));
  const std::string headers = "Expect: 100-continue\r\nContent-Length: 3\r\nHost: " + to.host;
  CHECK(status_of(to.ask("POST /x", headers + "\r\n", "", true)) == 403);
}

TEST_CASE("HEAD is answered like GET, without the body, an old client's connection is closed") {
  const Served to;
  RawSocket socket = RawSocket::connect(to.server->port());
  socket.write(to.request("HEAD /x") + to.request("GET /y"));
  const std::string head = socket.read_until("\r\n\r\n");
  CHECK(has(head, "Content-Length: 6\r\n"));
  CHECK(socket.read_reply().ends_with("GET /y"));
  RawSocket old = RawSocket::connect(to.server->port());
  old.write("GET /old HTTP/1.0\r\nHost: " + to.host + "\r\nLalanh-Token: " + kToken + "\r\n\r\n");
  CHECK(old.read_to_end().ends_with("GET /old"));
}

TEST_CASE("what a handler throws becomes an internal error, and the connection goes on") {
  const Served to({}, [](const ApiRequest& request) -> ApiReply {
    if (request.path == "/throw") throw std::runtime_error("it broke");
    if (request.path == "/odd") throw 1;
    return Served::echo(request);
  });
  RawSocket socket = RawSocket::connect(to.server->port());
  socket.write(to.request("GET /throw") + to.request("GET /odd") + to.request("GET /fine"));
  const std::string thrown = socket.read_reply();
  CHECK(status_of(thrown) == 500);
  CHECK(has(thrown, "system.internal"));
  CHECK(has(thrown, "it broke"));
  CHECK(status_of(socket.read_reply()) == 500);
  CHECK(status_of(socket.read_reply()) == 200);
}

TEST_CASE("a page may load what this program serves, data nothing at all") {
  const Served to({}, [](const ApiRequest&) {
    ApiReply reply;
    reply.content_type = "text/html; charset=utf-8";
    reply.status = 503;
    reply.retry_after_s = 3;
    return reply;
  });
  const std::string reply = to.ask("GET /");
  CHECK(has(reply, "HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(has(reply, "script-src 'self'"));
  CHECK(has(reply, "\r\nRetry-After: 3\r\n"));
}

TEST_CASE("a long request does not hold up others, and stopping waits for it") {
  std::atomic<bool> begun{false};
  std::atomic<bool> release{false};
  std::atomic<bool> ended{false};
  Served to({}, [&](const ApiRequest& request) {
    if (request.path == "/long") {
      begun = true;
      while (!release) ::usleep(1'000);
      ended = true;
    }
    return Served::echo(request);
  });
  RawSocket slow = RawSocket::connect(to.server->port());
  RawSocket idle = RawSocket::connect(to.server->port());
  slow.write(to.request("GET /long"));
  while (!begun) ::usleep(1'000);
  CHECK(status_of(to.ask("GET /short")) == 200);
  std::thread stopping([&] { to.server->stop(); });
  CHECK(idle.read_to_end().empty());  // let go at once
  CHECK_FALSE(ended);
  release = true;
  stopping.join();
  CHECK(ended);
  CHECK(slow.read_to_end().ends_with("GET /long"));
  CHECK_THROWS(RawSocket::connect(to.server->port()));
  to.server->stop();  // again: nothing
}

TEST_CASE("stopping does not wait for clients that send nothing more") {
  LocalServerOptions options;
  options.drain_ms = 200;
  const Served to(options);
  RawSocket half = RawSocket::connect(to.server->port());
  half.write("GET /never-ends HTTP/1.1\r\n");
  CHECK(status_of(to.ask("GET /x")) == 200);
  const auto clock = make_system_clock();
  const std::int64_t before = clock->steady_ms();
  to.server->stop();
  CHECK(clock->steady_ms() - before < 5'000);
}

TEST_CASE("beyond its connections the server lets the longest idle one go, else says it is busy") {
  LocalServerOptions options;
  options.connections_max = 2;
  const Served to(options);
  RawSocket first = RawSocket::connect(to.server->port());
  first.write(to.request("GET /1"));
  CHECK(status_of(first.read_reply()) == 200);
  RawSocket second = RawSocket::connect(to.server->port());
  second.write(to.request("GET /2"));
  CHECK(status_of(second.read_reply()) == 200);
  RawSocket third = RawSocket::connect(to.server->port());
  CHECK(first.read_to_end().empty());
  second.write("GET ");
  third.write("GET ");
  ::usleep(100'000);  // both are in work now
  RawSocket fourth = RawSocket::connect(to.server->port());
  const std::string reply = fourth.read_reply();
  CHECK(status_of(reply) == 503);
  CHECK(has(reply, "http.busy"));
  CHECK(has(reply, "\r\nRetry-After: 1\r\n"));
}

TEST_CASE("a port that is taken cannot be taken again") {
  const Served to;
  LocalServerOptions options;
  options.token = kToken;
  options.port = to.server->port();
  const auto second = LocalServer::start(options, Served::echo);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().name() == "system.port_taken");
  CHECK(second.error().value("port") == std::to_string(options.port));
}

TEST_CASE("the client hands a request over and gets the reply, whatever its status") {
  const Served to;
  const auto clock = make_system_clock();
  sync::LocalClient client(to.server->port(), kToken, *clock);
  ApiRequest request;
  request.method = "POST";
  request.path = "/api/hộ nghèo";
  request.query = {{"tên", "Giàng & A=1+2%"}, {"x", ""}};
  request.body = "{}";
  request.language = Language::kEnglish;
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.request(request, 10'000);
    REQUIRE(reply.ok());
    CHECK(reply->status == 200);
    CHECK(reply->body == "POST /api/hộ nghèo tên=Giàng & A=1+2% x= [{}] en");
    CHECK(reply->content_type == "text/plain");
  }
  sync::LocalClient stranger(to.server->port(), std::string(64, 'b'), *clock);
  CHECK(stranger.request(request, 10'000)->status == 403);
  sync::LocalClient nobody(testing::free_port(), kToken, *clock);
  CHECK(nobody.request(request, 10'000).error().name() == "sync.unreachable");
}

}  // namespace
}  // namespace lalanh::client
