#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "shared/event/event.h"

/// The input of the dictionary's training and measuring: the bench form that lalanh-gen writes.
namespace lalanh::dictionary {

struct Member {
  std::string name;
  std::int64_t birth = 0;
  std::string sex;
  std::string relation;
  std::string job;
  bool insured = false;
};

struct Household {
  std::string id;
  std::string head;
  std::int64_t birth = 0;
  std::string address;
  std::string ethnic;
  std::string area;
  std::int64_t income = 0;
  std::vector<bool> lacks;  ///< the indicators, in the order of kIndicators
  std::vector<std::string> causes;
  std::string wishes;
  std::vector<Member> members;
};

/// New values of 1 to 3 fields, by the names of the catalogue.
struct Update {
  std::int64_t time_ms = 0;
  std::string id;
  std::vector<std::pair<std::string, Value>> fields;
};

struct Form {
  std::vector<Household> households;
  std::vector<Update> updates;
};

/// Names of the indicators in the catalogue.
const std::vector<std::string>& indicators();

/// Reads households.ndjson and updates.ndjson of a folder; system.file or input.not_json.
Result<Form> read_form(const std::filesystem::path& folder);

}  // namespace lalanh::dictionary
