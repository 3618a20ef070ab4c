#include "shared/register/field_words.h"

namespace lalanh {

Status FieldWords::prepare(Store& store) {
  StoredWords& words = store.core().words;
  std::vector<std::string> names = {std::string(kContinues)};
  for (const EntityType& type : catalogue_.types()) {
    names.push_back(type.name);
    for (const Field& field : type.fields) names.push_back(field.name);
  }
  bool missing = false;
  for (const std::string& name : names) missing = missing || words.find(name) == 0;
  if (missing) {
    TRY_ASSIGN(Transaction transaction, Transaction::begin(*store.core().db));
    for (const std::string& name : names) words.word(name);
    TRY(words.failure());
    TRY(transaction.commit());
  }
  for (const std::string& name : names) words_[name] = words.find(name);
  return {};
}

Word FieldWords::type(std::string_view name) const { return field(name); }

Word FieldWords::field(std::string_view name) const {
  const auto at = words_.find(std::string(name));
  return at == words_.end() ? 0 : at->second;
}

const Value& shown_value(const EntityState& state, Word field, const Lines& lines) {
  static const Value kNull;
  const Write* write = shown(state, field, lines);
  return write == nullptr ? kNull : write->value;
}

std::string_view shown_text(const EntityState& state, Word field, const Lines& lines) {
  const Value& value = shown_value(state, field, lines);
  return value.kind() == Value::Kind::kText ? std::string_view(value.as_text())
                                            : std::string_view();
}

}  // namespace lalanh
