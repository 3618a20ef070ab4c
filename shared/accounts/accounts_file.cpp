#include "shared/accounts/accounts_file.h"

#include <algorithm>

#include "shared/base/cbor.h"

namespace lalanh {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {0x8a, 'L', 'L', 'A', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kWhere = "accounts";
constexpr std::size_t kDigestBytes = 32;

Hash digest_of(ByteView bytes) { return blake2b({as_bytes("lalanh accounts 1"), bytes}); }

Error malformed(const char* why) {
  return {ErrorCode::format_malformed, {{"where", std::string(kWhere)}, {"why", why}}};
}

void write_envelope(cbor::Writer& out, const Envelope& envelope) {
  out.array(5);
  out.text(envelope.login);
  out.bytes(envelope.salt);
  out.unsigned_integer(envelope.cost.passes);
  out.unsigned_integer(envelope.cost.memory_kib);
  out.bytes(envelope.sealed);
}

Envelope read_envelope(cbor::Reader& in) {
  Envelope out;
  if (in.array(5) != 5) in.fail("envelope");
  out.login = in.text(limits::kLoginBytesMax);
  in.bytes_into(out.salt);
  out.cost.passes = static_cast<std::uint32_t>(in.unsigned_integer(limits::kPasswordPassesMax));
  out.cost.memory_kib =
      static_cast<std::uint32_t>(in.unsigned_integer(limits::kPasswordMemoryKibMax));
  in.bytes_into(out.sealed);
  // What libsodium would refuse.
  if (out.cost.passes < 1 || out.cost.memory_kib < 8) in.fail("cost");
  return out;
}

void read_front(cbor::Reader& in, AccountsFile& out) {
  if (in.array(4) != 4) in.fail("front");
  out.cipher = static_cast<Cipher>(in.unsigned_integer(2));
  in.bytes_into(out.id);
  const std::size_t count = in.array(limits::kUsersMax);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    Envelope envelope = read_envelope(in);
    const bool twice =
        std::any_of(out.envelopes.begin(), out.envelopes.end(),
                    [&](const Envelope& each) { return each.login == envelope.login; });
    if (envelope.login.empty() || twice) in.fail("login");
    out.envelopes.push_back(std::move(envelope));
  }
  if (in.peek_null()) {
    in.null();
  } else {
    out.recovery.emplace();
    if (in.array(2) != 2) in.fail("recovery");
    in.bytes_into(out.recovery->reader);
    in.bytes_into(out.recovery->box);
  }
}

}  // namespace

std::string to_text(Cipher cipher) {
  switch (cipher) {
    case Cipher::kAegis: return "aegis";
    case Cipher::kChacha20: return "chacha20";
    case Cipher::kNone: break;
  }
  return "none";
}

Bytes front_of(const AccountsFile& file) {
  Bytes out(kMagic.begin(), kMagic.end());
  out.push_back(kFormat);
  cbor::Writer cbor(out);
  cbor.array(4);
  cbor.unsigned_integer(static_cast<std::uint64_t>(file.cipher));
  cbor.bytes(file.id);
  cbor.array(file.envelopes.size());
  for (const Envelope& envelope : file.envelopes) write_envelope(cbor, envelope);
  if (file.recovery) {
    cbor.array(2);
    cbor.bytes(file.recovery->reader);
    cbor.bytes(file.recovery->box);
  } else {
    cbor.null();
  }
  return out;
}

Bytes bytes_of(const AccountsFile& file) {
  Bytes out = file.front;
  cbor::Writer(out).bytes(file.body);
  append(out, digest_of(out));
  return out;
}

Result<AccountsFile> read_accounts_file(ByteView bytes) {
  if (bytes.size() > limits::kAccountsBytesMax) {
    return Error{
        ErrorCode::format_limit,
        {{"limit", std::to_string(limits::kAccountsBytesMax)}, {"where", std::string(kWhere)}}};
  }
  if (bytes.size() < kMagic.size() + 1 + kDigestBytes) {
    return Error{ErrorCode::format_truncated, {{"where", std::string(kWhere)}}};
  }
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) return malformed("magic");
  const ByteView rest = bytes.first(bytes.size() - kDigestBytes);
  const Hash digest = digest_of(rest);
  if (!std::equal(digest.begin(), digest.end(), bytes.last(kDigestBytes).begin())) {
    return malformed("digest");
  }
  if (bytes[kMagic.size()] != kFormat) {
    return Error{ErrorCode::format_newer,
                 {{"found", std::to_string(bytes[kMagic.size()])}, {"known", "1"}}};
  }
  AccountsFile out;
  cbor::Reader in(rest.subspan(kMagic.size() + 1));
  read_front(in, out);
  const std::size_t front = kMagic.size() + 1 + in.position();
  const ByteView body = in.bytes(limits::kAccountsBytesMax);
  if (!in.ok()) return in.error(kWhere);
  if (!in.at_end()) return malformed("bytes after the end");
  out.front.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(front));
  out.body.assign(body.begin(), body.end());
  return out;
}

Bytes envelope_context(const AccountsFile& file, std::string_view login) {
  Bytes out;
  append(out, as_bytes("lalanh envelope 1"));
  append(out, file.id);
  append(out, as_bytes(login));
  return out;
}

}  // namespace lalanh
