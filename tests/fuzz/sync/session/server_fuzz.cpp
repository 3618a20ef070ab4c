#include <algorithm>

#include "tests/fuzz/main/words.h"
#include "tests/fuzz/sync/session/pair.h"

/// What a child that is certified, and lies, may send to its parent's store: for each request a
/// byte (0 to 3 the path; bit 2: the certificate is missing; bit 3: the link breaks), the head and
/// the tail, each behind its length. What is refused is refused by name; what is taken in is whole.
namespace {

using namespace lalanh;

constexpr int kRequestsMax = 16;
constexpr std::string_view kPaths[] = {sync::kPathOpen, sync::kPathDiffer, sync::kPathPull,
                                       sync::kPathPush};

void check_reply(std::string_view path, ByteView body) {
  const Result<sync::HeadAndTail> reply = sync::read_reply(body);
  LALANH_CHECK(reply.ok());
  if (path == sync::kPathOpen) LALANH_CHECK(sync::decode_open_reply(reply->head).ok());
  if (path == sync::kPathDiffer) LALANH_CHECK(sync::decode_differ_reply(reply->head).ok());
  if (path == sync::kPathPull) LALANH_CHECK(sync::decode_pull_reply(reply->head).ok());
  if (path == sync::kPathPush) LALANH_CHECK(sync::decode_push_reply(reply->head).ok());
}

}  // namespace

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  LALANH_CHECK(start_crypto().ok());
  Pair pair;
  Bytes whole;
  int number = 0;
  const auto seen = [&](const sim::Exchange& exchange) {
    const auto path = std::find(std::begin(kPaths), std::end(kPaths), exchange.path);
    const Result<sync::RequestFrame> frame = sync::read_request(exchange.request);
    LALANH_CHECK(path != std::end(kPaths) && frame.ok());
    Bytes one = {static_cast<std::uint8_t>(path - std::begin(kPaths))};
    put_field(one, frame->head);
    put_field(one, frame->tail);
    corpus.file("request-" + std::to_string(++number), one);
    append(whole, one);
  };
  LALANH_CHECK(sim::sync_over(pair.child(), pair.parent(), {}, seen).ok());
  corpus.file("whole", whole);
  cbor_words(corpus);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  LALANH_CHECK(start_crypto().ok());
  fuzz::Pair pair;
  fuzz::Fields in({data, size});
  const Hash parent_key = pair.parent().identity()->key.public_key();
  const sim::Identity& own = *pair.child().identity();
  for (std::uint8_t i = 0; i < kRequestsMax && !in.ended(); ++i) {
    const std::uint8_t flags = in.byte();
    const std::string_view path = kPaths[flags % 4];
    const ByteView head = in.bytes();
    const ByteView tail = in.bytes();
    sync::Nonce nonce{};
    nonce[0] = i;
    Bytes body = sync::make_request(
        {path, parent_key, own.key, own.certificate, (flags & 4U) == 0, nonce, head, tail});
    const Result<Bytes> reply =
        pair.parent().server().handle(path, body, (flags & 8U) == 0, pair.parent().clock().now());
    if (reply.ok()) check_reply(path, *reply);
    if (!reply.ok()) LALANH_CHECK(reply.error().code != ErrorCode::system_internal);
  }
  fuzz::Pair::check(pair.parent());
  return 0;
}
