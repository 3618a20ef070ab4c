#pragma once

#include <openssl/x509.h>

#include "shared/base/bytes.h"

/// Inside sync/tls: the extension in which a device key vouches for a TLS key.
namespace lalanh::sync {

/// The SubjectPublicKeyInfo of a certificate in DER; empty where it has none.
Bytes public_key_info(const X509& certificate);
/// What the device key signs: the domain text and the SubjectPublicKeyInfo.
Bytes tls_signed_bytes(ByteView public_key_info);
/// Adds the extension; false where OpenSSL fails.
bool add_signature(X509& certificate, const Signature& signature);

}  // namespace lalanh::sync
