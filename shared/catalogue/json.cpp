#include "shared/catalogue/json.h"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "shared/base/cbor.h"

namespace lalanh {
namespace {

/// Feeds the parser and counts lines. All copies share one count: the parser keeps one and the
/// callbacks read it. The line is that of the last byte read; a line feed belongs to its own line.
struct LineCount {
  int line = 1;
  bool line_feed = false;
};

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, LineCount* count) : at_(at), count_(count) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (count_->line_feed) ++count_->line;
    count_->line_feed = *at_ == '\n';
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  LineCount* count_;
};

std::string place(std::string_view file, int line) {
  return std::string(file) + ":" + std::to_string(line);
}

/// The parser's own words without its prefix and position, which we give ourselves; short enough
/// for a message, cut between characters.
std::string short_reason(std::string_view what) {
  constexpr std::string_view kColumn = "column ";
  if (const std::size_t at = what.find(kColumn); at != std::string_view::npos) {
    if (const std::size_t colon = what.find(": ", at); colon != std::string_view::npos) {
      what.remove_prefix(colon + 2);
    }
  }
  constexpr std::size_t kReasonBytesMax = 160;
  if (what.size() > kReasonBytesMax) {
    std::size_t end = kReasonBytesMax;
    while (end > 0 && (static_cast<unsigned char>(what[end]) & 0xC0U) == 0x80U) --end;
    what = what.substr(0, end);
  }
  return std::string(what);
}

/// Builds the tree from the parser's events; stops at the first thing that we refuse.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view file, const JsonLimits& limits, const LineCount& count)
      : file_(file), limits_(limits), count_(count) {}

  bool null() override { return put(JsonValue(std::monostate{}, count_.line)); }
  bool boolean(bool v) override { return put(JsonValue(v, count_.line)); }
  bool number_integer(std::int64_t v) override { return put(JsonValue(v, count_.line)); }
  bool number_unsigned(std::uint64_t v) override {
    if (v > static_cast<std::uint64_t>(INT64_MAX)) return refuse("number beyond 64 bits");
    return put(JsonValue(static_cast<std::int64_t>(v), count_.line));
  }
  bool number_float(double /*v*/, const std::string& /*text*/) override {
    return refuse("only whole numbers of 64 bits are allowed");
  }
  bool string(std::string& v) override {
    if (v.find('\0') != std::string::npos) return refuse("NUL in text");
    return put(JsonValue(std::move(v), count_.line));
  }
  bool binary(nlohmann::json::binary_t& /*v*/) override { return refuse("binary"); }
  bool start_object(std::size_t /*count*/) override {
    return open(JsonValue(JsonValue::Object{}, count_.line));
  }
  bool start_array(std::size_t /*count*/) override {
    return open(JsonValue(JsonValue::Array{}, count_.line));
  }
  bool key(std::string& v) override {
    if (v.find('\0') != std::string::npos) return refuse("NUL in a key");
    open_.back()->object()->push_back({std::move(v), JsonValue(std::monostate{}, count_.line)});
    return true;
  }
  bool end_array() override {
    open_.pop_back();
    return true;
  }
  bool end_object() override {
    const JsonValue::Object& object = *open_.back()->object();
    open_.pop_back();
    return unique_keys(object);
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::json::exception& ex) override {
    return refuse(short_reason(ex.what()));
  }

  Result<JsonValue> take() {
    if (error_.has_value()) return *error_;
    return std::move(root_);
  }

 private:
  bool refuse(std::string why) {
    if (!error_.has_value()) {
      error_ = Error(ErrorCode::input_not_json,
                     {{"why", std::move(why)}, {"where", place(file_, count_.line)}});
    }
    return false;
  }
  /// Where the next value belongs: the root, the last key of an object or the end of an array.
  /// Pointers to open containers stay good: a container grows only while it is the innermost.
  JsonValue* slot(JsonValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (JsonValue::Array* array = open_.back()->array()) {
      array->push_back(std::move(value));
      return &array->back();
    }
    JsonValue& last = open_.back()->object()->back().value;
    last = std::move(value);
    return &last;
  }
  bool put(JsonValue value) {
    if (++values_ > limits_.values_max) return refuse("too many values");
    slot(std::move(value));
    return true;
  }
  bool open(JsonValue value) {
    if (++values_ > limits_.values_max) return refuse("too many values");
    if (open_.size() >= static_cast<std::size_t>(limits_.depth_max)) return refuse("too deep");
    open_.push_back(slot(std::move(value)));
    return true;
  }
  bool unique_keys(const JsonValue::Object& object) {
    std::vector<const JsonValue::Member*> sorted;
    sorted.reserve(object.size());
    for (const JsonValue::Member& member : object) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
      const int order = a->key.compare(b->key);
      return order != 0 ? order < 0 : a < b;
    });
    const auto twice =
        std::adjacent_find(sorted.begin(), sorted.end(),
                           [](const auto* a, const auto* b) { return a->key == b->key; });
    if (twice == sorted.end()) return true;
    const JsonValue::Member& second = **std::next(twice);
    error_ = Error(ErrorCode::input_duplicate_key,
                   {{"key", second.key}, {"where", place(file_, second.value.line())}});
    return false;
  }

  std::string_view file_;
  const JsonLimits& limits_;
  const LineCount& count_;
  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::size_t values_ = 0;
  std::optional<Error> error_;
};

