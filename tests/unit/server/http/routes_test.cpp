#include <stdexcept>

// clang-format off
#include "server/http/exchange.h"
#include "sync/session/frame.h"
#include "tests/unit/server/http/running.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;
using namespace lalanh::server::test;

TEST_CASE("a sync request reaches the sync function and its reply is a length and the bytes") {
  Running running;
  std::string seen;
  running.handlers.sync = [&](std::string_view path, ByteView body, bool complete) {
    seen = std::string(path) + " " + std::string(as_text(body)) + (complete ? " whole" : " part");
    return Result<Bytes>(Bytes{'y', 'e', 's'});
  };
  running.start();
  RawClient client(running.port());
  client.send(post("/s/open", "hello"));
  const RawReply reply = client.reply();
  CHECK(reply.status == 200);
  CHECK(reply.body == "yes");
  CHECK(seen == "/s/open hello whole");
  // The header bytes count: an idle sync has 400 bytes both ways in all.
  CHECK(reply.head == "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
  CHECK(reply.head.size() == 38);
}

TEST_CASE("many requests go over one connection, also sent ahead of the replies") {
  Running running;
  running.start();
  RawClient client(running.port());
  client.send(post("/s/open", "one") + post("/s/pull", "two"));
  CHECK(client.reply().body == "one");
  CHECK(client.reply().body == "two");
  client.send(post("/s/push", "three", "Connection: close\r\n"));
  const RawReply last = client.reply();
  CHECK(last.body == "three");
  CHECK(last.has("Connection: close"));
  CHECK(client.ended());
}

TEST_CASE("a connection is ended after its share of requests") {
  Running running;
  running.options.keep_alive_requests_max = 2;
  running.start();
  RawClient client(running.port());
  client.send(post("/s/open", "1") + post("/s/open", "2") + post("/s/open", "3"));
  CHECK(client.reply().status == 200);
  CHECK(client.reply().has("Connection: close"));
  CHECK(client.reply().status == 0);
}

TEST_CASE("an idle connection gives its thread back") {
  Running running;
  running.options.keep_alive_ms = 100;
  running.start();
  RawClient client(running.port());
  client.send(post("/s/open", "1"));
  CHECK(client.reply().status == 200);
  CHECK(client.ended());
}

TEST_CASE("an error of sync is a status, a header with its name, and no body") {
  Running running;
  running.handlers.sync = [&](std::string_view path, ByteView, bool) -> Result<Bytes> {
    if (path == "/s/pull") return Error(ErrorCode::sync_busy, {{"seconds", "17"}});
    return Error(ErrorCode::trust_bad_request_signature);
  };
  running.start();
  RawClient client(running.port());
  client.send(post("/s/open", "x"));
  const RawReply reply = client.reply();
  CHECK(reply.status >= 400);
  CHECK(reply.has("\r\nLalanh-Error: trust.bad_request_signature\r\n"));
  CHECK(reply.body.empty());
  client.send(post("/s/pull", "x"));
  CHECK(client.reply().has("\r\nRetry-After: 17\r\n"));
}

TEST_CASE("the API gets method, path and body, and its reply is never stored") {
  Running running;
  running.handlers.api = [](const ApiRequest& request) {
    ApiReply reply;
    reply.status = 201;
    reply.retry_after_s = 3;
    reply.body = request.method + " " + request.path + " " + request.body +
                 (request.language == Language::kEnglish ? " en" : " vi");
    return reply;
  };
  running.start();
  RawClient client(running.port());
  client.send(post("/api/households", "{}", running.api_fields()));
  const RawReply reply = client.reply();
  CHECK(reply.status == 201);
  CHECK(reply.body == "POST /api/households {} vi");
  CHECK(reply.has("Content-Type: application/json; charset=utf-8"));
  CHECK(reply.has("Cache-Control: no-store"));
  CHECK(reply.has("X-Content-Type-Options: nosniff"));
  CHECK(reply.has("Retry-After: 3"));
  client.send(get("/api/status", running.api_fields() + "Accept-Language: en\r\n"));
  CHECK(client.reply().body == "GET /api/status  en");
}

TEST_CASE("the API is closed to whoever lacks the token or names another host") {
  Running running;
  running.start();
  const std::string host = "Host: 127.0.0.1:" + std::to_string(running.port()) + "\r\n";
  const auto ask = [&](const std::string& fields) {
    RawClient client(running.port());
    client.send(get("/api/status", fields));
    const RawReply reply = client.reply();
    return std::to_string(reply.status) + " " + reply.body;
  };
  CHECK(ask(running.api_fields()).starts_with("200"));
  CHECK(ask(host).starts_with("403"));
  CHECK(ask(host).find("trust.bad_token") != std::string::npos);
  CHECK(ask(host + "Lalanh-Token: 0123456789abcdeg\r\n").starts_with("403"));
  CHECK(ask(host + "Lalanh-Token:\r\n").starts_with("403"));
  const std::string foreign = "Host: evil.example\r\nLalanh-Token: 0123456789abcdef\r\n";
  CHECK(ask(foreign).starts_with("421"));
  CHECK(ask(foreign).find("trust.bad_host") != std::string::npos);
  CHECK(ask("Lalanh-Token: 0123456789abcdef\r\n").starts_with("421"));
}

TEST_CASE("a server without a token serves no API") {
  Running running;
  running.options.token.clear();
  running.start();
  RawClient client(running.port());
  client.send(get("/api/status", running.api_fields()));
  CHECK(client.reply().status == 403);
}

TEST_CASE("an unknown path is a typed 404") {
  Running running;
  running.start();
  for (const char* path : {"/", "/nowhere", "/health/x", "/metricsx", "/api", "/s", "/apix/"}) {
    RawClient client(running.port());
    client.send(get(path));
    const RawReply reply = client.reply();
    CHECK(reply.status == 404);
    CHECK(reply.body.find("http.not_found") != std::string::npos);
  }
  for (const char* path : {"/s/", "/s/Open", "/s/open/x", "/s/..%2f"}) {
    RawClient client(running.port());
    client.send(post(path, "x"));
    const RawReply reply = client.reply();
    CHECK(reply.status == 404);
    CHECK(reply.has("Lalanh-Error: http.not_found"));
    CHECK(reply.body.empty());
  }
}

TEST_CASE("a method that a path does not take is a typed 405 that names the right ones") {
  Running running;
  running.start();
  const auto ask = [&](const std::string& request) {
    RawClient client(running.port());
    client.send(request);
    return client.reply();
  };
  const RawReply sync = ask(get("/s/open"));
  CHECK(sync.status == 405);
  CHECK(sync.has("Allow: POST"));
  CHECK(sync.has("Lalanh-Error: http.method"));
  const RawReply health = ask(post("/health", ""));
  CHECK(health.status == 405);
  CHECK(health.has("Allow: GET, HEAD"));
  CHECK(health.body.find("http.method") != std::string::npos);
  CHECK(ask("TRACE /api/x HTTP/1.1\r\n" + running.api_fields() + "\r\n").status == 405);
}

TEST_CASE("what leaves a handler as an exception is a typed 500 and the server goes on") {
  Running running;
  running.handlers.sync = [](std::string_view, ByteView, bool) -> Result<Bytes> {
    throw std::runtime_error("Nguyễn Văn An, 0123456789");
  };
  running.handlers.api = [](const ApiRequest&) -> ApiReply { throw 42; };
  running.start();
  RawClient client(running.port());
  client.send(post("/s/open", "x"));
  const RawReply sync = client.reply();
  CHECK(sync.status == 500);
  CHECK(sync.has("Lalanh-Error: system.internal"));
  client.send(get("/api/x", running.api_fields()));
  const RawReply api = client.reply();
  CHECK(api.status == 500);
  CHECK(api.body.find("system.internal") != std::string::npos);
  client.send(get("/health"));
  CHECK(client.reply().status == 200);
  CHECK(running.logged("runtime_error"));
  CHECK_FALSE(running.logged("Nguyễn"));  // a message may quote what a person typed
}

TEST_CASE("health says ok and the version, to GET and HEAD") {
  Running running;
  running.start();
  RawClient client(running.port());
  client.send(get("/health?probe=1"));
  const RawReply reply = client.reply();
  CHECK(reply.status == 200);
  CHECK(reply.body == "{\"status\":\"ok\",\"version\":\"9.8.7\"}\n");
  client.send("HEAD /health HTTP/1.1\r\n\r\n");
  const RawReply head = client.reply(5'000, true);
  CHECK(head.status == 200);
  client.send(get("/health"));
  CHECK(client.reply().body == reply.body);  // nothing followed the HEAD's head
}

TEST_CASE("the log has one JSON line a request, without the query") {
  Running running;
  running.start();
  RawClient client(running.port());
  client.send(get("/api/households?name=Nguyen", running.api_fields()));
  CHECK(client.reply().status == 200);
  client.send(get("/api/households/0a.1", running.api_fields()));
  CHECK(client.reply().status == 200);
  REQUIRE(eventually([&] { return running.log_lines().size() == 2; }));
  for (const std::string& line : running.log_lines()) {
    CHECK(line.find("\"level\":\"info\",\"event\":\"request\",\"path\":\"/api/households\","
                    "\"status\":200,\"ms\":") != std::string::npos);
    CHECK(line.starts_with("{\"time\":\"2"));
    CHECK(line.find("Nguyen") == std::string::npos);
    CHECK(line.back() == '}');
  }
}

TEST_CASE("a path that a client invents is neither counted nor logged by its name") {
  Running running;
  running.start();
  const auto ask = [&](const std::string& request) {
    RawClient client(running.port());
    client.send(request);
    return client.reply();
  };
  for (const char* path : {"/s/tran-thi-binh", "/tran-thi-binh", "/tran/thi", "/s/open/binh"}) {
    CHECK(ask(get(path)).status == 404);
    CHECK(ask(post(path, "x")).status == 404);
    CHECK(ask(std::string("POST ") + path + " HTTP/1.1\r\n\r\n").status == 404);  // no length
  }
  CHECK(ask(get("/api/tran-thi-binh", running.api_fields())).status ==
        200);  // the API's own matter
  CHECK(ask(get("/api/tran-thi-binh")).status == 421);
  CHECK(eventually([&] { return running.log_lines().size() == 14; }));
  CHECK_FALSE(running.logged("binh"));
  CHECK_FALSE(running.logged("tran"));
  const std::string metrics = ask(get("/metrics")).body;
  CHECK(metrics.find("lalanhd_http_requests_total{route=\"other\",status=\"404\"} 12\n") !=
        std::string::npos);
  CHECK(metrics.find("binh") == std::string::npos);
  CHECK(metrics.find("tran") == std::string::npos);
}

TEST_CASE("every call of the protocol is a path that is known, counted and logged by its name") {
  for (const std::string_view path : {sync::kPathOpen, sync::kPathDiffer, sync::kPathPull,
                                      sync::kPathPush, sync::kPathAbove, sync::kPathEnrol}) {
    RequestHead head;
    head.target = path;
    CHECK(route_of(head).kind == RouteKind::kSync);
    CHECK(route_of(head).label == path);
  }
}
