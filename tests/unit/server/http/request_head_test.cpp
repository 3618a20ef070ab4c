#include <random>

// clang-format off
#include "server/http/request_head.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;

namespace {
std::string why(std::string_view bytes) {
  const auto head = parse_request_head(bytes);
  return head.ok() ? "" : std::string(head.error().value("why"));
}
}  // namespace

TEST_CASE("a plain head is read into method, target and fields in lower case") {
  const auto head = parse_request_head(
      "POST /s/open?x=1 HTTP/1.1\r\nHost: a:1\r\nContent-LENGTH:  12 \t\r\nX-Empty:\r\n\r\n");
  REQUIRE(head.ok());
  CHECK(head->method == "POST");
  CHECK(head->target == "/s/open?x=1");
  CHECK(head->field("host") == "a:1");
  CHECK(head->field("content-length") == "12");
  CHECK(head->has("x-empty"));
  CHECK(head->field("x-empty").empty());
  CHECK_FALSE(head->has("x"));
}

TEST_CASE("a connection is kept by version and by the field Connection") {
  const auto keeps = [](const std::string& version, const std::string& connection) {
    const auto head = parse_request_head("GET / HTTP/" + version + "\r\n" + connection + "\r\n");
    REQUIRE(head.ok());
    return head->keep_alive();
  };
  CHECK(keeps("1.1", ""));
  CHECK_FALSE(keeps("1.0", ""));
  CHECK(keeps("1.0", "Connection: Keep-Alive\r\n"));
  CHECK_FALSE(keeps("1.1", "Connection: Close\r\n"));
}

TEST_CASE("a head that two programs could read in two ways is refused") {
  CHECK(why("GET / HTTP/1.1\nHost: a\n\n") == "request line");
  CHECK(why("GET / HTTP/1.1\r\nHost : a\r\n\r\n") == "header field");
  CHECK(why("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n") == "header field");
  CHECK(why("GET / HTTP/1.1\r\nno colon\r\n\r\n") == "header field");
  CHECK(why("GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n") == "header field");
  CHECK(why(std::string_view("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 22)) == "header field");
  CHECK(why("GET  / HTTP/1.1\r\n\r\n") == "target");
  CHECK(why("GET http://a/ HTTP/1.1\r\n\r\n") == "target");
  CHECK(why("GET /a b HTTP/1.1\r\n\r\n") == "target");
  CHECK(why("GET /\xc3\xa1 HTTP/1.1\r\n\r\n") == "target");
  CHECK(why("G(T / HTTP/1.1\r\n\r\n") == "method");
  CHECK(why("GET / HTTP/2.0\r\n\r\n") == "version");
  CHECK(why("GET /\r\n\r\n") == "request line");
  CHECK(why("") == "request line");
  CHECK(why("GET / HTTP/1.1\r\nA: b\r\n") == "end of the head");
}

TEST_CASE("a head with more than 64 fields is refused") {
  std::string head = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < kHeadFieldsMax; ++i) head += "A: b\r\n";
  CHECK(why(head + "\r\n").empty());
  CHECK(why(head + "A: b\r\n\r\n") == "too many header fields");
}

TEST_CASE("a length is taken once, in digits, and never beside a transfer encoding") {
  const auto length = [](const std::string& fields) {
    const auto head = parse_request_head("POST / HTTP/1.1\r\n" + fields + "\r\n");
    REQUIRE(head.ok());
    return content_length(*head);
  };
  CHECK_FALSE(length("").value().has_value());
  CHECK(length("Content-Length: 0\r\n").value() == 0U);
  CHECK(length("Content-Length: 18446744073709551615\r\n").value() == ~std::uint64_t{0});
  CHECK_FALSE(length("Content-Length: 18446744073709551616\r\n").ok());
  CHECK_FALSE(length("Content-Length: -1\r\n").ok());
  CHECK_FALSE(length("Content-Length: +1\r\n").ok());
  CHECK_FALSE(length("Content-Length: 0x10\r\n").ok());
  CHECK_FALSE(length("Content-Length: 1, 1\r\n").ok());
  CHECK_FALSE(length("Content-Length:\r\n").ok());
  CHECK_FALSE(length("Content-Length: 1\r\nContent-Length: 1\r\n").ok());
  CHECK_FALSE(length("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n").ok());
}

TEST_CASE("no bytes break the reader of heads, and what it takes is within its rules") {
  const std::string good =
      "POST /s/push?a=1 HTTP/1.1\r\nHost: 127.0.0.1:8750\r\nContent-Length: 12\r\n"
      "Connection: keep-alive\r\nLalanh-Token: 0123456789abcdef\r\n\r\n";
  std::mt19937 dice(20231009);  // NOLINT: the same bytes each time, on purpose
  const auto roll = [&](std::size_t n) { return static_cast<std::size_t>(dice()) % n; };
  int taken = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string bytes = good;
    for (std::size_t change = 0; change <= roll(4) && !bytes.empty(); ++change) {
      const std::size_t at = roll(bytes.size());
      switch (roll(4)) {
        case 0: bytes[at] = static_cast<char>(roll(256)); break;
        case 1: bytes.erase(at, 1 + roll(9)); break;
        case 2: bytes.insert(at, bytes.substr(roll(bytes.size()), roll(20))); break;
        default: bytes.resize(at + 1); break;
      }
    }
    const auto head = parse_request_head(bytes);
    if (!head.ok()) continue;
    ++taken;
    REQUIRE(head->target.front() == '/');
    REQUIRE(head->target.find_first_of(" \t\r\n") == std::string::npos);
    REQUIRE(head->fields.size() <= kHeadFieldsMax);
    for (const auto& [name, value] : head->fields) {
      REQUIRE_FALSE(name.empty());
      REQUIRE(value.find_first_of("\r\n") == std::string::npos);
    }
    (void)content_length(*head);
  }
  CHECK(taken > 100);
}
