#include "sync/bundle/bundle_format.h"

#include <algorithm>

#include "shared/trust/sealed_pieces.h"
#include "sync/session/message_parts.h"

namespace lalanh::sync {
namespace {

using parts::Fields;

constexpr std::array<std::uint8_t, 8> kMagic = {0x8a, 0x4c, 0x4c, 0x42, 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint8_t kFormat = 1;
/// Up to the number of readers, which is the last of it.
constexpr std::size_t kFixedBytes = 48;
constexpr std::size_t kCheckBytes = 16;
constexpr std::string_view kCheckDomain = "lalanh bundle front 1";
constexpr std::string_view kSignDomain = "lalanh bundle 1";
constexpr std::size_t kProgramBytesMax = 64;
constexpr std::size_t kReceiptBytesMax = 4'096;
constexpr std::size_t kReceiptsMax = limits::kTipsMax / limits::kBundleReceiptPointsMax + 1;

void put(Bytes& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i > 0; --i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8U * (i - 1))));
  }
}

std::uint64_t get(ByteView bytes, std::size_t at, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < count; ++i) out = (out << 8U) | bytes[at + i];
  return out;
}

Bytes check_of(ByteView front) {
  const Hash hash = blake2b({as_bytes(kCheckDomain), front});
  return {hash.begin(), hash.begin() + kCheckBytes};
}

Error altered(const char* where) { return {ErrorCode::bundle_altered, {{"where", where}}}; }

Error cut(std::uint64_t found, std::uint64_t size) {
  return {ErrorCode::bundle_cut,
          {{"found", std::to_string(found)}, {"size", std::to_string(size)}}};
}

BundleFront fixed_part(ByteView b) {
  BundleFront out;
  out.direction = static_cast<Direction>(b[9]);
  out.writer = UnitNo(static_cast<std::uint32_t>(get(b, 10, 4)));
  out.addressed = UnitNo(static_cast<std::uint32_t>(get(b, 14, 4)));
  out.sequence = get(b, 18, 8);
  out.time = TimeMs(static_cast<std::int64_t>(get(b, 26, 8)));
  out.part = static_cast<std::uint16_t>(get(b, 34, 2));
  out.parts = static_cast<std::uint16_t>(get(b, 36, 2));
  out.file_bytes = get(b, 38, 8);
  return out;
}

}  // namespace

Bytes write_front(const BundleFront& front, const std::vector<KeyBox>& boxes) {
  CHECK(!boxes.empty() && boxes.size() <= limits::kBundleReadersMax);
  Bytes out(kMagic.begin(), kMagic.end());
  out.push_back(kFormat);
  out.push_back(static_cast<std::uint8_t>(front.direction));
  put(out, front.writer.value, 4);
  put(out, front.addressed.value, 4);
  put(out, front.sequence, 8);
  put(out, static_cast<std::uint64_t>(front.time.value), 8);
  put(out, front.part, 2);
  put(out, front.parts, 2);
  put(out, front.file_bytes, 8);
  put(out, boxes.size(), 2);
  CHECK(out.size() == kFixedBytes);
  for (const KeyBox& box : boxes) append(out, box);
  append(out, check_of(out));
  return out;
}

Result<ReadFront> read_front(ByteSource& source) {
  const std::uint64_t size = source.size();
  ReadFront out;
  out.bytes.resize((std::min)(std::uint64_t{kFixedBytes}, size));
  TRY(source.read(0, out.bytes));
  const std::size_t known = (std::min)(out.bytes.size(), kMagic.size());
  if (known == 0 || !std::equal(kMagic.begin(), kMagic.begin() + known, out.bytes.begin())) {
    return Error{ErrorCode::bundle_not_one};
  }
  if (out.bytes.size() > kMagic.size() && out.bytes[8] != kFormat) {
    return Error{ErrorCode::format_newer,
                 {{"found", std::to_string(out.bytes[8])}, {"known", std::to_string(kFormat)}}};
  }
  if (out.bytes.size() < kFixedBytes) return cut(size, kFixedBytes);  // at least
  out.front = fixed_part(out.bytes);
  const std::size_t readers = get(out.bytes, 46, 2);
  if (readers == 0 || readers > limits::kBundleReadersMax) return altered("front");
  const std::size_t whole = kFixedBytes + readers * sizeof(KeyBox) + kCheckBytes;
  if (size < whole) return cut(size, out.front.file_bytes);
  out.bytes.resize(whole);
  TRY(source.read(0, out.bytes));
  const ByteView before = ByteView(out.bytes).first(whole - kCheckBytes);
  if (!equal_secret(check_of(before), out.check())) return altered("front");
  const BundleFront& f = out.front;
  const bool sound = out.bytes[9] <= 1 && f.sequence > 0 && f.sequence >> 62U == 0 && f.part > 0 &&
                     f.part <= f.parts &&
                     (f.direction == Direction::kDown) != (f.addressed == UnitNo());
  if (!sound) return altered("front");
  if (size < f.file_bytes) return cut(size, f.file_bytes);
  if (size > f.file_bytes) return altered("end");
  out.boxes.resize(readers);
  for (std::size_t i = 0; i < readers; ++i) {
    std::copy_n(out.bytes.begin() + static_cast<std::ptrdiff_t>(kFixedBytes + i * sizeof(KeyBox)),
                sizeof(KeyBox), out.boxes[i].begin());
  }
  return out;
}

