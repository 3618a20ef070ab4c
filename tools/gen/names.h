#pragma once

#include <string>

#include "tools/gen/data.h"
#include "tools/gen/rng.h"

namespace lalanh::gen {

/// A text of a list, by its weights.
const std::string& pick(Rng& rng, const Choices& choices);

/// A surname as common among Kinh or Mường.
const std::string& draw_surname(Rng& rng, bool muong);

/// "surname middle given", the last two as usual for the sex and the time of birth, and
/// different from each other.
std::string draw_name(Rng& rng, const std::string& surname, Sex sex, int birth);

}  // namespace lalanh::gen
