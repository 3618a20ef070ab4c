#include <openssl/err.h>

#include "shared/base/check.h"
#include "sync/tls/pem.h"
#include "sync/tls/tls.h"

/// Bytes of a certificate as a stranger's server sends them, and of a damaged `tls.pem`: nobody
/// without the device key makes one that it vouches for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lalanh;
  LALANH_CHECK(start_crypto().ok());
  const Hash key = KeyPair::from_seed(Hash{3}).public_key();
  const unsigned char* at = data;
  const sync::TlsCertificate certificate(d2i_X509(nullptr, &at, static_cast<int>(size)));
  if (certificate != nullptr) {
    LALANH_CHECK(sync::vouched_by(*certificate, key) != sync::Vouched::kByKey);
  }
  LALANH_CHECK(!sync::server_tls({data, size}, key).ok());
  ERR_clear_error();
  return 0;
}
