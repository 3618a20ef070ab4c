#include <openssl/err.h>

#include "shared/base/check.h"
#include "sync/tls/pem.h"
#include "sync/tls/tls.h"
#include "tests/fuzz/main/words.h"

/// Other keys in every run: OpenSSL takes no seed.
void lalanh::fuzz::make_corpus(Corpus& corpus) {
  LALANH_CHECK(start_crypto().ok());
  const Result<Bytes> file = sync::make_tls_file(KeyPair::from_seed(Hash{4}));
  LALANH_CHECK(file.ok());
  corpus.file("tls.pem", *file);
  const Result<sync::TlsKeys> keys = sync::read_tls_file(*file);
  LALANH_CHECK(keys.ok());
  unsigned char* der = nullptr;
  const int size = i2d_X509(keys->certificate.get(), &der);
  LALANH_CHECK(size > 0);
  corpus.file("certificate", ByteView(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  for (const char* word : {"-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----",
                           "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"}) {
    corpus.word(std::string_view(word));
  }
  for (const Bytes& word :
       {Bytes{0x30, 0x82}, Bytes{0x30, 0x80}, Bytes{0x04, 0x42}, Bytes{0x04, 0x40},
        Bytes{0x06, 0x08}, Bytes{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}}) {
    corpus.word(word);
  }
}

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
