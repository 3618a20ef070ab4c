#include "sync/session/above.h"
#include "sync/session/frame.h"
#include "sync/session/messages.h"
#include "sync/session/receipt.h"
#include "sync/session/request_auth.h"
#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/trust/targets.h"

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

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  const Scope records{UnitNo(3'700'012), Channel::kRecords};
  const Scope reference{UnitNo(3'700'000), Channel::kReference};
  const Point point{WriterId{{1, 2, 3}}, 7, {9, 9}};
  const sync::Half half{{4, 5}, 1'000};
  const sync::Entry entry{{6, 7}, 2'000, 1'000};
  corpus.file("open-request", sync::encode(sync::OpenRequest{{}, 1, "0.1", 512}));
  corpus.file("open-reply",
              sync::encode(sync::OpenReply{false, TimeMs(1'700'000'000'000), 1, "0.1"}));
  corpus.file("differ-request",
              sync::encode(sync::DifferRequest{{{records, {}}, {reference, {}}}}));
  corpus.file("differ-reply", sync::encode(sync::DifferReply{
                                  {{records, sync::DifferState::kServerEmpty}}, {half}}));
  const Bytes pull = sync::encode(
      sync::PullRequest{128 * 1'024,
                        5,
                        true,
                        {{records, true, {point}, {point}}, {reference, false, {}, {}}},
                        {half}});
  corpus.file("pull-request", pull);
  corpus.file("pull-reply",
              sync::encode(sync::PullReply{
                  {entry}, {{sync::PullState::kFinished, {point}, {true, false}}}, 9, 3}));
  corpus.file("push-request", sync::encode(sync::PushRequest{{entry}, {{records, {point}}}}));
  const Certificate certificate = four_tiers();
  const sync::Receipt receipt{certificate.id, TimeMs(1'700'000'000'000), {{records, point}}};
  const Bytes signed_receipt = sync::make_receipt(receipt, key(3));
  corpus.file("push-reply",
              sync::encode(sync::PushReply{{{sync::Verdict::Kind::kTaken, ""},
                                            {sync::Verdict::Kind::kRefused, "trust.not_allowed"}},
                                           signed_receipt}));
  corpus.file("receipt", signed_receipt);
  const Hash parent = key(2).public_key();
  const KeyPair own = key(3);
  const Bytes tail(50, 1);
  corpus.file("request", sync::make_request(
                             {sync::kPathPull, parent, own, certificate, true, {}, pull, tail}));
  corpus.file("reply", sync::make_reply(pull, tail));
  cbor_words(corpus);
}

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
