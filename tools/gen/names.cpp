#include "tools/gen/names.h"

namespace lalanh::gen {

const std::string& pick(Rng& rng, const Choices& choices) {
  return choices.values[rng.pick(choices.weights)];
}

const std::string& draw_surname(Rng& rng, bool muong) {
  return pick(rng, muong ? data().names.surnames_muong : data().names.surnames_kinh);
}

std::string draw_name(Rng& rng, const std::string& surname, Sex sex, int birth) {
  const NameLists& names = data().names;
  const auto which = static_cast<std::size_t>(sex);
  const std::size_t time = birth < kNewNamesFrom ? 0 : 1;
  const std::string& middle = pick(rng, names.middles[which][time]);
  const std::string* given = &pick(rng, names.givens[which][time]);
  constexpr int kTries = 8;
  for (int i = 0; i < kTries && *given == middle; ++i)
    given = &pick(rng, names.givens[which][time]);
  if (*given == middle) given = &names.givens[which][time].values.front();
  std::string name;
  name.reserve(surname.size() + middle.size() + given->size() + 2);
  name += surname;
  name += ' ';
  name += middle;
  name += ' ';
  name += *given;
  return name;
}

}  // namespace lalanh::gen
