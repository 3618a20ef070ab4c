#include "sync/session/messages.h"

#include "sync/session/message_parts.h"

namespace lalanh::sync {

using parts::Fields;

SegmentDigest segment_digest(ByteView segment) {
  return hash_front<std::tuple_size_v<SegmentDigest>>(blake2b({segment}));
}

std::size_t encoded_bytes(std::size_t points) { return 24 + points * 24; }

// --- open ----------------------------------------------------------------------------------

Bytes encode(const OpenRequest& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(4);
  writer.bytes(message.digest);
  writer.unsigned_integer(message.protocol);
  writer.text(message.program);
  if (message.free_mib) {
    writer.unsigned_integer(*message.free_mib);
  } else {
    writer.null();
  }
  return out;
}

Result<OpenRequest> decode_open_request(ByteView head) {
  cbor::Reader reader(head);
  OpenRequest out;
  Fields fields(reader, 4);
  reader.bytes_into(out.digest);
  out.protocol = reader.unsigned_integer();
  out.program = reader.text(limits::kNameBytesMax);
  if (reader.peek_null()) {
    reader.null();
  } else {
    out.free_mib = reader.unsigned_integer();
  }
  fields.done();
  TRY(parts::finish(reader, "open"));
  return out;
}

Bytes encode(const OpenReply& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(message.above == 0 ? 4 : 5);
  writer.boolean(message.equal);
  writer.integer(message.time.value);
  writer.unsigned_integer(message.protocol);
  writer.text(message.program);
  if (message.above != 0) writer.unsigned_integer(message.above);
  return out;
}

Result<OpenReply> decode_open_reply(ByteView head) {
  cbor::Reader reader(head);
  OpenReply out;
  Fields fields(reader, 4);
  out.equal = reader.boolean();
  out.time = TimeMs{reader.integer()};
  out.protocol = reader.unsigned_integer();
  out.program = reader.text(limits::kNameBytesMax);
  if (fields.another()) out.above = reader.unsigned_integer();
  fields.done();
  TRY(parts::finish(reader, "open reply"));
  return out;
}

// --- differ --------------------------------------------------------------------------------

Bytes encode(const DifferRequest& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(1);
  writer.array(message.scopes.size());
  for (const DifferRequest::Item& item : message.scopes) {
    writer.array(3);
    parts::write_scope(writer, item.scope);
    writer.bytes(item.digest);
  }
  return out;
}

Result<DifferRequest> decode_differ_request(ByteView head) {
  cbor::Reader reader(head);
  DifferRequest out;
  Fields fields(reader, 1);
  const std::size_t count = reader.array(limits::kScopesMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    Fields inner(reader, 3);
    DifferRequest::Item item;
    item.scope = parts::read_scope(reader);
    reader.bytes_into(item.digest);
    inner.done();
    out.scopes.push_back(item);
  }
  fields.done();
  parts::expect_each_scope_once(reader, out.scopes);
  TRY(parts::finish(reader, "differ"));
  return out;
}

Bytes encode(const DifferReply& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(2);
  writer.array(message.scopes.size());
  for (const DifferReply::Item& item : message.scopes) {
    writer.array(3);
    parts::write_scope(writer, item.scope);
    writer.unsigned_integer(static_cast<std::uint64_t>(item.state));
  }
  parts::write_halves(writer, message.halves);
  return out;
}

Result<DifferReply> decode_differ_reply(ByteView head) {
  cbor::Reader reader(head);
  DifferReply out;
  Fields fields(reader, 2);
  const std::size_t count = reader.array(2 * limits::kScopesMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    Fields inner(reader, 3);
    DifferReply::Item item;
    item.scope = parts::read_scope(reader);
    item.state = static_cast<DifferState>(reader.unsigned_integer(2));
    inner.done();
    out.scopes.push_back(item);
  }
  out.halves = parts::read_halves(reader);
  fields.done();
  TRY(parts::finish(reader, "differ reply"));
  return out;
}

// --- push (pull: messages_pull.cpp) ----------------------------------------------------------

Bytes encode(const PushRequest& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(2);
  parts::write_entries(writer, message.entries);
  writer.array(message.receipts.size());
  for (const ScopePoints& item : message.receipts) {
    writer.array(3);
    parts::write_scope(writer, item.scope);
    parts::write_points(writer, item.points);
  }
  return out;
}

Result<PushRequest> decode_push_request(ByteView head) {
  cbor::Reader reader(head);
  PushRequest out;
  Fields fields(reader, 2);
  out.entries = parts::read_entries(reader);
  const std::size_t count = reader.array(limits::kScopesMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    Fields inner(reader, 3);
    ScopePoints item;
    item.scope = parts::read_scope(reader);
    item.points = parts::read_points(reader);
    inner.done();
    out.receipts.push_back(std::move(item));
  }
  fields.done();
  parts::expect_each_scope_once(reader, out.receipts);
  TRY(parts::finish(reader, "push"));
  return out;
}

Bytes encode(const PushReply& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(2);
  writer.array(message.verdicts.size());
  for (const Verdict& verdict : message.verdicts) {
    if (verdict.kind == Verdict::Kind::kRefused) {
      writer.text(verdict.error);
    } else {
      writer.unsigned_integer(static_cast<std::uint64_t>(verdict.kind));
    }
  }
  if (message.receipt.empty()) {
    writer.null();
  } else {
    writer.bytes(message.receipt);
  }
  return out;
}

Result<PushReply> decode_push_reply(ByteView head) {
  cbor::Reader reader(head);
  PushReply out;
  Fields fields(reader, 2);
  const std::size_t count = reader.array(limits::kMessageSegmentsMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    Verdict verdict;
    if (reader.peek() == cbor::Major::kText) {
      verdict.kind = Verdict::Kind::kRefused;
      verdict.error = reader.text(limits::kNameBytesMax);
    } else {
      verdict.kind = static_cast<Verdict::Kind>(reader.unsigned_integer(3));
    }
    out.verdicts.push_back(std::move(verdict));
  }
  if (reader.peek_null()) {
    reader.null();
  } else {
    const ByteView receipt = reader.bytes(limits::kSyncHeadBytesMax);
    out.receipt.assign(receipt.begin(), receipt.end());
  }
  fields.done();
  TRY(parts::finish(reader, "push reply"));
  return out;
}

}  // namespace lalanh::sync
