#include "shared/api/print.h"
#include "sync/bundle/node_bundles.h"
#include "tests/unit/shared/api/description.h"

/// Bundles as the API and the commands have them: whole nodes, real files.
namespace lalanh::testing {
namespace {

/// A hall and a village's laptop that have never met; a folder for a stick.
struct Sticks {
  World world;
  Node& hall = world.add("hall", "14401", "province");
  Node& village = add_apart("thon", "1440101");
  sync::NodeBundles hall_bundles{hall, "0.1.0", {}};
  sync::NodeBundles village_bundles{village, "0.1.0", {}};
  std::string stick = world.folder.file("stick");

  Sticks() {
    hall.set_bundles(&hall_bundles);
    village.set_bundles(&village_bundles);
    must(world.files->make_folder(stick));
  }
  Node& add_apart(const std::string& name, const std::string& unit) {
    const Bytes request = world.request_of(name, world.ticket_for(unit, "hall"));
    must(enrol(*world.files, world.path(name), must(answer_enrolment(hall, request))));
    return world.node(name);
  }
  Got write(Node& node, const std::string& unit = "") {
    return post(node, "/api/bundles/export",
                R"({"path":")" + stick + R"(","for":")" + unit + R"("})");
  }
  Got read(Node& node, const char* what = "import") {
    return post(node, std::string("/api/bundles/") + what, R"({"paths":[")" + stick + R"("]})");
  }
  static std::string text(const char* what, const Got& got, Language language) {
    return text_of({"bundle", what}, got.json(), language);
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE(
    "By the API: a laptop that never had a link comes to the hall's figures, and is told so") {
  Sticks s;
  const Description description(s.hall);
  const auto as_described = [&](const std::string& operation, const Got& got) {
    INFO(got.body);
    CHECK(got.status == 200);
    CHECK(description.difference("POST /api/bundles/" + operation, got) == "");
    return got;
  };
  as_described("export", s.write(s.hall, "1440101"));
  CHECK(as_described("import", s.read(s.village)).yes("ok"));
  CHECK(get(s.village, "/api/status").text("unit_name") == "Thôn Một");
  household(s.village, "", R"({"head":"Bùi An","code":"H1"})");
  CHECK(get(s.village, "/api/status").number("unsent") == 1);
  const Got up = as_described("export", s.write(s.village));
  CHECK(up.number("events") == 1);
  CHECK(contains(Sticks::text("export", up, Language::kVietnamese), "chỉ cấp trên mở được"));
  const Got seen = as_described("inspect", s.read(s.hall, "inspect"));
  CHECK(seen.text("files.1.from_name") == "Thôn Một");
  CHECK(contains(Sticks::text("inspect", seen, Language::kEnglish), "from Thôn Một, device "));
  const Got taken = as_described("import", s.read(s.hall));
  CHECK(taken.number("events_received") == 1);
  CHECK(contains(Sticks::text("import", taken, Language::kVietnamese), "Đã nhận 1 mục."));
  as_described("export", s.write(s.hall, "1440101"));
  const Got back = as_described("import", s.read(s.village));
  CHECK(back.number("waiting") == 0);
  const Got status = get(s.village, "/api/status");
  CHECK(status.number("unsent") == 0);
  CHECK(contains(status.text("received_by_parent"), "20"));
  const Got again = as_described("export", s.write(s.hall, "1440101"));
  CHECK(again.size("files") == 0);
  CHECK(contains(Sticks::text("export", again, Language::kEnglish), "nothing was written"));
}

TEST_CASE("By the API: errors name units, and a bad file among good ones is part of the reply") {
  Sticks s;
  CHECK(s.read(s.village).error() == "bundle.none");
  const Got nobody = s.write(s.hall, "1440102");
  CHECK(nobody.error() == "bundle.no_reader");
  CHECK(contains(nobody.text("error.message.vi"), "Thôn Hai"));
  CHECK(s.write(s.hall, "1440201").error() == "register.not_here");
  REQUIRE(s.write(s.hall, "1440101").status == 200);
  must(s.world.files->replace(s.stick + "/x.llb", as_bytes("no bundle"), false));
  const Description description(s.hall);
  const Got mixed = s.read(s.village);
  CHECK(description.difference("POST /api/bundles/import", mixed) == "");
  CHECK_FALSE(mixed.yes("ok"));
  CHECK(mixed.text("files.1.error.name") == "bundle.not_one");
  CHECK(contains(Sticks::text("import", mixed, Language::kVietnamese), "Gói không đọc được: 1"));
}

}  // namespace
}  // namespace lalanh::testing
