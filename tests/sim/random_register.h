#pragma once

#include <string>

#include "shared/catalogue/catalogue.h"
#include "tests/sim/choices.h"
#include "tests/sim/script.h"

namespace lalanh::sim {

/// Makes up what people write into the register: fields of the catalogue with values of a few, so
/// that they meet (one code, one citizen, one period twice; classes on both sides of their lines);
/// and now and then what no catalogue has, or a value of another kind.
class RandomRegister {
 public:
  /// The choices outlive it.
  explicit RandomRegister(Choices& choices) : choices_(choices) {}
  /// household, member, assessment, or one that no catalogue of today has.
  std::string type();
  /// Fields to write: of a new entity, or of one that is there. `known`: only what a program with
  /// this catalogue would write; nullptr: anything.
  Json fields(const std::string& type, bool creating, const Catalogue* known);

 private:
  Json any_value();
  Json value(const std::string& field);
  Choices& choices_;
};

}  // namespace lalanh::sim
