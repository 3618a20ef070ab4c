#include "tools/gen/units.h"

#include <algorithm>

#include "shared/base/check.h"
#include "tools/gen/rng.h"

namespace lalanh::gen {
namespace {

enum class Style { kNamedThon, kNumberedThon, kNumberedXom, kStreet, kNumberedGroup };

std::uint64_t code_number(const std::string& code) { return key_of(code); }

Style style_of(const CommuneUnit& commune, const DistrictUnit& district) {
  Rng rng(0, "village style", {code_number(commune.code)});
  if (commune.area == Area::kUrban) {
    return rng.chance(550) ? Style::kStreet : Style::kNumberedGroup;
  }
  // Along the coast of Kim Sơn villages are mostly numbered xóm.
  const int xom = district.code == "376" ? 600 : 200;
  if (rng.chance(xom)) return Style::kNumberedXom;
  return rng.chance(750) ? Style::kNamedThon : Style::kNumberedThon;
}

/// Two lists of parts make the names of thôn; a name is used once in a commune.
std::string thon_name(Rng& rng, const std::vector<std::string>& used) {
  const Data& all = data();
  constexpr int kTries = 1000;
  for (int i = 0; i < kTries; ++i) {
    const auto first = rng.below(static_cast<std::uint32_t>(all.village_first.size()));
    const auto second = rng.below(static_cast<std::uint32_t>(all.village_second.size()));
    if (all.village_first[first] == all.village_second[second]) continue;
    std::string name = "Thôn " + all.village_first[first] + " " + all.village_second[second];
    if (std::find(used.begin(), used.end(), name) == used.end()) return name;
  }
  CHECK(false);
  return {};
}

std::vector<std::string> village_names(const CommuneUnit& commune, Style style) {
  const Data& all = data();
  Rng rng(0, "village names", {code_number(commune.code)});
  const auto start = rng.below(static_cast<std::uint32_t>(all.streets.size()));
  std::vector<std::string> names;
  for (int i = 0; i < kVillagesPerCommune; ++i) {
    const std::string number = std::to_string(i + 1);
    switch (style) {
      case Style::kNamedThon: names.push_back(thon_name(rng, names)); break;
      case Style::kNumberedThon: names.push_back("Thôn " + number); break;
      case Style::kNumberedXom: names.push_back("Xóm " + number); break;
      case Style::kNumberedGroup: names.push_back("Tổ dân phố " + number); break;
      case Style::kStreet:
        // 5 shares no factor with the number of streets, so no street comes twice.
        names.push_back(
            "Phố " + all.streets[(start + 5 * static_cast<std::size_t>(i)) % all.streets.size()]);
        break;
    }
  }
  return names;
}

const char* kind_of(Style style) {
  switch (style) {
    case Style::kNumberedXom: return "xom";
    case Style::kStreet: return "pho";
    case Style::kNumberedGroup: return "to_dan_pho";
    default: return "thon";
  }
}

void add_villages(Tree& all, std::size_t commune_index) {
  CommuneUnit& commune = all.communes[commune_index];
  const Style style = style_of(commune, all.districts[commune.district]);
  const std::vector<std::string> names = village_names(commune, style);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string number = (i + 1 < 10 ? "0" : "") + std::to_string(i + 1);
    commune.villages.push_back(all.villages.size());
    all.villages.push_back({commune.code + number, names[i], kind_of(style), all.villages.size(),
                            commune_index, commune.district});
  }
}

std::size_t district_index(const Tree& all, const std::string& code) {
  for (std::size_t i = 0; i < all.districts.size(); ++i) {
    if (all.districts[i].code == code) return i;
  }
  CHECK(false);
  return 0;
}

DistrictUnit district_of(const ListedUnit& unit) {
  for (const DistrictWeights& weights : data().districts) {
    if (weights.code == unit.code) return {unit.code, unit.name, unit.kind, {}, weights};
  }
  CHECK(false);
  return {};
}

CommuneUnit commune_of(const ListedUnit& unit, std::size_t district) {
  const Area area = unit.kind == "commune" ? Area::kRural : Area::kUrban;
  CommuneUnit commune{unit.code, unit.name, unit.kind, area, district, {}, 4, 100};
  for (const CommuneNote& note : data().communes) {
    if (note.code != unit.code) continue;
    commune.muong_permille = note.muong_permille;
    commune.poverty_percent = note.poverty_percent;
  }
  return commune;
}

Tree make_tree() {
  Tree all;
  CHECK(data().streets.size() % 5 != 0);
  for (const ListedUnit& unit : data().units) {
    if (unit.level == "province") {
      all.code = unit.code;
      all.name = unit.name;
    } else if (unit.level == "district") {
      all.districts.push_back(district_of(unit));
    }
  }
  for (const ListedUnit& unit : data().units) {
    if (unit.level != "commune") continue;
    const std::size_t district = district_index(all, unit.parent);
    all.districts[district].communes.push_back(all.communes.size());
    all.communes.push_back(commune_of(unit, district));
    add_villages(all, all.communes.size() - 1);
  }
  return all;
}

}  // namespace

const Tree& tree() {
  static const Tree all = make_tree();
  return all;
}

}  // namespace lalanh::gen