const char* name_of(JsonValue::Kind kind) {
  switch (kind) {
    case JsonValue::Kind::kNull: return "null";
    case JsonValue::Kind::kBoolean: return "yes or no";
    case JsonValue::Kind::kInteger: return "a whole number";
    case JsonValue::Kind::kText: return "text";
    case JsonValue::Kind::kArray: return "a list";
    case JsonValue::Kind::kObject: return "an object";
  }
  return "";
}

Error wrong_kind(std::string_view field, JsonValue::Kind expected, const JsonIn& in) {
  return Error(
      ErrorCode::input_wrong_kind,
      {{"field", std::string(field)}, {"expected", name_of(expected)}, {"where", in.where()}});
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  if (const Object* members = object()) {
    for (const Member& member : *members) {
      if (member.key == key) return &member.value;
    }
  }
  return nullptr;
}

Result<JsonValue> parse_json(std::string_view bytes, std::string_view file,
                             const JsonLimits& limits) {
  if (bytes.size() > limits.bytes_max) {
    return Error(ErrorCode::input_too_large,
                 {{"max", std::to_string(limits.bytes_max)}, {"where", std::string(file)}});
  }
  if (!cbor::valid_utf8(bytes)) {
    return Error(ErrorCode::input_not_utf8, {{"where", std::string(file)}});
  }
  LineCount count;
  Builder builder(file, limits, count);
  const char* const begin = bytes.data();
  const bool parsed = nlohmann::json::sax_parse(
      CountingIterator(begin, &count), CountingIterator(begin + bytes.size(), &count), &builder);
  Result<JsonValue> result = builder.take();
  CHECK(parsed == result.ok());
  return result;
}

void canonical_bytes(const JsonValue& value, Bytes& out) {
  cbor::Writer writer(out);
  switch (value.kind()) {
    case JsonValue::Kind::kNull: writer.null(); return;
    case JsonValue::Kind::kBoolean: writer.boolean(*value.boolean()); return;
    case JsonValue::Kind::kInteger: writer.integer(*value.integer()); return;
    case JsonValue::Kind::kText: writer.text(*value.text()); return;
    case JsonValue::Kind::kArray:
      writer.array(value.array()->size());
      for (const JsonValue& item : *value.array()) canonical_bytes(item, out);
      return;
    case JsonValue::Kind::kObject: break;
  }
  std::vector<const JsonValue::Member*> sorted;
  for (const JsonValue::Member& member : *value.object()) sorted.push_back(&member);
  // The encoded key begins with its length, so shorter keys come first.
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return a->key.size() != b->key.size() ? a->key.size() < b->key.size() : a->key < b->key;
  });
  writer.map(sorted.size());
  for (const JsonValue::Member* member : sorted) {
    writer.text(member->key);
    canonical_bytes(member->value, out);
  }
}

