#include "tools/gen/bench_form.h"

#include <algorithm>

#include "shared/base/check.h"
#include "tools/gen/csv_form.h"
#include "tools/gen/names.h"

namespace lalanh::gen {
namespace {

/// Fields of an update: income, wishes, address, head, then the indicators. Weights as counted in
/// the example of the form.
constexpr std::size_t kIncome = 0;
constexpr std::size_t kWishes = 1;
constexpr std::size_t kAddress = 2;
constexpr std::size_t kHead = 3;
constexpr std::size_t kFlags = kHead + 1;
constexpr std::array<int, kFlags + kIndicators> kFieldWeights = {260, 130, 65, 50, 41, 41, 41, 41,
                                                                 41,  41,  41, 41, 41, 41, 41, 41};

/// A JSON string: the texts of this program have no control characters.
void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  out += '"';
}

void add(std::string& out, const char* key, std::string_view text) {
  if (out.back() != '{') out += ',';
  append_json(out, key);
  out += ':';
  append_json(out, text);
}

void add_raw(std::string& out, const char* key, std::string_view value) {
  if (out.back() != '{') out += ',';
  append_json(out, key);
  out += ':';
  out += value;
}

const std::string& any_of(Rng& rng, const std::vector<std::string>& list) {
  return list[rng.below(static_cast<std::uint32_t>(list.size()))];
}

/// Words up to 40 letters, as the example has them (letters, not bytes).
std::string words(Rng& rng) {
  constexpr std::size_t kLetters = 40;
  std::string text;
  std::size_t letters = 0;
  while (true) {
    const std::string& word = any_of(rng, data().words);
    std::size_t more = text.empty() ? 0 : 1;
    for (const char byte : word) more += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    if (letters + more > kLetters) return text;
    if (!text.empty()) text += ' ';
    text += word;
    letters += more;
  }
}

std::int64_t example_income(Rng& rng) { return 10'000 * std::int64_t{rng.between(51, 349)}; }

/// The answers as the example draws them, each by itself.
Assessment example_answers(Rng& rng) {
  Assessment found;
  found.income = example_income(rng);
  for (bool& lacks : found.lacks) lacks = rng.chance(215);
  const int causes = rng.between(0, 2);
  while (static_cast<int>(found.causes.size()) < causes) {
    const std::string& cause = any_of(rng, data().bench_causes);
    if (std::find(found.causes.begin(), found.causes.end(), cause) == found.causes.end()) {
      found.causes.push_back(cause);
    }
  }
  found.wishes = words(rng);
  return found;
}

Person example_member(Rng& rng) {
  const Sex sex = rng.chance(500) ? Sex::kMale : Sex::kFemale;
  const int birth = rng.between(1940, 2024);
  const std::string surname = any_of(rng, data().names.surnames_kinh.values);
  return {draw_name(rng, surname, sex, birth),
          birth,
          sex,
          any_of(rng, data().bench_relations),
          any_of(rng, data().bench_jobs),
          rng.chance(500),
          {}};
}

std::vector<Person> members_of(Rng& rng, const Household& household, int year, BenchLook look) {
  std::vector<Person> members;
  if (look == BenchLook::kRegister) {
    for (std::size_t i = 1; i < household.persons.size(); ++i) {
      if (stands(household.persons[i], year)) members.push_back(household.persons[i]);
    }
  }
  while (members.size() < kBenchMembers) members.push_back(example_member(rng));
  members.resize(kBenchMembers);
  return members;
}

std::string member_json(const Person& person) {
  std::string out = "{";
  add(out, "name", person.name);
  add_raw(out, "birth", std::to_string(person.birth));
  add(out, "sex", person.sex == Sex::kMale ? "M" : "F");
  add(out, "relation", person.relation);
  add(out, "job", person.job);
  add_raw(out, "insured", person.insured ? "true" : "false");
  return out + "}";
}

std::string causes_json(const std::vector<std::string>& causes) {
  std::string out = "[";
  for (const std::string& cause : causes) {
    if (out.size() > 1) out += ',';
    append_json(out, cause);
  }
  return out + "]";
}

/// The causes of the register are codes; the bench form has texts, in the same order.
std::vector<std::string> cause_texts(const std::vector<std::string>& codes) {
  const auto& known = data().cause_codes;
  std::vector<std::string> texts;
  for (const std::string& code : codes) {
    const auto at = std::find(known.begin(), known.end(), code) - known.begin();
    texts.push_back(data().bench_causes[static_cast<std::size_t>(at)]);
  }
  return texts;
}

std::string new_text(Rng& rng, std::size_t field, const std::string& place, bool muong) {
  if (field == kWishes) return words(rng);
  if (field == kAddress) return "Số " + std::to_string(rng.between(1, 300)) + ", " + place;
  const Sex sex = rng.chance(500) ? Sex::kMale : Sex::kFemale;
  const std::string& surname = draw_surname(rng, muong);
  return draw_name(rng, surname, sex, rng.between(1940, 2000));
}

}  // namespace

std::string BenchForm::household(const VillageUnit& village, const Household& household, int year) {
  CHECK(stands(household, year));
  Rng rng(seed_, "bench household", {key_of(household.code)});
  const bool example = look_ == BenchLook::kExample;
  Assessment found = example ? example_answers(rng) : household.assessments[year_index(year)];
  if (!example) found.causes = cause_texts(found.causes);
  const bool urban = example ? rng.chance(200) : household.area == Area::kUrban;
  const Person& head = household.persons.front();

  std::string out = "{";
  add(out, "id", household.code);
  add(out, "head", head.name);
  add_raw(out, "birth", std::to_string(head.birth));
  add(out, "address", household.address);
  add(out, "village", village.code);
  add(out, "commune", tree().communes[village.commune].code);
  add(out, "district", tree().districts[village.district].code);
  add(out, "area", urban ? "U" : "R");
  add(out, "ethnic", example ? any_of(rng, data().bench_ethnics) : household.ethnic);
  add_raw(out, "income", std::to_string(found.income));
  for (std::size_t i = 0; i < kIndicators; ++i) {
    add_raw(out, kIndicatorKeys[i], found.lacks[i] ? "true" : "false");
  }
  add_raw(out, "causes", causes_json(found.causes));
  add(out, "wishes", found.wishes);
  std::string members;
  for (const Person& person : members_of(rng, household, year, look_)) {
    members += (members.empty() ? "[" : ",") + member_json(person);
  }
  add_raw(out, "members", members + "]");
  kept_.push_back({household.code,
                   village.name,
                   {found.wishes, household.address, head.name},
                   found.income,
                   found.lacks,
                   household.ethnic == "Mường"});
  return out + "}\n";
}

void BenchForm::change(std::string& out, Rng& rng, Kept& kept, std::size_t field) {
  if (field == kIncome) {
    const std::int64_t before = kept.income;
    while (kept.income == before) kept.income = example_income(rng);
    add_raw(out, "income", std::to_string(kept.income));
  } else if (field < kFlags) {
    std::string& text = kept.texts[field - kWishes];
    const std::string before = text;
    while (text == before) text = new_text(rng, field, kept.place, kept.muong);
    constexpr std::array<const char*, kFlags> kKeys = {"income", "wishes", "address", "head"};
    add(out, kKeys[field], text);
  } else {
    const std::size_t which = field - kFlags;
    kept.lacks[which] = !kept.lacks[which];
    add_raw(out, kIndicatorKeys[which], kept.lacks[which] ? "true" : "false");
  }
}

std::string BenchForm::updates(std::int64_t count) {
  CHECK(!kept_.empty() || count == 0);
  std::string out;
  for (; count > 0; --count) {
    ++seq_;
    Rng rng(seed_, "update", {static_cast<std::uint64_t>(seq_)});
    ts_ += rng.between(1, 120'000);
    Kept& kept = kept_[rng.below(static_cast<std::uint32_t>(kept_.size()))];
    std::array<int, kFieldWeights.size()> weights = kFieldWeights;
    std::string set = "{";
    for (int left = rng.between(1, 3); left > 0; --left) {
      const std::size_t field = rng.pick(weights);
      weights[field] = 0;
      change(set, rng, kept, field);
    }
    out += "{\"seq\":" + std::to_string(seq_) + ",\"ts\":" + std::to_string(ts_);
    add(out, "id", kept.id);
    add_raw(out, "set", set + "}");
    out += "}\n";
  }
  return out;
}

}  // namespace lalanh::gen
