#pragma once

#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

/// How a message lies in the body of a reply (`docs/PROTOCOL.md`, Frames). Requests:
/// request_auth.h. Views point into the body that was read.
namespace lalanh::sync {

inline constexpr std::string_view kPathOpen = "/s/open";
inline constexpr std::string_view kPathDiffer = "/s/differ";
inline constexpr std::string_view kPathPull = "/s/pull";
inline constexpr std::string_view kPathPush = "/s/push";
inline constexpr std::string_view kPathAbove = "/s/above";
/// Not a call of a sync: a machine without a certificate asks for one (`docs/FORMATS.md`,
/// Enrolment).
inline constexpr std::string_view kPathEnrol = "/s/enrol";

/// The number of this protocol, and of the frames of requests and replies.
inline constexpr std::uint8_t kProtocol = 1;

struct HeadAndTail {
  ByteView head;
  ByteView tail;
};

/// Appends the length of the head (3 bytes), the head and the tail. The head is within
/// limits::kSyncHeadBytesMax: a programming error otherwise.
void append_head_and_tail(Bytes& to, ByteView head, ByteView tail);
/// The reverse, on foreign bytes. format.truncated where the head is not all there, format.limit
/// where it claims to be larger than it may.
Result<HeadAndTail> read_head_and_tail(ByteView bytes);

Bytes make_reply(ByteView head, ByteView tail);
/// format.truncated, format.limit; format.newer for an unknown first byte.
Result<HeadAndTail> read_reply(ByteView body);

}  // namespace lalanh::sync
