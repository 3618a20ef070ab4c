#include "shared/catalogue/catalogue.h"

#include <string>

#include <catch2/catch.hpp>

namespace lalanh {
namespace {

Result<Catalogue> read_one(const std::string& text) {
  const EmbeddedFile file{"t.json", text};
  return Catalogue::read(std::span<const EmbeddedFile>(&file, 1));
}

std::string with_field(const std::string& field) {
  return "{\"format\": 1, \"types\": [{\"name\": \"t\", \"channel\": \"records\",\n"
         "\"label\": {\"vi\": \"T\", \"en\": \"T\"}, \"fields\": [\n" +
         field + "]}]}";
}

std::string field(const std::string& rest) {
  return "{\"name\": \"f\", \"label\": {\"vi\": \"F\", \"en\": \"F\"}, \"op\": \"set\",\n"
         "\"sensitivity\": \"none\", " +
         rest + "}";
}

std::string failure(const std::string& text) {
  const Result<Catalogue> read = read_one(text);
  REQUIRE_FALSE(read.ok());
  return read.error().name() + "|" + std::string(read.error().value("where"));
}

TEST_CASE("The catalogue of the program has the types and fields that import and report need") {
  const Catalogue& catalogue = Catalogue::builtin();
  for (const char* name : {"household", "member", "assessment", "unit", "unit_fact", "rule_pack"}) {
    INFO(name);
    CHECK(catalogue.type(name) != nullptr);
  }
  for (const char* name : {"code", "head", "head_birth", "head_sex", "citizen_id", "address",
                           "ethnic", "phone", "note"}) {
    INFO(name);
    CHECK(catalogue.field("household", name) != nullptr);
  }
  CHECK(catalogue.type("household")->channel == Channel::kRecords);
  CHECK(catalogue.type("member")->parent == "household");
  CHECK(catalogue.type("assessment")->parent == "household");
  CHECK(catalogue.type("unit_fact")->channel == Channel::kReference);
  const Field* income = catalogue.field("assessment", "income");
  REQUIRE(income != nullptr);
  CHECK(income->kind == FieldKind::kMoney);
  CHECK(income->sensitivity == Sensitivity::kSensitive);
  CHECK(income->source.mark == Mark::kConfirmed);
  const Field* causes = catalogue.field("assessment", "causes");
  REQUIRE(causes != nullptr);
  CHECK(causes->op == FieldOp::kAdd);
  CHECK(causes->choices.size() == 8);
  CHECK(catalogue.field("household", "head")->person);
  CHECK(catalogue.field("household", "head")->required);
  CHECK(catalogue.field("none", "head") == nullptr);
  CHECK(catalogue.field("household", "none") == nullptr);
}

TEST_CASE("Every field of the catalogue is labelled, and no identity number is unguarded") {
  for (const EntityType& type : Catalogue::builtin().types()) {
    for (const Field& f : type.fields) {
      INFO(type.name << "." << f.name);
      CHECK_FALSE(f.label.in(Language::kVietnamese).empty());
      CHECK_FALSE(f.label.in(Language::kEnglish).empty());
      if (f.format == TextFormat::kCitizenId) CHECK(f.sensitivity == Sensitivity::kSensitive);
    }
  }
}

TEST_CASE("A field can be added by data alone and changes the digest") {
  const Result<Catalogue> one = read_one(with_field(field("\"kind\": \"boolean\"")));
  REQUIRE(one.ok());
  const Result<Catalogue> same = read_one(with_field("  " + field("  \"kind\":  \"boolean\"")));
  const Result<Catalogue> other = read_one(with_field(field("\"kind\": \"date\", \"list\": true")));
  REQUIRE(other.ok());
  CHECK(other->field("t", "f")->list);
  CHECK(to_hex(one->canonical_bytes()) == to_hex(same->canonical_bytes()));
  CHECK(to_hex(one->canonical_bytes()) != to_hex(other->canonical_bytes()));
}

TEST_CASE("A wrong catalogue is refused with file and line") {
  CHECK(failure(with_field(field("\"kind\": \"boolean\", \"colour\": 1"))) ==
        "input.unknown_key|t.json:4");
  CHECK(failure(with_field(field("\"kind\": \"number\""))) == "input.bad_pack|t.json:3");
  CHECK(failure(with_field(field("\"kind\": \"text\""))) == "input.bad_pack|t.json:3");
  CHECK(failure(with_field(field("\"kind\": \"money\", \"min\": 1"))) == "input.bad_pack|t.json:3");
  CHECK(failure(with_field(field("\"kind\": \"money\", \"min\": 2, \"max\": 1"))) ==
        "input.bad_pack|t.json:3");
  CHECK(failure(with_field(field("\"kind\": \"choice\""))) == "input.bad_pack|t.json:3");
  CHECK(failure(with_field(field("\"kind\": \"link\", \"link\": \"other\""))) ==
        "input.bad_pack|t");
  CHECK(failure(with_field(field("\"kind\": \"date\", \"valid_from\": \"2023-02-30\""))) ==
        "input.not_a_date|t.json:3");
  CHECK(failure(with_field(field("\"kind\": \"date\", \"source\": \"NĐ\""))) ==
        "input.bad_pack|t.json:3");
  CHECK(failure(with_field(field("\"kind\": \"date\"") + "," + field("\"kind\": \"date\""))) ==
        "input.bad_pack|t.json:4");
  CHECK(failure("{\"format\": 2, \"types\": []}") == "input.out_of_range|t.json:1");
  CHECK(failure("[") == "input.not_json|t.json:1");
}

TEST_CASE("A validity covers both its ends") {
  Validity validity;
  CHECK(validity.covers({2023, 1, 1}));
  validity.from = Date{2022, 1, 1};
  validity.to = Date{2026, 12, 31};
  CHECK_FALSE(validity.covers({2021, 12, 31}));
  CHECK(validity.covers({2022, 1, 1}));
  CHECK(validity.covers({2026, 12, 31}));
  CHECK_FALSE(validity.covers({2027, 1, 1}));
}

}  // namespace
}  // namespace lalanh
