#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/catalogue/json.h"

namespace lalanh {

/// Writes JSON text on one line, keys in the order of the calls. Appends to a string that it does
/// not own. The caller keeps begin and end, key and value in pairs. Text that is not UTF-8 is
/// written with U+FFFD in place of each bad byte, so the result is always valid JSON; what
/// `is_control` is escaped, so that it can be shown at a terminal.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& value(const JsonValue& value);
  /// JSON text made elsewhere, put in as it is.
  JsonWriter& raw(std::string_view json);

  /// key and value in one call.
  JsonWriter& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonWriter& integer(std::string_view name, std::int64_t value) {
    return key(name).integer(value);
  }
  JsonWriter& boolean(std::string_view name, bool value) { return key(name).boolean(value); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void quoted(std::string_view value);

  std::string& out_;
  bool comma_ = false;
};

}  // namespace lalanh
