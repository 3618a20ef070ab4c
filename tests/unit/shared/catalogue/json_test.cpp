#include "shared/catalogue/json.h"

#include <string>

#include <catch2/catch.hpp>

#include "shared/catalogue/json_writer.h"

namespace lalanh {
namespace {

std::string failure(std::string_view bytes, const JsonLimits& limits = {}) {
  const Result<JsonValue> read = parse_json(bytes, "f.json", limits);
  REQUIRE_FALSE(read.ok());
  return read.error().name() + "|" + std::string(read.error().value("where"));
}

std::string written(const JsonValue& value) {
  std::string out;
  JsonWriter(out).value(value);
  return out;
}

TEST_CASE("JSON is read into a tree that keeps order, kinds and lines") {
  const Result<JsonValue> read = parse_json(
      "{\n \"b\": [1, -2,\n  9223372036854775807\n],\n\"a\": {\"x\": null, \"y\": true},\n"
      "\"t\": \"Nguyễn \\u0110ức \\ud83d\\ude00\"}",
      "f.json");
  REQUIRE(read.ok());
  CHECK(read->line() == 1);
  CHECK(read->find("b")->line() == 2);
  const JsonValue::Array& numbers = *read->find("b")->array();
  REQUIRE(numbers.size() == 3);
  CHECK(*numbers[2].integer() == INT64_MAX);
  CHECK(numbers[1].line() == 2);
  CHECK(numbers[2].line() == 3);
  CHECK(read->find("a")->line() == 5);
  CHECK(read->find("a")->find("x")->is_null());
  CHECK(*read->find("t")->text() == "Nguyễn Đức 😀");
  CHECK(read->find("t")->line() == 6);
  CHECK(read->find("none") == nullptr);
  CHECK(written(*read) ==
        "{\"b\":[1,-2,9223372036854775807],\"a\":{\"x\":null,\"y\":true},\"t\":\"Nguyễn Đức 😀\"}");
}

TEST_CASE("JSON that is not exact is refused with file and line") {
  CHECK(failure("") == "input.not_json|f.json:1");
  CHECK(failure("{\"a\": 1} x") == "input.not_json|f.json:1");
  CHECK(failure("\n\n{\"a\": 1.5}") == "input.not_json|f.json:3");
  CHECK(failure("[1e2]") == "input.not_json|f.json:1");
  CHECK(failure("[9223372036854775808]") == "input.not_json|f.json:1");
  CHECK(failure("[-9223372036854775809]") == "input.not_json|f.json:1");
  CHECK(failure("[12345678901234567890123]") == "input.not_json|f.json:1");
  CHECK(failure("[NaN]") == "input.not_json|f.json:1");
  CHECK(failure("[1,]") == "input.not_json|f.json:1");
  CHECK(failure("// x\n1") == "input.not_json|f.json:1");
  CHECK(failure("{\"a\": 1,\n\"b\": 2,\n\"a\": 3}") == "input.duplicate_key|f.json:3");
  CHECK(failure("[\"a\\u0000b\"]") == "input.not_json|f.json:1");
  CHECK(failure("{\"a\\u0000b\":1}") == "input.not_json|f.json:1");
  CHECK(failure("[\"\\ud800\"]") == "input.not_json|f.json:1");
  CHECK(failure("[\"\xC3\"]") == "input.not_utf8|f.json");
  CHECK(failure(std::string_view("[1]\0", 4)) == "input.not_utf8|f.json");
}

TEST_CASE("JSON beyond its limits is refused before it costs memory or stack") {
  CHECK(failure(std::string(400'000, '[')) == "input.not_json|f.json:1");
  std::string deep(16, '[');
  CHECK(parse_json(deep + std::string(16, ']'), "f").ok());
  deep += '[';
  CHECK(failure(deep + std::string(17, ']')) == "input.not_json|f.json:1");
  JsonLimits limits;
  limits.values_max = 4;
  CHECK(parse_json("[1,2,3]", "f", limits).ok());
  CHECK(failure("[1,2,3,4]", limits) == "input.not_json|f.json:1");
  limits.bytes_max = 5;
  CHECK(failure("[1,2,3]", limits) == "input.too_large|f.json");
  const Result<JsonValue> no_float = parse_json("[1.0]", "f");
  CHECK(no_float.error().message(Language::kEnglish).find("whole") != std::string::npos);
}

TEST_CASE("Unknown, missing and wrong members are named with file and line") {
  const Result<JsonValue> read = parse_json(
      "{\"name\": \"x\",\n\"count\": 3,\n\"on\": true, \"list\": [1,2],\"no\": null}", "p");
  REQUIRE(read.ok());
  const JsonIn in(*read, "p");
  CHECK(in.expect_keys({"name", "count", "on", "list", "no"}).ok());
  const Status unknown = in.expect_keys({"name", "on", "list", "no"});
  CHECK(unknown.error().name() == "input.unknown_key");
  CHECK(unknown.error().value("where") == "p:2");
  CHECK(*in.text("name") == "x");
  CHECK(in.text("count").error().name() == "input.wrong_kind");
  CHECK(in.text("count").error().value("where") == "p:2");
  CHECK(in.text("other").error().name() == "input.missing");
  CHECK(in.text("name", 0).error().name() == "input.too_long");
  CHECK(*in.integer("count", 0, 3) == 3);
  CHECK(in.integer("count", 4, 9).error().name() == "input.out_of_range");
  CHECK(*in.boolean("on"));
  CHECK(in.array("list", 2)->size() == 2);
  CHECK(in.array("list", 1).error().name() == "input.too_long");
  CHECK(*in.text_or("no", "f") == "f");
  CHECK(*in.integer_or("other", 0, 9, 7) == 7);
  CHECK(in.integer_or("name", 0, 9, 7).error().name() == "input.wrong_kind");
  CHECK_FALSE(*in.boolean_or("no", false));
}

TEST_CASE("The canonical bytes of JSON do not depend on layout or order of keys") {
  const auto canonical = [](std::string_view bytes) {
    Bytes out;
    canonical_bytes(*parse_json(bytes, "f"), out);
    return to_hex(out);
  };
  CHECK(canonical("{\"bb\":1,\"a\":[true,null,\"x\",-1]}") ==
        canonical(" { \"a\" : [ true , null, \"x\", -1 ] ,\n\"bb\":1 } "));
  CHECK(canonical("{\"bb\":1,\"a\":[true,null,\"x\",-1]}") == "a2616184f5f661782062626201");
  CHECK(canonical("[1]") != canonical("[2]"));
}

TEST_CASE("The writer escapes what JSON needs and mends what is not UTF-8") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .text("a", "q\" b\\ n\n t\t r\r e\x1b")
      .integer("i", -5)
      .boolean("b", true)
      .key("l")
      .begin_array()
      .null()
      .begin_object()
      .end_object()
      .raw("[1]")
      .end_array()
      .text("bad", "x\xC3y\xFF")
      .end_object();
  CHECK(out ==
        "{\"a\":\"q\\\" b\\\\ n\\n t\\t r\\r e\\u001b\",\"i\":-5,\"b\":true,\"l\":[null,{},[1]],"
        "\"bad\":\"x\xEF\xBF\xBDy\xEF\xBF\xBD\"}");
  CHECK(parse_json(out, "f").ok());

  std::string steering;
  JsonWriter(steering).text("\xC2\x9B\xE2\x80\xAE\x7Fđ");  // C1, direction, DEL
  CHECK(steering == R"("\u009b\u202e\u007fđ")");
}

}  // namespace
}  // namespace lalanh
