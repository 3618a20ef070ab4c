#include "sync/session/above.h"
#include "sync/session/frame.h"
#include "sync/session/messages.h"
#include "sync/session/receipt.h"
#include "sync/session/request_auth.h"

/// Every decoder of sync messages on the same bytes; what is read must be written and read again.
namespace {

using namespace lalanh;

template <class Decode>
void again(Decode decode, ByteView bytes) {
  const auto first = decode(bytes);
  if (!first.ok()) return;
  const Bytes written = sync::encode(*first);
  const auto second = decode(written);
  LALANH_CHECK(second.ok() && sync::encode(*second) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool started = start_crypto().ok();
  LALANH_CHECK(started);
  const ByteView bytes(data, size);
  (void)sync::read_request(bytes).ok();
  (void)sync::read_reply(bytes).ok();
  (void)sync::read_receipt(bytes, Hash{}).ok();
  again(sync::decode_open_request, bytes);
  again(sync::decode_open_reply, bytes);
  again(sync::decode_differ_request, bytes);
  again(sync::decode_differ_reply, bytes);
  again(sync::decode_pull_request, bytes);
  again(sync::decode_pull_reply, bytes);
  again(sync::decode_push_request, bytes);
  again(sync::decode_push_reply, bytes);
  (void)sync::read_above(bytes, Hash{}).ok();
  again(sync::decode_above_request, bytes);
  again(sync::decode_above_reply, bytes);
  return 0;
}
