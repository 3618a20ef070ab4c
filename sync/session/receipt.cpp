#include "sync/session/receipt.h"

#include <algorithm>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "sync/session/message_parts.h"

namespace lalanh::sync {
namespace {

constexpr std::string_view kDomain = "lalanh receipt 1";
/// Array, unit and channel, writer, counter, hash.
constexpr std::size_t kPointBytesMax = 1 + 9 + 13 + 5 + 9;
constexpr std::size_t kRestBytesMax = 128;

ReceiptPoint read_point(cbor::Reader& reader) {
  ReceiptPoint out;
  if (reader.array(4) != 4) reader.fail("four items expected");
  const std::uint64_t scope = reader.unsigned_integer(2 * std::uint64_t{UINT32_MAX} + 1);
  out.scope = Scope{UnitNo{static_cast<std::uint32_t>(scope / 2)}, static_cast<Channel>(scope % 2)};
  reader.bytes_into(out.point.writer.bytes);
  out.point.counter = static_cast<std::uint32_t>(reader.unsigned_integer(limits::kStreamEventsMax));
  reader.bytes_into(out.point.hash);
  return out;
}

}  // namespace

std::size_t receipt_bytes(std::size_t points) { return kRestBytesMax + points * kPointBytesMax; }

Bytes make_receipt(const Receipt& receipt, const KeyPair& key) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(4);
  writer.text(kDomain);
  writer.bytes(receipt.parent);
  writer.integer(receipt.time.value);
  writer.array(receipt.points.size());
  for (const ReceiptPoint& item : receipt.points) {
    writer.array(4);
    writer.unsigned_integer(std::uint64_t{item.scope.unit.value} * 2 +
                            static_cast<std::uint64_t>(item.scope.channel));
    writer.bytes(item.point.writer.bytes);
    writer.unsigned_integer(item.point.counter);
    writer.bytes(item.point.hash);
  }
  append(out, key.sign(out));
  return out;
}

Result<Receipt> read_receipt(ByteView bytes, const Hash& parent_key) {
  TRY_ASSIGN(const ByteView said, parts::signed_part(bytes, parent_key, "receipt"));
  cbor::Reader reader(said);
  Receipt out;
  if (reader.array(4) != 4) reader.fail("four items expected");
  if (reader.text(kDomain.size()) != kDomain) reader.fail("not a receipt");
  reader.bytes_into(out.parent);
  out.time = TimeMs{reader.integer()};
  const std::size_t count = reader.array(said.size());
  for (std::size_t i = 0; i < count && reader.ok(); ++i) out.points.push_back(read_point(reader));
  TRY(parts::finish(reader, "receipt"));
  return out;
}

}  // namespace lalanh::sync
