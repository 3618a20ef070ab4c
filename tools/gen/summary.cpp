#include "tools/gen/summary.h"

#include <nlohmann/json.hpp>

#include "tools/gen/csv_form.h"

namespace lalanh::gen {
namespace {

using Json = nlohmann::ordered_json;

Json counts_json(const Counts& counts) {
  Json json;
  for (std::size_t i = 0; i < kMeasures; ++i) json[kMeasureNames[i]] = counts[i];
  return json;
}

bool nothing(const Counts& counts) {
  return counts[static_cast<std::size_t>(Measure::kHouseholds)] == 0;
}

Json year_json(const Tally& tally, int year) {
  const Tree& all = tree();
  Json districts = Json::object();
  for (std::size_t d = 0; d < all.districts.size(); ++d) {
    const Counts counts = tally.district(d, year);
    if (nothing(counts)) continue;
    Json district = counts_json(counts);
    district["name"] = all.districts[d].name;
    Json communes = Json::object();
    for (const std::size_t c : all.districts[d].communes) {
      const Counts own = tally.commune(c, year);
      if (nothing(own)) continue;
      communes[all.communes[c].code] = counts_json(own);
      communes[all.communes[c].code]["name"] = all.communes[c].name;
    }
    district["communes"] = std::move(communes);
    districts[all.districts[d].code] = std::move(district);
  }
  Json json = counts_json(tally.whole(year));
  json["districts"] = std::move(districts);
  return json;
}

std::string years_text(const std::vector<int>& years) {
  std::string text;
  for (const int year : years) text += (text.empty() ? "" : ", ") + std::to_string(year);
  return text;
}

}  // namespace

std::string summary_json(const RunOptions& options, const Tally& tally) {
  Json json;
  json["note"] = kInventedNote;
  json["made_by"] = "lalanh-gen";
  json["seed"] = options.seed;
  json["years"] = options.years;
  json["villages"] = tally.villages();
  json["villages_cap"] = options.villages;
  json["households_cap"] = options.households;
  Json periods = Json::object();
  for (const int year : tally.years()) periods[std::to_string(year)] = year_json(tally, year);
  json["periods"] = std::move(periods);
  Json published = Json::array();
  if (options.households == 0) {
    for (const Compared& each : tally.compare()) {
      published.push_back(
          {{"year", each.target->year},
           {"unit", each.target->unit},
           {"measure", kMeasureNames[static_cast<std::size_t>(each.target->measure)]},
           {"published", each.target->value},
           {"found", each.found},
           {"met", each.met()},
           {"source", each.target->source}});
    }
  }
  json["published"] = std::move(published);
  return json.dump(1) + "\n";
}

Result<FolderClaims> claims_of(const std::string& summary) {
  const Json json = Json::parse(summary, nullptr, false);
  const auto number = [&](const char* key) -> std::int64_t {
    if (!json.is_object() || !json.contains(key) || !json[key].is_number_integer()) return -1;
    return json[key].get<std::int64_t>();
  };
  const std::int64_t villages = number("villages");
  const std::int64_t cap = number("households_cap");
  if (villages < 0 || cap < 0) {
    return Error(ErrorCode::input_not_json,
                 {{"why", "no villages or households_cap"}, {"where", "summary.json"}});
  }
  return FolderClaims{static_cast<std::size_t>(villages), cap > 0};
}

std::string folder_readme(const RunOptions& options) {
  std::string text =
      "DỮ LIỆU GIẢ LẬP - KHÔNG PHẢI NGƯỜI THẬT\n"
      "Mọi hộ, người, địa chỉ, số định danh và số điện thoại trong thư mục này đều do máy tạo ra.\n"
      "Tên tỉnh, huyện, xã là thật (danh mục năm 2021); thôn, xóm, phố là giả lập.\n"
      "Chỉ các số tổng đã công bố (cột 'published' trong summary.json) là số thật.\n"
      "\n"
      "INVENTED DATA - NO REAL PERSONS\n"
      "Every household, person, address, citizen id and phone number here was made by a program.\n"
      "Province, districts and communes are real (list of 2021); villages are invented.\n"
      "Only the published totals ('published' in summary.json) are real figures.\n"
      "\n";
  text +=
      "lalanh-gen --seed " + std::to_string(options.seed) + ", " + years_text(options.years) + "\n";
  if (options.csv) {
    text +=
        "units.csv                                      units; villages have invented = 1\n"
        "<district>/<commune>/<village>/households.csv  one row a household and year\n"
        "<district>/<commune>/<village>/members.csv     one row a person, the head too\n"
        "summary.json                                   counts and the published figures\n";
  }
  if (options.ndjson) {
    text +=
        "households.ndjson, updates.ndjson              input of lalanh-bench (invented as well)\n";
  }
  return text;
}

}  // namespace lalanh::gen
