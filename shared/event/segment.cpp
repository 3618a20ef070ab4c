#include "shared/event/segment.h"

#include "shared/event/compression.h"
#include "shared/event/named.h"
#include "shared/event/segment_parts.h"

namespace lalanh {
namespace {

using namespace segment_parts;

void put_scope(Bytes& out, Scope scope) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(scope.unit.value >> static_cast<unsigned>(shift)));
  }
  out.push_back(static_cast<std::uint8_t>(scope.channel));
}

void put_be32(Bytes& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(v >> static_cast<unsigned>(shift)));
  }
}

Error malformed(const char* why) {
  return {ErrorCode::format_malformed, {{"where", "segment"}, {"why", why}}};
}
Error over_limit(const char* limit) {
  return {ErrorCode::format_limit, {{"where", "segment"}, {"limit", limit}}};
}

Bytes write_front(const SegmentHeader& header, const Columns& columns) {
  Bytes out;
  std::uint8_t flags = kFormat;
  if (header.start) {
    flags |= kStarts;
    if (header.start->predecessor) flags |= kHasPredecessor;
    if (!header.start->certificate.empty()) flags |= kHasCertificate;
  }
  out.push_back(flags);
  put_varint(out, std::uint64_t{header.scope.unit.value} * 2 +
                      static_cast<std::uint64_t>(header.scope.channel));
  append(out, header.writer.bytes);
  if (!header.start) put_varint(out, header.first);
  put_varint(out, header.count);
  if (header.start) {
    append(out, header.start->epoch);
    if (header.start->predecessor) {
      append(out, header.start->predecessor->writer.bytes);
      put_varint(out, header.start->predecessor->counter);
    }
    if (!header.start->certificate.empty()) {
      put_varint(out, header.start->certificate.size());
      append(out, header.start->certificate);
    }
  }
  append(out, header.signature);
  put_varint(out, newest_dictionary());
  put_varint(out, columns.bytes.size());
  put_varint(out, columns.bits.bytes().size());
  append(out, columns.bits.bytes());
  return out;
}

StreamStart read_start(ByteReader& in, std::uint8_t flags) {
  StreamStart start;
  in.bytes_into(start.epoch);
  if ((flags & kHasPredecessor) != 0) {
    Predecessor p;
    in.bytes_into(p.writer.bytes);
    p.counter = static_cast<std::uint32_t>(in.varint(limits::kStreamEventsMax));
    if (p.counter == 0) in.fail();
    start.predecessor = p;
  }
  if ((flags & kHasCertificate) != 0) {
    const ByteView bytes = in.bytes(in.count(limits::kCertificateBytesMax));
    start.certificate.assign(bytes.begin(), bytes.end());
  }
  const bool inherits = start.certificate.empty();
  if (inherits && !start.predecessor) in.fail();
  return start;
}

}  // namespace

namespace segment_parts {

Result<Front> read_front(ByteView bytes) {
  if (bytes.size() > limits::kSegmentBytesMax) return over_limit("kSegmentBytesMax");
  ByteReader in(bytes);
  Front out;
  const std::uint8_t flags = in.byte();
  if (in.ok() && (flags & 0x0fU) > kFormat) {
    return Error{ErrorCode::format_newer,
                 {{"found", "segment " + std::to_string(flags & 0x0fU)},
                  {"known", std::to_string(kFormat)}}};
  }
  if ((flags & 0x0fU) != kFormat || (flags & 0x80U) != 0) return malformed("unknown format");
  if ((flags & kStarts) == 0 && (flags & (kHasPredecessor | kHasCertificate)) != 0) {
    return malformed("flags of a start without a start");
  }
  SegmentHeader& h = out.header;
  const std::uint64_t scope = in.varint(std::uint64_t{0x1ffffffff});
  h.scope = {UnitNo(static_cast<std::uint32_t>(scope >> 1U)), static_cast<Channel>(scope & 1U)};
  in.bytes_into(h.writer.bytes);
  h.first = 1;
  if ((flags & kStarts) == 0) {
    h.first = static_cast<std::uint32_t>(in.varint(limits::kStreamEventsMax));
    if (h.first < 2) in.fail();
  }
  h.count = static_cast<std::uint32_t>(in.varint(limits::kSegmentEventsMax));
  if (h.count == 0) in.fail();
  if ((flags & kStarts) != 0) h.start = read_start(in, flags);
  in.bytes_into(h.signature);
  out.dictionary = static_cast<std::uint32_t>(in.varint(0xffffffff));
  out.columns_size = static_cast<std::size_t>(in.varint());
  out.bits_size = in.count(limits::kSegmentBytesMax);
  if (!in.ok()) return malformed("the front is cut short or out of range");
  if (h.last() > limits::kStreamEventsMax) return over_limit("kStreamEventsMax");
  if (out.columns_size > limits::kSegmentColumnsMax) return over_limit("kSegmentColumnsMax");
  if (out.columns_size / limits::kSegmentRatioMax > in.left() - out.bits_size) {
    return over_limit("kSegmentRatioMax");
  }
  out.body = in.position();
  return out;
}

}  // namespace segment_parts

