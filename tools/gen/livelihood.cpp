#include "tools/gen/livelihood.h"

#include <array>

#include "shared/base/check.h"

namespace lalanh::gen {
namespace {

constexpr std::size_t kJobsMax = 64;
constexpr int kWorkFrom = 18;
constexpr int kWorkTo = 80;

int age_of(const Person& person) { return kLastYear - person.birth; }

}  // namespace

Livelihoods::Livelihoods(Area area, const std::string& district) {
  const char letter = area == Area::kRural ? 'R' : 'U';
  for (const Job& job : data().jobs) {
    if (job.area != '*' && job.area != letter) continue;
    if (!job.district.empty() && job.district != district) continue;
    jobs_.push_back(&job);
  }
  CHECK(jobs_.size() <= kJobsMax);
}

const std::string* Livelihoods::draw(Rng& rng, const Person& person, bool farm) const {
  const char sex = person.sex == Sex::kMale ? 'M' : 'F';
  const int age = age_of(person);
  std::array<int, kJobsMax> weights{};
  int sum = 0;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    const Job& job = *jobs_[i];
    const bool fits = job.farm == farm && (job.sex == '*' || job.sex == sex) &&
                      age >= job.min_age && age <= job.max_age;
    weights[i] = fits ? job.weight : 0;
    sum += weights[i];
  }
  return sum == 0 ? nullptr : &jobs_[rng.pick(weights)]->name;
}

std::string Livelihoods::job_of(Rng& rng, const Person& person, bool farm_household) const {
  const int age = age_of(person);
  if (age < 6) return "còn nhỏ";
  if (age < kWorkFrom) return "đi học";
  if (age <= 22 && rng.chance(450)) return "đi học";
  if (age > 70 && rng.chance(700)) return "không";
  const std::string* job = draw(rng, person, farm_household && rng.chance(550));
  return job != nullptr && !rng.chance(25) ? *job : "không";
}

void Livelihoods::assign(Rng& rng, Household& household) const {
  Person* farmer = nullptr;
  bool farmed = false;
  for (Person& person : household.persons) {
    person.job = job_of(rng, person, household.farm);
    const int age = age_of(person);
    if (age >= kWorkFrom && age <= kWorkTo && farmer == nullptr) farmer = &person;
    for (const Job* job : jobs_) farmed = farmed || (job->farm && job->name == person.job);
  }
  if (household.farm && !farmed && farmer != nullptr) farmer->job = "làm ruộng";
}

}  // namespace lalanh::gen
