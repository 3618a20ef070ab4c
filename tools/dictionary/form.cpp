#include "tools/dictionary/form.h"

#include <fstream>
#include <functional>

#include <nlohmann/json.hpp>

namespace lalanh::dictionary {
namespace {

using Json = nlohmann::json;

/// Keys of the form beside names of the catalogue, where they differ.
const std::vector<std::pair<std::string, std::string>>& indicator_keys() {
  static const std::vector<std::pair<std::string, std::string>> keys = {
      {"employment", "employment"},
      {"dependents", "dependents"},
      {"nutrition", "nutrition"},
      {"healthInsurance", "health_insurance"},
      {"adultEducation", "adult_education"},
      {"schoolAttendance", "school_attendance"},
      {"housingQuality", "housing_quality"},
      {"housingArea", "housing_area"},
      {"safeWater", "safe_water"},
      {"sanitation", "sanitation"},
      {"telecom", "telecom"},
      {"infoMeans", "info_means"},
  };
  return keys;
}

std::string field_of(const std::string& key) {
  for (const auto& [from, to] : indicator_keys()) {
    if (from == key) return to;
  }
  return key == "birth" ? "head_birth" : key;
}

Household household_of(const Json& row) {
  Household out;
  out.id = row.at("id");
  out.head = row.at("head");
  out.birth = row.at("birth");
  out.address = row.at("address");
  out.ethnic = row.at("ethnic");
  out.area = row.at("area");
  out.income = row.at("income");
  for (const auto& [key, name] : indicator_keys()) out.lacks.push_back(row.at(key));
  for (const Json& cause : row.at("causes")) out.causes.push_back(cause);
  out.wishes = row.at("wishes");
  for (const Json& m : row.at("members")) {
    out.members.push_back(
        {m.at("name"), m.at("birth"), m.at("sex"), m.at("relation"), m.at("job"), m.at("insured")});
  }
  return out;
}

Update update_of(const Json& row) {
  Update out;
  out.time_ms = row.at("ts");
  out.id = row.at("id");
  for (const auto& [key, value] : row.at("set").items()) {
    const Value v = value.is_boolean()  ? Value::boolean(value)
                    : value.is_number() ? Value::integer(value)
                                        : Value::text(value);
    out.fields.emplace_back(field_of(key), v);
  }
  return out;
}

Status read_lines(const std::filesystem::path& path,
                  const std::function<void(const Json& row)>& use) {
  std::ifstream in(path);
  if (!in) {
    return Error{ErrorCode::system_file,
                 {{"action", "open"}, {"path", path.string()}, {"why", "not there"}}};
  }
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    try {
      use(Json::parse(line));
    } catch (const Json::exception& fault) {
      const std::string where = path.filename().string() + ", line " + std::to_string(number);
      return Error{ErrorCode::input_not_json, {{"why", fault.what()}, {"where", where}}};
    }
  }
  return {};
}

}  // namespace

const std::vector<std::string>& indicators() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const auto& [key, name] : indicator_keys()) out.push_back(name);
    return out;
  }();
  return names;
}

Result<Form> read_form(const std::filesystem::path& folder) {
  Form out;
  TRY(read_lines(folder / "households.ndjson",
                 [&](const Json& row) { out.households.push_back(household_of(row)); }));
  TRY(read_lines(folder / "updates.ndjson",
                 [&](const Json& row) { out.updates.push_back(update_of(row)); }));
  return out;
}

}  // namespace lalanh::dictionary
