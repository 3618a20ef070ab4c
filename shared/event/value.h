#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/cbor.h"
#include "shared/base/ids.h"

namespace lalanh {

/// A value of a field: null, boolean, integer, NFC text, a dot of the same scope, or a link to an
/// event of another scope. Never a float. Equality is by meaning.
class Value {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kInt, kText, kDot, kLink };

  Value() = default;
  static Value null() { return {}; }
  static Value boolean(bool v) { return {Kind::kBool, v ? 1 : 0, {}}; }
  static Value integer(std::int64_t v) { return {Kind::kInt, v, {}}; }
  static Value text(std::string v) { return {Kind::kText, 0, std::move(v)}; }
  static Value dot(const Dot& v);
  static Value link(const Link& v);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  /// CHECKs that the kind fits.
  bool as_bool() const;
  std::int64_t as_int() const;
  const std::string& as_text() const;
  Dot as_dot() const;
  Link as_link() const;

  friend bool operator==(const Value& a, const Value& b) {
    return a.kind_ == b.kind_ && a.number_ == b.number_ && a.text_ == b.text_;
  }
  /// Any total order, the same on every machine (by kind, number, bytes).
  friend bool operator<(const Value& a, const Value& b) {
    if (a.kind_ != b.kind_) return a.kind_ < b.kind_;
    if (a.number_ != b.number_) return a.number_ < b.number_;
    return a.text_ < b.text_;
  }

 private:
  friend struct ValueParts;
  Value(Kind kind, std::int64_t number, std::string text)
      : kind_(kind), number_(number), text_(std::move(text)) {}
  Kind kind_ = Kind::kNull;
  std::int64_t number_ = 0;  ///< bool, int; counter of a dot or link
  std::string text_;         ///< text; 12 bytes of a dot; scope, writer and hash of a link
};

/// The raw parts, for codecs (columns, state rows) that keep a value without meaning.
struct ValueParts {
  static std::int64_t number(const Value& v) { return v.number_; }
  static const std::string& text(const Value& v) { return v.text_; }
  static Value make(Value::Kind kind, std::int64_t number, std::string text) {
    return {kind, number, std::move(text)};
  }
};

/// CBOR tags of dots and links inside values (`docs/FORMATS.md`, Values).
inline constexpr std::uint64_t kTagDot = 6;
inline constexpr std::uint64_t kTagLink = 7;

void write(cbor::Writer& out, const Dot& dot);
void write(cbor::Writer& out, const Value& value);
Dot read_dot(cbor::Reader& in);
Value read_value(cbor::Reader& in);

}  // namespace lalanh
