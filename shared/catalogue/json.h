#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/limits.h"
#include "shared/base/result.h"

namespace lalanh {

/// A value read from JSON: a tree that owns its text. Whole numbers only; objects keep the order
/// of their keys and never hold one twice. Text is well-formed UTF-8 without NUL, not yet NFC.
class JsonValue {
 public:
  enum class Kind : std::uint8_t { kNull, kBoolean, kInteger, kText, kArray, kObject };
  struct Member;
  using Array = std::vector<JsonValue>;
  using Object = std::vector<Member>;

  JsonValue() = default;
  template <class T>
  JsonValue(T held, int line) : held_(std::move(held)), line_(line) {}

  Kind kind() const { return static_cast<Kind>(held_.index()); }
  /// The line of the file on which the value begins, from 1.
  int line() const { return line_; }
  bool is_null() const { return kind() == Kind::kNull; }
  /// The value where it is of that kind, nullptr otherwise. Owned by this.
  const bool* boolean() const { return std::get_if<bool>(&held_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&held_); }
  const std::string* text() const { return std::get_if<std::string>(&held_); }
  const Array* array() const { return std::get_if<Array>(&held_); }
  const Object* object() const { return std::get_if<Object>(&held_); }
  Array* array() { return std::get_if<Array>(&held_); }
  Object* object() { return std::get_if<Object>(&held_); }
  /// The value of a key; nullptr where it is not there or this is no object. Owned by this.
  const JsonValue* find(std::string_view key) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::string, Array, Object> held_;
  int line_ = 0;
};

struct JsonValue::Member {
  std::string key;
  JsonValue value;
};

/// What a document may use up.
struct JsonLimits {
  std::size_t bytes_max = limits::kApiBodyBytesMax;
  /// Values of all kinds together: a document of "[0,0,…" costs 25 times its size in memory.
  std::size_t values_max = 500'000;
  int depth_max = limits::kDepthMax;
};

/// The one reader of JSON from outside and of packs. `file` is what errors call the source: they
/// say "file:line". Refused: more than `limits`, duplicate keys, floats, integers beyond 64 bits,
/// ill-formed UTF-8, NUL, anything after the value. Errors: input.too_large, input.not_utf8,
/// input.not_json, input.duplicate_key. Never throws; any bytes may be given.
Result<JsonValue> parse_json(std::string_view bytes, std::string_view file,
                             const JsonLimits& limits = {});

/// Appends the deterministic CBOR of a value (RFC 8949, keys sorted as bytes): the same for two
/// documents that differ in layout and order of keys only. For digests of packs.
void canonical_bytes(const JsonValue& value, Bytes& out);

/// A value with the name of its file: access by kind, with errors that say what and where.
/// Views only: the value and the name must outlive it.
class JsonIn {
 public:
  JsonIn(const JsonValue& value, std::string_view file) : value_(&value), file_(file) {}

  const JsonValue& value() const { return *value_; }
  std::string_view file() const { return file_; }
  /// "file:line".
  std::string where() const;
  /// This is an object and has no key but these: input.wrong_kind, input.unknown_key.
  Status expect_keys(std::initializer_list<std::string_view> known) const;
  bool has(std::string_view key) const { return value_->find(key) != nullptr; }

  /// A member that must be there (input.missing) and of that kind (input.wrong_kind) and within
  /// the limits (input.out_of_range, input.too_long). Texts point into the value.
  Result<JsonIn> member(std::string_view key) const;
  Result<std::string_view> text(std::string_view key,
                                std::size_t bytes_max = limits::kTextBytesMax) const;
  Result<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max) const;
  Result<bool> boolean(std::string_view key) const;
  Result<std::vector<JsonIn>> array(std::string_view key, std::size_t count_max) const;

  /// The same where it may be absent; null counts as absent.
  Result<std::string_view> text_or(std::string_view key, std::string_view fallback,
                                   std::size_t bytes_max = limits::kTextBytesMax) const;
  Result<std::int64_t> integer_or(std::string_view key, std::int64_t min, std::int64_t max,
                                  std::int64_t fallback) const;
  Result<bool> boolean_or(std::string_view key, bool fallback) const;

 private:
  bool absent(std::string_view key) const;
  const JsonValue* value_;
  std::string_view file_;
};

}  // namespace lalanh
