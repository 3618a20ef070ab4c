#include "shared/rules/rule_pack.h"

#include <algorithm>

#include "embedded/shared_rules.h"
#include "shared/base/check.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/names.h"

namespace lalanh {
namespace {

constexpr std::size_t kPacksMax = 64;
constexpr std::size_t kDimensionsMax = 32;

constexpr Names<PovertyClass, kPovertyClasses> kClassNames{
    {{PovertyClass::kUnknown, "unknown"},
     {PovertyClass::kPoor, "poor"},
     {PovertyClass::kNearPoor, "near_poor"},
     {PovertyClass::kAverageFarm, "average_farm"},
     {PovertyClass::kNotPoor, "not_poor"}}};
constexpr Names<Mark, 3> kMarkNames{
    {{Mark::kConfirmed, "C"}, {Mark::kInferred, "I"}, {Mark::kUnconfirmed, "UNCONFIRMED"}}};

/// {"value": …, "source": …, "mark": …}: a fact of law always says where it comes from.
Result<LegalNumber> read_number(const JsonIn& in, std::string_view key, std::int64_t min,
                                std::int64_t max) {
  TRY_ASSIGN(const JsonIn number, in.member(key));
  TRY(number.expect_keys({"value", "source", "mark"}));
  LegalNumber out;
  TRY_ASSIGN(out.value, number.integer("value", min, max));
  TRY_ASSIGN([[maybe_unused]] const std::string_view source, number.text("source"));
  TRY_ASSIGN(out.source, read_source(number));
  return out;
}

Result<LegalByArea> read_by_area(const JsonIn& in, std::string_view key) {
  constexpr std::int64_t kMax = 1'000'000'000;
  TRY_ASSIGN(const JsonIn both, in.member(key));
  TRY(both.expect_keys({"rural", "urban"}));
  LegalByArea out;
  TRY_ASSIGN(out[0], read_number(both, "rural", 1, kMax));
  TRY_ASSIGN(out[1], read_number(both, "urban", 1, kMax));
  return out;
}

Status read_words(const JsonIn& in, RulePack& pack) {
  TRY_ASSIGN(const JsonIn areas, in.member("areas"));
  TRY(areas.expect_keys({"rural", "urban"}));
  TRY_ASSIGN(pack.areas[0], read_label(areas, "rural"));
  TRY_ASSIGN(pack.areas[1], read_label(areas, "urban"));
  TRY_ASSIGN(const JsonIn classes, in.member("classes"));
  TRY(classes.expect_keys({"unknown", "poor", "near_poor", "average_farm", "not_poor"}));
  for (const auto& [value, word] : kClassNames) {
    TRY_ASSIGN(pack.classes[static_cast<std::size_t>(value)], read_label(classes, word));
  }
  return {};
}

Status read_years(const JsonIn& in, RulePack& pack) {
  TRY_ASSIGN(const JsonIn years, in.member("review_years"));
  TRY(years.expect_keys({"from", "to", "source", "mark"}));
  TRY_ASSIGN(const std::int64_t from, years.integer("from", 1990, 9999));
  TRY_ASSIGN(const std::int64_t to, years.integer("to", from, 9999));
  pack.year_from = static_cast<int>(from);
  pack.year_to = static_cast<int>(to);
  TRY_ASSIGN(pack.years_source, read_source(years));
  return {};
}

Status read_dimensions(const JsonIn& in, RulePack& pack) {
  TRY_ASSIGN(const std::vector<JsonIn> items, in.array("dimensions", kDimensionsMax));
  for (const JsonIn& item : items) {
    TRY(item.expect_keys({"code", "label"}));
    Dimension dimension;
    TRY_ASSIGN(const std::string_view code, item.text("code", limits::kNameBytesMax));
    dimension.code = code;
    TRY_ASSIGN(dimension.label, read_label(item, "label"));
    pack.dimensions.push_back(std::move(dimension));
  }
  return {};
}

Status read_indicators(const JsonIn& in, RulePack& pack) {
  TRY_ASSIGN(const std::vector<JsonIn> items, in.array("indicators", kIndicatorsMax));
  for (const JsonIn& item : items) {
    TRY(item.expect_keys({"number", "field", "dimension", "label", "deprived_when", "source",
                          "mark", "definition_mark"}));
    Indicator indicator;
    const auto next = static_cast<std::int64_t>(pack.indicators.size() + 1);
    TRY_ASSIGN([[maybe_unused]] const std::int64_t number, item.integer("number", next, next));
    indicator.number = static_cast<int>(next);
    TRY_ASSIGN(const std::string_view field, item.text("field", limits::kNameBytesMax));
    indicator.field = field;
    if (field.empty() || pack.slot(field) >= 0) return bad_pack(item, "an indicator given twice");
    TRY_ASSIGN(const std::string_view dimension, item.text("dimension", limits::kNameBytesMax));
    indicator.dimension = dimension;
    const bool known = std::any_of(pack.dimensions.begin(), pack.dimensions.end(),
                                   [&](const Dimension& held) { return held.code == dimension; });
    if (!known) return bad_pack(item, "unknown dimension '" + indicator.dimension + "'");
    TRY_ASSIGN(indicator.label, read_label(item, "label"));
    TRY_ASSIGN(indicator.deprived_when, read_label(item, "deprived_when"));
    TRY_ASSIGN([[maybe_unused]] const std::string_view source, item.text("source"));
    TRY_ASSIGN(indicator.source, read_source(item));
    TRY_ASSIGN(const std::string_view mark, item.text("definition_mark"));
    if (!value_in(kMarkNames, mark, indicator.definition_mark)) {
      return bad_pack(item, "unknown mark '" + std::string(mark) + "'");
    }
    pack.indicators.push_back(std::move(indicator));
  }
  return {};
}

Status read_lines(const JsonIn& in, RulePack& pack) {
  TRY_ASSIGN(pack.income_line, read_by_area(in, "income_line"));
  if (in.has("average_line")) {
    TRY_ASSIGN(pack.average_line, read_by_area(in, "average_line"));
    for (std::size_t i = 0; i < 2; ++i) {
      if ((*pack.average_line)[i].value < pack.income_line[i].value) {
        return bad_pack(in, "a line of average living below the income line");
      }
    }
  }
  if (in.has("point_line")) {
    TRY_ASSIGN(pack.point_line, read_by_area(in, "point_line"));
  }
  TRY_ASSIGN(pack.points_per_indicator, read_number(in, "points_per_indicator", 1, 1'000));
  TRY_ASSIGN(pack.poor_from, read_number(in, "poor_from_indicators", 1, kIndicatorsMax));
  return {};
}

Result<RulePack> read_pack(const JsonIn& in) {
  TRY(in.expect_keys({"format", "name", "label", "source", "mark", "valid_from", "valid_to",
                      "review_years", "areas", "classes", "income_line", "average_line",
                      "point_line", "points_per_indicator", "poor_from_indicators", "dimensions",
                      "indicators"}));
  TRY_ASSIGN([[maybe_unused]] const std::int64_t format, in.integer("format", 1, 1));
  RulePack pack;
  TRY_ASSIGN(const std::string_view name, in.text("name", limits::kNameBytesMax));
  if (name.empty()) return bad_pack(in, "a pack without name");
  pack.name = name;
  TRY_ASSIGN(pack.label, read_label(in, "label"));
  TRY_ASSIGN([[maybe_unused]] const std::string_view source, in.text("source"));
  TRY_ASSIGN(pack.source, read_source(in));
  TRY_ASSIGN(pack.validity, read_validity(in));
  if (!pack.validity.from.has_value() || !pack.validity.to.has_value()) {
    return bad_pack(in, "a pack needs valid_from and valid_to");
  }
  TRY(read_years(in, pack));
  TRY(read_words(in, pack));
  TRY(read_lines(in, pack));
  TRY(read_dimensions(in, pack));
  TRY(read_indicators(in, pack));
  lalanh::canonical_bytes(in.value(), pack.canonical);
  return pack;
}

/// Two packs for one day, one year or of one name?
bool collide(const RulePack& a, const RulePack& b) {
  const bool days = days_of(*a.validity.from) <= days_of(*b.validity.to) &&
                    days_of(*b.validity.from) <= days_of(*a.validity.to);
  const bool years = a.year_from <= b.year_to && b.year_from <= a.year_to;
  return days || years || a.name == b.name;
}

}  // namespace

std::string_view to_text(PovertyClass value) { return name_in(kClassNames, value); }

bool class_from_text(std::string_view code, PovertyClass& out) {
  return value_in(kClassNames, code, out);
}

int RulePack::slot(std::string_view field) const {
  for (std::size_t i = 0; i < indicators.size(); ++i) {
    if (indicators[i].field == field) return static_cast<int>(i);
  }
  return -1;
}

Result<RulePacks> RulePacks::read(std::span<const EmbeddedFile> files) {
  if (files.size() > kPacksMax) {
    return Error(ErrorCode::input_too_large, {{"max", std::to_string(kPacksMax)}});
  }
  RulePacks out;
  for (const EmbeddedFile& file : files) {
    TRY_ASSIGN(const JsonValue root, parse_json(file.bytes, file.name));
    const JsonIn in(root, file.name);
    TRY_ASSIGN(RulePack pack, read_pack(in));
    for (const RulePack& held : out.packs_) {
      if (collide(held, pack)) return bad_pack(in, "it overlaps the pack '" + held.name + "'");
    }
    out.packs_.push_back(std::move(pack));
  }
  std::sort(out.packs_.begin(), out.packs_.end(), [](const RulePack& a, const RulePack& b) {
    return days_of(*a.validity.from) < days_of(*b.validity.from);
  });
  return out;
}

const RulePacks& RulePacks::builtin() {
  static const RulePacks packs = [] {
    Result<RulePacks> read_ones = RulePacks::read(embedded::shared_rules());
    CHECK(read_ones.ok());  // tests read the same bytes first
    return std::move(read_ones).value();
  }();
  return packs;
}

const RulePack* RulePacks::find(std::string_view name) const {
  for (const RulePack& pack : packs_) {
    if (pack.name == name) return &pack;
  }
  return nullptr;
}

const RulePack* RulePacks::in_force(std::string_view period) const {
  if (!is_period(period)) return nullptr;
  if (period.size() == 7) {
    Date first;
    return date_from_text(std::string(period) + "-01", first) ? in_force(first) : nullptr;
  }
  int year = 0;
  for (const char c : period) year = year * 10 + (c - '0');
  for (const RulePack& pack : packs_) {
    if (pack.year_from <= year && year <= pack.year_to) return &pack;
  }
  return nullptr;
}

const RulePack* RulePacks::in_force(const Date& day) const {
  for (const RulePack& pack : packs_) {
    if (pack.validity.covers(day)) return &pack;
  }
  return nullptr;
}

}  // namespace lalanh
