#include "sync/session/message_parts.h"

namespace lalanh::sync {
namespace {

using parts::Fields;

void write_bits(cbor::Writer& writer, const std::vector<bool>& bits) {
  Bytes bytes((bits.size() + 7) / 8);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | (1U << (i % 8)));
  }
  writer.bytes(bytes);
}

std::vector<bool> read_bits(cbor::Reader& reader) {
  const ByteView bytes = reader.bytes(2 * limits::kTipsMax / 8);
  std::vector<bool> out(bytes.size() * 8);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = ((bytes[i / 8] >> (i % 8)) & 1U) != 0;
  return out;
}

/// An arrival number: any of a row id.
std::int64_t read_ordinal(cbor::Reader& reader) {
  return static_cast<std::int64_t>(reader.unsigned_integer(static_cast<std::uint64_t>(INT64_MAX)));
}

PullRequest::Item read_asked(cbor::Reader& reader) {
  Fields fields(reader, 5);
  PullRequest::Item out;
  out.scope = parts::read_scope(reader);
  out.deep = reader.boolean();
  out.tips = parts::read_points(reader);
  out.back = parts::read_points(reader);
  fields.done();
  return out;
}

PullReply::Item read_answered(cbor::Reader& reader) {
  Fields fields(reader, 3);
  PullReply::Item out;
  out.state = static_cast<PullState>(reader.unsigned_integer(2));
  out.tips = parts::read_points(reader);
  out.held = read_bits(reader);
  fields.done();
  return out;
}

}  // namespace

Bytes encode(const PullRequest& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(5);
  writer.unsigned_integer(message.wanted);
  writer.integer(message.after);
  writer.boolean(message.count);
  writer.array(message.scopes.size());
  for (const PullRequest::Item& item : message.scopes) {
    writer.array(5);
    parts::write_scope(writer, item.scope);
    writer.boolean(item.deep);
    parts::write_points(writer, item.tips);
    parts::write_points(writer, item.back);
  }
  parts::write_halves(writer, message.halves);
  return out;
}

Result<PullRequest> decode_pull_request(ByteView head) {
  cbor::Reader reader(head);
  PullRequest out;
  Fields fields(reader, 5);
  out.wanted = static_cast<std::uint32_t>(reader.unsigned_integer(UINT32_MAX));
  out.after = read_ordinal(reader);
  out.count = reader.boolean();
  const std::size_t count = reader.array(limits::kScopesMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) out.scopes.push_back(read_asked(reader));
  out.halves = parts::read_halves(reader);
  fields.done();
  parts::expect_each_scope_once(reader, out.scopes);
  TRY(parts::finish(reader, "pull"));
  return out;
}

Bytes encode(const PullReply& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(4);
  parts::write_entries(writer, message.entries);
  writer.array(message.scopes.size());
  for (const PullReply::Item& item : message.scopes) {
    writer.array(3);
    writer.unsigned_integer(static_cast<std::uint64_t>(item.state));
    parts::write_points(writer, item.tips);
    write_bits(writer, item.held);
  }
  writer.integer(message.after);
  if (message.total) {
    writer.unsigned_integer(*message.total);
  } else {
    writer.null();
  }
  return out;
}

Result<PullReply> decode_pull_reply(ByteView head) {
  cbor::Reader reader(head);
  PullReply out;
  Fields fields(reader, 4);
  out.entries = parts::read_entries(reader);
  const std::size_t count = reader.array(limits::kScopesMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    out.scopes.push_back(read_answered(reader));
  }
  out.after = read_ordinal(reader);
  if (reader.peek_null()) {
    reader.null();
  } else {
    out.total = reader.unsigned_integer();
  }
  fields.done();
  TRY(parts::finish(reader, "pull reply"));
  return out;
}

}  // namespace lalanh::sync
