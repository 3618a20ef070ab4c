#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "shared/base/limits.h"
#include "shared/trust/certificate.h"

/// Who asks: the block in front of each request (`docs/PROTOCOL.md`, Frames).
namespace lalanh::sync {

using Nonce = std::array<std::uint8_t, 12>;

/// A request of a device to its parent, before it is signed. Views and references live as long
/// as the call.
struct RequestToSign {
  std::string_view path;
  const Hash& parent_key;
  const KeyPair& device_key;
  const Certificate& certificate;  ///< whose key is device_key
  bool attach_certificate = false;
  Nonce nonce{};
  ByteView head;
  ByteView tail;
};
/// The whole body.
Bytes make_request(const RequestToSign& request);

/// A request as it came; nothing of it is verified. Views point into the body.
struct RequestFrame {
  CertificateId certificate_id{};
  Nonce nonce{};
  Signature signature{};
  ByteView certificate;  ///< empty: the server is to know it
  ByteView head;
  ByteView tail;
};
/// Foreign bytes. format.truncated, format.limit, format.newer.
Result<RequestFrame> read_request(ByteView body);

/// Did the owner of `device_key` sign this head for this path and this server? `server_key` is
/// the server's own public key. trust.bad_request_signature otherwise.
Status verify_request(const RequestFrame& frame, std::string_view path, const Hash& server_key,
                      const Hash& device_key);

/// The newest nonces, so that a request heard on the wire cannot be sent again. Bounded: the
/// oldest is forgotten, which is harmless since calls are idempotent. Not thread-safe.
class NonceMemory {
 public:
  explicit NonceMemory(std::size_t capacity = limits::kNoncesMax) : capacity_(capacity) {}
  /// Remembers it; false where it is remembered already.
  bool note(const Nonce& nonce);
  std::size_t size() const { return seen_.size(); }

 private:
  struct Before {
    bool operator()(const Nonce& a, const Nonce& b) const noexcept;
  };
  std::size_t capacity_;
  std::size_t oldest_ = 0;  ///< in ring_, once it is full
  std::vector<Nonce> ring_;
  std::set<Nonce, Before> seen_;  ///< a tree: chosen nonces cannot make it slow
};

}  // namespace lalanh::sync
