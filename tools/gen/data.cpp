#include "tools/gen/data.h"

#include <functional>
#include <string_view>

#include "embedded/gen_data.h"
#include "shared/base/check.h"
#include "tools/gen/csv.h"

namespace lalanh::gen {
namespace {

std::string_view file(std::string_view name) {
  for (const EmbeddedFile& each : embedded::gen_data()) {
    if (each.name == name) return each.bytes;
  }
  CHECK(false);
  return {};
}

/// A row of built-in data, by column name; every mistake in it is a CHECK.
class Row {
 public:
  explicit Row(const CsvReader& reader) : reader_(reader) {}

  const std::string& text(std::string_view column) const {
    return reader_.field(reader_.column(column).value());
  }
  std::int64_t number(std::string_view column) const {
    const auto value = whole_number(text(column));
    CHECK(value.has_value());
    return *value;
  }
  int small(std::string_view column) const { return static_cast<int>(number(column)); }
  char letter(std::string_view column) const {
    CHECK(text(column).size() == 1);
    return text(column)[0];
  }

 private:
  const CsvReader& reader_;
};

void each_row(std::string_view name, const std::function<void(const Row&)>& take) {
  CsvReader reader(file(name));
  while (reader.next().value()) take(Row(reader));
}

void add(Choices& choices, const Row& row) {
  choices.values.push_back(row.text("value"));
  choices.weights.push_back(row.small("weight"));
}

void read_names(NameLists& names) {
  each_row("names.csv", [&](const Row& row) {
    const std::string& kind = row.text("kind");
    if (kind == "surname") {
      add(row.text("group") == "muong" ? names.surnames_muong : names.surnames_kinh, row);
      return;
    }
    const std::size_t sex = row.letter("sex") == 'M' ? 0 : 1;
    const std::size_t time = row.text("era") == "old" ? 0 : 1;
    CHECK(kind == "middle" || kind == "given");
    add(kind == "middle" ? names.middles[sex][time] : names.givens[sex][time], row);
  });
}

Measure measure_of(std::string_view name) {
  for (std::size_t i = 0; i < kMeasures; ++i) {
    if (kMeasureNames[i] == name) return static_cast<Measure>(i);
  }
  CHECK(false);
  return Measure::kHouseholds;
}

void read_counts(Data& all) {
  each_row("targets.csv", [&](const Row& row) {
    all.targets.push_back({row.small("year"), row.text("unit"), measure_of(row.text("measure")),
                           row.number("value"), row.text("status") == "published",
                           row.text("source")});
  });
  each_row("districts.csv", [&](const Row& row) {
    all.districts.push_back({row.text("code"), row.small("households"), row.small("poor"),
                             row.small("near_poor"), row.small("average_farm"),
                             row.number("births_after_2022") != 0});
  });
  each_row("communes.csv", [&](const Row& row) {
    all.communes.push_back(
        {row.text("code"), row.small("muong_permille"), row.small("poverty_percent")});
  });
  each_row("units-2021.csv", [&](const Row& row) {
    all.units.push_back({row.text("code"), row.text("name"), row.text("level"),
                         row.text("parent_code"), row.text("kind")});
  });
}

void read_texts(Data& all) {
  each_row("jobs.csv", [&](const Row& row) {
    const std::string& district = row.text("district");
    all.jobs.push_back({row.text("value"), row.text("sector") == "farm", row.letter("area"),
                        district == "*" ? "" : district, row.letter("sex"), row.small("min_age"),
                        row.small("max_age"), row.small("weight")});
  });
  each_row("villages.csv", [&](const Row& row) {
    const std::string& part = row.text("part");
    auto& list = part == "first"    ? all.village_first
                 : part == "second" ? all.village_second
                                    : all.streets;
    list.push_back(row.text("value"));
  });
  each_row("phrases.csv", [&](const Row& row) {
    const std::string& kind = row.text("kind");
    if (kind == "cause") all.cause_codes.push_back(row.text("code"));
    if (kind == "wish") all.wishes.push_back(row.text("value"));
    if (kind == "word") all.words.push_back(row.text("value"));
    if (kind == "bench_cause") all.bench_causes.push_back(row.text("value"));
    if (kind == "bench_job") all.bench_jobs.push_back(row.text("value"));
    if (kind == "bench_relation") all.bench_relations.push_back(row.text("value"));
    if (kind == "bench_ethnic") all.bench_ethnics.push_back(row.text("value"));
  });
}

Data read_all() {
  Data all;
  read_names(all.names);
  read_counts(all);
  read_texts(all);
  return all;
}

}  // namespace

const Data& data() {
  static const Data all = read_all();
  return all;
}

}  // namespace lalanh::gen
