#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/calendar.h"
#include "shared/base/embedded.h"
#include "shared/base/error.h"
#include "shared/base/result.h"
#include "shared/catalogue/catalogue.h"
#include "shared/catalogue/check_value.h"

namespace lalanh {

enum class Area : std::uint8_t { kRural = 0, kUrban = 1 };

/// A household's class in a period. kUnknown: the answers do not decide it yet.
enum class PovertyClass : std::uint8_t { kUnknown, kPoor, kNearPoor, kAverageFarm, kNotPoor };
inline constexpr std::size_t kPovertyClasses = 5;

/// "unknown", "poor", "near_poor", "average_farm", "not_poor": the codes of `class_entered`.
std::string_view to_text(PovertyClass value);
bool class_from_text(std::string_view code, PovertyClass& out);

/// Indicators that a pack may have; the one in force has 12.
inline constexpr std::size_t kIndicatorsMax = 16;

/// A number that the law sets, with its source and mark.
struct LegalNumber {
  std::int64_t value = 0;
  Source source;
};
/// One for each area; [Area::kRural], [Area::kUrban].
using LegalByArea = std::array<LegalNumber, 2>;

struct Indicator {
  int number = 0;         ///< as the form numbers it, from 1
  std::string field;      ///< field of the assessment that holds the answer
  std::string dimension;  ///< code of a dimension of the pack
  Label label;
  Label deprived_when;  ///< the definition, for the person who asks
  Source source;        ///< of name and place in the list
  Mark definition_mark = Mark::kUnconfirmed;
};

struct Dimension {
  std::string code;
  Label label;
};

/// The standard of some years, as data: `shared/rules/data`. Immutable.
struct RulePack {
  std::string name;
  Label label;
  Source source;
  Validity validity;  ///< days on which the standard is in force
  int year_from = 0;  ///< yearly reviews that are made by it, both years included
  int year_to = 0;
  Source years_source;
  std::array<Label, 2> areas;                  ///< by Area: the word of the decree
  std::array<Label, kPovertyClasses> classes;  ///< by PovertyClass; kUnknown has one too
  LegalByArea income_line;  ///< dong a person a month: at most this is poor or near-poor
  std::optional<LegalByArea> average_line;  ///< at most this is average living, for farm work
  std::optional<LegalByArea> point_line;    ///< B1: at most this is poor or near-poor
  LegalNumber points_per_indicator;         ///< B2 for each deprived indicator
  LegalNumber poor_from;                    ///< deprived indicators from which a household is poor
  std::vector<Dimension> dimensions;
  std::vector<Indicator> indicators;
  /// Deterministic bytes of the pack: their digest names it; layout does not count.
  Bytes canonical;

  /// The slot of an indicator by its field, or -1.
  int slot(std::string_view field) const;
  std::int64_t poor_points() const { return poor_from.value * points_per_indicator.value; }
};

/// The packs that the program knows. Immutable; safe from any thread.
class RulePacks {
 public:
  /// Reads packs, in any order. Errors: those of `parse_json`, input.* and input.bad_pack with file
  /// and line; two packs for one day or one year are refused.
  static Result<RulePacks> read(std::span<const EmbeddedFile> files);
  /// The packs that are compiled into the program.
  static const RulePacks& builtin();

  /// Sorted by their first day.
  const std::vector<RulePack>& all() const { return packs_; }
  const RulePack* find(std::string_view name) const;
  /// The pack by which a period is reviewed: "2023", a yearly review, by the pack's years;
  /// "2023-10", a month, by its first day. nullptr where none is, or it is no period.
  const RulePack* in_force(std::string_view period) const;
  /// The pack in force on a day; nullptr where none is.
  const RulePack* in_force(const Date& day) const;

 private:
  std::vector<RulePack> packs_;
};

}  // namespace lalanh
