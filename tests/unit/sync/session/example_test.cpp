#include <catch2/catch.hpp>

#include "sync/session/receipt.h"
#include "tests/unit/sync/session/world.h"

/// The worked example of docs/PROTOCOL.md: bytes that may never change.
namespace lalanh::test {
namespace {

constexpr const char* kParentKey =
    "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1";
constexpr const char* kCertificateId = "93d9d42dd46363ed8591dbe84cde70df";
constexpr const char* kRequest =
    "0193d9d42dd46363ed8591dbe84cde70dfa0a1a2a3a4a5a6a7a8a9aaabc7526b1a0b2e15ca7f7dbd"
    "859fd3c166cd8dcd3ef60bc73549212a62c334fbcfd09f40b98556d066b14b2699775fa0c18d0d32"
    "d7f2e09ff86b7a99a1e51aac0e00002b845820000102030405060708090a0b0c0d0e0f1011121314"
    "15161718191a1b1c1d1e1f0165302e312e30f6";
constexpr const char* kReply = "0100001284f51b0000018bcfe568000165302e312e30";

std::string hex(ByteView bytes) { return to_hex(bytes); }

TEST_CASE("The worked example of the protocol's page gives these bytes") {
  World world;
  const Hash parent = world.hall.key.public_key();
  const Certificate& certificate = world.a.store->own_certificate();
  sync::OpenRequest open;
  for (std::size_t i = 0; i < open.digest.size(); ++i)
    open.digest[i] = static_cast<std::uint8_t>(i);
  open.protocol = sync::kProtocol;
  open.program = "0.1.0";
  const Bytes head = sync::encode(open);
  sync::RequestToSign request{"/s/open", parent, world.a.key, certificate, false, {}, head, {}};
  for (std::size_t i = 0; i < request.nonce.size(); ++i) {
    request.nonce[i] = static_cast<std::uint8_t>(0xa0 + i);
  }
  const sync::OpenReply reply{true, kNow, sync::kProtocol, "0.1.0"};
  CHECK(hex(parent) == kParentKey);
  CHECK(hex(certificate.id) == kCertificateId);
  CHECK(hex(sync::make_request(request)) == kRequest);
  CHECK(hex(sync::make_reply(sync::encode(reply), {})) == kReply);
}

}  // namespace
}  // namespace lalanh::test
