#pragma once

#include "shared/catalogue/catalogue.h"

/// Versions of the program that live in one tree (`sync.md`, Faults): the same code with another
/// catalogue, as its JSON changes from year to year.
namespace lalanh::sim {

/// The product's own catalogue.
constexpr int kThisVersion = 2;
/// The one to come: with fields and a type of its own (`visit`), another verb, and keys in its
/// events that no reader of today knows.
constexpr int kNewestVersion = 3;

/// What a version knows: 1 lacks fields of today that classes and findings depend on. 1 to 3.
const Catalogue& catalogue_of(int version);

}  // namespace lalanh::sim