Bytes encode(const BundleHead& head) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(5);
  writer.bytes(head.certificate);
  writer.text(head.program);
  writer.head(cbor::Major::kBytes, head.readers.size() * sizeof(Hash));
  for (const Hash& key : head.readers) writer.raw(key);
  writer.array(head.heard.size());
  for (const Heard& heard : head.heard) {
    writer.array(2);
    writer.bytes(heard.key);
    writer.unsigned_integer(heard.sequence);
  }
  writer.array(head.scopes.size());
  for (const BundleScope& scope : head.scopes) {
    writer.array(4);
    parts::write_scope(writer, scope.scope);
    parts::write_points(writer, scope.tips);
    writer.array(scope.receipts.size());
    for (const Bytes& receipt : scope.receipts) writer.bytes(receipt);
  }
  return out;
}

namespace {

std::vector<Hash> read_keys(cbor::Reader& reader) {
  const ByteView bytes = reader.bytes(limits::kBundleReadersMax * sizeof(Hash));
  if (bytes.size() % sizeof(Hash) != 0) reader.fail("keys of another length");
  std::vector<Hash> out;
  for (std::size_t at = 0; reader.ok() && at < bytes.size(); at += sizeof(Hash)) {
    Hash key{};
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), key.size(), key.begin());
    out.push_back(key);
  }
  return out;
}

BundleScope read_bundle_scope(cbor::Reader& reader) {
  Fields fields(reader, 4);
  BundleScope out;
  out.scope = parts::read_scope(reader);
  out.tips = parts::read_points(reader);
  const std::size_t receipts = reader.array(kReceiptsMax);
  for (std::size_t i = 0; i < receipts && reader.ok(); ++i) {
    const ByteView bytes = reader.bytes(kReceiptBytesMax);
    out.receipts.emplace_back(bytes.begin(), bytes.end());
  }
  fields.done();
  return out;
}

}  // namespace

Result<BundleHead> decode_bundle_head(ByteView bytes) {
  cbor::Reader reader(bytes);
  Fields fields(reader, 5);
  BundleHead out;
  const ByteView certificate = reader.bytes(limits::kCertificateBytesMax);
  out.certificate.assign(certificate.begin(), certificate.end());
  out.program = reader.text(kProgramBytesMax);
  out.readers = read_keys(reader);
  const std::size_t heard = reader.array(limits::kBundleReadersMax);
  for (std::size_t i = 0; i < heard && reader.ok(); ++i) {
    Fields pair(reader, 2);
    Heard one;
    reader.bytes_into(one.key);
    one.sequence = reader.unsigned_integer((std::uint64_t{1} << 62U) - 1);
    pair.done();
    out.heard.push_back(one);
  }
  const std::size_t scopes = reader.array(limits::kScopesMax);
  for (std::size_t i = 0; i < scopes && reader.ok(); ++i) {
    out.scopes.push_back(read_bundle_scope(reader));
  }
  fields.done();
  parts::expect_each_scope_once(reader, out.scopes);
  TRY(parts::finish(reader, "bundle head"));
  return out;
}

std::uint64_t bundle_file_bytes(std::size_t readers, std::size_t head_bytes, std::uint64_t segments,
                                std::uint64_t segment_bytes) {
  const std::uint64_t plain = 4 + head_bytes + 4 * segments + segment_bytes + 4 + sizeof(Signature);
  return kFixedBytes + readers * sizeof(KeyBox) + kCheckBytes + sealed_stream_bytes(plain);
}

Bytes bundle_signed_bytes(const Hash& hash) {
  Bytes out;
  append(out, as_bytes(kSignDomain));
  append(out, hash);
  return out;
}

}  // namespace lalanh::sync
