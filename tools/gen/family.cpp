#include "tools/gen/family.h"

#include <algorithm>

#include "shared/base/check.h"
#include "tools/gen/names.h"

namespace lalanh::gen {
namespace {

constexpr int kOldestBirth = 1925;

Sex other(Sex sex) { return sex == Sex::kMale ? Sex::kFemale : Sex::kMale; }

std::string surname_of(const std::string& name) { return name.substr(0, name.find(' ')); }

/// Builds one family, person by person.
class Family {
 public:
  Family(Rng& rng, const FamilyPlan& plan) : rng_(rng), plan_(plan) {}

  std::vector<Person> make() {
    CHECK(plan_.size >= 1);
    add_head();
    if (left() > 0 && rng_.chance(spouse_chance())) add_spouse();
    const int head_age = plan_.last_birth - persons_[0].birth;
    if (left() > 0 && head_age < 52 && head_age >= 26 && rng_.chance(240)) add_parents();
    while (left() > 0) {
      if (head_age < 24) {
        add_young_relative();
      } else if (head_age < 54) {
        add_child(0, 30);
      } else {
        add_of_three_generations();
      }
    }
    if (plan_.late_birth) add_late_child();
    return std::move(persons_);
  }

 private:
  int left() const { return plan_.size - static_cast<int>(persons_.size()); }

  bool needy() const {
    return plan_.type == HouseholdClass::kPoor || plan_.type == HouseholdClass::kNearPoor;
  }

  int spouse_chance() const {
    if (plan_.type == HouseholdClass::kPoor) return 420;
    if (plan_.type == HouseholdClass::kNearPoor) return 620;
    return plan_.size == 2 ? 720 : 930;
  }

  void add(const std::string& surname, int birth, Sex sex, const char* relation) {
    birth = std::clamp(birth, kOldestBirth, std::max(plan_.last_birth, kOldestBirth));
    persons_.push_back({draw_name(rng_, surname, sex, birth), birth, sex, relation, {}, true, {}});
  }

  /// The surname has been drawn before the sex is: two draws never stand in one call, whose order
  /// a compiler may choose.
  void add_newborn(const std::string& surname, int birth, const char* relation) {
    const Sex sex = rng_.chance(520) ? Sex::kMale : Sex::kFemale;
    add(surname, birth, sex, relation);
  }

  void add_head() {
    int age = 0;
    if (plan_.young) {
      age = rng_.between(21, 36);
    } else if (plan_.size == 1) {
      age = rng_.chance(needy() ? 880 : 620) ? rng_.between(62, 92) : rng_.between(24, 61);
    } else if (plan_.size == 2) {
      age = rng_.chance(600) ? rng_.between(56, 86) : rng_.between(25, 55);
    } else {
      constexpr std::array<int, 5> kWeights = {12, 30, 27, 19, 12};
      const int decade = static_cast<int>(rng_.pick(kWeights));
      age = 26 + decade * 10 + rng_.between(0, 9);
    }
    const int women = plan_.size == 1 ? 700 : needy() ? 460 : 240;
    const Sex sex = rng_.chance(women) ? Sex::kFemale : Sex::kMale;
    add(draw_surname(rng_, plan_.muong), plan_.last_birth - age, sex, "chủ hộ");
  }

  void add_spouse() {
    const Person& head = persons_[0];
    const bool wife = head.sex == Sex::kMale;
    const int birth = head.birth + (wife ? rng_.between(-1, 5) : rng_.between(-5, 1));
    const int latest = plan_.last_birth - (wife ? 18 : 20);
    add(draw_surname(rng_, plan_.muong), std::min(birth, latest), other(head.sex),
        wife ? "vợ" : "chồng");
    has_spouse_ = true;
  }

  /// Children bear their father's surname; of a mother alone mostly that of the one who is gone.
  const std::string& line() {
    if (!line_.empty()) return line_;
    const bool woman = persons_[0].sex == Sex::kFemale;
    line_ = surname_of(persons_[has_spouse_ && woman ? 1 : 0].name);
    if (woman && !has_spouse_ && rng_.chance(750)) line_ = draw_surname(rng_, plan_.muong);
    return line_;
  }

