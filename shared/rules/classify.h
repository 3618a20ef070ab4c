#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/rules/rule_pack.h"

namespace lalanh {

/// What an assessment says, as far as it says it. Indicators stand in the order of the pack.
struct Answers {
  std::optional<Area> area;
  std::optional<std::int64_t> income;  ///< dong a person a month
  std::array<std::optional<bool>, kIndicatorsMax> indicators;
  std::optional<std::int64_t> score_income;       ///< B1
  std::optional<std::int64_t> score_deprivation;  ///< B2
  std::optional<bool> farm_work;                  ///< no answer: not asked for
  std::optional<PovertyClass> class_entered;
};

/// Where a field's answer stands: below kIndicatorsMax the slot of an indicator of the pack.
enum class AnswerSlot : std::uint8_t {
  kArea = kIndicatorsMax,
  kIncome,
  kScoreIncome,
  kScoreDeprivation,
  kFarmWork,
  kClassEntered
};
/// The slot of a field of the assessment; none where the rules do not use it.
std::optional<AnswerSlot> answer_slot(const RulePack& pack, std::string_view field);

/// Puts a value into the answers; null takes an answer out. False where the value is not of the
/// slot's kind (nothing is changed).
bool set_answer(AnswerSlot slot, const FieldValue& value, Answers& answers);
/// The same by the field's name; false too where the rules do not use the field.
bool set_answer(const RulePack& pack, std::string_view field, const FieldValue& value,
                Answers& answers);

/// The rule that decided. The words are stable: `to_text`.
enum class Rule : std::uint8_t {
  kNotEnough,          ///< no class: answers are missing
  kPointsPoor,         ///< B1 within the line, B2 at or above the mark
  kPointsNearPoor,     ///< B1 within the line, B2 below the mark
  kPointsAbove,        ///< B1 above the line
  kPointsAverageFarm,  ///< B1 above the line, farm work, income within the band
  kIncomePoor,
  kIncomeNearPoor,
  kIncomeAbove,
  kIncomeAverageFarm
};

/// What does not fit together; bits of Classification::findings. None changes the class.
enum Finding : std::uint8_t {
  kClassDiffers = 1,     ///< the class entered is not the class computed
  kScoreDiffers = 2,     ///< B2 entered is not what the indicators give, or no number of points
  kIncomeDisagrees = 4,  ///< B1 and income stand on different sides of their lines
  kNoPointLine = 8,      ///< B1 was entered, but the pack has no line for it: income was used
  kNoAverageLine = 16    ///< farm work, but the pack has no line of average living
};

/// Answers that are missing and would matter; bits of Classification::missing.
enum Missing : std::uint8_t { kMissingArea = 1, kMissingIncome = 2, kMissingIndicators = 4 };

/// A household's class and why, as numbers; the text is made when it is read.
struct Classification {
  PovertyClass value = PovertyClass::kUnknown;
  Rule rule = Rule::kNotEnough;
  std::uint8_t missing = 0;
  std::uint8_t findings = 0;
  /// An UNCONFIRMED fact of the pack was used to decide.
  bool unconfirmed = false;
  /// The area was not answered, but both give this class; numbers compared are the rural ones.
  bool either_area = false;
  Area area = Area::kRural;
  std::uint16_t deprived = 0;    ///< bit i: the pack's indicator i is deprived
  std::uint16_t unanswered = 0;  ///< bit i: no answer to the pack's indicator i
  std::uint8_t deprived_count = 0;
  std::uint8_t unanswered_count = 0;
  bool farm_work = false;  ///< average living was asked for
  bool score_deprivation_entered = false;
  std::int64_t score_income = 0;       ///< B1 compared, with rules kPoints…
  std::int64_t score_deprivation = 0;  ///< B2 compared: as entered, or from the indicators
  std::int64_t income = -1;            ///< income compared; -1: none
  std::int64_t line = 0;               ///< the line of income or points that decided
  std::int64_t average_line = 0;       ///< the line of average living, where it was compared
};

/// The class of a household by a pack (NĐ 07/2021, TT 07/2021 and their like): from points where
/// B1 was entered, else from income and deprivations; B2 is what the indicators give where it is
/// absent. Decided as soon as the missing answers cannot change it; kUnknown until then.
/// A pure function; no memory is taken.
Classification classify(const RulePack& pack, const Answers& answers);

std::string_view to_text(Rule rule);
/// The reason for a person: rule, numbers, deprived indicators, source; and what is missing.
std::string reason_text(const RulePack& pack, const Classification& c, Language language);
/// One sentence for one bit of `findings`. `entered` is the class on the form, for kClassDiffers.
std::string finding_text(const RulePack& pack, const Classification& c, Finding finding,
                         std::optional<PovertyClass> entered, Language language);
/// Stable words of findings: "class_differs", …
std::string_view to_text(Finding finding);

}  // namespace lalanh
