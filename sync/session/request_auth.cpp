#include "sync/session/request_auth.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "sync/session/frame.h"

namespace lalanh::sync {
namespace {

constexpr std::uint8_t kNamed = 1;
constexpr std::uint8_t kAttached = 2;
constexpr std::size_t kBlockBytes = 1 + 16 + 12 + 64;

Bytes bytes_to_sign(const Hash& parent_key, const CertificateId& id, const Nonce& nonce,
                    ByteView head, std::string_view path) {
  Bytes out;
  append(out, as_bytes("lalanh request 1"));
  append(out, parent_key);
  append(out, id);
  append(out, nonce);
  append(out, blake2b({head}));
  append(out, as_bytes("POST "));
  append(out, as_bytes(path));
  return out;
}

template <std::size_t N>
void take(ByteView& from, std::array<std::uint8_t, N>& to) {
  std::copy(from.begin(), from.begin() + N, to.begin());
  from = from.subspan(N);
}

Error truncated() { return {ErrorCode::format_truncated, {{"where", "sync request"}}}; }

}  // namespace

Bytes make_request(const RequestToSign& request) {
  const Signature signature = request.device_key.sign(bytes_to_sign(
      request.parent_key, request.certificate.id, request.nonce, request.head, request.path));
  Bytes out{request.attach_certificate ? kAttached : kNamed};
  append(out, request.certificate.id);
  append(out, request.nonce);
  append(out, signature);
  if (request.attach_certificate) {
    const Bytes& certificate = request.certificate.bytes;
    CHECK(certificate.size() <= limits::kCertificateBytesMax);
    out.push_back(static_cast<std::uint8_t>(certificate.size() >> 8U));
    out.push_back(static_cast<std::uint8_t>(certificate.size()));
    append(out, certificate);
  }
  append_head_and_tail(out, request.head, request.tail);
  return out;
}

Result<RequestFrame> read_request(ByteView body) {
  if (body.size() > limits::kSyncBodyBytesMax) {
    return Error{ErrorCode::format_limit,
                 {{"where", "sync request"}, {"limit", std::to_string(limits::kSyncBodyBytesMax)}}};
  }
  if (body.empty()) return truncated();
  const std::uint8_t format = body[0];
  if (format != kNamed && format != kAttached) {
    return Error{ErrorCode::format_newer,
                 {{"found", std::to_string(format)}, {"known", std::to_string(kAttached)}}};
  }
  if (body.size() < kBlockBytes) return truncated();
  body = body.subspan(1);
  RequestFrame out;
  take(body, out.certificate_id);
  take(body, out.nonce);
  take(body, out.signature);
  if (format == kAttached) {
    if (body.size() < 2) return truncated();
    const std::size_t length = (static_cast<std::size_t>(body[0]) << 8U) | body[1];
    body = body.subspan(2);
    if (length > limits::kCertificateBytesMax) {
      return Error{
          ErrorCode::format_limit,
          {{"where", "certificate"}, {"limit", std::to_string(limits::kCertificateBytesMax)}}};
    }
    if (length > body.size()) return truncated();
    out.certificate = body.first(length);
    body = body.subspan(length);
  }
  TRY_ASSIGN(const HeadAndTail parts, read_head_and_tail(body));
  out.head = parts.head;
  out.tail = parts.tail;
  return out;
}

Status verify_request(const RequestFrame& frame, std::string_view path, const Hash& server_key,
                      const Hash& device_key) {
  const Bytes message =
      bytes_to_sign(server_key, frame.certificate_id, frame.nonce, frame.head, path);
  if (!verify(device_key, message, frame.signature)) {
    return Error{ErrorCode::trust_bad_request_signature};
  }
  return {};
}

bool NonceMemory::Before::operator()(const Nonce& a, const Nonce& b) const noexcept {
  return std::memcmp(a.data(), b.data(), a.size()) < 0;
}

bool NonceMemory::note(const Nonce& nonce) {
  if (!seen_.insert(nonce).second) return false;
  if (ring_.size() < capacity_) {
    ring_.push_back(nonce);
    return true;
  }
  seen_.erase(ring_[oldest_]);
  ring_[oldest_] = nonce;
  oldest_ = (oldest_ + 1) % capacity_;
  return true;
}

}  // namespace lalanh::sync
