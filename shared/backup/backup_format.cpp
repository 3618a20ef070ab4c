#include "shared/backup/backup_format.h"

#include <algorithm>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "shared/trust/sealed_pieces.h"

namespace lalanh {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {0x8a, 'L', 'L', 'K', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kFixedBytes = kMagic.size() + 1 + 4;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kSealedKeyBytes = 72;
/// The device's own, the recovery key's, and some to spare.
constexpr std::size_t kBoxesMax = 8;
constexpr std::size_t kNameBytesMax = 256;

Bytes check_of(ByteView bytes) {
  const Hash hash = blake2b({as_bytes("lalanh backup front 1"), bytes});
  return {hash.begin(), hash.begin() + kCheckBytes};
}

Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }

void read_front(cbor::Reader& in, ReadBackupFront& out) {
  cbor::Fields fields(in, 9);
  BackupFront& front = out.front;
  front.unit = UnitNo(static_cast<std::uint32_t>(in.unsigned_integer(UINT32_MAX)));
  front.unit_code = in.text(kNameBytesMax);
  front.unit_name = in.text(kNameBytesMax);
  front.device = DeviceNo(static_cast<std::uint32_t>(in.unsigned_integer(UINT32_MAX)));
  front.time = TimeMs(in.integer());
  front.number = in.unsigned_integer(UINT32_MAX);
  const std::size_t boxes = in.array(kBoxesMax);
  for (std::size_t i = 0; i < boxes && in.ok(); ++i) {
    BackupBox& box = out.keys.boxes.emplace_back();
    cbor::Fields inner(in, 2);
    in.bytes_into(box.reader);
    in.bytes_into(box.box);
    inner.done();
  }
  out.keys.sealed = to_bytes(in.bytes(kSealedKeyBytes));
  out.keys.accounts = to_bytes(in.bytes(limits::kAccountsBytesMax));
  fields.done();
  if (!in.at_end()) in.fail("bytes after the end");
}

}  // namespace

const std::vector<std::string>& backup_names() {
  static const std::vector<std::string> names = {
      "lalanh.db", "device.key", "device.cert", "root.pub", "settings.json",
      "accounts",  "data.key",   "audit.db",    "tls.pem",  "recovery.pub"};
  return names;
}

bool is_database(std::string_view name) { return name == "lalanh.db" || name == "audit.db"; }

Bytes write_backup_front(const BackupFront& front, const BackupKeys& keys) {
  Bytes body;
  cbor::Writer cbor(body);
  cbor.array(9);
  cbor.unsigned_integer(front.unit.value);
  cbor.text(front.unit_code);
  cbor.text(front.unit_name);
  cbor.unsigned_integer(front.device.value);
  cbor.integer(front.time.value);
  cbor.unsigned_integer(front.number);
  cbor.array(keys.boxes.size());
  for (const BackupBox& box : keys.boxes) {
    cbor.array(2);
    cbor.bytes(box.reader);
    cbor.bytes(box.box);
  }
  cbor.bytes(keys.sealed);
  cbor.bytes(keys.accounts);
  CHECK(body.size() <= limits::kBackupFrontBytesMax);
  Bytes out(kMagic.begin(), kMagic.end());
  out.push_back(kFormat);
  append(out, length_bytes(body.size()));
  append(out, body);
  append(out, check_of(out));
  return out;
}

Result<ReadBackupFront> read_backup_front(ByteSource& source, const std::string& path) {
  const Error not_one(ErrorCode::backup_not_one, {{"path", path}});
  const Error altered(ErrorCode::backup_altered, {{"where", path}});
  Bytes bytes(kFixedBytes);
  if (source.size() < kFixedBytes) return not_one;
  TRY(source.read(0, bytes));
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) return not_one;
  if (bytes[kMagic.size()] != kFormat) {
    return Error{ErrorCode::format_newer,
                 {{"found", std::to_string(bytes[kMagic.size()])}, {"known", "1"}}};
  }
  const std::size_t length = length_of(ByteView(bytes).last(4));
  const std::uint64_t whole = kFixedBytes + std::uint64_t{length} + kCheckBytes;
  if (length > limits::kBackupFrontBytesMax || whole > source.size()) return altered;
  bytes.resize(static_cast<std::size_t>(whole));
  TRY(source.read(0, bytes));
  const ByteView before = ByteView(bytes).first(bytes.size() - kCheckBytes);
  ReadBackupFront out;
  out.check = check_of(before);
  if (!std::equal(out.check.begin(), out.check.end(), before.end())) return altered;
  cbor::Reader in(before.subspan(kFixedBytes));
  read_front(in, out);
  if (!in.ok()) return in.error("backup");
  out.bytes = whole;
  return out;
}

Bytes write_backup_head(const BackupHead& head) {
  Bytes body;
  cbor::Writer cbor(body);
  cbor.array(2);
  cbor.text(head.program);
  cbor.array(head.items.size());
  for (const BackupItem& item : head.items) {
    cbor.array(2);
    cbor.text(item.name);
    cbor.unsigned_integer(item.bytes);
  }
  Bytes out;
  append(out, length_bytes(body.size()));
  append(out, body);
  return out;
}

Result<BackupHead> read_backup_head(ByteView bytes) {
  cbor::Reader in(bytes);
  BackupHead out;
  cbor::Fields fields(in, 2);
  out.program = in.text(64);
  const std::vector<std::string>& known = backup_names();
  const std::size_t count = in.array(known.size());
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    BackupItem item;
    cbor::Fields inner(in, 2);
    item.name = in.text(kNameBytesMax);
    item.bytes = in.unsigned_integer(std::uint64_t{1} << 48U);
    inner.done();
    // A name is never a path of somebody else's choosing.
    if (std::find(known.begin(), known.end(), item.name) == known.end()) in.fail("a foreign name");
    for (const BackupItem& before : out.items) {
      if (before.name == item.name) in.fail("a name twice");
    }
    out.items.push_back(std::move(item));
  }
  fields.done();
  if (!in.at_end()) in.fail("bytes after the end");
  if (!in.ok()) return in.error("backup");
  return out;
}

}  // namespace lalanh
