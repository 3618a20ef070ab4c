#include "shared/event/value.h"

#include <cstring>

#include "shared/base/check.h"
#include "shared/base/limits.h"

namespace lalanh {
namespace {

constexpr std::size_t kWriterBytes = 12;
constexpr std::size_t kLinkBytes = 4 + 1 + kWriterBytes + 8;

std::string text_of(const WriterId& writer) { return std::string(as_text(writer.bytes)); }

}  // namespace

Value Value::dot(const Dot& v) { return {Kind::kDot, v.counter, text_of(v.writer)}; }

Value Value::link(const Link& v) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(v.scope.unit.value >> static_cast<unsigned>(shift)));
  }
  text.push_back(static_cast<char>(v.scope.channel));
  text += text_of(v.dot.writer);
  text += lalanh::as_text(v.hash);
  return {Kind::kLink, v.dot.counter, std::move(text)};
}

bool Value::as_bool() const {
  CHECK(kind_ == Kind::kBool);
  return number_ != 0;
}

std::int64_t Value::as_int() const {
  CHECK(kind_ == Kind::kInt);
  return number_;
}

const std::string& Value::as_text() const {
  CHECK(kind_ == Kind::kText);
  return text_;
}

Dot Value::as_dot() const {
  CHECK(kind_ == Kind::kDot && text_.size() == kWriterBytes);
  Dot out;
  std::memcpy(out.writer.bytes.data(), text_.data(), kWriterBytes);
  out.counter = static_cast<std::uint32_t>(number_);
  return out;
}

Link Value::as_link() const {
  CHECK(kind_ == Kind::kLink && text_.size() == kLinkBytes);
  Link out;
  const ByteView b = as_bytes(text_);
  for (std::size_t i = 0; i < 4; ++i) out.scope.unit.value = (out.scope.unit.value << 8U) | b[i];
  out.scope.channel = static_cast<Channel>(b[4]);
  std::memcpy(out.dot.writer.bytes.data(), b.data() + 5, kWriterBytes);
  std::memcpy(out.hash.data(), b.data() + 5 + kWriterBytes, out.hash.size());
  out.dot.counter = static_cast<std::uint32_t>(number_);
  return out;
}

void write(cbor::Writer& out, const Dot& dot) {
  out.array(2);
  out.bytes(dot.writer.bytes);
  out.unsigned_integer(dot.counter);
}

void write(cbor::Writer& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull: out.null(); break;
    case Value::Kind::kBool: out.boolean(value.as_bool()); break;
    case Value::Kind::kInt: out.integer(value.as_int()); break;
    case Value::Kind::kText: out.text(value.as_text()); break;
    case Value::Kind::kDot:
      out.tag(kTagDot);
      write(out, value.as_dot());
      break;
    case Value::Kind::kLink: {
      const Link link = value.as_link();
      out.tag(kTagLink);
      out.array(5);
      out.unsigned_integer(link.scope.unit.value);
      out.unsigned_integer(static_cast<std::uint64_t>(link.scope.channel));
      out.bytes(link.dot.writer.bytes);
      out.unsigned_integer(link.dot.counter);
      out.bytes(link.hash);
      break;
    }
  }
}

Dot read_dot(cbor::Reader& in) {
  Dot out;
  if (in.array(2) != 2) in.fail("a dot has two items");
  in.bytes_into(out.writer.bytes);
  out.counter = static_cast<std::uint32_t>(in.unsigned_integer(limits::kStreamEventsMax));
  if (in.ok() && out.counter == 0) in.fail("a counter starts at 1");
  return out;
}

Value read_value(cbor::Reader& in) {
  switch (in.peek()) {
    case cbor::Major::kUnsigned:
    case cbor::Major::kNegative: return Value::integer(in.integer());
    case cbor::Major::kText: return Value::text(std::string(in.text(limits::kTextBytesMax)));
    case cbor::Major::kTag: {
      const std::uint64_t tag = in.tag();
      if (tag == kTagDot) return Value::dot(read_dot(in));
      Link link;
      if (tag != kTagLink || in.array(5) != 5) in.fail("a link has five items");
      link.scope.unit = UnitNo(static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff)));
      link.scope.channel = static_cast<Channel>(in.unsigned_integer(1));
      in.bytes_into(link.dot.writer.bytes);
      link.dot.counter = static_cast<std::uint32_t>(in.unsigned_integer(limits::kStreamEventsMax));
      in.bytes_into(link.hash);
      return Value::link(link);
    }
    case cbor::Major::kSimple:
      if (in.peek_null()) {
        in.null();
        return Value::null();
      }
      return Value::boolean(in.boolean());
    default: in.fail("not a value of a field"); return {};
  }
}

}  // namespace lalanh
