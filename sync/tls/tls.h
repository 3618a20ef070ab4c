#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "shared/trust/crypto.h"

struct ssl_ctx_st;
struct x509_st;

/// Keys, certificates and rules of TLS on the links between machines (`docs/PROTOCOL.md`, The
/// link), on OpenSSL. Opens no socket.
namespace lalanh::sync {

/// OpenSSL's SSL_CTX: what all connections of one side have in common. Thread-safe once made.
using TlsContext = std::shared_ptr<ssl_ctx_st>;

/// What a certificate says of its holder.
enum class Vouched : std::uint8_t {
  kNot,      ///< nothing of ours: not a server of this system
  kByOther,  ///< by another device key, or the signature is damaged
  kByKey,    ///< by the device key that was asked about
};

/// Does the holder of `device_key` vouch for the key of this certificate? Reads no clock.
Vouched vouched_by(const x509_st& certificate, const Hash& device_key);

/// A new key pair and its certificate, vouched for by `device`, as the file `tls.pem`: secret.
/// system.internal where OpenSSL fails.
Result<Bytes> make_tls_file(const KeyPair& device);

/// A server's side. trust.bad_certificate where the file is damaged or not vouched for by
/// `device_key`.
Result<TlsContext> server_tls(ByteView file, const Hash& device_key);

struct OpenedTls {
  TlsContext context;
  bool made = false;  ///< the file was missing or of no use: there is a new one
};
/// A server's side by the file `path`, which is made where that is needed (durable, secret).
/// Errors: system.file, system.internal.
Result<OpenedTls> open_server_tls(Files& files, const std::string& path, const KeyPair& device);

/// Whom a client wants to meet, and whom it met.
struct TlsPeer {
  Hash device_key{};
  bool asked = false;  ///< a certificate came
  Vouched found = Vouched::kNot;
};
/// A client's side: a handshake fails but with a server that `peer.device_key` vouches for. `peer`
/// outlives it and is written during handshakes: one at a time.
Result<TlsContext> client_tls(TlsPeer& peer);

}  // namespace lalanh::sync
