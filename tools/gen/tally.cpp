#include "tools/gen/tally.h"

#include <algorithm>
#include <array>

#include "shared/base/check.h"
#include "tools/gen/csv.h"
#include "tools/gen/household.h"

namespace lalanh::gen {
namespace {

struct RowOfYear {
  int year;
  HouseholdClass which;
};

using Village = std::map<std::string, std::vector<RowOfYear>>;

std::size_t index(Measure measure) { return static_cast<std::size_t>(measure); }

void count(Counts& counts, HouseholdClass which, bool person) {
  constexpr std::array<Measure, 3> kHouses = {Measure::kPoor, Measure::kNearPoor,
                                              Measure::kAverageFarm};
  constexpr std::array<Measure, 3> kPeople = {Measure::kPoorPersons, Measure::kNearPoorPersons,
                                              Measure::kAverageFarmPersons};
  ++counts[index(person ? Measure::kPersons : Measure::kHouseholds)];
  if (which == HouseholdClass::kOther) return;
  const auto place = static_cast<std::size_t>(which);
  ++counts[index(person ? kPeople[place] : kHouses[place])];
}

Error not_a_number(const std::string& column, const std::string& value) {
  return {ErrorCode::input_wrong_kind,
          {{"field", column}, {"expected", "a whole number"}, {"where", "'" + value + "'"}}};
}

Result<Village> read_households(std::string_view text) {
  CsvReader reader(text);
  TRY_ASSIGN(const std::size_t code, reader.column("code"));
  TRY_ASSIGN(const std::size_t period, reader.column("period"));
  TRY_ASSIGN(const std::size_t area, reader.column("area"));
  TRY_ASSIGN(const std::size_t income, reader.column("income"));
  TRY_ASSIGN(const std::size_t farm, reader.column("farm_work"));
  std::array<std::size_t, kIndicators> indicators{};
  for (std::size_t i = 0; i < kIndicators; ++i) {
    TRY_ASSIGN(indicators[i], reader.column(kIndicatorColumns[i]));
  }
  Village village;
  while (true) {
    TRY_ASSIGN(const bool more, reader.next());
    if (!more) return village;
    const auto year = whole_number(reader.field(period));
    const auto dong = whole_number(reader.field(income));
    if (!year) return not_a_number("period", reader.field(period));
    if (!dong) return not_a_number("income", reader.field(income));
    int lacking = 0;
    for (const std::size_t column : indicators) lacking += reader.field(column) == "1";
    const Area where = reader.field(area) == "U" ? Area::kUrban : Area::kRural;
    village[reader.field(code)].push_back(
        {static_cast<int>(*year), classify(where, *dong, lacking, reader.field(farm) == "1")});
  }
}

}  // namespace

Status Tally::add(const VillageUnit& village, std::string_view households,
                  std::string_view members) {
  TRY_ASSIGN(const Village read, read_households(households));
  const auto counts = [&](int year) -> Counts& {
    std::vector<Counts>& communes = by_year_[year];
    if (communes.empty()) communes.resize(tree().communes.size());
    return communes[village.commune];
  };
  for (const auto& [code, rows] : read) {
    for (const RowOfYear& row : rows) count(counts(row.year), row.which, false);
  }
  CsvReader reader(members);
  TRY_ASSIGN(const std::size_t code, reader.column("household_code"));
  TRY_ASSIGN(const std::size_t birth, reader.column("birth"));
  while (true) {
    TRY_ASSIGN(const bool more, reader.next());
    if (!more) break;
    const auto born = whole_number(reader.field(birth));
    if (!born) return not_a_number("birth", reader.field(birth));
    const auto household = read.find(reader.field(code));
    if (household == read.end()) {
      return Error(ErrorCode::register_not_found, {{"what", reader.field(code)}});
    }
    for (const RowOfYear& row : household->second) {
      if (*born <= row.year) count(counts(row.year), row.which, true);
    }
  }
  villages_[village.number] = true;
  return {};
}

std::vector<int> Tally::years() const {
  std::vector<int> years;
  for (const auto& [year, communes] : by_year_) years.push_back(year);
  return years;
}

Counts Tally::commune(std::size_t commune, int year) const {
  const auto found = by_year_.find(year);
  return found == by_year_.end() ? Counts{} : found->second[commune];
}

Counts Tally::district(std::size_t district, int year) const {
  Counts sum{};
  for (const std::size_t each : tree().districts[district].communes) {
    const Counts counts = commune(each, year);
    for (std::size_t i = 0; i < kMeasures; ++i) sum[i] += counts[i];
  }
  return sum;
}

Counts Tally::whole(int year) const {
  Counts sum{};
  for (std::size_t d = 0; d < tree().districts.size(); ++d) {
    const Counts counts = district(d, year);
    for (std::size_t i = 0; i < kMeasures; ++i) sum[i] += counts[i];
  }
  return sum;
}

bool Tally::covers(const std::string& unit) const {
  const Tree& all = tree();
  return std::all_of(all.villages.begin(), all.villages.end(), [&](const VillageUnit& village) {
    const bool within = unit == all.code || unit == all.districts[village.district].code ||
                        unit == all.communes[village.commune].code;
    return !within || villages_.contains(village.number);
  });
}

Counts Tally::of_unit(const std::string& unit, int year) const {
  const Tree& all = tree();
  if (unit == all.code) return whole(year);
  for (std::size_t d = 0; d < all.districts.size(); ++d) {
    if (all.districts[d].code == unit) return district(d, year);
  }
  for (std::size_t c = 0; c < all.communes.size(); ++c) {
    if (all.communes[c].code == unit) return commune(c, year);
  }
  CHECK(false);
  return {};
}

std::vector<Compared> Tally::compare() const {
  std::vector<Compared> result;
  for (const Target& target : data().targets) {
    if (!target.published || !by_year_.contains(target.year) || !covers(target.unit)) continue;
    result.push_back({&target, of_unit(target.unit, target.year)[index(target.measure)]});
  }
  return result;
}

}  // namespace lalanh::gen
