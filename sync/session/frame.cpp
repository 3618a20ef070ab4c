#include "sync/session/frame.h"

#include <string>

#include "shared/base/limits.h"

namespace lalanh::sync {
namespace {

constexpr std::size_t kLengthBytes = 3;

Error truncated(const char* where) { return {ErrorCode::format_truncated, {{"where", where}}}; }

}  // namespace

void append_head_and_tail(Bytes& to, ByteView head, ByteView tail) {
  CHECK(head.size() <= limits::kSyncHeadBytesMax);
  to.reserve(to.size() + kLengthBytes + head.size() + tail.size());
  to.push_back(static_cast<std::uint8_t>(head.size() >> 16U));
  to.push_back(static_cast<std::uint8_t>(head.size() >> 8U));
  to.push_back(static_cast<std::uint8_t>(head.size()));
  append(to, head);
  append(to, tail);
}

Result<HeadAndTail> read_head_and_tail(ByteView bytes) {
  if (bytes.size() < kLengthBytes) return truncated("sync head");
  const std::size_t length = (static_cast<std::size_t>(bytes[0]) << 16U) |
                             (static_cast<std::size_t>(bytes[1]) << 8U) | bytes[2];
  if (length > limits::kSyncHeadBytesMax) {
    return Error{ErrorCode::format_limit,
                 {{"where", "sync head"}, {"limit", std::to_string(limits::kSyncHeadBytesMax)}}};
  }
  if (length > bytes.size() - kLengthBytes) return truncated("sync head");
  return HeadAndTail{bytes.subspan(kLengthBytes, length), bytes.subspan(kLengthBytes + length)};
}

Bytes make_reply(ByteView head, ByteView tail) {
  Bytes out{kProtocol};
  append_head_and_tail(out, head, tail);
  return out;
}

Result<HeadAndTail> read_reply(ByteView body) {
  if (body.empty()) return truncated("sync reply");
  if (body[0] != kProtocol) {
    return Error{ErrorCode::format_newer,
                 {{"found", std::to_string(body[0])}, {"known", std::to_string(kProtocol)}}};
  }
  return read_head_and_tail(body.subspan(1));
}

}  // namespace lalanh::sync
