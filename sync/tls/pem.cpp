#include "sync/tls/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "sync/tls/extension.h"
#include "sync/tls/tls.h"

namespace lalanh::sync {
namespace {

using Memory = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;

constexpr std::string_view kName = "lalanh";
constexpr std::size_t kSerialBytes = 16;

Error failed() { return {ErrorCode::system_internal, {{"why", "OpenSSL"}}}; }

/// A key is never asked for a password at a terminal.
int no_password(char*, int, int, void*) { return -1; }

bool set_names(X509& certificate) {
  X509_NAME* name = X509_get_subject_name(&certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(kName.data());
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, static_cast<int>(kName.size()),
                                    -1, 0) == 1 &&
         X509_set_issuer_name(&certificate, name) == 1;
}

bool set_serial(X509& certificate, ByteView spki) {
  Hash hash = blake2b({spki});
  hash[0] &= 0x7fU;  // positive, and of one length
  hash[0] |= 0x40U;
  const std::unique_ptr<BIGNUM, FreeBy<BN_free>> number(
      BN_bin2bn(hash.data(), static_cast<int>(kSerialBytes), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

TlsCertificate make_certificate(EVP_PKEY& key, const KeyPair& device) {
  TlsCertificate out(X509_new());
  if (out == nullptr || X509_set_version(out.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(out.get(), &key) != 1 || !set_names(*out) ||
      ASN1_TIME_set_string_X509(X509_getm_notBefore(out.get()), "19700101000000Z") != 1 ||
      ASN1_TIME_set_string_X509(X509_getm_notAfter(out.get()), "99991231235959Z") != 1) {
    return nullptr;
  }
  const Bytes spki = public_key_info(*out);
  if (spki.empty() || !set_serial(*out, spki) ||
      !add_signature(*out, device.sign(tls_signed_bytes(spki))) ||
      X509_sign(out.get(), &key, EVP_sha256()) == 0) {
    return nullptr;
  }
  return out;
}

}  // namespace

Result<Bytes> make_tls_file(const KeyPair& device) {
  ERR_clear_error();
  const TlsKey key(EVP_EC_gen("P-256"));
  if (key == nullptr) return failed();
  const TlsCertificate certificate = make_certificate(*key, device);
  const Memory file(BIO_new(BIO_s_secmem()));
  if (certificate == nullptr || file == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_X509(file.get(), certificate.get()) != 1) {
    return failed();
  }
  char* data = nullptr;
  const auto size = BIO_get_mem_data(file.get(), &data);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
  return Bytes(bytes, bytes + size);
}

Result<TlsKeys> read_tls_file(ByteView bytes) {
  ERR_clear_error();
  const Error damaged(ErrorCode::trust_bad_certificate, {{"why", "damaged"}});
  if (bytes.empty() || bytes.size() > kTlsFileBytesMax) return damaged;
  const Memory file(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  if (file == nullptr) return failed();
  TlsKeys out;
  out.key.reset(PEM_read_bio_PrivateKey(file.get(), nullptr, no_password, nullptr));
  out.certificate.reset(PEM_read_bio_X509(file.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (out.key == nullptr || out.certificate == nullptr) return damaged;
  return out;
}

}  // namespace lalanh::sync
