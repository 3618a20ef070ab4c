#include "shared/event/columns_read.h"

namespace lalanh::segment_parts {
namespace {

using Kind = Value::Kind;

class ValueReader {
 public:
  ValueReader(const FormIn& form, std::uint32_t first, ColumnsIn& in)
      : form_(form), first_(first), in_(in) {}

  void read() {
    if (form_.kinds != kMixedKinds) return read_kind(static_cast<Kind>(form_.kinds), form_.places);
    std::vector<PlaceIn> by_kind[kValueKinds];
    for (std::size_t i = 0; i < form_.places.size() && in_.ok();) {
      const std::uint64_t run = in_.bytes.varint();
      const std::uint64_t length = run / 8;
      if (run % 8 >= kValueKinds || length == 0 || length > form_.places.size() - i) {
        return in_.fail("a run of kinds");
      }
      const auto from = form_.places.begin() + static_cast<std::ptrdiff_t>(i);
      std::vector<PlaceIn>& to = by_kind[run % 8];
      to.insert(to.end(), from, from + static_cast<std::ptrdiff_t>(length));
      i += static_cast<std::size_t>(length);
    }
    for (std::uint8_t k = 0; k < kValueKinds && in_.ok(); ++k) {
      read_kind(static_cast<Kind>(k), by_kind[k]);
    }
  }

 private:
  void read_kind(Kind kind, const std::vector<PlaceIn>& places) {
    if (places.empty()) return;
    switch (kind) {
      case Kind::kNull: break;
      case Kind::kBool: read_booleans(places); break;
      case Kind::kInt: read_integers(places); break;
      case Kind::kText: read_texts(places); break;
      case Kind::kDot: read_dots(places); break;
      case Kind::kLink: read_links(places); break;
    }
  }

  void read_booleans(const std::vector<PlaceIn>& places) {
    if (places.size() <= kBooleanBits) {
      for (const PlaceIn& place : places) place.op->value = Value::boolean(in_.bits.get(1) != 0);
      return;
    }
    const ByteView bytes = in_.bytes.bytes((places.size() + 7) / 8);
    if (!in_.ok()) return;
    for (std::size_t i = 0; i < places.size(); ++i) {
      places[i].op->value = Value::boolean(((bytes[i / 8] >> (i % 8)) & 1U) != 0);
    }
    const std::size_t over = places.size() % 8;
    if (over != 0 && (bytes.back() >> over) != 0) in_.fail("bits beyond the last boolean");
  }

  void read_integers(const std::vector<PlaceIn>& places) {
    in_.numbers(places.size(), in_.scratch);
    if (!in_.ok()) return;
    for (std::size_t i = 0; i < places.size(); ++i) {
      places[i].op->value = Value::integer(in_.scratch[i]);
    }
  }

  void read_texts(const std::vector<PlaceIn>& places) {
    const std::uint64_t distinct = in_.bytes.varint(kDistinctTexts);
    std::string text;
    if (distinct == 0) {
      if (places.size() > in_.bytes.left()) in_.fail("more texts than bytes");
      for (std::size_t i = 0; i < places.size() && in_.ok(); ++i) {
        in_.text(limits::kTextBytesMax, text);
        in_.unfold(text.size());
        if (in_.ok()) places[i].op->value = Value::text(text);
      }
      return;
    }
    std::vector<Value> texts;
    for (std::uint64_t i = 0; i < distinct && in_.ok(); ++i) {
      in_.text(limits::kTextBytesMax, text);
      texts.push_back(Value::text(text));
    }
    for (std::size_t i = 0; i < places.size() && in_.ok(); ++i) {
      const Value& value = texts[static_cast<std::size_t>(get_below(in_.bits, distinct - 1))];
      in_.unfold(value.as_text().size());
      if (in_.ok()) places[i].op->value = value;
    }
  }

  void read_dots(const std::vector<PlaceIn>& places) {
    for (std::size_t i = 0; i < places.size() && in_.ok(); ++i) {
      const WriterId& writer = in_.writer(in_.bytes.varint());
      const std::int64_t own = std::int64_t{first_} + places[i].event;
      const Dot dot{writer, in_.counter(wrapping_difference(own, in_.bytes.signed_varint()))};
      if (in_.ok()) places[i].op->value = Value::dot(dot);
    }
  }

  void read_links(const std::vector<PlaceIn>& places) {
    for (std::size_t i = 0; i < places.size() && in_.ok(); ++i) {
      Link link;
      link.scope.unit = UnitNo(static_cast<std::uint32_t>(in_.bytes.varint(0xffffffff)));
      const std::uint8_t channel = in_.bytes.byte();
      if (channel > 1) in_.fail("an unknown channel");
      link.scope.channel = static_cast<Channel>(channel);
      in_.bytes.bytes_into(link.dot.writer.bytes);
      link.dot.counter =
          in_.counter(static_cast<std::int64_t>(in_.bytes.varint(limits::kStreamEventsMax)));
      in_.bytes.bytes_into(link.hash);
      if (in_.ok()) places[i].op->value = Value::link(link);
    }
  }

  const FormIn& form_;
  std::uint32_t first_;
  ColumnsIn& in_;
};

}  // namespace

void read_values(const FormIn& form, std::uint32_t first, ColumnsIn& in) {
  ValueReader(form, first, in).read();
  if (in.ok() && !in.bits.ok()) in.fail("the bits are cut short");
}

Bytes read_item(ColumnsIn& in) {
  const ByteView bytes = in.bytes.bytes(in.bytes.count(limits::kEventBytesMax));
  cbor::Reader reader(bytes);
  reader.raw(limits::kDepthMax);
  if (!reader.ok() || !reader.at_end()) in.fail("raw CBOR");
  in.unfold(bytes.size());
  return {bytes.begin(), bytes.end()};
}

Bytes read_pairs(ColumnsIn& in, std::uint64_t known) {
  const ByteView bytes = in.bytes.bytes(in.bytes.count(limits::kEventBytesMax));
  cbor::Reader reader(bytes);
  std::uint64_t before = known;
  std::size_t pairs = 0;
  while (reader.ok() && !reader.at_end()) {
    const std::uint64_t key = reader.unsigned_integer();
    if (key <= before) reader.fail("keys must ascend");
    before = key;
    reader.raw(limits::kDepthMax);
    ++pairs;
  }
  if (!reader.ok() || pairs == 0 || pairs > limits::kOpsMax - known) in.fail("raw CBOR");
  in.unfold(bytes.size());
  return {bytes.begin(), bytes.end()};
}

}  // namespace lalanh::segment_parts
