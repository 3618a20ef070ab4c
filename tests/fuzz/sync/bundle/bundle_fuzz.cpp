#include <algorithm>

#include "shared/base/memory_bytes.h"
#include "sync/bundle/bundle_reader.h"
#include "sync/bundle/bundle_writer.h"
#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/event/samples.h"

/// The bytes as a file, as a head, and as what a reader finds inside of a seal that is whole: with
/// a head of their own, or behind a good one. Nothing may come to a good end, for nobody signed it,
/// but the one bundle that was.
namespace {

using namespace lalanh;

class Counting : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

struct Ours {
  KeyPair root = KeyPair::from_seed(Hash{1});
  KeyPair key = KeyPair::from_seed(Hash{2});
  Bytes head;
  Bytes whole;  ///< a bundle of two segments
  Ours() {
    CertificateLink link;
    link.device = DeviceNo(1);
    link.key = key.public_key();
    link.unit = UnitNo(3'700'000);
    link.rank = Rank(4);
    link.rights = 31;
    sync::BundleHead plain;
    plain.certificate = issue_root(root, link).bytes;
    plain.readers = {key.public_key()};
    const Bytes bytes = sync::encode(plain);
    for (unsigned shift = 32; shift > 0; shift -= 8) {
      head.push_back(static_cast<std::uint8_t>(bytes.size() >> (shift - 8)));
    }
    append(head, bytes);
    write_whole(bytes);
  }

 private:
  void write_whole(const Bytes& bytes) {
    const std::vector<Bytes> segments = {fuzz::valid_segment(3), fuzz::valid_segment(7)};
    sync::BundleFront front;
    front.writer = UnitNo(3'700'000);
    front.sequence = 1;
    front.file_bytes =
        sync::bundle_file_bytes(1, bytes.size(), 2, segments[0].size() + segments[1].size());
    MemorySink sink;
    sync::BundleWriter writer(sink);
    Counting random;
    LALANH_CHECK(writer.begin(front, {key.public_key()}, bytes, random).ok());
    for (const Bytes& segment : segments) LALANH_CHECK(writer.add(segment).ok());
    LALANH_CHECK(writer.end(key).ok());
    whole = std::move(sink.held);
  }
};

const Ours& ours() {
  LALANH_CHECK(start_crypto().ok());
  static const Ours out;
  return out;
}

/// A file that opens, with this inside.
Bytes sealed(const Ours& ours, const Bytes& plain) {
  Counting random;
  const ContentKey key = ContentKey::make(random);
  sync::BundleFront front;
  front.writer = UnitNo(3'700'000);
  front.sequence = 1;
  const std::size_t pieces = (plain.size() + kPieceBytes - 1) / kPieceBytes;
  front.file_bytes = 48 + 80 + 16 + 24 + plain.size() + pieces * kPieceSealBytes;
  Bytes out = sync::write_front(front, {*seal_box(key, ours.key.public_key(), random)});
  const Bytes check(out.end() - 16, out.end());
  StreamStartBytes start{};
  append(out, start);
  SealedStream stream(key, start);
  for (std::size_t at = 0; at < plain.size(); at += kPieceBytes) {
    const std::size_t n = (std::min)(plain.size() - at, kPieceBytes);
    stream.seal(ByteView(plain).subspan(at, n), check, at + n == plain.size(), out);
  }
  return out;
}

bool reads(const Ours& ours, ByteView bytes) {
  MemorySource source(bytes);
  return sync::check_bundle(source, ours.key, ours.root.public_key()).ok();
}

}  // namespace

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  corpus.file("whole", ours().whole);
  corpus.file("head", ByteView(ours().head).subspan(4));
  sync::BundleHead head;
  head.certificate = Bytes(100, 7);
  head.program = "0.1";
  head.readers = {Hash{1}, Hash{2}};
  head.heard = {{Hash{1}, 1'700'000'000}};
  head.scopes = {
      {{UnitNo(3'700'012), Channel::kReference}, {}, {}},
      {{UnitNo(3'700'012), Channel::kRecords}, {{WriterId{{1, 2, 3}}, 7, {9, 9}}}, {Bytes(90, 5)}}};
  corpus.file("head-of-scopes", sync::encode(head));
  Bytes behind;
  const Bytes segment = valid_segment(3);
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    behind.push_back(static_cast<std::uint8_t>(segment.size() >> (shift - 8)));
  }
  append(behind, segment);
  behind.resize(behind.size() + 4 + 64);
  corpus.file("segment-and-end", behind);
  cbor_words(corpus);
  corpus.word(ByteView(ours().whole).first(8));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Ours& ours = ::ours();
  const ByteView bytes(data, size);
  LALANH_CHECK(!reads(ours, bytes) ||
               std::equal(bytes.begin(), bytes.end(), ours.whole.begin(), ours.whole.end()));
  const auto head = sync::decode_bundle_head(bytes);
  if (head.ok()) {
    const Bytes written = sync::encode(*head);
    const auto again = sync::decode_bundle_head(written);
    LALANH_CHECK(again.ok() && sync::encode(*again) == written);
  }
  if (size == 0) return 0;
  LALANH_CHECK(!reads(ours, sealed(ours, Bytes(data, data + size))));
  Bytes behind = ours.head;
  append(behind, bytes);
  LALANH_CHECK(!reads(ours, sealed(ours, behind)));
  return 0;
}
