#include "sync/bundle/bundle_import.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "sync/session/meeting.h"
#include "sync/session/puller.h"
#include "sync/session/receipt.h"
#include "sync/session/tail.h"

namespace lalanh::sync {
namespace {

using Scopes = std::vector<Scope>;  ///< sorted

bool contains(const Scopes& scopes, Scope scope) {
  return std::binary_search(scopes.begin(), scopes.end(), scope);
}

class Import {
 public:
  Import(const BundleSide& side, const BundleReader& reader, BundleTaken& out)
      : side_(side), reader_(reader), out_(out) {}

  Status find_scopes();
  Status add(Bytes segment);
  Status take_batch();
  /// After the last segment: what the writer says counts, durably noted at the end.
  Status hear();

 private:
  const Hash& writer_key() const { return reader_.writer().device().key; }
  bool goes_up() const { return reader_.front().direction == Direction::kUp; }
  Result<Scopes> readable(UnitNo unit);
  bool may_read(Scope scope) const;
  Status take(std::size_t& done);
  void count(const Taken& taken);
  Result<bool> writer_counts();
  Status hear_child();
  Status hear_parent(bool newer);
  Status hear_receipts(const BundleScope& scope);
  Status take_back(const BundleScope& scope);

  const BundleSide& side_;
  const BundleReader& reader_;
  BundleTaken& out_;
  Counts counts_;
  Scopes mine_;
  Scopes theirs_;            ///< of a child's bundle
  bool from_above_ = false;  ///< by the parent, or a server above it
  bool records_ = false;     ///< the reference channel is through
  std::vector<Bytes> batch_;
  std::size_t batch_bytes_ = 0;
};

Result<Scopes> Import::readable(UnitNo unit) {
  TRY_ASSIGN(Scopes out, side_.store.readable_scopes(unit));
  std::sort(out.begin(), out.end());
  return out;
}

Status Import::find_scopes() {
  const Certificate& own = side_.store.own_certificate();
  TRY_ASSIGN(mine_, readable(own.device().unit));
  const auto issued = [&](const CertificateLink& link) { return link.key == writer_key(); };
  from_above_ = writer_key() == side_.parent_key ||
                std::any_of(own.chain.begin(), own.chain.end() - 1, issued);
  // Who says to be of a unit that his issuer could not certify for brings nothing.
  if (goes_up() && side_.store.units_fit(reader_.writer())) {
    TRY_ASSIGN(theirs_, readable(reader_.front().writer));
  }
  return {};
}

bool Import::may_read(Scope scope) const {
  if (goes_up()) return contains(mine_, scope) && contains(theirs_, scope);
  if (contains(mine_, scope)) return true;
  // A machine without the tree does not know its ancestors: it takes their word, as in a sync.
  const auto named = [&](const BundleScope& each) { return each.scope == scope; };
  const std::vector<BundleScope>& said = reader_.head().scopes;
  return from_above_ && scope.channel == Channel::kReference &&
         std::any_of(said.begin(), said.end(), named);
}

Status Import::add(Bytes segment) {
  const Result<Scope> scope = scope_of_segment(segment);
  if (!scope.ok()) {
    counts_.refuse({{}, {}, 0, scope.error().name(), false});
    return {};
  }
  // The reference channel comes first and may bring the tree that says who reads the records.
  const bool tree_first = scope->channel == Channel::kRecords && !records_;
  if (tree_first) {
    records_ = true;
    TRY(take_batch());
    const Status found = under_lock(side_, [&] { return find_scopes(); });
    if (!found.ok()) return found;
  }
  if (!may_read(*scope)) {
    counts_.refuse({*scope, {}, 0, Error{ErrorCode::trust_not_readable}.name(), false});
    return {};
  }
  if (batch_bytes_ + segment.size() > limits::kPushBytesMax ||
      batch_.size() == limits::kMessageSegmentsMax) {
    TRY(take_batch());
  }
  batch_bytes_ += segment.size();
  batch_.push_back(std::move(segment));
  return {};
}

Status Import::take_batch() {
  if (batch_.empty()) return {};
  std::size_t prepared = 0;
  for (std::size_t done = 0; done < batch_.size();) {
    TRY(side_.go_on());
    prepared = (std::max)(prepared, done);
    while (prepared < batch_.size() && side_.store.prepare(batch_[prepared])) ++prepared;
    const Status taken = under_lock(side_, [&] { return take(done); });
    if (!taken.ok()) return taken;
  }
  batch_.clear();
  batch_bytes_ = 0;
  return {};
}

/// Some of the batch from there on; others get the lock before the rest.
Status Import::take(std::size_t& done) {
  const std::span<const Bytes> left = std::span<const Bytes>(batch_).subspan(done);
  TRY_ASSIGN(const std::vector<Taken> taken, side_.store.take_some(left));
  CHECK(!taken.empty());
  done += taken.size();
  for (const Taken& one : taken) count(one);
  return {};
}

void Import::count(const Taken& taken) {
  counts_.summary.events_received += taken.new_events;
  switch (taken.verdict) {
    case TakeVerdict::kTaken: ++out_.segments_taken; break;
    case TakeVerdict::kKnown: ++out_.segments_known; break;
    case TakeVerdict::kAside: ++out_.segments_aside; break;
    case TakeVerdict::kRefused:
      counts_.refuse({taken.scope, taken.writer, taken.first,
                      taken.reason ? taken.reason->name() : "format.malformed", false});
      break;
  }
}

Status Import::hear() {
  TRY(find_scopes());  // the bundle may have brought the tree
  TRY_ASSIGN(counts_.summary.waiting, side_.store.waiting_events());
  TRY_ASSIGN(const bool counts, writer_counts());
  // Its tips, of a parent's or a child's: heads were compared.
  if (counts) TRY(side_.store.note_compared());
  counts_.summary.segments_received = out_.info.segments;
  out_.summary = counts_.summary;
  TRY_ASSIGN(const std::uint64_t seen, side_.ledger.seen(writer_key()));
  out_.late = reader_.front().sequence < seen;
  for (const Heard& heard : reader_.head().heard) {
    if (heard.key == side_.key.public_key()) TRY(side_.ledger.raise_sequence(heard.sequence));
  }
  if (out_.late || !counts) return {};
  if (goes_up()) return hear_child();
  TRY(hear_parent(reader_.front().sequence > seen));
  return side_.ledger.note(writer_key(), reader_.front().sequence, nullptr);
}

/// Does what it says count: the parent's word, or that of a device below which would get a session?
Result<bool> Import::writer_counts() {
  if (!goes_up()) return writer_key() == side_.parent_key;
  // Another than from below has no claims here, and its contact says nothing.
  if (!contains(mine_, {reader_.writer().device().unit, Channel::kRecords})) return false;
  const Status met = meet(side_.store, reader_.writer());
  if (!met.ok() && met.error().domain() != "trust") return met.error();
  return met.ok();
}

Status Import::hear_child() {
  const CertificateLink& child = reader_.writer().device();
  TRY(side_.store.note_contact(child.device, child.unit, side_.clock.now()));
  std::vector<Claim> claims;
  for (const BundleScope& scope : reader_.head().scopes) {
    if (contains(theirs_, scope.scope)) claims.push_back({scope.scope, scope.tips});
  }
  return side_.ledger.note(child.key, reader_.front().sequence, &claims);
}

Status Import::hear_parent(bool newer) {
  out_.from_parent = true;
  TRY_ASSIGN(const TimeMs network, side_.ledger.parent_time());
  const TimeMs time = reader_.front().time;
  for (const BundleScope& scope : reader_.head().scopes) {
    if (!contains(mine_, scope.scope)) continue;
    TRY(hear_receipts(scope));
    if (time.value > network.value) TRY(take_back(scope));
  }
  // A bundle is days old, so its time says nothing of a clock that is ahead of it.
  if (newer && time.value > side_.clock.now().value) TRY(side_.store.note_parent_time(time));
  return {};
}

Status Import::hear_receipts(const BundleScope& scope) {
  for (const Bytes& bytes : scope.receipts) {
    TRY_ASSIGN(Receipt receipt, read_receipt(bytes, side_.parent_key));
    const auto elsewhere = [&](const ReceiptPoint& p) { return p.scope != scope.scope; };
    receipt.points.erase(std::remove_if(receipt.points.begin(), receipt.points.end(), elsewhere),
                         receipt.points.end());
    if (!receipt.points.empty()) {
      TRY(side_.store.keep_receipt(receipt.points, receipt.time, bytes));
    }
  }
  return {};
}

Status Import::take_back(const BundleScope& scope) {
  // What is before a tip that is not here, or not named, cannot be told from what the parent lost.
  if (scope.tips.size() >= limits::kTipsMax) return {};
  for (const Point& tip : scope.tips) {
    TRY_ASSIGN(const bool held, side_.store.holds(scope.scope, tip));
    if (!held) return {};
  }
  return side_.store.take_back_receipts(scope.scope, scope.tips);
}

}  // namespace

Result<BundleTaken> import_bundle(const BundleSide& side, ByteSource& source) {
  const Hash& root = side.store.root_key();
  BundleTaken out;
  TRY_ASSIGN(out.info, check_bundle(source, side.key, root));
  out.own = out.info.writer.key == side.key.public_key();
  if (out.own) return out;
  TRY_ASSIGN(const std::unique_ptr<BundleReader> reader,
             BundleReader::open(source, side.key, root));
  Import import(side, *reader, out);
  const Status found = under_lock(side, [&] { return import.find_scopes(); });
  if (!found.ok()) return found.error();
  Bytes segment;
  for (;;) {
    TRY_ASSIGN(const bool more, reader->next(segment));
    if (!more) break;
    TRY(import.add(std::move(segment)));
  }
  TRY(import.take_batch());
  const Status heard = under_lock(side, [&] { return import.hear(); });
  if (!heard.ok()) return heard.error();
  return out;
}

}  // namespace lalanh::sync
