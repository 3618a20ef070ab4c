#include "shared/catalogue/json_writer.h"

#include <utf8proc.h>

#include "shared/base/printable.h"

namespace lalanh {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void append_control(std::string& out, std::uint32_t c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u";
      for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kHex[(c >> shift) & 15U];
  }
}

/// Appends the character at the start, which is not ASCII; its bytes. A terminal that shows the
/// line must not be steered by it.
std::size_t append_beyond_ascii(std::string& out, std::string_view text) {
  utf8proc_int32_t point = 0;
  const auto length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size() < 4 ? text.size() : 4), &point);
  if (length <= 0) {
    out += kReplacement;
    return 1;
  }
  const auto bytes = static_cast<std::size_t>(length);
  if (is_control(static_cast<std::uint32_t>(point))) {
    append_control(out, static_cast<std::uint32_t>(point));
  } else {
    out += text.substr(0, bytes);
  }
  return bytes;
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
      i += append_beyond_ascii(out_, value.substr(i));
      continue;
    }
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += static_cast<char>(c);
    } else if (is_control(c)) {
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
