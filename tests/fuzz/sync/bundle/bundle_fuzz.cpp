#include <algorithm>

#include "sync/bundle/bundle_reader.h"
#include "sync/bundle/bundle_writer.h"

/// The bytes as a file, as a head, and as what a reader finds inside of a seal that is whole: with
/// a head of their own, or behind a good one. Nothing may come to a good end: nobody signed it.
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
  }
};

/// A file that opens, with this inside.
Bytes sealed(const Ours& ours, const Bytes& plain) {
  Counting random;
  const ContentKey key = ContentKey::make(random);
  sync::BundleFront front;
  front.writer = UnitNo(3'700'000);
  front.sequence = 1;
  const std::size_t pieces = (plain.size() + sync::kBundlePieceBytes - 1) / sync::kBundlePieceBytes;
  front.file_bytes = 48 + 80 + 16 + 24 + plain.size() + pieces * kPieceSealBytes;
  Bytes out = sync::write_front(front, {*seal_box(key, ours.key.public_key(), random)});
  const Bytes check(out.end() - 16, out.end());
  StreamStartBytes start{};
  append(out, start);
  SealedStream stream(key, start);
  for (std::size_t at = 0; at < plain.size(); at += sync::kBundlePieceBytes) {
    const std::size_t n = (std::min)(plain.size() - at, sync::kBundlePieceBytes);
    stream.seal(ByteView(plain).subspan(at, n), check, at + n == plain.size(), out);
  }
  return out;
}

bool reads(const Ours& ours, ByteView bytes) {
  sync::MemorySource source(bytes);
  return sync::check_bundle(source, ours.key, ours.root.public_key()).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  LALANH_CHECK(start_crypto().ok());
  static const Ours ours;
  const ByteView bytes(data, size);
  LALANH_CHECK(!reads(ours, bytes));
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
