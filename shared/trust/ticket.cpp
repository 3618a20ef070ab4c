#include "shared/trust/ticket.h"

#include <algorithm>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "shared/trust/sealed_stream.h"

namespace lalanh {
namespace {

constexpr std::string_view kTicket = "lalanh ticket 2";
constexpr std::string_view kRequest = "lalanh enrolment request 2";
constexpr std::string_view kOpened = "lalanh enrolment 2";
constexpr std::string_view kAnswer = "lalanh enrolment answer 2";

Error other_file(const char* expected) {
  return {ErrorCode::input_wrong_kind,
          {{"field", "file"}, {"expected", expected}, {"where", "enrolment"}}};
}

/// Does the array, of which `fields` was begun, say that it is one of these?
bool is_one(cbor::Reader& in, std::string_view domain) {
  return in.ok() && in.peek() == cbor::Major::kText && in.text(64) == domain && in.ok();
}

void end(cbor::Reader& in, cbor::Fields& fields) {
  fields.done();
  if (in.ok() && !in.at_end()) in.fail("bytes after the end");
}

struct Signed {
  ByteView said;
  Signature signature{};
};
Signed parts_of(ByteView bytes) {
  Signed out;
  const std::size_t n = (std::min)(bytes.size(), out.signature.size());
  out.said = bytes.first(bytes.size() - n);
  std::copy(bytes.end() - static_cast<std::ptrdiff_t>(n), bytes.end(), out.signature.begin());
  return out;
}

void write_addresses(cbor::Writer& out, const std::vector<std::string>& addresses) {
  out.array(addresses.size());
  for (const std::string& address : addresses) out.text(address);
}

std::vector<std::string> read_addresses(cbor::Reader& in) {
  std::vector<std::string> out;
  const std::size_t count = in.array(limits::kAddressesMax);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    out.emplace_back(in.text(limits::kAddressBytesMax));
  }
  if (out.empty()) in.fail("no address");
  return out;
}

CertificateLink read_grant(cbor::Reader& in) {
  CertificateLink out;
  if (in.array(4) != 4) in.fail("four items expected");
  out.device = DeviceNo(static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff)));
  out.unit = UnitNo(static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff)));
  out.rank = Rank(static_cast<std::uint8_t>(in.unsigned_integer(255)));
  out.rights = static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff));
  return out;
}

Error bad_ticket(const char* why) { return {ErrorCode::trust_bad_ticket, {{"why", why}}}; }
Error bad_answer(const char* why) { return {ErrorCode::trust_bad_certificate, {{"why", why}}}; }

}  // namespace

std::string_view to_text(DeviceRole role) {
  switch (role) {
    case DeviceRole::kVillage: return "village";
    case DeviceRole::kOfficer: return "officer";
    case DeviceRole::kServer: break;
  }
  return "server";
}

bool role_from_text(std::string_view text, DeviceRole& out) {
  for (const DeviceRole role : {DeviceRole::kVillage, DeviceRole::kOfficer, DeviceRole::kServer}) {
    if (text != to_text(role)) continue;
    out = role;
    return true;
  }
  return false;
}

std::uint32_t rights_of(DeviceRole role) {
  switch (role) {
    case DeviceRole::kVillage: return kWriteRecords;
    case DeviceRole::kOfficer: return kWriteRecords | kWriteReference | kDecide;
    case DeviceRole::kServer: break;
  }
  return kWriteRecords | kWriteReference | kCertify | kRevoke | kDecide;
}

Hash ticket_secret_hash(const TicketId& id, const Hash& secret) {
  return blake2b({as_bytes("lalanh ticket secret 1"), id, secret});
}

Bytes write_ticket(const Ticket& ticket, const KeyPair& parent_key) {
  CHECK(ticket.parent.device().key == parent_key.public_key());
  Bytes out;
  cbor::Writer writer(out);
  writer.array(14);
  writer.text(kTicket);
  writer.bytes(ticket.id);
  writer.bytes(ticket.secret);
  writer.integer(ticket.made.value);
  writer.integer(ticket.expires.value);
  writer.unsigned_integer(static_cast<std::uint64_t>(ticket.role));
  writer.array(4);
  writer.unsigned_integer(ticket.grant.device.value);
  writer.unsigned_integer(ticket.grant.unit.value);
  writer.unsigned_integer(ticket.grant.rank.value);
  writer.unsigned_integer(ticket.grant.rights);
  writer.unsigned_integer(ticket.block);
  writer.text(ticket.unit_code);
  writer.text(ticket.unit_name);
  writer.text(ticket.name);
  write_addresses(writer, ticket.addresses);
  writer.bytes(ticket.root);
  writer.bytes(ticket.parent.bytes);
  append(out, parent_key.sign(out));
  return out;
}

Result<Ticket> read_ticket(ByteView bytes) {
  constexpr std::size_t kItems = 14;
  const Signed file = parts_of(bytes);
  cbor::Reader in(file.said);
  cbor::Fields fields(in, kItems);
  if (!is_one(in, kTicket)) return other_file("a ticket");
  Ticket out;
  in.bytes_into(out.id);
  in.bytes_into(out.secret);
  out.made = TimeMs(in.integer());
  out.expires = TimeMs(in.integer());
  out.role = static_cast<DeviceRole>(in.unsigned_integer(2));
  out.grant = read_grant(in);
  out.block = static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff));
  out.unit_code = in.text(limits::kTextBytesMax);
  out.unit_name = in.text(limits::kTextBytesMax);
  out.name = in.text(limits::kTextBytesMax);
  out.addresses = read_addresses(in);
  in.bytes_into(out.root);
  const ByteView parent = in.bytes(limits::kCertificateBytesMax);
  end(in, fields);
  if (!in.ok()) return bad_ticket("it cannot be read to its end");
  TRY_ASSIGN(out.parent, read_certificate(parent, out.root));
  const CertificateLink& issuer = out.parent.device();
  if (!verify(issuer.key, file.said, file.signature)) return bad_ticket("a signature is wrong");
  if ((issuer.rights & kCertify) == 0) return bad_ticket("its issuer may not certify");
  if (out.grant.device.value == 0 || out.grant.unit.value == 0 || out.block == 0 ||
      out.grant.rank.value == 0 || issuer.rank < out.grant.rank) {
    return bad_ticket("its numbers do not fit");
  }
  return out;
}

