#include "shared/accounts/roles.h"

#include <catch2/catch.hpp>

using namespace lalanh;

namespace {

std::string refused(const std::string& json) {
  const Result<Roles> read = Roles::read(json, "roles.json");
  return read.ok() ? "" : read.error().name();
}

std::string table(const std::string& operation) {
  return R"({"format":1,"roles":[{"name":"a","label":{"vi":"x","en":"y"},"rank":1,"grants":[]}],)"
         R"("operations":[)" +
         operation + "]}";
}

}  // namespace

TEST_CASE("the table that is compiled in reads well") {
  const Roles& roles = Roles::builtin();
  CHECK(roles.roles().size() == 7);
  REQUIRE(roles.operation("POST /api/households") != nullptr);
  const Operation& add = *roles.operation("POST /api/households");
  CHECK(add.reach("village_head") == Reach::kOwn);
  CHECK(add.reach("commune_officer") == Reach::kBelow);
  CHECK(add.reach("supervisor") == Reach::kNo);
  CHECK(add.reach("") == Reach::kNo);
  CHECK(roles.operation("POST /api/nothing") == nullptr);
}

TEST_CASE("nobody can give a role that could do more than his own, the keeper of IT apart") {
  // Whoever may not record anything must not make an account that may.
  const Roles& roles = Roles::builtin();
  for (const Role& role : roles.roles()) {
    for (const std::string& name : role.grants) {
      if (role.name == "it") continue;
      for (const Operation& operation : roles.operations()) {
        if (operation.call.starts_with("GET ")) continue;
        INFO(role.name << " grants " << name << ", " << operation.call);
        CHECK(operation.reach(name) <= operation.reach(role.name));
      }
    }
  }
}

TEST_CASE("a table with a mistake is refused") {
  const std::string label = R"("label":{"vi":"x","en":"y"})";
  CHECK(refused(table(R"({"call":"GET /a",)" + label +
                      R"(,"target":"none","allow":{"a":"yes"}})")) == "");
  CHECK(refused(table(R"({"call":"GET /a",)" + label +
                      R"(,"target":"none","allow":{"a":"own"}})")) == "input.bad_pack");
  CHECK(refused(table(R"({"call":"GET /a",)" + label +
                      R"(,"target":"entity","allow":{"a":"yes"}})")) == "input.bad_pack");
  CHECK(refused(table(R"({"call":"GET /a",)" + label +
                      R"(,"target":"none","allow":{"b":"yes"}})")) == "input.bad_pack");
  CHECK(refused(table(R"({"call":"GET /a",)" + label + R"(,"target":"moon","allow":{}})")) ==
        "input.bad_pack");
  CHECK(refused("{}") != "");
}
