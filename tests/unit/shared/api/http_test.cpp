#include "shared/api/http.h"

#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "shared/catalogue/json.h"

namespace lalanh {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("a target is split and decoded into path and query, in order") {
  ApiRequest request;
  REQUIRE(split_target("/api/h%E1%BB%99+1?q=T%E1%BB%A7a+Th%C3%a0ng&&empty=&x&q=1%3D2", request));
  CHECK(request.path == "/api/hộ+1");
  CHECK((request.query == Pairs{{"q", "Tủa Thàng"}, {"empty", ""}, {"x", ""}, {"q", "1=2"}}));
  REQUIRE(split_target("/", request));
  CHECK(request.path == "/");
  CHECK(request.query.empty());
}

TEST_CASE("a target that cannot be read is refused: escapes, UTF-8, NUL, blanks, length, form") {
  ApiRequest request;
  for (const std::string& target :
       {std::string(), std::string("api"), std::string("*"), std::string("http://x/api"),
        std::string("/%"), std::string("/%4"), std::string("/%4g"), std::string("/%ff"),
        std::string("/%c3"), std::string("/a%00"), std::string("/?%00=1"), std::string("/?a=%zz"),
        std::string("/a b"), std::string("/a\tb"), std::string("/a#b"), std::string("/\xe1"),
        "/" + std::string(limits::kApiPathBytesMax, 'x')}) {
    INFO(target.substr(0, 40));
    CHECK_FALSE(split_target(target, request));
  }
  CHECK(split_target("/" + std::string(limits::kApiPathBytesMax - 1, 'x'), request));
}

TEST_CASE("every error has a reply that is JSON with its name, both messages and its context") {
  for (std::size_t i = 0; i < error_count(); ++i) {
    const Error error(static_cast<ErrorCode>(i),
                      {{"why", "a \"quoted\" line\nand another"}, {"path", "Xã Tủa Thàng"}});
    const ApiReply reply = error_reply(error);
    INFO(error.name());
    CHECK(reply.status >= 400);
    CHECK(reply.status < 600);
    CHECK((reply.status == 503) == reply.retry_after_s.has_value());
    const auto json = parse_json(reply.body, "reply");
    REQUIRE(json.ok());
    const JsonValue* inner = json->find("error");
    REQUIRE(inner != nullptr);
    CHECK(*inner->find("name")->text() == error.name());
    CHECK(*inner->find("message")->find("vi")->text() == error.message(Language::kVietnamese));
    CHECK(*inner->find("message")->find("en")->text() == error.message(Language::kEnglish));
    CHECK(*inner->find("context")->find("why")->text() == "a \"quoted\" line\nand another");
    CHECK(*inner->find("context")->find("path")->text() == "Xã Tủa Thàng");
  }
}

TEST_CASE("the status fits the kind of error") {
  const auto status = [](ErrorCode code) { return error_reply(Error(code)).status; };
  CHECK(status(ErrorCode::input_missing) == 400);
  CHECK(status(ErrorCode::input_too_large) == 413);
  CHECK(status(ErrorCode::format_malformed) == 400);
  CHECK(status(ErrorCode::trust_bad_token) == 403);
  CHECK(status(ErrorCode::trust_bad_host) == 421);
  CHECK(status(ErrorCode::trust_unknown_certificate) == 401);
  CHECK(status(ErrorCode::register_not_found) == 404);
  CHECK(status(ErrorCode::register_duplicate) == 409);
  CHECK(status(ErrorCode::store_full) == 507);
  CHECK(status(ErrorCode::store_locked) == 503);
  CHECK(status(ErrorCode::sync_unreachable) == 502);
  CHECK(status(ErrorCode::sync_running) == 409);
  CHECK(status(ErrorCode::http_method) == 405);
  CHECK(status(ErrorCode::http_timeout) == 408);
  CHECK(status(ErrorCode::system_internal) == 500);
}

TEST_CASE("a target is escaped so that no text of a query breaks the request line") {
  ApiRequest ask;
  ask.path = "/api/report";
  ask.query = {{"unit", "Xã & b=1\r\n"}, {"x", ""}};
  CHECK(target_of(ask) == "/api/report?unit=X%C3%A3%20%26%20b%3D1%0D%0A&x=");
  ApiRequest back;
  REQUIRE(split_target(target_of(ask), back));
  CHECK(back.path == ask.path);
  CHECK(back.query == ask.query);
}

TEST_CASE("a busy reply says when to try again, whatever the error's text says") {
  const auto retry = [](const char* seconds) {
    return error_reply(Error(ErrorCode::http_busy, {{"seconds", seconds}})).retry_after_s.value();
  };
  CHECK(retry("7") == 7);
  CHECK(retry("999999") == 3'600);
  for (const char* bad : {"", "x", "-1", "7x", "99999999999999999999"}) CHECK(retry(bad) == 2);
}

}  // namespace
}  // namespace lalanh
