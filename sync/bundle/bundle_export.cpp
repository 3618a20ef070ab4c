#include "sync/bundle/bundle_export.h"

#include <algorithm>
#include <map>

#include "shared/base/limits.h"
#include "sync/bundle/bundle_writer.h"
#include "sync/session/puller.h"
#include "sync/session/receipt.h"

namespace lalanh::sync {
namespace {

bool contains(const std::vector<Hash>& keys, const Hash& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

void add_once(std::vector<Hash>& keys, const Hash& key) {
  if (!contains(keys, key)) keys.push_back(key);
}

}  // namespace

BundleExport::BundleExport(const BundleSide& side, const BundleRequest& request)
    : side_(&side), request_(request) {
  request_.part_bytes =
      std::clamp(request.part_bytes, limits::kBundlePartBytesMin, limits::kBundlePartBytesMax);
}

Result<BundleExport> BundleExport::begin(const BundleSide& side, const BundleRequest& request) {
  BundleExport out(side, request);
  const Status begun = under_lock(side, [&] { return out.describe(); });
  if (!begun.ok()) return begun.error();
  return out;
}

Status BundleExport::describe() {
  TRY(side_->store.seal());
  const Certificate& own = side_->store.own_certificate();
  front_.direction = request_.direction;
  front_.writer = own.device().unit;
  front_.addressed = request_.direction == Direction::kDown ? request_.unit : UnitNo();
  head_.certificate = own.bytes;
  head_.program = side_->program;
  TRY(find_scopes());
  return find_readers();
}

Status BundleExport::find_readers() {
  const Certificate& own = side_->store.own_certificate();
  std::vector<Hash>& readers = head_.readers;
  if (request_.direction == Direction::kUp) {
    if (!side_->has_parent()) return Error{ErrorCode::sync_is_top};
    add_once(readers, side_->parent_key);
    for (std::size_t i = own.chain.size() - 1; i > 0; --i) {
      add_once(readers, own.chain[i - 1].key);
    }
  } else {
    TRY_ASSIGN(const std::vector<Hash> devices, side_->ledger.devices_of(request_.unit));
    for (const Hash& key : devices) {
      if (key != own.device().key) readers.push_back(key);
    }
  }
  const std::string unit = std::to_string(request_.unit.value);
  if (readers.empty()) return Error{ErrorCode::bundle_no_reader, {{"unit", unit}}};
  if (readers.size() >= limits::kBundleReadersMax) {
    return Error{ErrorCode::bundle_too_many_readers,
                 {{"unit", unit},
                  {"count", std::to_string(readers.size())},
                  {"max", std::to_string(limits::kBundleReadersMax - 1)}}};
  }
  for (const Hash& key : readers) {
    TRY_ASSIGN(const std::uint64_t seen, side_->ledger.seen(key));
    if (seen > 0) head_.heard.push_back({key, seen});
  }
  add_once(readers, own.device().key);
  return {};
}

Status BundleExport::find_scopes() {
  const UnitNo own = side_->store.own_certificate().device().unit;
  TRY_ASSIGN(std::vector<Scope> scopes, side_->store.readable_scopes(own));
  if (request_.direction == Direction::kDown) {
    const Scope records{request_.unit, Channel::kRecords};
    if (std::find(scopes.begin(), scopes.end(), records) == scopes.end()) {
      return Error{ErrorCode::register_not_here, {{"unit", std::to_string(own.value)}}};
    }
    TRY_ASSIGN(scopes, side_->store.readable_scopes(request_.unit));
  }
  for (const Scope scope : scopes) {
    if (head_.scopes.size() == limits::kScopesMax) break;
    BundleScope item{scope, {}, {}};
    TRY_ASSIGN(item.tips, side_->store.tips(scope));
    if (item.tips.size() > limits::kTipsMax) item.tips.resize(limits::kTipsMax);
    head_.scopes.push_back(std::move(item));
  }
  return {};
}

/// What the writer says beside segments, without what differs each time (its signatures).
Bytes BundleExport::said() const {
  BundleHead plain = head_;
  plain.program.clear();
  for (BundleScope& scope : plain.scopes) scope.receipts.clear();
  return encode(plain);
}

Result<bool> BundleExport::note_on_stick(ByteSource& source) {
  TRY_ASSIGN(const std::unique_ptr<BundleReader> reader,
             BundleReader::open(source, side_->key, side_->store.root_key()));
  const BundleFront& front = reader->front();
  const BundleHead& head = reader->head();
  const bool alike = reader->writer().device().key == side_->key.public_key() &&
                     front.direction == front_.direction && front.addressed == front_.addressed;
  const auto can_open = [&](const Hash& key) { return contains(head.readers, key); };
  if (!alike || !std::all_of(head_.readers.begin(), head_.readers.end(), can_open)) return false;
  std::vector<SegmentDigest> found;
  Bytes segment;
  for (;;) {
    TRY_ASSIGN(const bool more, reader->next(segment));
    if (!more) break;
    found.push_back(segment_digest(segment));
  }
  there_.segments.insert(found.begin(), found.end());
  if (front.sequence > there_.newest) {
    there_.newest = front.sequence;
    BundleHead plain = head;
    plain.program.clear();
    for (BundleScope& scope : plain.scopes) scope.receipts.clear();
    there_.newest_said = encode(plain);
  }
  return true;
}

Result<std::vector<SegmentRef>> BundleExport::missing(Scope scope) {
  SyncStore& store = side_->store;
  if (request_.direction == Direction::kUp) {
    TRY_ASSIGN(const std::vector<Point> known, receipted_points(store, scope));
    return store.missing(scope, known);
  }
  std::map<std::int64_t, SegmentRef> all;
  for (const Hash& key : head_.readers) {
    if (key == side_->key.public_key()) continue;
    TRY_ASSIGN(const std::optional<std::vector<Point>> claimed, side_->ledger.claimed(key, scope));
    TRY_ASSIGN(const std::vector<SegmentRef> lacked,
               store.missing(scope, claimed ? *claimed : std::vector<Point>()));
    for (const SegmentRef& segment : lacked) all.emplace(segment.ordinal, segment);
    if (!claimed) break;  // everything is there already
  }
  std::vector<SegmentRef> out;
  out.reserve(all.size());
  for (const auto& [ordinal, segment] : all) out.push_back(segment);
  return out;
}

Result<bool> BundleExport::on_stick(const SegmentRef& segment) {
  if (there_.segments.empty()) return false;
  TRY_ASSIGN(const Bytes bytes, side_->store.segment_bytes(segment.ordinal));
  return there_.segments.count(segment_digest(bytes)) > 0;
}

Status BundleExport::find_segments() {
  const std::uint64_t frame = bundle_file_bytes(head_.readers.size(), head_bytes_.size(), 0, 0);
  Part part;
  // The pieces' own bytes are a part of four thousand: counted in full, and so never too few.
  const auto fits = [&](std::uint64_t bytes) {
    const std::uint64_t all = frame + part.segment_bytes + bytes + 4 * (part.segments.size() + 1);
    return all + (all / kPieceBytes + 2) * kPieceSealBytes <= request_.part_bytes;
  };
  for (const BundleScope& scope : head_.scopes) {
    TRY_ASSIGN(const std::vector<SegmentRef> segments, missing(scope.scope));
    for (const SegmentRef& segment : segments) {
      TRY_ASSIGN(const bool there, on_stick(segment));
      if (there) {
        ++left_out_;
        continue;
      }
      if (!part.segments.empty() && !fits(segment.bytes)) {
        parts_.push_back(std::move(part));
        part = Part{};
      }
      part.segments.push_back(segment);
      part.segment_bytes += segment.bytes;
    }
  }
  if (!part.segments.empty()) parts_.push_back(std::move(part));
  return {};
}

Status BundleExport::add_receipts(BundleScope& scope) {
  for (std::size_t at = 0; at < scope.tips.size(); at += limits::kBundleReceiptPointsMax) {
    Receipt receipt{side_->store.own_certificate().id, front_.time, {}};
    const std::size_t end = (std::min)(at + limits::kBundleReceiptPointsMax, scope.tips.size());
    for (std::size_t i = at; i < end; ++i) {
      receipt.points.push_back({scope.scope, scope.tips[i]});
    }
    scope.receipts.push_back(make_receipt(receipt, side_->key));
  }
  return {};
}

Status BundleExport::plan() {
  return under_lock(*side_, [&]() -> Status {
    front_.time = side_->clock.now();
    if (request_.direction == Direction::kDown && side_->store.compared()) {
      for (BundleScope& scope : head_.scopes) TRY(add_receipts(scope));
    }
    head_bytes_ = encode(head_);
    if (head_bytes_.size() > limits::kBundleHeadBytesMax) {
      return Error{ErrorCode::format_limit,
                   {{"limit", std::to_string(limits::kBundleHeadBytesMax)}, {"where", "bundle"}}};
    }
    TRY(find_segments());
    // Without segments there is still what the writer says, unless that lies there as well.
    if (parts_.empty() && said() == there_.newest_said) return {};
    if (parts_.empty()) parts_.emplace_back();
    if (parts_.size() > limits::kBundlePartsMax) {
      return Error{ErrorCode::bundle_too_large,
                   {{"max", std::to_string(request_.part_bytes >> 20U)}}};
    }
    TRY(side_->ledger.raise_sequence(there_.newest));
    TRY_ASSIGN(front_.sequence, side_->ledger.next_sequence());
    front_.parts = static_cast<std::uint16_t>(parts_.size());
    return {};
  });
}

std::uint64_t BundleExport::bytes_of_part(std::size_t part) const {
  return bundle_file_bytes(head_.readers.size(), head_bytes_.size(), parts_[part].segments.size(),
                           parts_[part].segment_bytes);
}

std::uint64_t BundleExport::total_bytes() const {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) out += bytes_of_part(i);
  return out;
}

std::uint64_t BundleExport::segments() const {
  std::uint64_t out = 0;
  for (const Part& part : parts_) out += part.segments.size();
  return out;
}

std::uint64_t BundleExport::events() const {
  std::uint64_t out = 0;
  for (const Part& part : parts_) {
    for (const SegmentRef& segment : part.segments) out += segment.count;
  }
  return out;
}

std::string BundleExport::name_of_part(std::size_t part) const {
  const bool up = front_.direction == Direction::kUp;
  const UnitNo unit = up ? front_.writer : front_.addressed;
  const DeviceNo device = side_->store.own_certificate().device().device;
  return std::string(up ? "up-" : "down-") + std::to_string(unit.value) + "-" +
         std::to_string(device.value) + "-" + std::to_string(front_.sequence) + "-" +
         std::to_string(part + 1) + ".llb";
}

Status BundleExport::write(std::size_t part, ByteSink& sink) {
  BundleFront front = front_;
  front.part = static_cast<std::uint16_t>(part + 1);
  front.file_bytes = bytes_of_part(part);
  BundleWriter writer(sink);
  TRY(writer.begin(front, head_.readers, head_bytes_, side_->random));
  for (const SegmentRef& segment : parts_[part].segments) {
    TRY(side_->go_on());
    TRY_ASSIGN(const Bytes bytes,
               under_lock(*side_, [&] { return side_->store.segment_bytes(segment.ordinal); }));
    CHECK(bytes.size() == segment.bytes);
    TRY(writer.add(bytes));
  }
  return writer.end(side_->key);
}

}  // namespace lalanh::sync
