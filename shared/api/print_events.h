#pragma once

#include <string>

#include "shared/api/print_words.h"
#include "shared/catalogue/catalogue.h"
#include "shared/catalogue/json.h"

namespace lalanh {

/// A member of a reply, null where it is not there; its text; its items.
const JsonValue& at(const JsonValue& value, std::string_view key);
std::string text_at(const JsonValue& value, std::string_view key);
const JsonValue::Array& items_at(const JsonValue& value, std::string_view key);
/// Text, number, ✓ or items as a person reads them.
std::string plain(const JsonValue& value);

/// What was done, in words: events, removals and values of replies.
class EventWords : public Words {
 public:
  using Words::Words;
  std::string history(const JsonValue& reply) const;
  /// A value as its field shows it.
  std::string one(const Field& field, const JsonValue& value) const;
  /// Who took it out, when and why.
  std::string removals(const JsonValue& entity, const std::string& indent) const;
  /// A type of the catalogue in words; "" for one that it does not name.
  std::string type_word(const std::string& type) const;
  /// Who, when, and what of whom: a line, and one for each op.
  std::string event(const JsonValue& event) const;

 private:
  /// " · Nhân khẩu · Bùi Văn Quyết (ĐN-052)".
  std::string subject(const JsonValue& event) const;
  std::string op_line(const JsonValue& op, const std::string& type_name) const;
};

}  // namespace lalanh
