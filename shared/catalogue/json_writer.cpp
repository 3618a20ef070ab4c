#include "shared/catalogue/json_writer.h"

#include <utf8proc.h>

namespace lalanh {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length of the well-formed UTF-8 character at the start, 0 where there is none.
std::size_t character_length(std::string_view text) {
  utf8proc_int32_t point = 0;
  const auto length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size() < 4 ? text.size() : 4), &point);
  return length > 0 ? static_cast<std::size_t>(length) : 0;
}

void append_control(std::string& out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[c >> 4U];
      out += kHex[c & 15U];
  }
}

}  // namespace

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

void JsonWriter::quoted(std::string_view value) {
  out_ += '"';
  std::size_t i = 0;
  while (i < value.size()) {
    const auto c = static_cast<unsigned char>(value[i]);
    if (c >= 0x80) {
      const std::size_t length = character_length(value.substr(i));
      out_ += length == 0 ? kReplacement : value.substr(i, length);
      i += length == 0 ? 1 : length;
      continue;
    }
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7F) {
      append_control(out_, c);
    } else {
      out_ += static_cast<char>(c);
    }
    ++i;
  }
  out_ += '"';
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  quoted(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  quoted(value);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) { return raw(std::to_string(value)); }
JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::value(const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull: return null();
    case JsonValue::Kind::kBoolean: return boolean(*value.boolean());
    case JsonValue::Kind::kInteger: return integer(*value.integer());
    case JsonValue::Kind::kText: return text(std::string_view(*value.text()));
    case JsonValue::Kind::kArray:
      begin_array();
      for (const JsonValue& item : *value.array()) this->value(item);
      return end_array();
    case JsonValue::Kind::kObject: break;
  }
  begin_object();
  for (const JsonValue::Member& member : *value.object()) key(member.key).value(member.value);
  return end_object();
}

}  // namespace lalanh
