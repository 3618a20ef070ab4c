#include "tests/sim/versions.h"

#include <array>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "embedded/catalogue_of_today.h"
#include "shared/base/check.h"

namespace lalanh::sim {
namespace {

using Json = nlohmann::json;

/// What came since the older version.
bool is_of_today(const std::string& type, const std::string& field) {
  static const std::set<std::pair<std::string, std::string>> kAdded = {
      {"assessment", "score_income"}, {"assessment", "score_deprivation"},
      {"assessment", "farm_work"},    {"household", "citizen_id"},
      {"member", "citizen_id"},       {"member", "relation"}};
  return kAdded.count({type, field}) != 0;
}

Json field(const char* name, bool search) {
  Json out = {{"name", name},
              {"kind", "text"},
              {"op", "set"},
              {"sensitivity", "basic"},
              {"label", {{"vi", "Trường mới"}, {"en", "New field"}}},
              {"max_length", 200}};
  if (search) out["search"] = true;
  return out;
}

/// What the newest version adds: searched fields, for they are seen in the tables, and a type.
void add_of_newest(Json& types) {
  for (Json& type : types) {
    if (type["name"] == "household") type["fields"].push_back(field("b", true));
    if (type["name"] == "member") type["fields"].push_back(field("a", true));
  }
  Json visit = {{"name", "visit"},
                {"label", {{"vi", "Lần thăm"}, {"en", "Visit"}}},
                {"channel", "records"},
                {"fields", Json::array()}};
  for (const char* name : {"a", "b", "c"}) visit["fields"].push_back(field(name, false));
  types.push_back(std::move(visit));
}

Catalogue make(int version) {
  std::vector<std::string> texts;
  std::vector<EmbeddedFile> files;
  texts.reserve(embedded::catalogue_of_today().size());
  for (const EmbeddedFile& file : embedded::catalogue_of_today()) {
    Json pack = Json::parse(file.bytes);
    bool households = false;
    for (Json& type : pack["types"]) {
      const std::string name = type["name"];
      households = households || name == "household";
      Json kept = Json::array();
      for (const Json& each : type["fields"]) {
        if (version > 1 || !is_of_today(name, each["name"])) kept.push_back(each);
      }
      type["fields"] = std::move(kept);
    }
    if (version == kNewestVersion && households) add_of_newest(pack["types"]);
    texts.push_back(pack.dump());
    files.push_back({file.name, texts.back()});
  }
  Result<Catalogue> out = Catalogue::read(files);
  LALANH_CHECK(out.ok());
  return std::move(*out);
}

}  // namespace

const Catalogue& catalogue_of(int version) {
  LALANH_CHECK(version >= 1 && version <= kNewestVersion);
  static const Catalogue kOlder = make(1);
  static const Catalogue kNewest = make(kNewestVersion);
  if (version == kThisVersion) return Catalogue::builtin();
  return version < kThisVersion ? kOlder : kNewest;
}

}  // namespace lalanh::sim
