#include "sync/tls/extension.h"

#include <algorithm>
#include <memory>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "sync/tls/pem.h"
#include "sync/tls/tls.h"

namespace lalanh::sync {
namespace {

constexpr std::string_view kDomain = "lalanh tls 1";
/// 2.25 and a random UUID (80e991d7-c058-482d-8848-c0b71e8b4cd7) as a number.
constexpr const char* kExtension = "2.25.171353946671483164836313865698100858071";
/// In DER: OCTET STRING of 64 bytes.
constexpr std::array<std::uint8_t, 2> kValueHead = {0x04, 0x40};

using ObjectId = std::unique_ptr<ASN1_OBJECT, FreeBy<ASN1_OBJECT_free>>;
using Octets = std::unique_ptr<ASN1_OCTET_STRING, FreeBy<ASN1_OCTET_STRING_free>>;

ObjectId extension_id() { return ObjectId(OBJ_txt2obj(kExtension, 1)); }

ByteView value_of(const X509& certificate, int at) {
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(&certificate, at));
  return {ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

}  // namespace

Bytes public_key_info(const X509& certificate) {
  const X509_PUBKEY* key = X509_get_X509_PUBKEY(&certificate);
  unsigned char* der = nullptr;
  const int size = key == nullptr ? 0 : i2d_X509_PUBKEY(key, &der);
  if (size <= 0) return {};
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Bytes tls_signed_bytes(ByteView public_key_info) {
  Bytes out;
  append(out, as_bytes(kDomain));
  append(out, public_key_info);
  return out;
}

bool add_signature(X509& certificate, const Signature& signature) {
  Bytes value(kValueHead.begin(), kValueHead.end());
  append(value, signature);
  const ObjectId id = extension_id();
  const Octets octets(ASN1_OCTET_STRING_new());
  if (id == nullptr || octets == nullptr ||
      ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size())) != 1) {
    return false;
  }
  const std::unique_ptr<X509_EXTENSION, FreeBy<X509_EXTENSION_free>> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, id.get(), 0, octets.get()));
  return extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

Vouched vouched_by(const X509& certificate, const Hash& device_key) {
  const ObjectId id = extension_id();
  if (id == nullptr) return Vouched::kNot;
  const int at = X509_get_ext_by_OBJ(&certificate, id.get(), -1);
  if (at < 0) return Vouched::kNot;
  // Of two, which one counts would be a matter of taste.
  if (X509_get_ext_by_OBJ(&certificate, id.get(), at) >= 0) return Vouched::kByOther;
  const ByteView value = value_of(certificate, at);
  Signature signature{};
  if (value.size() != kValueHead.size() + signature.size() ||
      !std::equal(kValueHead.begin(), kValueHead.end(), value.begin())) {
    return Vouched::kByOther;
  }
  std::copy(value.begin() + kValueHead.size(), value.end(), signature.begin());
  const Bytes spki = public_key_info(certificate);
  ERR_clear_error();
  if (spki.empty() || !verify(device_key, tls_signed_bytes(spki), signature)) {
    return Vouched::kByOther;
  }
  return Vouched::kByKey;
}

}  // namespace lalanh::sync