Result<Bytes> write_enrolment_request(const EnrolmentRequest& request, const Hash& parent,
                                      const KeyPair& device, Random& random) {
  CHECK(request.key == device.public_key());
  Bytes opened;
  cbor::Writer inner(opened);
  inner.array(5);
  inner.text(kOpened);
  inner.bytes(request.ticket);
  inner.bytes(request.secret);
  inner.bytes(request.key);
  inner.text(request.name);
  append(opened, device.sign(opened));

  const ContentKey key = ContentKey::make(random);
  const std::optional<KeyBox> box = seal_box(key, parent, random);
  if (!box) return bad_ticket("the parent's key is none");
  StreamStartBytes start{};
  random.fill(start);
  Bytes sealed;
  SealedStream(key, start).seal(opened, parent, true, sealed);
  Bytes out;
  cbor::Writer writer(out);
  writer.array(5);
  writer.text(kRequest);
  writer.bytes(parent);
  writer.bytes(*box);
  writer.bytes(start);
  writer.bytes(sealed);
  return out;
}

namespace {

Result<EnrolmentRequest> read_opened(ByteView bytes) {
  constexpr std::size_t kItems = 5;
  const Signed file = parts_of(bytes);
  cbor::Reader in(file.said);
  EnrolmentRequest out;
  cbor::Fields fields(in, kItems);
  if (!is_one(in, kOpened)) return other_file("a device's request file");
  in.bytes_into(out.ticket);
  in.bytes_into(out.secret);
  in.bytes_into(out.key);
  out.name = in.text(limits::kTextBytesMax);
  end(in, fields);
  if (!in.ok()) return in.error("enrolment request");
  if (!verify(out.key, file.said, file.signature)) {
    return Error{ErrorCode::format_bad_signature, {{"where", "enrolment request"}}};
  }
  return out;
}

}  // namespace

Result<EnrolmentRequest> read_enrolment_request(ByteView bytes, const KeyPair& parent) {
  constexpr std::size_t kItems = 5;
  cbor::Reader in(bytes);
  cbor::Fields fields(in, kItems);
  if (!is_one(in, kRequest)) return other_file("a device's request file");
  Hash to{};
  KeyBox box{};
  StreamStartBytes start{};
  in.bytes_into(to);
  in.bytes_into(box);
  in.bytes_into(start);
  const ByteView sealed = in.bytes(limits::kEnrolmentBytesMax);
  end(in, fields);
  if (!in.ok()) return in.error("enrolment request");
  if (to != parent.public_key()) return Error{ErrorCode::trust_other_parent};
  const std::optional<ContentKey> key = open_box(box, parent);
  Bytes opened;
  if (!key || !SealedStream(*key, start).open(sealed, to, true, opened)) {
    return Error{ErrorCode::trust_other_parent};
  }
  return read_opened(opened);
}

Bytes write_enrolment_answer(const EnrolmentAnswer& answer, const KeyPair& parent_key) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(7);
  writer.text(kAnswer);
  writer.bytes(answer.ticket);
  writer.bytes(answer.certificate.bytes);
  writer.unsigned_integer(answer.block);
  write_addresses(writer, answer.addresses);
  writer.text(answer.unit_code);
  writer.text(answer.unit_name);
  append(out, parent_key.sign(out));
  return out;
}

Result<EnrolmentAnswer> read_enrolment_answer(ByteView bytes, const Ticket& ticket,
                                              const Hash& key) {
  constexpr std::size_t kItems = 7;
  const Signed file = parts_of(bytes);
  cbor::Reader in(file.said);
  cbor::Fields fields(in, kItems);
  if (!is_one(in, kAnswer)) return other_file("a certificate file of the parent");
  EnrolmentAnswer out;
  in.bytes_into(out.ticket);
  const ByteView certificate = in.bytes(limits::kCertificateBytesMax);
  out.block = static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff));
  out.addresses = read_addresses(in);
  out.unit_code = in.text(limits::kTextBytesMax);
  out.unit_name = in.text(limits::kTextBytesMax);
  end(in, fields);
  if (!in.ok()) return in.error("enrolment answer");
  if (out.ticket != ticket.id) return bad_answer("it answers another ticket");
  if (!verify(ticket.parent.device().key, file.said, file.signature)) {
    return bad_answer("a signature is wrong");
  }
  TRY_ASSIGN(out.certificate, read_certificate(certificate, ticket.root));
  const CertificateLink& device = out.certificate.device();
  if (device.key != key) return bad_answer("it is for another machine's key");
  const CertificateLink& grant = ticket.grant;
  if (!(device.device == grant.device) || !(device.unit == grant.unit) ||
      !(device.rank == grant.rank) || device.rights != grant.rights || out.block != ticket.block) {
    return bad_answer("it is not what the ticket says");
  }
  const std::size_t tiers = out.certificate.chain.size();
  if (tiers < 2 || out.certificate.chain[tiers - 2].key != ticket.parent.device().key) {
    return bad_answer("its issuer is not the parent");
  }
  return out;
}

}  // namespace lalanh
