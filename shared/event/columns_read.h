#pragma once

#include "shared/base/limits.h"
#include "shared/event/segment_parts.h"

/// Inside shared/event: what the two halves of the reader of columns share.
namespace lalanh::segment_parts {

/// Columns and bits that may lie. The first fault sticks, with its reason. Counts are checked
/// against what is left, or against a limit, before anything is allocated for them.
class ColumnsIn {
 public:
  ColumnsIn(ByteView columns, ByteView bit_bytes, const WordList& list)
      : bytes(columns), bits(bit_bytes), words(list) {}

  bool ok() const { return bytes.ok(); }
  void fail(const char* why) {
    if (why_ == nullptr) why_ = why;
    bytes.fail();
  }
  const char* why() const { return why_ == nullptr ? "cut short or out of range" : why_; }

  void text(std::size_t max, std::string& out) { words.read(bytes, max, out); }
  void numbers(std::size_t count, std::vector<std::int64_t>& out) {
    if (ok() && !read_numbers(bytes, bits, count, out)) fail("a column of numbers");
    if (!ok()) out.assign(count, 0);
  }
  /// Short texts unfold into many events: what they come to in all is bounded.
  void unfold(std::size_t size) {
    if (size > left_to_unfold_) return fail("unfolds beyond kSegmentCanonicalMax");
    left_to_unfold_ -= size;
  }
  std::uint32_t counter(std::int64_t value) {
    if (value < 1 || value > std::int64_t{limits::kStreamEventsMax}) fail("a counter");
    return ok() ? static_cast<std::uint32_t>(value) : 0;
  }
  const WriterId& writer(std::uint64_t index) {
    if (index >= writers.size()) fail("a writer's index is out of range");
    return writers[ok() ? static_cast<std::size_t>(index) : 0];
  }

  ByteReader bytes;
  BitReader bits;
  const WordList& words;
  std::vector<WriterId> writers;      ///< the stream's own first
  std::vector<std::int64_t> scratch;  ///< of the column being read

 private:
  const char* why_ = nullptr;
  std::size_t left_to_unfold_ = limits::kSegmentCanonicalMax;
};

struct PlaceIn {
  Op* op;
  std::uint32_t event;
};

struct FormIn {
  OpKind kind = OpKind::kSet;
  std::uint8_t flags = 0;
  std::uint8_t kinds = 0;
  std::uint32_t name = 0;
  std::size_t uses = 0;
  std::vector<PlaceIn> places;
};

/// The values of a form. `first` is the counter of the segment's first event.
void read_values(const FormIn& form, std::uint32_t first, ColumnsIn& in);

/// A length, then so many bytes: one CBOR item.
Bytes read_item(ColumnsIn& in);
/// A length, then so many bytes: pairs whose keys ascend from beyond `known` on.
Bytes read_pairs(ColumnsIn& in, std::uint64_t known);

}  // namespace lalanh::segment_parts
