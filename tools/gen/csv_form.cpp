#include "tools/gen/csv_form.h"

#include "tools/gen/csv.h"

namespace lalanh::gen {
namespace {

/// From when a unit of the list counts: before the first review that is generated.
constexpr const char* kValidFrom = "2021-01-01";

class Line {
 public:
  explicit Line(std::string& out) : out_(out) {}

  Line& add(std::string_view field) {
    if (!first_) out_ += ',';
    first_ = false;
    append_csv(out_, field);
    return *this;
  }
  Line& add(std::int64_t number) { return add(std::string_view(std::to_string(number))); }
  void end() { out_ += '\n'; }

 private:
  std::string& out_;
  bool first_ = true;
};

const char* letter(Sex sex) { return sex == Sex::kMale ? "M" : "F"; }

std::string joined(const std::vector<std::string>& codes) {
  std::string text;
  for (const std::string& code : codes) {
    if (!text.empty()) text += ';';
    text += code;
  }
  return text;
}

void add_assessment(Line& line, const Household& household, int year, bool scores) {
  const Assessment& found = household.assessments[year_index(year)];
  line.add(std::int64_t{year}).add(household.area == Area::kRural ? "R" : "U").add(found.income);
  for (std::size_t i = 0; i < kIndicators; ++i) {
    line.add(found.unknown[i] ? "" : found.lacks[i] ? "1" : "0");
  }
  line.add(scores ? std::to_string(found.score_income) : "");
  line.add(scores ? std::to_string(found.score_deprivation) : "");
  line.add(found.farm_work ? "1" : "0").add(joined(found.causes)).add(found.wishes);
}

void add_unit(std::string& out, const std::string& code, const std::string& name, const char* level,
              const std::string& parent, const std::string& kind, bool invented) {
  Line line(out);
  line.add(code).add(name).add(level).add(parent).add(kind).add(kValidFrom).add("");
  line.add(invented ? "1" : "0").end();
}

}  // namespace

bool stands(const Household& household, int year) { return household.arrival <= year; }

bool stands(const Person& person, int year) { return person.birth <= year; }

std::string households_csv(std::span<const Household> households, const CsvChoice& choice) {
  std::string out =
      "code,head,head_birth,head_sex,citizen_id,address,ethnic,phone,note,period,area,income";
  for (const char* column : kIndicatorColumns) {
    out += ',';
    out += column;
  }
  out += ",score_income,score_deprivation,farm_work,causes,wishes\n";
  for (const Household& household : households) {
    const Person& head = household.persons.front();
    for (const int year : choice.years) {
      if (!stands(household, year)) continue;
      Line line(out);
      line.add(household.code).add(head.name).add(std::int64_t{head.birth}).add(letter(head.sex));
      line.add(head.citizen_id).add(household.address).add(household.ethnic);
      line.add(household.phone).add(kInventedNote);
      add_assessment(line, household, year, choice.scores);
      line.end();
    }
  }
  return out;
}

std::string members_csv(std::span<const Household> households, const CsvChoice& choice) {
  std::string out = "household_code,name,birth,sex,relation,job,insured,citizen_id,ethnic\n";
  const int now = choice.years.back();
  for (const Household& household : households) {
    if (!stands(household, now)) continue;
    for (const Person& person : household.persons) {
      if (!stands(person, now)) continue;
      Line line(out);
      line.add(household.code).add(person.name).add(std::int64_t{person.birth});
      line.add(letter(person.sex)).add(person.relation).add(person.job);
      line.add(person.insured ? "1" : "0").add(person.citizen_id).add(household.ethnic);
      line.end();
    }
  }
  return out;
}

std::string units_csv(std::span<const std::size_t> villages) {
  const Tree& all = tree();
  std::string out = "code,name,level,parent_code,kind,valid_from,valid_to,invented\n";
  add_unit(out, all.code, all.name, "province", "", "province", false);
  std::string districts;
  std::string communes;
  std::string last;
  std::size_t district = all.districts.size();
  std::size_t commune = all.communes.size();
  for (const std::size_t number : villages) {
    const VillageUnit& village = all.villages[number];
    const CommuneUnit& its_commune = all.communes[village.commune];
    const DistrictUnit& its_district = all.districts[village.district];
    if (village.district != district) {
      district = village.district;
      add_unit(districts, its_district.code, its_district.name, "district", all.code,
               its_district.kind, false);
    }
    if (village.commune != commune) {
      commune = village.commune;
      add_unit(communes, its_commune.code, its_commune.name, "commune", its_district.code,
               its_commune.kind, false);
    }
    add_unit(last, village.code, village.name, "village", its_commune.code, village.kind, true);
  }
  return out + districts + communes + last;
}

}  // namespace lalanh::gen
