#pragma once

#include <vector>

#include "tools/gen/household.h"
#include "tools/gen/rng.h"

namespace lalanh::gen {

/// What a family is made from.
struct FamilyPlan {
  int size;             ///< persons born by `last_birth`; at least 1
  HouseholdClass type;  ///< the class of kPersonsYear: the poor are older and more often alone
  bool young;           ///< a household that has just been set up
  bool muong;
  int last_birth;
  bool late_birth;  ///< whether a child may come after `last_birth`
  int late_from;    ///< the first year of such a birth
};

/// The persons of a household: head first, then spouse, children, parents, grandchildren, with
/// ages, sexes, relations and names that fit together. Jobs, insurance and ids are left empty.
/// `size` persons, or one more where a late birth comes.
std::vector<Person> make_family(Rng& rng, const FamilyPlan& plan);

}  // namespace lalanh::gen
