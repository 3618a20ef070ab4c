#include "sync/tls/tls.h"

#include <algorithm>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "sync/tls/pem.h"

namespace lalanh::sync {
namespace {

/// Short hashes first: a handshake is 32 bytes smaller with them, and no weaker.
constexpr const char* kSuites13 =
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";
constexpr const char* kSuites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384";
constexpr const char* kGroups = "X25519:P-256";
/// OpenSSL's: nothing below 112 bits.
constexpr int kSecurityLevel = 2;
constexpr const char* kSignatures = "ECDSA+SHA256";

/// The rules of both sides.
Result<TlsContext> make_context(const SSL_METHOD* side) {
  ERR_clear_error();
  // The rules are these, whatever the machine's openssl.cnf says.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  TlsContext context(SSL_CTX_new(side), SSL_CTX_free);
  SSL_CTX* c = context.get();
  if (c == nullptr || SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(c, kSuites13) != 1 || SSL_CTX_set_cipher_list(c, kSuites12) != 1 ||
      SSL_CTX_set1_groups_list(c, kGroups) != 1 || SSL_CTX_set1_sigalgs_list(c, kSignatures) != 1) {
    return Error{ErrorCode::system_internal, {{"why", "OpenSSL"}}};
  }
  SSL_CTX_set_security_level(c, kSecurityLevel);
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                             SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 0);
  return context;
}

/// Takes the place of OpenSSL's own check of chains, names and dates.
int check_peer(X509_STORE_CTX* store, void* argument) {
  TlsPeer& peer = *static_cast<TlsPeer*>(argument);
  const X509* certificate = X509_STORE_CTX_get0_cert(store);
  peer.asked = true;
  peer.found = certificate == nullptr ? Vouched::kNot : vouched_by(*certificate, peer.device_key);
  const bool good = peer.found == Vouched::kByKey;
  X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
  return good ? 1 : 0;
}

}  // namespace

Result<TlsContext> server_tls(ByteView file, const Hash& device_key) {
  TRY_ASSIGN(const TlsKeys keys, read_tls_file(file));
  if (vouched_by(*keys.certificate, device_key) != Vouched::kByKey) {
    return Error{ErrorCode::trust_bad_certificate, {{"why", "it is for another key"}}};
  }
  TRY_ASSIGN(TlsContext context, make_context(TLS_server_method()));
  if (SSL_CTX_use_certificate(context.get(), keys.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), keys.key.get()) != 1) {
    return Error{ErrorCode::trust_bad_certificate, {{"why", "it is for another key"}}};
  }
  return context;
}

Result<OpenedTls> open_server_tls(Files& files, const std::string& path, const KeyPair& device) {
  OpenedTls out;
  if (files.exists(path)) {
    const Result<Bytes> file = files.read(path, kTlsFileBytesMax);
    if (!file.ok() && file.error().domain() == "system") return file.error();
    if (file.ok()) {
      Result<TlsContext> context = server_tls(*file, device.public_key());
      if (context.ok()) {
        out.context = *std::move(context);
        return out;
      }
    }
  }
  out.made = true;
  TRY_ASSIGN(const Bytes file, make_tls_file(device));
  TRY(files.replace(path, file, true));
  TRY_ASSIGN(out.context, server_tls(file, device.public_key()));
  return out;
}

Result<TlsContext> client_tls(TlsPeer& peer) {
  TRY_ASSIGN(TlsContext context, make_context(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), check_peer, &peer);
  return context;
}

}  // namespace lalanh::sync
