#include "shared/register/class_rules.h"

#include <algorithm>
#include <span>

#include "shared/register/register.h"

namespace lalanh {

ClassRules::ClassRules(const FieldWords& words, const RulePacks& packs)
    : packs_(packs), period_(words.field("period")) {
  for (const RulePack& pack : packs.all()) {
    Plan& plan = plans_.emplace_back();
    plan.pack = &pack;
    for (const Field& field : words.catalogue().type("assessment")->fields) {
      const std::optional<AnswerSlot> slot = answer_slot(pack, field.name);
      if (slot) plan.slots.emplace_back(words.field(field.name), *slot);
    }
    std::sort(plan.slots.begin(), plan.slots.end());
  }
}

Classification ClassRules::classify(const EntityState& assessment, const Lines& lines) const {
  const RulePack* pack = packs_.in_force(shown_text(assessment, period_, lines));
  const auto plan = std::find_if(plans_.begin(), plans_.end(),
                                 [pack](const Plan& one) { return one.pack == pack; });
  if (plan == plans_.end()) return {};
  Answers answers;
  // Both are sorted by word, so one walk over the writes meets every field that the pack uses.
  auto slot = plan->slots.begin();
  const std::vector<Write>& writes = assessment.writes;
  for (std::size_t i = 0; i < writes.size();) {
    std::size_t end = i + 1;
    while (end < writes.size() && writes[end].name == writes[i].name) ++end;
    while (slot != plan->slots.end() && slot->first < writes[i].name) ++slot;
    if (slot == plan->slots.end()) break;
    if (slot->first == writes[i].name) {
      // Writes of a field that are no single values stand behind those that are.
      std::size_t singles = i;
      while (singles < end && writes[singles].cls == WriteClass::kSingle) ++singles;
      const Write* write = shown(std::span(writes).subspan(i, singles - i), lines);
      if (write != nullptr && !write->value.is_null()) {
        set_answer(slot->second, to_field_value(write->value), answers);
      }
    }
    i = end;
  }
  return lalanh::classify(*pack, answers);
}

bool ClassRules::uses(Word field) const {
  return std::any_of(plans_.begin(), plans_.end(), [field](const Plan& plan) {
    return std::any_of(plan.slots.begin(), plan.slots.end(),
                       [field](const auto& slot) { return slot.first == field; });
  });
}

}  // namespace lalanh
