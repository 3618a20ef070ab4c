#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdexcept>
#include <string>
#include <string_view>

#include "sync/tls/extension.h"
#include "sync/tls/pem.h"
#include "sync/tls/tls.h"

/// Servers that a client must not take for its own, and ends of TLS without manners.
namespace lalanh::testing {

using sync::TlsCertificate;
using sync::TlsContext;
using sync::TlsKey;
using sync::TlsKeys;

inline void must(bool good) {
  if (!good) throw std::runtime_error("OpenSSL: " + std::to_string(ERR_peek_last_error()));
}

/// A key and a self-signed certificate of now to a year from now; `extend` may add to it.
inline TlsKeys self_signed(TlsKey key, const std::function<void(X509&, ByteView spki)>& extend) {
  TlsKeys out{std::move(key), TlsCertificate(X509_new())};
  X509& certificate = *out.certificate;
  must(X509_set_version(&certificate, X509_VERSION_3) == 1);
  must(X509_set_pubkey(&certificate, out.key.get()) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(&certificate), 1) == 1);
  X509_gmtime_adj(X509_getm_notBefore(&certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(&certificate), 365L * 86'400);
  if (extend) extend(certificate, sync::public_key_info(certificate));
  must(X509_sign(&certificate, out.key.get(), EVP_sha256()) > 0);
  return out;
}

/// The signature by which `device` vouches for the key of a certificate.
inline Signature vouch(const KeyPair& device, ByteView spki) {
  return device.sign(sync::tls_signed_bytes(spki));
}

inline TlsKey p256() { return TlsKey(EVP_EC_gen("P-256")); }

/// A server with any keys and without our rules. `version_max` 0: the newest.
inline TlsContext any_server(const TlsKeys& keys, int version_max = 0) {
  TlsContext out(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(out.get(), 0);
  must(SSL_CTX_set_min_proto_version(out.get(), TLS1_VERSION) == 1);
  if (version_max != 0) must(SSL_CTX_set_max_proto_version(out.get(), version_max) == 1);
  must(SSL_CTX_use_certificate(out.get(), keys.certificate.get()) == 1);
  must(SSL_CTX_use_PrivateKey(out.get(), keys.key.get()) == 1);
  return out;
}

/// A client that believes everybody.
inline TlsContext any_client(int version_max = 0) {
  TlsContext out(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(out.get(), 0);
  must(SSL_CTX_set_min_proto_version(out.get(), TLS1_VERSION) == 1);
  if (version_max != 0) must(SSL_CTX_set_max_proto_version(out.get(), version_max) == 1);
  return out;
}

/// The server that `device` vouches for, by our own rules.
inline TlsContext good_server(const KeyPair& device) {
  const auto file = sync::make_tls_file(device);
  must(file.ok());
  auto context = sync::server_tls(*file, device.public_key());
  must(context.ok());
  return *std::move(context);
}

/// One end of TLS over a blocking socket that somebody else owns.
class TlsEnd {
 public:
  TlsEnd(const TlsContext& context, int socket) : ssl_(SSL_new(context.get()), SSL_free) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    must(SSL_set_fd(ssl_.get(), socket) == 1);
  }
  bool accept() { return ended(SSL_accept(ssl_.get())) == 1; }
  bool connect() { return ended(SSL_connect(ssl_.get())) == 1; }
  bool write(std::string_view bytes) {
    return bytes.empty() ||
           ended(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))) > 0;
  }
  /// What comes up to and with `end`, or to the end of the connection.
  std::string read_until(std::string_view end) {
    std::string out;
    char c = 0;
    while (!out.ends_with(end) && ended(SSL_read(ssl_.get(), &c, 1)) == 1) out.push_back(c);
    return out;
  }
  std::string read(std::size_t count) {
    std::string out(count, '\0');
    std::size_t got = 0;
    while (got < count) {
      const int n = ended(SSL_read(ssl_.get(), out.data() + got, static_cast<int>(count - got)));
      if (n <= 0) break;
      got += static_cast<std::size_t>(n);
    }
    out.resize(got);
    return out;
  }
  /// A whole message with Content-Length, or what came of one.
  std::string read_message() {
    std::string head = read_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? head : head + read(std::stoul(head.substr(at + 16)));
  }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  ssl_st* ssl() { return ssl_.get(); }

 private:
  static int ended(int result) {
    ERR_clear_error();
    return result;
  }
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

/// Both ends in memory. What a handshake came to, and its bytes each way.
struct Met {
  bool client = false;
  bool server = false;
  std::string version;
  bool resumed = false;
  std::uint64_t to_server = 0;
  std::uint64_t to_client = 0;
};
inline Met meet(const TlsContext& client_side, const TlsContext& server_side) {
  using End = std::unique_ptr<ssl_st, void (*)(ssl_st*)>;
  const End client(SSL_new(client_side.get()), SSL_free);
  const End server(SSL_new(server_side.get()), SSL_free);
  BIO* a = nullptr;
  BIO* b = nullptr;
  must(BIO_new_bio_pair(&a, 65'536, &b, 65'536) == 1);
  SSL_set_bio(client.get(), a, a);
  SSL_set_bio(server.get(), b, b);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  Met out;
  for (int i = 0; i < 10 && !(out.client && out.server); ++i) {
    ERR_clear_error();
    out.client = SSL_do_handshake(client.get()) == 1;
    ERR_clear_error();
    out.server = SSL_do_handshake(server.get()) == 1;
  }
  char byte = 0;
  (void)SSL_read(client.get(), &byte, 1);  // tickets, if there were any
  ERR_clear_error();
  out.version = SSL_get_version(client.get());
  out.resumed = SSL_session_reused(client.get()) == 1;
  out.to_server = BIO_number_written(a);
  out.to_client = BIO_number_written(b);
  return out;
}

}  // namespace lalanh::testing
