#include "sync/session/message_parts.h"

#include <algorithm>
#include <tuple>

namespace lalanh::sync::parts {
namespace {

constexpr std::size_t kPointBytes = 12 + 4 + 8;

bool any_twice(std::vector<Point> points) {
  const auto before = [](const Point& a, const Point& b) {
    return std::tie(a.writer.bytes, a.counter, a.hash) <
           std::tie(b.writer.bytes, b.counter, b.hash);
  };
  std::sort(points.begin(), points.end(), before);
  return std::adjacent_find(points.begin(), points.end()) != points.end();
}

}  // namespace

void write_scope(cbor::Writer& writer, Scope scope) {
  writer.unsigned_integer(scope.unit.value);
  writer.unsigned_integer(static_cast<std::uint64_t>(scope.channel));
}

Scope read_scope(cbor::Reader& reader) {
  Scope out;
  out.unit = UnitNo{static_cast<std::uint32_t>(reader.unsigned_integer(UINT32_MAX))};
  out.channel = static_cast<Channel>(reader.unsigned_integer(1));
  return out;
}

void write_points(cbor::Writer& writer, const std::vector<Point>& points) {
  writer.head(cbor::Major::kBytes, points.size() * kPointBytes);
  for (const Point& point : points) {
    writer.raw(point.writer.bytes);
    std::array<std::uint8_t, 4> counter{};
    for (unsigned i = 0; i < 4; ++i) {
      counter[i] = static_cast<std::uint8_t>(point.counter >> (24U - 8U * i));
    }
    writer.raw(counter);
    writer.raw(point.hash);
  }
}

std::vector<Point> read_points(cbor::Reader& reader) {
  std::vector<Point> out;
  const ByteView bytes = reader.bytes(limits::kTipsMax * kPointBytes);
  if (bytes.size() % kPointBytes != 0) reader.fail("points of another length");
  if (!reader.ok()) return out;
  out.reserve(bytes.size() / kPointBytes);
  for (std::size_t at = 0; at < bytes.size(); at += kPointBytes) {
    const ByteView one = bytes.subspan(at, kPointBytes);
    Point point;
    std::copy_n(one.begin(), 12, point.writer.bytes.begin());
    for (std::size_t i = 12; i < 16; ++i) point.counter = (point.counter << 8U) | one[i];
    std::copy_n(one.begin() + 16, 8, point.hash.begin());
    if (point.counter == 0 || point.counter > limits::kStreamEventsMax) {
      reader.fail("counter out of range");
      return {};
    }
    out.push_back(point);
  }
  if (any_twice(out)) reader.fail("a point twice");
  return out;
}

void write_entries(cbor::Writer& writer, const std::vector<Entry>& entries) {
  writer.array(entries.size());
  for (const Entry& entry : entries) {
    writer.array(3);
    writer.bytes(entry.digest);
    writer.unsigned_integer(entry.total);
    writer.unsigned_integer(entry.from);
  }
}

std::vector<Entry> read_entries(cbor::Reader& reader) {
  std::vector<Entry> out;
  const std::size_t count = reader.array(limits::kMessageSegmentsMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    Fields fields(reader, 3);
    Entry entry;
    reader.bytes_into(entry.digest);
    entry.total = static_cast<std::uint32_t>(reader.unsigned_integer(limits::kSegmentBytesMax));
    entry.from = static_cast<std::uint32_t>(reader.unsigned_integer(limits::kSegmentBytesMax));
    fields.done();
    if (reader.ok() && entry.from >= entry.total) reader.fail("a segment without bytes");
    out.push_back(entry);
  }
  return out;
}

void write_halves(cbor::Writer& writer, const std::vector<Half>& halves) {
  writer.array(halves.size());
  for (const Half& half : halves) {
    writer.array(2);
    writer.bytes(half.digest);
    writer.unsigned_integer(half.received);
  }
}

std::vector<Half> read_halves(cbor::Reader& reader) {
  std::vector<Half> out;
  const std::size_t count = reader.array(limits::kPartialsMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    Fields fields(reader, 2);
    Half half;
    reader.bytes_into(half.digest);
    half.received = reader.unsigned_integer(limits::kSegmentBytesMax);
    fields.done();
    out.push_back(half);
  }
  return out;
}

Result<ByteView> signed_part(ByteView bytes, const Hash& key, const char* where) {
  Signature signature;
  if (bytes.size() < signature.size()) {
    return Error{ErrorCode::format_truncated, {{"where", where}}};
  }
  const ByteView said = bytes.first(bytes.size() - signature.size());
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(said.size()), bytes.end(),
            signature.begin());
  if (!verify(key, said, signature)) {
    return Error{ErrorCode::format_bad_signature, {{"where", where}}};
  }
  return said;
}

Status finish(cbor::Reader& reader, const char* where) {
  if (reader.ok() && !reader.at_end()) reader.fail("bytes after the end");
  if (!reader.ok()) return reader.error(where);
  return {};
}

}  // namespace lalanh::sync::parts
