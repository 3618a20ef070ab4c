#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/gen/classes.h"
#include "tools/gen/data.h"
#include "tools/gen/years.h"

namespace lalanh::gen {

/// A person of a household; the first of a household is its head (relation "chủ hộ").
struct Person {
  std::string name;
  int birth;
  Sex sex;
  std::string relation;
  std::string job;
  bool insured;
  std::string citizen_id;
};

/// The 12 indicators in the order of Decree 07/2021; true is a deprivation.
enum class Indicator : std::uint8_t {
  kEmployment,
  kDependents,
  kNutrition,
  kHealthInsurance,
  kAdultEducation,
  kSchoolAttendance,
  kHousingQuality,
  kHousingArea,
  kSafeWater,
  kSanitation,
  kTelecom,
  kInfoMeans,
};
inline constexpr std::size_t kIndicators = 12;

/// Column names of the CSV form, and keys of the bench form, in that order.
inline constexpr std::array<const char*, kIndicators> kIndicatorColumns = {
    "employment",      "dependents",        "nutrition",       "health_insurance",
    "adult_education", "school_attendance", "housing_quality", "housing_area",
    "safe_water",      "sanitation",        "telecom",         "info_means"};
inline constexpr std::array<const char*, kIndicators> kIndicatorKeys = {
    "employment",     "dependents",       "nutrition",      "healthInsurance",
    "adultEducation", "schoolAttendance", "housingQuality", "housingArea",
    "safeWater",      "sanitation",       "telecom",        "infoMeans"};

/// What was found of a household at the end of a year. income is dong a person a month.
struct Assessment {
  std::int64_t income = 0;
  std::array<bool, kIndicators> lacks{};
  /// Indicators that nobody asked after (only where no class can depend on them).
  std::array<bool, kIndicators> unknown{};
  bool farm_work = false;
  std::vector<std::string> causes;  ///< codes
  std::string wishes;
  /// Points of both parts of form B; written only when asked for.
  int score_income = 0;
  int score_deprivation = 0;

  /// How many indicators it lacks.
  int deprivations() const;
};

/// A household with all that the generator knows of it. `classes` and `assessments` hold for the
/// years from `arrival` on.
struct Household {
  std::string code;
  int arrival = kFirstYear;
  Area area = Area::kRural;
  std::string address;
  std::string ethnic;
  std::string phone;
  bool farm = false;
  std::vector<Person> persons;
  PerYear<HouseholdClass> classes{};
  PerYear<Assessment> assessments{};
};

}  // namespace lalanh::gen
