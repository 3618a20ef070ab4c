#pragma once

#include <unordered_map>

#include "shared/catalogue/catalogue.h"
#include "shared/store/store.h"

namespace lalanh {

/// The field by which a household that was moved names the one that it was in its old unit: a link,
/// written by the event that creates it and by no other, and in no catalogue.
/// `docs/ARCHITECTURE.md`, Households that move.
inline constexpr std::string_view kContinues = "continues";

/// The catalogue's names as words of a database, so that projections compare numbers.
class FieldWords {
 public:
  explicit FieldWords(const Catalogue& catalogue) : catalogue_(catalogue) {}

  /// Enters every name of the catalogue into the word table, in a transaction of its own where one
  /// is missing. Once after opening.
  Status prepare(Store& store);

  Word type(std::string_view name) const;
  Word field(std::string_view name) const;
  const Catalogue& catalogue() const { return catalogue_; }

 private:
  const Catalogue& catalogue_;
  std::unordered_map<std::string, Word> words_;
};

/// The value shown of a single field; null where it has none.
const Value& shown_value(const EntityState& state, Word field, const Lines& lines);
/// The same as text; "" where it is no text.
std::string_view shown_text(const EntityState& state, Word field, const Lines& lines);

}  // namespace lalanh
