#pragma once

#include <cstdint>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

/// The part of CBOR (RFC 8949) that our formats use, deterministic on the way out and strict on
/// the way in: shortest heads only, definite lengths, no floats.
namespace lalanh::cbor {

enum class Major : std::uint8_t {
  kUnsigned = 0,
  kNegative = 1,
  kBytes = 2,
  kText = 3,
  kArray = 4,
  kMap = 5,
  kTag = 6,
  kSimple = 7
};

inline constexpr std::uint64_t kFalse = 20;
inline constexpr std::uint64_t kTrue = 21;
inline constexpr std::uint64_t kNull = 22;

/// Appends items to a buffer that it does not own.
class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}
  void head(Major major, std::uint64_t argument) {
    const auto top = static_cast<std::uint8_t>(static_cast<std::uint8_t>(major) << 5U);
    if (argument < 24) {
      out_.push_back(static_cast<std::uint8_t>(top | argument));
    } else {
      long_head(top, argument);
    }
  }
  void integer(std::int64_t value) {
    if (value >= 0) {
      head(Major::kUnsigned, static_cast<std::uint64_t>(value));
    } else {
      head(Major::kNegative, static_cast<std::uint64_t>(-(value + 1)));
    }
  }
  void unsigned_integer(std::uint64_t value) { head(Major::kUnsigned, value); }
  void bytes(ByteView value) {
    head(Major::kBytes, value.size());
    append(out_, value);
  }
  void text(std::string_view value) {
    head(Major::kText, value.size());
    append(out_, as_bytes(value));
  }
  void array(std::uint64_t count) { head(Major::kArray, count); }
  void map(std::uint64_t count) { head(Major::kMap, count); }
  void tag(std::uint64_t number) { head(Major::kTag, number); }
  void boolean(bool value) { head(Major::kSimple, value ? kTrue : kFalse); }
  void null() { head(Major::kSimple, kNull); }
  void raw(ByteView item) { append(out_, item); }

 private:
  void long_head(std::uint8_t top, std::uint64_t argument);
  Bytes& out_;
};

/// Reads foreign bytes. The first error sticks: later reads return zeros and empty views, so a
/// caller may check `ok()` once at the end of a fixed structure, but must check it before using a
/// count as a loop bound. Views point into the input.
class Reader {
 public:
  explicit Reader(ByteView input) : input_(input) {}

  bool ok() const { return failure_ == nullptr; }
  bool at_end() const { return at_ == input_.size(); }
  std::size_t position() const { return at_; }
  /// format.malformed or format.truncated with `where` and the byte.
  Error error(std::string_view where) const;
  /// Marks the input as bad for a reason of the caller's (a literal).
  void fail(const char* why) {
    if (failure_ == nullptr) failure_ = why;
  }

  /// The major type of the next item; kSimple at the end or after an error.
  Major peek() const;
  bool peek_null() const { return at_ < input_.size() && input_[at_] == 0xf6; }
  std::uint64_t unsigned_integer(std::uint64_t max = ~std::uint64_t{0});
  std::int64_t integer();
  ByteView bytes(std::size_t max);
  /// Exactly out.size() bytes.
  void bytes_into(std::span<std::uint8_t> out);
  /// Checked to be UTF-8.
  std::string_view text(std::size_t max);
  std::size_t array(std::size_t max);
  std::size_t map(std::size_t max);
  std::uint64_t tag();
  bool boolean();
  void null();
  /// One whole item of any kind, checked for depth, lengths and UTF-8; its raw bytes.
  ByteView raw(int depth_max);

 private:
  std::uint64_t head(Major major);
  bool read_head(std::uint8_t& major, std::uint64_t& argument);
  void skip(int depth);

  ByteView input_;
  std::size_t at_ = 0;
  const char* failure_ = nullptr;
};

/// An array of fixed length, which a later version may have made longer: up to 8 items that are not
/// known are passed over.
class Fields {
 public:
  Fields(Reader& reader, std::size_t known);
  /// Is there one more item, which may be left out? The caller reads it then.
  bool another();
  /// After the last known item.
  void done();

 private:
  Reader& reader_;
  std::size_t known_;
  std::size_t count_;
};

/// How many bytes of the beginning are well-formed UTF-8 without NUL: the whole size where all are.
std::size_t valid_utf8_prefix(std::string_view text);
/// Is it well-formed UTF-8 without NUL?
bool valid_utf8(std::string_view text);

}  // namespace lalanh::cbor
