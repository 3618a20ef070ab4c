#pragma once

#include <utility>
#include <vector>

#include "shared/register/field_words.h"
#include "shared/rules/classify.h"

namespace lalanh {

/// The rule packs with their fields as words of a database: classing an assessment compares
/// numbers. Immutable; refers to the packs and the words, which outlive it.
class ClassRules {
 public:
  /// After the words are prepared.
  ClassRules(const FieldWords& words, const RulePacks& packs);

  const RulePacks& packs() const { return packs_; }
  /// The class of an assessment's state by the pack of its period; kUnknown where there is none.
  Classification classify(const EntityState& assessment, const Lines& lines) const;
  /// Does any pack use the field?
  bool uses(Word field) const;

 private:
  struct Plan {
    const RulePack* pack = nullptr;
    std::vector<std::pair<Word, AnswerSlot>> slots;  ///< by word
  };
  const RulePacks& packs_;
  Word period_;
  std::vector<Plan> plans_;
};

}  // namespace lalanh