Hash stream_hash(Scope scope, ByteView certificate, const std::array<std::uint8_t, 8>& epoch,
                 const std::optional<Predecessor>& predecessor, const Hash& predecessor_hash) {
  Bytes message;
  append(message, as_bytes("lalanh stream 1"));
  put_scope(message, scope);
  append(message, blake2b({certificate}));
  append(message, epoch);
  message.push_back(predecessor ? 1 : 0);
  if (predecessor) {
    append(message, predecessor->writer.bytes);
    put_be32(message, predecessor->counter);
    append(message, predecessor_hash);
  }
  return blake2b({message});
}

WriterId writer_of(const Hash& h0) {
  WriterId out;
  out.bytes = hash_front<std::tuple_size_v<decltype(out.bytes)>>(h0);
  return out;
}

Bytes signed_bytes(Scope scope, const WriterId& writer, std::uint32_t counter, const Hash& hash) {
  Bytes out;
  append(out, as_bytes("lalanh segment 1"));
  put_scope(out, scope);
  append(out, writer.bytes);
  put_be32(out, counter);
  append(out, hash);
  return out;
}

Result<SegmentHeader> read_segment_header(ByteView bytes) {
  TRY_ASSIGN(Front front, read_front(bytes));
  return std::move(front.header);
}

Result<DecodedSegment> read_segment(ByteView bytes, const StreamNames& names) {
  TRY_ASSIGN(Front front, read_front(bytes));
  Bytes columns;
  const ByteView bits = bytes.subspan(front.body, front.bits_size);
  TRY(decompress(bytes.subspan(front.body + front.bits_size), front.dictionary, front.columns_size,
                 columns));
  DecodedSegment out;
  bool resolved = true;
  TRY_ASSIGN(out.segment.events, read_columns(columns, bits, word_list(front.dictionary),
                                              front.header, names, resolved));
  out.unresolved = !resolved;
  out.segment.header = std::move(front.header);
  return out;
}

Bytes write_segment(const SegmentHeader& header, std::span<const Event> events,
                    const StreamNames& names) {
  CHECK(header.count == events.size() && header.start.has_value() == (header.first == 1));
  const std::uint32_t dictionary = newest_dictionary();
  const Columns columns = write_columns(header, events, names, word_list(dictionary));
  Bytes out = write_front(header, columns);
  append(out, compress(columns.bytes, dictionary));
  return out;
}

Status check_causes(const Segment& segment) {
  Dot own{segment.header.writer, segment.header.first};
  for (const Event& event : segment.events) {
    bool later = false;
    each_named(event, [&](const Dot& dot) {
      later = later || (dot.counter >= own.counter && dot.writer == own.writer);
    });
    if (later) {
      return Error{ErrorCode::format_malformed,
                   {{"where", to_text(segment.header.scope) + "/" + to_text(own)},
                    {"why", "it names itself, or what follows it"}}};
    }
    ++own.counter;
  }
  return {};
}

}  // namespace lalanh
