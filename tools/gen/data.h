#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/gen/classes.h"

namespace lalanh::gen {

/// Texts with weights, to pick from.
struct Choices {
  std::vector<std::string> values;
  std::vector<int> weights;
};

enum class Sex : std::uint8_t { kMale, kFemale };

/// Persons born before kNewNamesFrom have names of the old list.
inline constexpr int kNewNamesFrom = 1982;

/// Names of the Red River Delta by sex and time, from data/names.csv.
struct NameLists {
  Choices surnames_kinh;
  Choices surnames_muong;
  /// [sex][0 old, 1 new]
  std::array<std::array<Choices, 2>, 2> middles;
  std::array<std::array<Choices, 2>, 2> givens;
};

/// A way to earn a living, from data/jobs.csv. area 'R', 'U' or '*'; district "" for any;
/// sex 'M', 'F' or '*'; ages both included.
struct Job {
  std::string name;
  bool farm;
  char area;
  std::string district;
  char sex;
  int min_age;
  int max_age;
  int weight;
};

/// What a count in targets.csv counts. The order is that of kMeasureNames.
enum class Measure : std::uint8_t {
  kHouseholds,
  kPersons,
  kPoor,
  kPoorPersons,
  kNearPoor,
  kNearPoorPersons,
  kAverageFarm,
  kAverageFarmPersons,
};
inline constexpr std::size_t kMeasures = 8;
inline constexpr std::array<const char*, kMeasures> kMeasureNames = {
    "households", "persons",           "poor",         "poor_persons",
    "near_poor",  "near_poor_persons", "average_farm", "average_farm_persons"};

/// One count to meet, from data/targets.csv: published ones are compared in the end; the others
/// are invented and only steer.
struct Target {
  int year;
  std::string unit;
  Measure measure;
  std::int64_t value;
  bool published;
  std::string source;
};

/// How a district's share of what is not published is weighted (invented), from
/// data/districts.csv. `births_after_2022` is false where persons of 2022 are published, so that
/// they stay true of later registers.
struct DistrictWeights {
  std::string code;
  int households;
  int poor;
  int near_poor;
  int average_farm;
  bool births_after_2022;
};

/// Communes that differ from their district (invented), from data/communes.csv.
struct CommuneNote {
  std::string code;
  int muong_permille;
  int poverty_percent;
};

/// A unit of the list of 2021, as in data/units-2021.csv.
struct ListedUnit {
  std::string code;
  std::string name;
  std::string level;
  std::string parent;
  std::string kind;
};

/// Everything that the generator reads: the files of tools/gen/data, built in.
struct Data {
  NameLists names;
  std::vector<Job> jobs;
  std::vector<Target> targets;
  std::vector<DistrictWeights> districts;
  std::vector<CommuneNote> communes;
  std::vector<ListedUnit> units;
  std::vector<std::string> village_first, village_second, streets;
  std::vector<std::string> cause_codes;
  std::vector<std::string> wishes;
  /// The words and choices of the bench form (see bench_form.h).
  std::vector<std::string> words, bench_causes, bench_jobs, bench_relations, bench_ethnics;
};

/// The built-in data, read once. A mistake in it is a CHECK. Any thread.
const Data& data();

}  // namespace lalanh::gen
