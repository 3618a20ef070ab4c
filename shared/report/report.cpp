#include "shared/report/report.h"

#include <algorithm>

namespace lalanh {
namespace {

/// Tiers of a tree; foreign facts may form a chain, never an endless one.
constexpr std::size_t kDepthMax = 16;

}  // namespace

ReportOrder::ReportOrder(const UnitTree& tree, const Date& day) : day_(day) {
  for (const UnitNo root : tree.roots(day)) add(tree, root, 0);
}

void ReportOrder::add(const UnitTree& tree, UnitNo unit, std::size_t depth) {
  if (depth > kDepthMax || index_.count(unit) != 0) return;
  Place place;
  place.unit = unit;
  place.first = places_.size();
  if (const UnitFact* fact = tree.nearest(unit, day_); fact != nullptr) {
    place.code = fact->code;
    place.name = fact->name;
    place.level = std::string(to_text(fact->level));
  }
  for (const UnitNo child : tree.children(unit, day_)) {
    add(tree, child, depth + 1);
    if (const auto at = index_.find(child); at != index_.end())
      place.children.push_back(at->second);
  }
  index_[unit] = places_.size();
  places_.push_back(std::move(place));
}

ReportRow ReportOrder::row_of(const Place& place) const {
  return {place.unit, place.code, place.name, place.level, {}};
}

std::vector<UnitNo> ReportOrder::children(UnitNo unit) const {
  std::vector<UnitNo> out;
  const auto at = index_.find(unit);
  if (at == index_.end()) return out;
  for (const std::size_t child : places_[at->second].children) out.push_back(places_[child].unit);
  return out;
}

std::vector<UnitNo> ReportOrder::with_below(UnitNo unit) const {
  std::vector<UnitNo> out;
  const auto at = index_.find(unit);
  if (at == index_.end()) return out;
  for (std::size_t i = places_[at->second].first; i <= at->second; ++i) {
    out.push_back(places_[i].unit);
  }
  return out;
}

Result<ClassReport> ReportOrder::class_report(const Counters& counters, UnitNo unit,
                                              const std::string& period) const {
  const auto at = index_.find(unit);
  if (at == index_.end()) {
    return Error{ErrorCode::register_unknown_unit, {{"unit", std::to_string(unit.value)}}};
  }
  ClassReport out;
  out.day = day_;
  out.period = period;
  if (period.empty()) out.period = default_period(counters.periods(), day_);
  const Place& top = places_[at->second];
  const auto sum = [&](std::size_t first, std::size_t last) {
    UnitCounts counts;
    for (std::size_t i = first; i <= last; ++i) {
      counts.add(counters.own(places_[i].unit, out.period));
    }
    return counts;
  };
  out.total = row_of(top);
  out.own = counters.own(unit, out.period);
  out.total.counts = out.own;
  for (const std::size_t child : top.children) {
    ReportRow row = row_of(places_[child]);
    row.counts = sum(places_[child].first, child);
    out.total.counts.add(row.counts);
    out.children.push_back(std::move(row));
  }
  for (const UnitNo other : counters.units()) {
    if (has(other)) continue;
    ReportRow row{other, "", std::to_string(other.value), "", counters.own(other, out.period)};
    if (!(row.counts == UnitCounts{})) out.unplaced.push_back(std::move(row));
  }
  std::sort(out.unplaced.begin(), out.unplaced.end(),
            [](const ReportRow& a, const ReportRow& b) { return a.unit < b.unit; });
  return out;
}

std::string default_period(const std::vector<std::string>& periods, const Date& today) {
  const std::string year = std::to_string(today.year);
  for (auto at = periods.rbegin(); at != periods.rend(); ++at) {
    if (at->size() == year.size() && *at <= year) return *at;
  }
  return periods.empty() ? std::string() : periods.back();
}

std::string percent(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return "";
  const std::int64_t hundredths = (part * 10'000 + whole / 2) / whole;
  std::string out = std::to_string(hundredths / 100) + ".";
  const std::int64_t rest = hundredths % 100;
  if (rest < 10) out.push_back('0');
  return out + std::to_string(rest);
}

}  // namespace lalanh
