#include "sync/session/client_session.h"
#include "tests/fuzz/main/words.h"
#include "tests/fuzz/sync/session/pair.h"

/// What a parent that lies may answer to its child: for each request a byte (of its lowest two bits
/// 0 and 1: a reply of head and tail; 2: the link breaks after some of one; 3: an error's name),
/// the head and the tail, each behind its length. Every session ends, and what was taken in is
/// whole.
using namespace lalanh;

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  LALANH_CHECK(start_crypto().ok());
  Pair pair;
  Bytes whole;
  const auto seen = [&](const sim::Exchange& exchange) {
    const Result<sync::HeadAndTail> reply = sync::read_reply(exchange.reply);
    LALANH_CHECK(reply.ok());
    whole.push_back(0);
    put_field(whole, reply->head);
    put_field(whole, reply->tail);
  };
  LALANH_CHECK(sim::sync_over(pair.child(), pair.parent(), {}, seen).ok());
  corpus.file("whole", whole);
  for (const std::uint8_t kind : Bytes{2, 3}) {
    Bytes altered = whole;
    altered[0] = kind;
    corpus.file("ends-by-" + std::to_string(kind), altered);
  }
  Bytes unknown = {3};
  put_field(unknown, as_bytes("trust.unknown_certificate"));
  put_field(unknown, {});
  append(unknown, whole);
  corpus.file("asks-for-the-certificate", unknown);
  cbor_words(corpus);
  for (const char* word : {"trust.unknown_certificate", "http.busy", "sync.cut", "format.newer"}) {
    corpus.word(std::string_view(word));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  LALANH_CHECK(start_crypto().ok());
  fuzz::Pair pair;
  fuzz::Fields in({data, size});
  sync::ClientOptions options;
  options.parent_key = pair.parent().identity()->key.public_key();
  options.program = "fuzz";
  sim::Machine& child = pair.child();
  sync::ClientSession session(child.store(), child.identity()->key, child.random(), options);
  for (;;) {
    const Result<std::optional<sync::SyncRequest>> request = session.next();
    LALANH_CHECK(request.ok());
    if (!request->has_value()) break;
    LALANH_CHECK(sync::read_request((*request)->body).ok());
    if (in.ended()) {
      (void)session.on_cut({}, "end").ok();
      break;
    }
    const std::uint8_t kind = in.byte() % 4;
    const ByteView head = in.bytes();
    const ByteView tail = in.bytes();
    if (kind == 3) {
      (void)session.on_error_reply(as_text(head), static_cast<int>(tail.size())).ok();
      continue;
    }
    const Bytes reply = sync::make_reply(head, tail);
    if (kind == 2) {
      (void)session.on_cut(reply, "cut").ok();
    } else {
      (void)session.on_reply(reply, 100).ok();
    }
  }
  LALANH_CHECK(session.ended());
  (void)session.result().ok();
  fuzz::Pair::check(child);
  return 0;
}
