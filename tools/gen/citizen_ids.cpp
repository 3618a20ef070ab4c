#include "tools/gen/citizen_ids.h"

#include "shared/base/check.h"
#include "tools/gen/rng.h"
#include "tools/gen/units.h"

namespace lalanh::gen {
namespace {

constexpr std::uint64_t kNumbers = 1'000'000;
constexpr int kFirstBirth = 1900;

char century_and_sex(int birth, Sex sex) {
  return static_cast<char>('0' + (birth < 2000 ? 0 : 2) + (sex == Sex::kFemale ? 1 : 0));
}

void append_digits(std::string& out, std::uint64_t value, int digits) {
  std::string text(static_cast<std::size_t>(digits), '0');
  for (std::size_t i = text.size(); i-- > 0; value /= 10) {
    text[i] = static_cast<char>('0' + value % 10);
  }
  out += text;
}

std::string prefix(int birth, Sex sex) {
  std::string id = "037";
  id += century_and_sex(birth, sex);
  append_digits(id, static_cast<std::uint64_t>(birth % 100), 2);
  return id;
}

}  // namespace

CitizenIds::CitizenIds(std::uint64_t seed, std::size_t village) : seed_(seed), village_(village) {}

std::string CitizenIds::next(int birth, Sex sex) {
  CHECK(birth >= kFirstBirth && birth < kFirstBirth + kBirths);
  const auto kind =
      static_cast<std::size_t>(birth - kFirstBirth) * 2 + static_cast<std::size_t>(sex);
  const std::uint64_t villages = tree().villages.size();
  const std::uint64_t own = village_ + villages * used_[kind]++;
  CHECK(own < kNumbers);
  // A multiplier without the factors 2 and 5 makes a permutation of the million numbers.
  constexpr std::uint64_t kMultiplier = 618'033;
  const std::uint64_t start = mix(seed_, kind) % kNumbers;
  std::string id = prefix(birth, sex);
  append_digits(id, (own * kMultiplier + start) % kNumbers, 6);
  return id;
}

bool citizen_id_fits(const std::string& id, int birth, Sex sex) {
  return id.size() == 12 && id.find_first_not_of("0123456789") == std::string::npos &&
         id.starts_with(prefix(birth, sex));
}

}  // namespace lalanh::gen
