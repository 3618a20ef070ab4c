#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

Bytes read(World& world, const std::string& path) {
  return must(world.files->read(path, limits::kEnrolmentBytesMax));
}

std::string name_of(const Status& status) { return status.ok() ? "" : status.error().name(); }

std::string name_of(const Result<Bytes>& result) {
  return result.ok() ? "" : result.error().name();
}

}  // namespace

TEST_CASE("a device is certified with one file each way, and then works for its unit") {
  World world;
  const Bytes request = read(world, world.request_of("thon"));
  NodeOptions options;
  options.folder = world.path("thon");
  options.clock = &world.clock;
  options.random = &world.random;
  options.files = world.files.get();
  CHECK(Node::open(options).error().name() == "trust.not_enrolled");
  const Bytes answer =
      must(certify(world.province(), request, world.unit_no("1440101"), "hall:8600"));
  must(enrol(*world.files, world.path("thon"), answer));
  must(enrol(*world.files, world.path("thon"), answer));
  Node& node = world.node("thon");
  const Got status = get(node, "/api/status");
  CHECK(status.text("unit_code") == "1440101");
  CHECK(status.text("unit_name") == "Thôn Một");
  CHECK(status.number("rank") == 1);
  CHECK(status.text("parent") == "hall:8600");
  // Before the first sync it knows no tree, but its own unit.
  household(node, "1440101", R"({"head":"A"})");
  CHECK(post(node, "/api/households", R"({"unit":"1440102","fields":{"head":"A"}})").error() ==
        "register.unknown_unit");
}

TEST_CASE("the same request gets the same answer, another one another device number") {
  World world;
  const UnitNo unit = world.unit_no("1440101");
  const Bytes one = read(world, world.request_of("mot"));
  const Bytes two = read(world, world.request_of("hai"));
  const Bytes answer = must(certify(world.province(), one, unit, "h:1"));
  const Bytes other = must(certify(world.province(), two, unit, "h:1"));
  CHECK(must(certify(world.province(), one, unit, "h:1")) == answer);
  CHECK(other != answer);
  must(enrol(*world.files, world.path("mot"), answer));
  must(enrol(*world.files, world.path("hai"), other));
  const auto device = [&](const char* name) {
    return world.node(name).store().own_certificate().device().device;
  };
  CHECK(device("mot") != device("hai"));
  CHECK(device("mot") != world.province().store().own_certificate().device().device);
}

TEST_CASE("a unit elsewhere is refused, and a village certifies nobody") {
  World world;
  Node& hall = world.add("xa", "14401", "province");
  Node& village = world.add("thon", "1440101", "xa");
  const Bytes request = read(world, world.request_of("moi"));
  CHECK(name_of(certify(hall, request, world.unit_no("1440102"), "h:1")) == "");
  CHECK(name_of(certify(hall, request, world.unit_no("1440201"), "h:1")) == "trust.not_allowed");
  CHECK(name_of(certify(hall, request, world.unit_no("372"), "h:1")) == "trust.not_allowed");
  CHECK(name_of(certify(hall, request, UnitNo(99), "h:1")) == "register.unknown_unit");
  CHECK(name_of(certify(village, request, world.unit_no("1440101"), "h:1")) == "trust.not_allowed");
}

TEST_CASE("an answer for another machine or of another system is refused and changes nothing") {
  World world;
  const UnitNo unit = world.unit_no("1440101");
  const Bytes one = read(world, world.request_of("mot"));
  world.request_of("hai");
  const Bytes answer = must(certify(world.province(), one, unit, "h:1"));
  CHECK(name_of(enrol(*world.files, world.path("hai"), answer)) == "trust.bad_certificate");
  CHECK_FALSE(world.files->exists(NodeFiles(world.path("hai")).certificate));
  must(enrol(*world.files, world.path("mot"), answer));

  World other(8);
  const Bytes foreign = must(certify(other.province(), one, other.unit_no("1440101"), "h:1"));
  CHECK(name_of(enrol(*world.files, world.path("mot"), foreign)) == "trust.wrong_root");
  CHECK(get(world.node("mot"), "/api/status").text("unit_code") == "1440101");
}

TEST_CASE("damaged requests and answers are refused with what is wrong") {
  World world;
  const UnitNo unit = world.unit_no("1440101");
  const auto certified = [&](std::string_view text) {
    return name_of(certify(world.province(), as_bytes(text), unit, "h:1"));
  };
  for (const char* text : {"", "{}", R"({"format":1,"key":"00"})", R"({"format":0,"key":"00"})",
                           R"({"format":1,"key":"00","colour":"red"})"}) {
    CHECK(certified(text) == "input.wrong_file");
  }
  CHECK(certified(R"({"format":2,"key":"00"})") == "format.newer");
  CHECK(name_of(certify(world.province(), as_bytes("{}"), unit, "no address")) ==
        "input.not_an_address");
  CHECK(certified(std::string(20'000, ' ')) == "input.too_large");
  world.request_of("thon");
  const auto enrolled = [&](std::string_view text) {
    return name_of(enrol(*world.files, world.path("thon"), as_bytes(text)));
  };
  CHECK(enrolled("{") == "input.wrong_file");
  CHECK(enrolled(R"({"format":1})") == "input.wrong_file");
  CHECK(name_of(enrol(*world.files, world.path("nowhere"), as_bytes("{"))) == "store.not_made");
  CHECK(enrolled(std::string(20'000, ' ')) == "input.too_large");
}

TEST_CASE("a folder that has a key already is not made again") {
  World world;
  const std::string request = world.request_of("thon");
  const Bytes before = read(world, request);
  CHECK(init_device(*world.files, world.random, world.path("thon"), "x", "y").error().name() ==
        "system.exists");
  CHECK(read(world, request) == before);
  CHECK(name_of(init_province(*world.files, world.random, world.clock, world.path("province"), "Sở",
                              must(read_units_csv(kUnits, "units.csv", {2021, 1, 1})))) ==
        "system.exists");
}

TEST_CASE("a village writes its own unit alone") {
  World world;
  Node& node = world.add("thon", "1440101", "province");
  CHECK(post(node, "/api/households", R"({"unit":"1440102","fields":{"head":"A"}})").error() ==
        "trust.not_allowed");
  CHECK(
      post(node, "/api/import", R"({"unit":"1440102","households":"code,head\nH1,A\n"})").error() ==
      "trust.not_allowed");
  CHECK(get(node, "/api/households").number("total") == 0);
  CHECK(post(node, "/api/verify").yes("ok"));
}