  int mother_birth() const {
    return has_spouse_ ? std::max(persons_[0].birth, persons_[1].birth) : persons_[0].birth;
  }

  void add_parents() {
    const Person head = persons_[0];
    // An old mother lives longer and more often with her son.
    const int mother_older = rng_.between(20, 34);
    add(draw_surname(rng_, plan_.muong), head.birth - mother_older, Sex::kFemale, "mẹ");
    if (left() > 0 && rng_.chance(400)) {
      add(surname_of(head.name), head.birth - rng_.between(22, 38), Sex::kMale, "cha");
    }
  }

  /// A child of an age that the parents allow, from `youngest` to `oldest` years old.
  void add_child(int youngest, int oldest) {
    const int first = std::max(mother_birth() + 19, plan_.last_birth - oldest);
    const int last = std::min(mother_birth() + 41, plan_.last_birth - youngest);
    const int birth = first <= last ? rng_.between(first, last) : plan_.last_birth;
    add_newborn(line(), birth, "con");
  }

  void add_young_relative() {
    const Person head = persons_[0];
    if (has_spouse_ || rng_.chance(300)) {
      const int birth = rng_.between(plan_.last_birth - 3, plan_.last_birth);
      add_newborn(line(), birth, "con");
      return;
    }
    const Sex sex = rng_.chance(500) ? Sex::kMale : Sex::kFemale;
    add(surname_of(head.name), head.birth + rng_.between(2, 9), sex, "em");
  }

  /// Under an old head: a grown child, its spouse and their children in turn.
  void add_of_three_generations() {
    if (!has_heir_) {
      add_child(18, 45);
      heir_ = persons_.size() - 1;
      has_heir_ = true;
      return;
    }
    const Person heir = persons_[heir_];
    const int heir_age = plan_.last_birth - heir.birth;
    if (heir_age < 22) {
      add_child(10, 40);
      return;
    }
    if (!heir_married_ && rng_.chance(800)) {
      const bool bride = heir.sex == Sex::kMale;
      const int birth = heir.birth + (bride ? rng_.between(-1, 4) : rng_.between(-4, 1));
      add(draw_surname(rng_, plan_.muong), std::min(birth, plan_.last_birth - 20), other(heir.sex),
          bride ? "con dâu" : "con rể");
      heir_married_ = true;
      grandchild_line_ = surname_of(bride ? heir.name : persons_.back().name);
      return;
    }
    if (grandchild_line_.empty()) grandchild_line_ = surname_of(heir.name);
    const int birth = rng_.between(std::min(heir.birth + 20, plan_.last_birth),
                                   std::min(heir.birth + 38, plan_.last_birth));
    add_newborn(grandchild_line_, birth, "cháu");
  }

  /// A birth after the year in which persons are counted: a child, or a grandchild.
  void add_late_child() {
    const int year = rng_.between(plan_.late_from, kLastYear);
    const bool grand = heir_married_;
    const int mother = grand ? persons_[heir_].birth : mother_birth();
    const int age = year - mother;
    if (age < 20 || age > 40 || !(grand || has_spouse_) || !rng_.chance(300)) return;
    const Sex sex = rng_.chance(525) ? Sex::kMale : Sex::kFemale;
    const std::string surname = grand ? grandchild_line_ : line();
    persons_.push_back(
        {draw_name(rng_, surname, sex, year), year, sex, grand ? "cháu" : "con", {}, true, {}});
  }

  Rng& rng_;
  const FamilyPlan& plan_;
  std::vector<Person> persons_;
  std::size_t heir_ = 0;
  bool has_heir_ = false;
  bool has_spouse_ = false;
  bool heir_married_ = false;
  std::string line_;
  std::string grandchild_line_;
};

}  // namespace

std::vector<Person> make_family(Rng& rng, const FamilyPlan& plan) {
  return Family(rng, plan).make();
}

}  // namespace lalanh::gen
