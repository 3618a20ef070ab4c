#include "client/http/gate.h"

#include <catch2/catch.hpp>

using namespace lalanh;
using namespace lalanh::client;

TEST_CASE("a form of an old browser, which says not where it comes from, changes nothing") {
  const std::string token(64, 'a');
  const Gate gate(4'000, token);
  const std::string cookie = gate.cookie_name() + "=" + token;
  RequestFacts form;
  form.method = "POST";
  form.target = "/api/households";
  form.host = "127.0.0.1:4000";
  form.cookie = cookie;
  const auto error = [&](RequestFacts facts) {
    const Result<Admitted> admitted = gate.admit(facts);
    return admitted.ok() ? "" : admitted.error().name();
  };
  const auto of_type = [&](std::string_view type) {
    RequestFacts facts = form;
    facts.content_type = type;
    return error(facts);
  };
  CHECK(of_type("") == "trust.bad_token");
  CHECK(of_type("text/plain") == "trust.bad_token");
  CHECK(of_type("application/x-www-form-urlencoded") == "trust.bad_token");
  CHECK(of_type("multipart/form-data; boundary=application/json") == "trust.bad_token");
  CHECK(of_type("application/jsonp") == "trust.bad_token");
  CHECK(of_type("text/plain;application/json") == "trust.bad_token");
  CHECK(of_type("application/json") == "");
  CHECK(of_type("Application/JSON ; charset=utf-8") == "");

  form.content_type = "text/plain";
  RequestFacts said = form;
  said.origin = "http://127.0.0.1:4000";
  CHECK(error(said) == "");
  said.origin = "http://evil.example";
  CHECK(error(said) == "trust.bad_host");
  said = form;
  said.fetch_site = "same-origin";
  CHECK(error(said) == "");
  said = form;
  said.method = "GET";
  CHECK(error(said) == "");
  said = form;
  said.token = token;  // a program of ours, not a page
  CHECK(error(said) == "");
}
