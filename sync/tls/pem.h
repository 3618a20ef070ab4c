#pragma once

#include <memory>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

/// Inside sync/tls: the file of a server's TLS key.
namespace lalanh::sync {

template <auto free>
struct FreeBy {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using TlsKey = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using TlsCertificate = std::unique_ptr<X509, FreeBy<X509_free>>;

/// A key and a certificate: half a kilobyte each in PEM, and room.
inline constexpr std::size_t kTlsFileBytesMax = 16 * 1'024;

struct TlsKeys {
  TlsKey key;
  TlsCertificate certificate;
};
/// trust.bad_certificate where it is damaged.
Result<TlsKeys> read_tls_file(ByteView file);

}  // namespace lalanh::sync
