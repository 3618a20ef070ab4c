#include "shared/accounts/accounts_body.h"

#include "shared/base/cbor.h"

namespace lalanh {
namespace {

constexpr std::size_t kSeedBytesMax = 128;

User read_user(cbor::Reader& in) {
  User out;
  if (in.array(8) != 8) in.fail("user");
  out.login = in.text(limits::kLoginBytesMax);
  out.name = in.text(limits::kActorBytesMax);
  out.office = in.text(limits::kActorBytesMax);
  out.unit = UnitNo(static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff)));
  out.role = in.text(limits::kNameBytesMax);
  out.disabled = in.boolean();
  if (in.peek_null()) {
    in.null();
  } else {
    out.decision_key.emplace();
    in.bytes_into(*out.decision_key);
  }
  const ByteView seed = in.bytes(kSeedBytesMax);
  out.decision_seed.assign(seed.begin(), seed.end());
  return out;
}

}  // namespace

Bytes bytes_of(const AccountsBody& body) {
  Bytes out;
  cbor::Writer cbor(out);
  cbor.array(2);
  cbor.boolean(body.database_encrypted);
  cbor.array(body.users.size());
  for (const User& user : body.users) {
    cbor.array(8);
    cbor.text(user.login);
    cbor.text(user.name);
    cbor.text(user.office);
    cbor.unsigned_integer(user.unit.value);
    cbor.text(user.role);
    cbor.boolean(user.disabled);
    if (user.decision_key) {
      cbor.bytes(*user.decision_key);
    } else {
      cbor.null();
    }
    cbor.bytes(user.decision_seed);
  }
  return out;
}

Result<AccountsBody> read_accounts_body(ByteView bytes) {
  cbor::Reader in(bytes);
  AccountsBody out;
  if (in.array(2) != 2) in.fail("body");
  out.database_encrypted = in.boolean();
  const std::size_t count = in.array(limits::kUsersMax);
  for (std::size_t i = 0; i < count && in.ok(); ++i) out.users.push_back(read_user(in));
  if (!in.ok()) return in.error("accounts");
  if (!in.at_end()) {
    return Error{ErrorCode::format_malformed, {{"where", "accounts"}, {"why", "bytes left"}}};
  }
  return out;
}

}  // namespace lalanh