std::string JsonIn::where() const { return place(file_, value_->line()); }

bool JsonIn::absent(std::string_view key) const {
  const JsonValue* found = value_->find(key);
  return found == nullptr || found->is_null();
}

Status JsonIn::expect_keys(std::initializer_list<std::string_view> known) const {
  const JsonValue::Object* members = value_->object();
  if (members == nullptr) return wrong_kind("", JsonValue::Kind::kObject, *this);
  for (const JsonValue::Member& member : *members) {
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      return Error(ErrorCode::input_unknown_key,
                   {{"key", member.key}, {"where", place(file_, member.value.line())}});
    }
  }
  return {};
}

Result<JsonIn> JsonIn::member(std::string_view key) const {
  const JsonValue* found = value_->find(key);
  if (found == nullptr) {
    return Error(ErrorCode::input_missing, {{"field", std::string(key)}, {"where", where()}});
  }
  return JsonIn(*found, file_);
}

Result<std::string_view> JsonIn::text(std::string_view key, std::size_t bytes_max) const {
  TRY_ASSIGN(const JsonIn in, member(key));
  const std::string* held = in.value().text();
  if (held == nullptr) return wrong_kind(key, JsonValue::Kind::kText, in);
  if (held->size() > bytes_max) {
    return Error(
        ErrorCode::input_too_long,
        {{"field", std::string(key)}, {"max", std::to_string(bytes_max)}, {"where", in.where()}});
  }
  return std::string_view(*held);
}

Result<std::int64_t> JsonIn::integer(std::string_view key, std::int64_t min,
                                     std::int64_t max) const {
  TRY_ASSIGN(const JsonIn in, member(key));
  const std::int64_t* held = in.value().integer();
  if (held == nullptr) return wrong_kind(key, JsonValue::Kind::kInteger, in);
  if (*held < min || *held > max) {
    return Error(ErrorCode::input_out_of_range, {{"field", std::string(key)},
                                                 {"value", std::to_string(*held)},
                                                 {"min", std::to_string(min)},
                                                 {"max", std::to_string(max)},
                                                 {"where", in.where()}});
  }
  return *held;
}

Result<bool> JsonIn::boolean(std::string_view key) const {
  TRY_ASSIGN(const JsonIn in, member(key));
  if (in.value().boolean() == nullptr) return wrong_kind(key, JsonValue::Kind::kBoolean, in);
  return *in.value().boolean();
}

Result<std::vector<JsonIn>> JsonIn::array(std::string_view key, std::size_t count_max) const {
  TRY_ASSIGN(const JsonIn in, member(key));
  const JsonValue::Array* held = in.value().array();
  if (held == nullptr) return wrong_kind(key, JsonValue::Kind::kArray, in);
  if (held->size() > count_max) {
    return Error(
        ErrorCode::input_too_long,
        {{"field", std::string(key)}, {"max", std::to_string(count_max)}, {"where", in.where()}});
  }
  std::vector<JsonIn> items;
  items.reserve(held->size());
  for (const JsonValue& item : *held) items.emplace_back(item, file_);
  return items;
}

Result<std::string_view> JsonIn::text_or(std::string_view key, std::string_view fallback,
                                         std::size_t bytes_max) const {
  if (absent(key)) return fallback;
  return text(key, bytes_max);
}

Result<std::int64_t> JsonIn::integer_or(std::string_view key, std::int64_t min, std::int64_t max,
                                        std::int64_t fallback) const {
  if (absent(key)) return fallback;
  return integer(key, min, max);
}

Result<bool> JsonIn::boolean_or(std::string_view key, bool fallback) const {
  if (absent(key)) return fallback;
  return boolean(key);
}

}  // namespace lalanh
