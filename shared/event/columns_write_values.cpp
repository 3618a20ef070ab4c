#include <unordered_map>

#include "shared/event/columns_write.h"

namespace lalanh::segment_parts {
namespace {

void put_kinds(const FormOps& form, Bytes& out) {
  const auto kind_at = [&](std::size_t i) { return form.places[i].op->value.kind(); };
  for (std::size_t i = 0; i < form.places.size();) {
    std::size_t end = i;
    while (end < form.places.size() && kind_at(end) == kind_at(i)) ++end;
    put_varint(out, (end - i) * 8 + static_cast<std::uint64_t>(kind_at(i)));
    i = end;
  }
}

void put_booleans(const std::vector<bool>& values, Columns& out) {
  if (values.size() <= kBooleanBits) {
    for (const bool v : values) out.bits.put(v ? 1 : 0, 1);
    return;
  }
  for (std::size_t i = 0; i < values.size(); i += 8) {
    unsigned byte = 0;
    for (std::size_t k = i; k < i + 8 && k < values.size(); ++k)
      byte |= values[k] ? 1U << (k - i) : 0U;
    out.bytes.push_back(static_cast<std::uint8_t>(byte));
  }
}

void put_texts(const std::vector<std::string_view>& texts, const WordList& words, Columns& out) {
  if (texts.empty()) return;
  std::unordered_map<std::string_view, std::uint64_t> known;
  std::vector<std::string_view> distinct;
  for (const std::string_view text : texts) {
    if (known.emplace(text, distinct.size()).second) distinct.push_back(text);
    if (distinct.size() > kDistinctTexts) break;
  }
  const bool numbered =
      distinct.size() <= kDistinctTexts && distinct.size() * kTextRepeats <= texts.size();
  put_varint(out.bytes, numbered ? distinct.size() : 0);
  for (const std::string_view text : numbered ? distinct : texts) words.put(text, out.bytes);
  if (!numbered) return;
  for (const std::string_view text : texts) put_below(out.bits, known[text], distinct.size() - 1);
}

void put_link(const Link& link, Bytes& out) {
  put_varint(out, link.scope.unit.value);
  out.push_back(static_cast<std::uint8_t>(link.scope.channel));
  append(out, link.dot.writer.bytes);
  put_varint(out, link.dot.counter);
  append(out, link.hash);
}

}  // namespace

void put_values(const FormOps& form, const std::function<std::uint64_t(const WriterId&)>& index_of,
                std::uint32_t first, const WordList& words, Columns& out) {
  if (form.kinds == kMixedKinds) put_kinds(form, out.bytes);
  std::vector<bool> booleans;
  std::vector<std::int64_t> integers;
  std::vector<std::string_view> texts;
  Bytes dots;
  Bytes links;
  for (const Place& place : form.places) {
    const Value& value = place.op->value;
    switch (value.kind()) {
      case Value::Kind::kNull: break;
      case Value::Kind::kBool: booleans.push_back(value.as_bool()); break;
      case Value::Kind::kInt: integers.push_back(value.as_int()); break;
      case Value::Kind::kText: texts.push_back(value.as_text()); break;
      case Value::Kind::kDot: {
        const Dot dot = value.as_dot();
        put_varint(dots, index_of(dot.writer));
        put_signed(dots, std::int64_t{first} + place.event - dot.counter);
        break;
      }
      case Value::Kind::kLink: put_link(value.as_link(), links); break;
    }
  }
  put_booleans(booleans, out);
  put_numbers(integers, out.bytes, out.bits);
  put_texts(texts, words, out);
  append(out.bytes, dots);
  append(out.bytes, links);
}

}  // namespace lalanh::segment_parts
