#include "shared/rules/classify.h"

namespace lalanh {
namespace {

/// Classes that are still possible: bit (1 << PovertyClass).
using Possible = std::uint8_t;

constexpr Possible bit(PovertyClass value) {
  return static_cast<Possible>(1U << static_cast<unsigned>(value));
}
constexpr Possible kAll = bit(PovertyClass::kPoor) | bit(PovertyClass::kNearPoor) |
                          bit(PovertyClass::kAverageFarm) | bit(PovertyClass::kNotPoor);

/// How many indicators are deprived: at least `low`, at most `high`.
struct Deprivations {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// What the answers allow in one area.
struct Verdict {
  Possible possible = kAll;
  Rule rule = Rule::kNotEnough;
  std::uint8_t missing = 0;
  std::uint8_t findings = 0;
  bool unconfirmed = false;
  std::int64_t line = 0;
  std::int64_t average_line = 0;

  void decide(PovertyClass value, Rule by) {
    possible = bit(value);
    rule = by;
  }
  void use(const LegalNumber& fact) {
    unconfirmed = unconfirmed || fact.source.mark == Mark::kUnconfirmed;
  }
};

/// Above the line of poverty: average living where it was asked for and the income lies in the
/// band between the lines.
void above(const RulePack& pack, const Answers& answers, std::size_t area, bool points,
           Verdict& out) {
  out.decide(PovertyClass::kNotPoor, points ? Rule::kPointsAbove : Rule::kIncomeAbove);
  if (!answers.farm_work.value_or(false)) return;
  if (!pack.average_line.has_value()) {
    out.findings |= kNoAverageLine;
    out.unconfirmed = true;
    return;
  }
  if (!answers.income.has_value() || *answers.income <= pack.income_line[area].value) return;
  const LegalNumber& average = (*pack.average_line)[area];
  out.average_line = average.value;
  out.use(average);
  if (*answers.income <= average.value) {
    out.decide(PovertyClass::kAverageFarm,
               points ? Rule::kPointsAverageFarm : Rule::kIncomeAverageFarm);
  }
}

/// Within the line: poor or near-poor by a number and the mark from which it is poor.
void within(Deprivations found, std::int64_t poor_from, bool points, Verdict& out) {
  if (found.low >= poor_from) {
    out.decide(PovertyClass::kPoor, points ? Rule::kPointsPoor : Rule::kIncomePoor);
  } else if (found.high < poor_from) {
    out.decide(PovertyClass::kNearPoor, points ? Rule::kPointsNearPoor : Rule::kIncomeNearPoor);
  } else {
    out.possible = bit(PovertyClass::kPoor) | bit(PovertyClass::kNearPoor);
    out.missing |= kMissingIndicators;
  }
}

Verdict judge_points(const RulePack& pack, const Answers& answers, std::size_t area,
                     Deprivations counted) {
  Verdict out;
  const LegalNumber& line = (*pack.point_line)[area];
  out.line = line.value;
  out.use(line);
  if (*answers.score_income > line.value) {
    above(pack, answers, area, true, out);
    return out;
  }
  out.use(pack.points_per_indicator);
  out.use(pack.poor_from);
  const std::int64_t each = pack.points_per_indicator.value;
  Deprivations points{counted.low * each, counted.high * each};
  if (answers.score_deprivation.has_value()) {
    points = {*answers.score_deprivation, *answers.score_deprivation};
  }
  within(points, pack.poor_points(), true, out);
  return out;
}

Verdict judge_income(const RulePack& pack, const Answers& answers, std::size_t area,
                     Deprivations counted) {
  Verdict out;
  const std::int64_t poor_from = pack.poor_from.value;
  const bool counts_decide = counted.low >= poor_from || counted.high < poor_from;
  if (!answers.income.has_value()) {
    out.missing = kMissingIncome;
    if (!counts_decide && !answers.score_deprivation.has_value()) out.missing |= kMissingIndicators;
    return out;
  }
  const LegalNumber& line = pack.income_line[area];
  out.line = line.value;
  out.use(line);
  if (*answers.income > line.value) {
    above(pack, answers, area, false, out);
    return out;
  }
  out.use(pack.poor_from);
  if (!counts_decide && answers.score_deprivation.has_value()) {
    // The form may hold B2's total alone.
    out.use(pack.points_per_indicator);
    within({*answers.score_deprivation, *answers.score_deprivation}, pack.poor_points(), false,
           out);
  } else {
    within(counted, poor_from, false, out);
  }
  return out;
}

Verdict judge(const RulePack& pack, const Answers& answers, std::size_t area,
              Deprivations counted) {
  if (answers.score_income.has_value() && pack.point_line.has_value()) {
    return judge_points(pack, answers, area, counted);
  }
  return judge_income(pack, answers, area, counted);
}

PovertyClass only_one(Possible possible) {
  for (const PovertyClass value : {PovertyClass::kPoor, PovertyClass::kNearPoor,
                                   PovertyClass::kAverageFarm, PovertyClass::kNotPoor}) {
    if (possible == bit(value)) return value;
  }
  return PovertyClass::kUnknown;
}

std::uint8_t findings_of(const RulePack& pack, const Answers& answers, const Classification& c,
                         Deprivations counted) {
  std::uint8_t out = 0;
  if (answers.class_entered.has_value() && *answers.class_entered != PovertyClass::kUnknown &&
      c.value != PovertyClass::kUnknown && *answers.class_entered != c.value) {
    out |= kClassDiffers;
  }
  const std::int64_t each = pack.points_per_indicator.value;
  if (answers.score_deprivation.has_value()) {
    const std::int64_t score = *answers.score_deprivation;
    if (score % each != 0 || score < counted.low * each || score > counted.high * each) {
      out |= kScoreDiffers;
    }
  }
  if (answers.score_income.has_value() && !pack.point_line.has_value()) out |= kNoPointLine;
  if (answers.score_income.has_value() && pack.point_line.has_value() &&
      answers.income.has_value() && answers.area.has_value()) {
    const auto area = static_cast<std::size_t>(*answers.area);
    const bool points_within = *answers.score_income <= (*pack.point_line)[area].value;
    const bool income_within = *answers.income <= pack.income_line[area].value;
    if (points_within != income_within) out |= kIncomeDisagrees;
  }
  return out;
}

Deprivations count(const RulePack& pack, const Answers& answers, Classification& out) {
  for (std::size_t i = 0; i < pack.indicators.size() && i < kIndicatorsMax; ++i) {
    const auto mask = static_cast<std::uint16_t>(1U << i);
    if (!answers.indicators[i].has_value()) {
      out.unanswered |= mask;
      ++out.unanswered_count;
    } else if (*answers.indicators[i]) {
      out.deprived |= mask;
      ++out.deprived_count;
    }
  }
  return {out.deprived_count, out.deprived_count + out.unanswered_count};
}

}  // namespace

Classification classify(const RulePack& pack, const Answers& answers) {
  Classification out;
  const Deprivations counted = count(pack, answers, out);
  out.score_deprivation_entered = answers.score_deprivation.has_value();
  out.score_deprivation =
      answers.score_deprivation.value_or(counted.low * pack.points_per_indicator.value);
  out.score_income = answers.score_income.value_or(0);
  out.income = answers.income.value_or(-1);
  out.farm_work = answers.farm_work.value_or(false);
  out.area = answers.area.value_or(Area::kRural);
  out.either_area = !answers.area.has_value();

  Verdict verdict = judge(pack, answers, static_cast<std::size_t>(out.area), counted);
  if (out.either_area) {
    const Verdict urban = judge(pack, answers, static_cast<std::size_t>(Area::kUrban), counted);
    verdict.missing |= urban.missing;
    if (verdict.possible != urban.possible) verdict.missing |= kMissingArea;
    verdict.possible |= urban.possible;
    verdict.findings |= urban.findings;
    verdict.unconfirmed = verdict.unconfirmed || urban.unconfirmed;
  }
  out.value = only_one(verdict.possible);
  out.rule = out.value == PovertyClass::kUnknown ? Rule::kNotEnough : verdict.rule;
  out.missing = out.value == PovertyClass::kUnknown ? verdict.missing : std::uint8_t{0};
  out.unconfirmed = out.value != PovertyClass::kUnknown && verdict.unconfirmed;
  out.line = verdict.line;
  out.average_line = verdict.average_line;
  out.findings = verdict.findings;
  out.findings |= findings_of(pack, answers, out, counted);
  return out;
}

std::optional<AnswerSlot> answer_slot(const RulePack& pack, std::string_view field) {
  if (field == "income") return AnswerSlot::kIncome;
  if (field == "score_income") return AnswerSlot::kScoreIncome;
  if (field == "score_deprivation") return AnswerSlot::kScoreDeprivation;
  if (field == "farm_work") return AnswerSlot::kFarmWork;
  if (field == "area") return AnswerSlot::kArea;
  if (field == "class_entered") return AnswerSlot::kClassEntered;
  const int slot = pack.slot(field);
  if (slot < 0) return std::nullopt;
  return static_cast<AnswerSlot>(slot);
}

bool set_answer(AnswerSlot slot, const FieldValue& value, Answers& answers) {
  const bool none = std::holds_alternative<std::monostate>(value);
  const std::int64_t* number = std::get_if<std::int64_t>(&value);
  const std::string* text = std::get_if<std::string>(&value);
  const bool* yes = std::get_if<bool>(&value);
  const auto put = [none](auto& answer, const auto* held) {
    if (!none && held == nullptr) return false;
    answer.reset();
    if (!none) answer = *held;
    return true;
  };
  switch (slot) {
    case AnswerSlot::kIncome: return put(answers.income, number);
    case AnswerSlot::kScoreIncome: return put(answers.score_income, number);
    case AnswerSlot::kScoreDeprivation: return put(answers.score_deprivation, number);
    case AnswerSlot::kFarmWork: return put(answers.farm_work, yes);
    case AnswerSlot::kArea: {
      const Area area = text != nullptr && *text == "U" ? Area::kUrban : Area::kRural;
      const bool good = text != nullptr && (*text == "U" || *text == "R");
      return put(answers.area, good ? &area : nullptr);
    }
    case AnswerSlot::kClassEntered: {
      PovertyClass entered = PovertyClass::kUnknown;
      const bool good = text != nullptr && class_from_text(*text, entered);
      return put(answers.class_entered, good ? &entered : nullptr);
    }
  }
  return put(answers.indicators[static_cast<std::size_t>(slot)], yes);
}

bool set_answer(const RulePack& pack, std::string_view field, const FieldValue& value,
                Answers& answers) {
  const std::optional<AnswerSlot> slot = answer_slot(pack, field);
  return slot && set_answer(*slot, value, answers);
}

}  // namespace lalanh
