#include "shared/event/revocation.h"

#include <algorithm>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"

namespace lalanh {

Op revoke_op(const Revocation& revocation) {
  Op op;
  op.kind = OpKind::kRevoke;
  op.name = to_hex(revocation.key);
  cbor::Writer out(op.payload);
  out.array(revocation.tips.size());
  for (const StandingTip& tip : revocation.tips) {
    out.array(3);
    out.bytes(tip.dot.writer.bytes);
    out.unsigned_integer(tip.dot.counter);
    out.bytes(tip.hash);
  }
  return op;
}

std::optional<Revocation> read_revocation(const Op& op) {
  if (op.kind != OpKind::kRevoke) return std::nullopt;
  Revocation out;
  Bytes key;
  if (!from_hex(op.name, key) || to_hex(key) != op.name || key.size() != out.key.size()) {
    return std::nullopt;
  }
  std::copy(key.begin(), key.end(), out.key.begin());
  cbor::Reader in(op.payload);
  const std::size_t tips = in.array(limits::kTipsMax);
  for (std::size_t i = 0; i < tips && in.ok(); ++i) {
    if (in.array(3) != 3) return std::nullopt;
    StandingTip& tip = out.tips.emplace_back();
    in.bytes_into(tip.dot.writer.bytes);
    tip.dot.counter = static_cast<std::uint32_t>(in.unsigned_integer(limits::kStreamEventsMax));
    in.bytes_into(tip.hash);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return out;
}

bool revokes(const Event& event) {
  return std::any_of(event.ops.begin(), event.ops.end(),
                     [](const Op& op) { return op.kind == OpKind::kRevoke; });
}

}  // namespace lalanh
