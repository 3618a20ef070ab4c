#include "sync/tls/tls.h"

#include <array>
#include <atomic>
#include <ctime>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/simple_ports.h"
#include "tests/unit/sync/tls/forge.h"

namespace {

/// What OpenSSL takes for the time; below: the real one.
std::atomic<std::int64_t> shown_s{-1};

}  // namespace

/// OpenSSL asks this function, and there is no other way to set its clock.
extern "C" __attribute__((visibility("default"))) std::time_t time(std::time_t* out) noexcept {
  std::time_t now = shown_s.load();
  if (now < 0) {
    timespec real{};
    clock_gettime(CLOCK_REALTIME, &real);
    now = real.tv_sec;
  }
  if (out != nullptr) *out = now;
  return now;
}

namespace lalanh::sync {
namespace {

using testing::meet;
using testing::Met;
using testing::must;

struct Keys {
  Keys() { must(start_crypto().ok()); }
  testing::SeededRandom random{7};
  KeyPair parent = KeyPair::make(random);
  KeyPair other = KeyPair::make(random);
};

/// A client of `parent` meets this server.
struct Meeting {
  Meeting(const KeyPair& parent, const TlsContext& server) {
    peer.device_key = parent.public_key();
    auto client = client_tls(peer);
    must(client.ok());
    met = meet(*client, server);
  }
  TlsPeer peer;
  Met met;
};

TlsKeys extended(const std::function<void(X509&, ByteView)>& extend) {
  return testing::self_signed(testing::p256(), extend);
}

constexpr std::int64_t k2038 = std::int64_t{1} << 31U;

void set_clock(std::int64_t seconds) { shown_s.store(seconds); }

TEST_CASE("client and server understand each other, whatever year either clock shows") {
  const Keys keys;
  const TlsContext server = testing::good_server(keys.parent);
  const std::int64_t year = GENERATE(std::int64_t{0}, 946'684'800, k2038, k2038 + 1, 4'070'908'800);
  set_clock(year);
  // That OpenSSL does see this clock: for some of these years 2020 is still to come.
  const std::unique_ptr<ASN1_TIME, FreeBy<ASN1_TIME_free>> day(ASN1_TIME_new());
  must(ASN1_TIME_set_string(day.get(), "20200101000000Z") == 1);
  const int order = X509_cmp_current_time(day.get());
  const Met met = Meeting(keys.parent, server).met;
  set_clock(-1);
  CHECK(order == (year < k2038 ? 1 : -1));
  CHECK(met.client);
  CHECK(met.server);
  CHECK(met.version == "TLSv1.3");
}

TEST_CASE("a file made under any clock is good under every other") {
  const Keys keys;
  set_clock(GENERATE(std::int64_t{0}, std::int64_t{4'070'908'800}));
  const TlsContext server = testing::good_server(keys.parent);
  set_clock(-1);
  CHECK(Meeting(keys.parent, server).met.client);
}

TEST_CASE("a server that another device vouches for is refused") {
  const Keys keys;
  const Meeting meeting(keys.parent, testing::good_server(keys.other));
  CHECK_FALSE(meeting.met.client);
  CHECK_FALSE(meeting.met.server);
  CHECK(meeting.peer.asked);
  CHECK(meeting.peer.found == Vouched::kByOther);
}

TEST_CASE("a certificate without the extension is not one of ours") {
  const Keys keys;
  const Meeting meeting(keys.parent, testing::any_server(extended({})));
  CHECK_FALSE(meeting.met.client);
  CHECK(meeting.peer.found == Vouched::kNot);
}

TEST_CASE(
    "a signature that is damaged, of another key, of another length or there twice is refused") {
  const Keys keys;
  const auto file = make_tls_file(keys.parent);
  const TlsKeys genuine = *read_tls_file(*file);
  const Signature genuine_signature =
      testing::vouch(keys.parent, public_key_info(*genuine.certificate));
  const std::vector<std::function<void(X509&, ByteView)>> forgeries = {
      [&](X509& certificate, ByteView spki) {
        Signature signature = testing::vouch(keys.parent, spki);
        signature[20] ^= 1U;
        must(add_signature(certificate, signature));
      },
      [&](X509& certificate, ByteView) { must(add_signature(certificate, genuine_signature)); },
      [&](X509& certificate, ByteView spki) {
        // Without the domain text.
        must(add_signature(certificate, keys.parent.sign(spki)));
      },
      [&](X509& certificate, ByteView spki) {
        must(add_signature(certificate, testing::vouch(keys.parent, spki)));
        must(add_signature(certificate, testing::vouch(keys.other, spki)));
      },
      [&](X509& certificate, ByteView spki) {
        must(add_signature(certificate, testing::vouch(keys.parent, spki)));
        X509_EXTENSION* extension = X509_get_ext(&certificate, 0);
        const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
        const std::unique_ptr<ASN1_OCTET_STRING, FreeBy<ASN1_OCTET_STRING_free>> shorter(
            ASN1_OCTET_STRING_new());
        must(ASN1_OCTET_STRING_set(shorter.get(), ASN1_STRING_get0_data(value), 65) == 1);
        must(X509_EXTENSION_set_data(extension, shorter.get()) == 1);
      },
  };
  for (const auto& forgery : forgeries) {
    const Meeting meeting(keys.parent, testing::any_server(extended(forgery)));
    CHECK_FALSE(meeting.met.client);
    CHECK(meeting.peer.asked);
    CHECK(meeting.peer.found == Vouched::kByOther);
  }
  // The same forger's tools, used rightly.
  const Meeting right(keys.parent,
                      testing::any_server(extended([&](X509& certificate, ByteView spki) {
                        must(add_signature(certificate, testing::vouch(keys.parent, spki)));
                      })));
  CHECK(right.met.client);
}

/// The certificate's public half with a private half that is not its own.
TlsKey mismatched(EVP_PKEY& shown, EVP_PKEY& had) {
  std::array<unsigned char, 128> point{};
  std::size_t size = 0;
  must(EVP_PKEY_get_octet_string_param(&shown, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                       &size) == 1);
  BIGNUM* secret = nullptr;
  must(EVP_PKEY_get_bn_param(&had, OSSL_PKEY_PARAM_PRIV_KEY, &secret) == 1);
  const std::unique_ptr<BIGNUM, FreeBy<BN_free>> owned(secret);
  std::array<unsigned char, 32> little{};
  must(BN_bn2nativepad(secret, little.data(), 32) == 32);
  char group[] = "P-256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), size),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, little.data(), little.size()),
      OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>> maker(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* out = nullptr;
  must(EVP_PKEY_fromdata_init(maker.get()) == 1);
  must(EVP_PKEY_fromdata(maker.get(), &out, EVP_PKEY_KEYPAIR,
                         const_cast<OSSL_PARAM*>(parameters)) == 1);
  return TlsKey(out);
}

TEST_CASE("the parent's own certificate without its key is worth nothing, in 1.3 and in 1.2") {
  const Keys keys;
  const auto file = make_tls_file(keys.parent);
  TlsKeys stolen = *read_tls_file(*file);
  stolen.key = mismatched(*stolen.key, *testing::p256());
  const int version = GENERATE(TLS1_3_VERSION, TLS1_2_VERSION);
  const Meeting meeting(keys.parent, testing::any_server(stolen, version));
  CHECK(meeting.peer.found == Vouched::kByKey);
  CHECK_FALSE(meeting.met.client);
  CHECK_FALSE(meeting.met.server);
}

TEST_CASE("TLS 1.2 is spoken, 1.1 and 1.0 are not, by client and by server") {
  const Keys keys;
  const TlsKeys good = *read_tls_file(*make_tls_file(keys.parent));
  CHECK(Meeting(keys.parent, testing::any_server(good, TLS1_2_VERSION)).met.version == "TLSv1.2");
  const TlsContext server = testing::good_server(keys.parent);
  CHECK(meet(testing::any_client(TLS1_2_VERSION), server).server);
  for (const int version : {TLS1_1_VERSION, TLS1_VERSION}) {
    const Meeting old(keys.parent, testing::any_server(good, version));
    CHECK_FALSE(old.met.client);
    CHECK_FALSE(old.peer.asked);
    CHECK_FALSE(meet(testing::any_client(version), server).server);
    // The two old ends would understand each other.
    CHECK(meet(testing::any_client(version), testing::any_server(good, version)).client);
  }
}

TEST_CASE("a handshake is small: no tickets, no chain, few suites") {
  const Keys keys;
  const Met met = Meeting(keys.parent, testing::good_server(keys.parent)).met;
  REQUIRE(met.client);
  INFO(met.to_server << " bytes to the server, " << met.to_client << " to the client");
  CHECK(met.to_server <= 330);
  CHECK(met.to_client <= 800);
  CHECK_FALSE(met.resumed);
}

TEST_CASE("the certificate says nothing of persons or places, and its time never ends") {
  const Keys keys;
  const TlsKeys made = *read_tls_file(*make_tls_file(keys.parent));
  const TlsKeys second = *read_tls_file(*make_tls_file(keys.parent));
  CHECK(public_key_info(*made.certificate) != public_key_info(*second.certificate));
  std::array<char, 64> name{};
  X509_NAME_oneline(X509_get_subject_name(made.certificate.get()), name.data(), name.size());
  CHECK(std::string(name.data()) == "/CN=lalanh");
  CHECK(X509_get_ext_count(made.certificate.get()) == 1);
  CHECK(X509_EXTENSION_get_critical(X509_get_ext(made.certificate.get(), 0)) == 0);
  tm until{};
  must(ASN1_TIME_to_tm(X509_get0_notAfter(made.certificate.get()), &until) == 1);
  CHECK(until.tm_year + 1'900 == 9'999);
  CHECK(ASN1_TIME_to_tm(X509_get0_notBefore(made.certificate.get()), &until) == 1);
  CHECK(until.tm_year + 1'900 == 1'970);
}

TEST_CASE("a damaged file of keys is refused, wherever it is damaged or cut") {
  const Keys keys;
  const Bytes file = *make_tls_file(keys.parent);
  CHECK(server_tls(file, keys.parent.public_key()).ok());
  CHECK(server_tls(file, keys.other.public_key()).error().name() == "trust.bad_certificate");
  CHECK(server_tls({}, keys.parent.public_key()).error().name() == "trust.bad_certificate");
  for (std::size_t cut = 0; cut + 30 < file.size(); cut += 17) {
    const auto part = server_tls(ByteView(file).first(cut), keys.parent.public_key());
    REQUIRE_FALSE(part.ok());
    CHECK(part.error().name() == "trust.bad_certificate");
  }
  for (std::size_t at = 40; at < file.size(); at += 41) {
    Bytes changed = file;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    (void)server_tls(changed, keys.parent.public_key());  // refused or, in a title, not; no crash
  }
  // A key with a password must not make the server ask at a terminal.
  CHECK_FALSE(server_tls(as_bytes("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
                                  "-----END ENCRYPTED PRIVATE KEY-----\n"),
                         keys.parent.public_key())
                  .ok());
}

}  // namespace
}  // namespace lalanh::sync
