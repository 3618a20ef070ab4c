#include "shared/base/cbor.h"

#include <cstring>
#include <string>

#include "shared/base/limits.h"

namespace lalanh::cbor {

void Writer::long_head(std::uint8_t top, std::uint64_t argument) {
  int width = 8;
  std::uint8_t code = 27;
  if (argument <= 0xff) {
    width = 1;
    code = 24;
  } else if (argument <= 0xffff) {
    width = 2;
    code = 25;
  } else if (argument <= 0xffffffff) {
    width = 4;
    code = 26;
  }
  out_.push_back(static_cast<std::uint8_t>(top | code));
  for (int i = width - 1; i >= 0; --i) {
    out_.push_back(static_cast<std::uint8_t>(argument >> (8U * static_cast<unsigned>(i))));
  }
}

Error Reader::error(std::string_view where) const {
  const char* why = failure_ == nullptr ? "unexpected end" : failure_;
  std::string place = std::string(where) + ", byte " + std::to_string(at_);
  if (std::strcmp(why, "truncated") == 0) {
    return {ErrorCode::format_truncated, {{"where", place}}};
  }
  return {ErrorCode::format_malformed, {{"where", place}, {"why", why}}};
}

Major Reader::peek() const {
  if (failure_ != nullptr || at_ >= input_.size()) return Major::kSimple;
  return static_cast<Major>(input_[at_] >> 5U);
}

bool Reader::read_head(std::uint8_t& major, std::uint64_t& argument) {
  if (failure_ != nullptr) return false;
  if (at_ >= input_.size()) {
    fail("truncated");
    return false;
  }
  const std::uint8_t first = input_[at_];
  major = static_cast<std::uint8_t>(first >> 5U);
  const unsigned info = first & 31U;
  if (info < 24) {
    argument = info;
    ++at_;
    return true;
  }
  if (info > 27) {
    fail("indefinite or reserved length");
    return false;
  }
  const std::size_t width = std::size_t{1} << (info - 24);
  if (input_.size() - at_ - 1 < width) {
    fail("truncated");
    return false;
  }
  argument = 0;
  for (std::size_t i = 0; i < width; ++i) argument = (argument << 8U) | input_[at_ + 1 + i];
  const std::uint64_t least =
      width == 1 ? 24 : (std::uint64_t{1} << (8U * static_cast<unsigned>(width) / 2));
  if (argument < least) {
    fail("length not in its shortest form");
    return false;
  }
  at_ += 1 + width;
  return true;
}

std::uint64_t Reader::head(Major major) {
  std::uint8_t found = 0;
  std::uint64_t argument = 0;
  const std::size_t start = at_;
  if (!read_head(found, argument)) return 0;
  if (static_cast<Major>(found) != major) {
    at_ = start;
    fail("another kind of item was expected");
    return 0;
  }
  return argument;
}

std::uint64_t Reader::unsigned_integer(std::uint64_t max) {
  const std::uint64_t value = head(Major::kUnsigned);
  if (value > max) fail("number out of range");
  return ok() ? value : 0;
}

std::int64_t Reader::integer() {
  constexpr std::uint64_t kMax = static_cast<std::uint64_t>(INT64_MAX);
  if (peek() == Major::kNegative) {
    const std::uint64_t value = head(Major::kNegative);
    if (value > kMax) fail("number out of range");
    return ok() ? -static_cast<std::int64_t>(value) - 1 : 0;
  }
  return static_cast<std::int64_t>(unsigned_integer(kMax));
}

ByteView Reader::bytes(std::size_t max) {
  const std::uint64_t size = head(Major::kBytes);
  if (!ok()) return {};
  if (size > max) {
    fail("byte string too long");
    return {};
  }
  if (size > input_.size() - at_) {
    fail("truncated");
    return {};
  }
  const ByteView out = input_.subspan(at_, static_cast<std::size_t>(size));
  at_ += static_cast<std::size_t>(size);
  return out;
}

void Reader::bytes_into(std::span<std::uint8_t> out) {
  const ByteView found = bytes(out.size());
  if (!ok()) return;
  if (found.size() != out.size()) {
    fail("byte string of another length was expected");
    return;
  }
  std::memcpy(out.data(), found.data(), out.size());
}

std::string_view Reader::text(std::size_t max) {
  const std::uint64_t size = head(Major::kText);
  if (!ok()) return {};
  if (size > max) {
    fail("text too long");
    return {};
  }
  if (size > input_.size() - at_) {
    fail("truncated");
    return {};
  }
  const std::string_view out = as_text(input_.subspan(at_, static_cast<std::size_t>(size)));
  if (!valid_utf8(out)) {
    fail("text is not UTF-8");
    return {};
  }
  at_ += static_cast<std::size_t>(size);
  return out;
}

std::size_t Reader::array(std::size_t max) {
  const std::uint64_t count = head(Major::kArray);
  // Every element takes a byte at least, so a count beyond the input is a lie.
  if (count > max || count > input_.size() - at_) fail("array too long");
  return ok() ? static_cast<std::size_t>(count) : 0;
}

std::size_t Reader::map(std::size_t max) {
  const std::uint64_t count = head(Major::kMap);
  if (count > max || count > input_.size() - at_) fail("map too long");
  return ok() ? static_cast<std::size_t>(count) : 0;
}

std::uint64_t Reader::tag() { return head(Major::kTag); }

bool Reader::boolean() {
  const std::uint64_t value = head(Major::kSimple);
  if (value != kFalse && value != kTrue) fail("boolean expected");
  return ok() && value == kTrue;
}

void Reader::null() {
  if (head(Major::kSimple) != kNull) fail("null expected");
}

void Reader::skip(int depth) {
  if (depth <= 0) {
    fail("nested too deep");
    return;
  }
  switch (peek()) {
    case Major::kUnsigned: unsigned_integer(); break;
    case Major::kNegative: integer(); break;
    case Major::kBytes: bytes(SIZE_MAX); break;
    case Major::kText: text(SIZE_MAX); break;
    case Major::kArray: {
      const std::size_t count = array(input_.size());
      for (std::size_t i = 0; i < count && ok(); ++i) skip(depth - 1);
      break;
    }
    case Major::kMap: {
      const std::size_t count = map(input_.size());
      for (std::size_t i = 0; i < count && ok(); ++i) {
        skip(depth - 1);
        skip(depth - 1);
      }
      break;
    }
    case Major::kTag:
      tag();
      skip(depth - 1);
      break;
    case Major::kSimple: {
      const std::uint64_t value = head(Major::kSimple);
      if (value != kFalse && value != kTrue && value != kNull)
        fail("floats and others not allowed");
      break;
    }
  }
}

ByteView Reader::raw(int depth_max) {
  const std::size_t start = at_;
  skip(depth_max);
  return ok() ? input_.subspan(start, at_ - start) : ByteView{};
}

namespace {

/// Unknown items at the end of an array, of later versions.
constexpr std::size_t kUnknownMax = 8;

}  // namespace

Fields::Fields(Reader& reader, std::size_t known)
    : reader_(reader), known_(known), count_(reader.array(known + kUnknownMax)) {
  if (reader.ok() && count_ < known) reader.fail("too few items");
}

bool Fields::another() {
  if (!reader_.ok() || count_ <= known_) return false;
  ++known_;
  return true;
}

void Fields::done() {
  for (std::size_t i = known_; i < count_ && reader_.ok(); ++i) reader_.raw(limits::kDepthMax);
}

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t i = 0;
  const std::size_t size = text.size();
  const auto at = [&](std::size_t k) { return static_cast<std::uint8_t>(text[k]); };
  while (i < size) {
    const std::uint8_t c = at(i);
    if (c == 0) return i;
    if (c < 0x80) {
      ++i;
      continue;
    }
    const std::size_t extra = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || size - i <= extra) return i;
    for (std::size_t k = 1; k <= extra; ++k) {
      if ((at(i + k) & 0xc0U) != 0x80U) return i;
    }
    const std::uint8_t second = at(i + 1);
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
        (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f)) {
      return i;
    }
    i += extra + 1;
  }
  return size;
}

bool valid_utf8(std::string_view text) { return valid_utf8_prefix(text) == text.size(); }

}  // namespace lalanh::cbor
