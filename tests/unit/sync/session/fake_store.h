#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/merge/digest.h"
#include "shared/store/sync_store.h"
#include "tests/unit/sync/session/fake_segment.h"

namespace lalanh::test {

/// The tree of units that all nodes of a test share.
struct FakeTree {
  std::map<std::uint32_t, std::uint32_t> parent;  ///< 0: none
};

/// A SyncStore in memory with the real meaning of streams, lines, tips, asides, halves and
/// receipts; forks are refused. What is in `data` may be copied and put back.
class FakeStore final : public SyncStore {
 public:
  struct Stream {
    std::vector<Hash> hashes;  ///< [0] is h(0)
    std::optional<Dot> pred;
    std::uint32_t head() const { return static_cast<std::uint32_t>(hashes.size()) - 1; }
  };
  struct Held {
    FakeSegment segment;
    Bytes bytes;
  };
  struct Data {
    std::map<Scope, std::map<WriterId, Stream>> streams;
    std::vector<Held> segments;
    std::vector<Bytes> aside;
    std::map<Scope, std::vector<std::string>> open_tail;
    std::map<Scope, Dot> own_last;  ///< last event that this database wrote itself
    std::map<std::uint32_t, std::vector<std::pair<std::array<std::uint8_t, 16>, Bytes>>> halves;
    std::map<Scope, std::map<WriterId, Point>> receipts;
    std::map<std::vector<std::uint8_t>, Certificate> certificates;
    std::uint64_t epoch = 1;
    int contacts = 0;
    TimeMs parent_time;
  };
  Data data;
  /// Counted over all take_in calls.
  int known = 0;
  int aside = 0;
  int refused = 0;
  int take_backs = 0;
  /// Segments of one transaction, and what a point costs to look up.
  std::size_t take_most = SIZE_MAX;
  std::uint64_t read_for_point = 0;
  std::uint64_t log_bytes_read = 0;
  bool compared_heads = true;
  std::set<Hash> revoked_keys;
  /// Of the tiers above: what this store tells, and what it was told.
  std::uint64_t told_version = 0;
  std::uint64_t seen_version = 0;
  std::vector<HeldAbove> tells;
  std::vector<KeptAbove> told;

  bool compared() const override { return compared_heads; }
  Status note_compared() override {
    compared_heads = true;
    return {};
  }
  bool revoked(const CertificateLink& device) override {
    return revoked_keys.count(device.key) > 0;
  }
  Result<std::uint64_t> above_version() override { return told_version; }
  Result<std::uint64_t> above_seen() override { return seen_version; }
  Status note_above_seen(std::uint64_t version) override {
    seen_version = version;
    return {};
  }
  Result<std::vector<HeldAbove>> held_above(Scope, const Point& point) override {
    std::vector<HeldAbove> out = tells;
    for (HeldAbove& each : out) each.point = point;
    return out;
  }
  Status keep_above(Scope, const Point&, std::span<const KeptAbove> said) override {
    told.assign(said.begin(), said.end());
    return {};
  }

  FakeStore(const FakeTree& tree, Certificate certificate, const Hash& root)
      : tree_(tree), certificate_(std::move(certificate)), root_(root) {}

  void write(Scope scope, std::string text) { data.open_tail[scope].push_back(std::move(text)); }
  /// As if the program were started anew: the next events begin a stream.
  void new_epoch() {
    CHECK(seal().ok());
    ++data.epoch;
  }
  std::size_t events(Scope scope) const {
    std::size_t n = 0;
    const auto it = data.streams.find(scope);
    if (it == data.streams.end()) return 0;
    for (const auto& [writer, stream] : it->second) n += stream.head();
    return n;
  }
  Bytes sealed_bytes_of(std::size_t index) const { return data.segments.at(index).bytes; }

  const Certificate& own_certificate() const override { return certificate_; }
  const Hash& root_key() const override { return root_; }
  std::optional<Certificate> known_certificate(const CertificateId& id) override {
    const auto it = data.certificates.find({id.begin(), id.end()});
    if (it == data.certificates.end()) return std::nullopt;
    return it->second;
  }
  bool units_fit(const Certificate& c) override {
    for (std::size_t i = 1; i < c.chain.size(); ++i) {
      const std::uint32_t unit = c.chain[i].unit.value;
      const std::uint32_t above = c.chain[i - 1].unit.value;
      if (unit != above && !below(unit, above)) return false;
    }
    return true;
  }
  Result<bool> met(const Certificate& c) override { return known_certificate(c.id).has_value(); }
  Status note_met(const Certificate& c) override {
    data.certificates.insert({{c.id.begin(), c.id.end()}, c});
    return {};
  }
  Result<std::vector<Scope>> readable_scopes(UnitNo unit) override {
    std::set<Scope> records;
    std::set<Scope> reference;
    for (const auto& [each, parent] : tree_.parent) {
      if (each != unit.value && !below(each, unit.value)) continue;
      records.insert({UnitNo{each}, Channel::kRecords});
      reference.insert({UnitNo{each}, Channel::kReference});
    }
    for (std::uint32_t up = unit.value; up != 0; up = parent_of(up)) {
      reference.insert({UnitNo{up}, Channel::kReference});
    }
    records.insert({unit, Channel::kRecords});
    std::vector<Scope> out(reference.begin(), reference.end());
    out.insert(out.end(), records.begin(), records.end());
    return out;
  }

  Status seal() override {
    for (auto& [scope, texts] : data.open_tail) {
      if (texts.empty()) continue;
      FakeSegment s{scope, certificate_.device().device.value, data.epoch, {}, {}, 1, texts, {}};
      const auto last = data.own_last.find(scope);
      if (last != data.own_last.end()) s.pred = last->second;
      // A stream that goes on: same epoch, so its front is that of its first segment.
      for (const Held& held : data.segments) {
        const FakeSegment& h = held.segment;
        if (h.scope == scope && h.device == s.device && h.epoch == s.epoch) {
          s.pred = h.pred;
          s.first = h.last() + 1;
        }
      }
      const Hash h0 = fake_h0(s);
      s.writer.bytes = hash_front<12>(h0);
      Stream& stream = data.streams[scope][s.writer];
      if (stream.hashes.empty()) stream = {{h0}, s.pred};
      for (const std::string& text : texts) chain(stream, text);
      s.mac = fake_mac(s, stream.hashes.back());
      data.own_last[scope] = {s.writer, stream.head()};
      data.segments.push_back({s, write_fake(s)});
      texts.clear();
    }
    return {};
  }
  Result<HeadsDigest> heads_digest(Scope scope) override {
    HashSum sum;
    for (const auto& [writer, stream] : data.streams[scope]) {
      const std::array<std::uint8_t, 5> name{
          static_cast<std::uint8_t>(scope.unit.value), static_cast<std::uint8_t>(scope.channel),
          static_cast<std::uint8_t>(stream.head() >> 16U),
          static_cast<std::uint8_t>(stream.head() >> 8U), static_cast<std::uint8_t>(stream.head())};
      sum.add(blake2b({as_bytes("lalanh head 1"), name, writer.bytes, stream.hashes.back()}));
    }
    return sum.bytes();
  }
  Result<std::vector<Point>> tips(Scope scope) override { return tips_beyond(scope, {}); }
  Result<std::vector<Point>> unreceipted(Scope scope) override {
    return tips_beyond(scope, covered(scope, receipt_points(scope)));
  }
  Result<std::vector<Point>> back_points(Scope scope, bool deep) override {
    std::vector<Point> out;
    TRY_ASSIGN(const std::vector<Point> open, unreceipted(scope));
    const std::map<WriterId, std::uint32_t> done = covered(scope, receipt_points(scope));
    for (const Point& tip : open) {
      Dot at{tip.writer, tip.counter};
      int back = 0;
      int next = 1;
      while (true) {
        const auto it = done.find(at.writer);
        if (it != done.end()) {
          out.push_back(point(scope, {at.writer, (std::min)(it->second, at.counter)}));
          break;
        }
        const Stream& stream = data.streams[scope][at.writer];
        if (!stream.pred) {
          if (deep && back > 0) out.push_back(point(scope, at));
          break;
        }
        at = *stream.pred;
        if (deep && ++back == next) {
          next *= 2;
          out.push_back(point(scope, at));
        }
      }
    }
    std::vector<Point> once;
    for (const Point& each : out) {
      if (std::find(once.begin(), once.end(), each) == once.end()) once.push_back(each);
    }
    return once;
  }
  Result<bool> holds(Scope scope, const Point& p) override {
    log_bytes_read += read_for_point;
    return held(scope, p);
  }
  std::uint64_t log_read() const override { return log_bytes_read; }
  Result<std::vector<SegmentRef>> missing(Scope scope, std::span<const Point> points) override {
    const std::map<WriterId, std::uint32_t> done = covered(scope, points);
    std::vector<SegmentRef> out;
    for (std::size_t i = 0; i < data.segments.size(); ++i) {
      const FakeSegment& s = data.segments[i].segment;
      const auto it = done.find(s.writer);
      if (s.scope != scope || (it != done.end() && s.last() <= it->second)) continue;
      out.push_back({static_cast<std::int64_t>(i) + 1, scope, s.writer, s.first,
                     static_cast<std::uint32_t>(s.texts.size()), data.segments[i].bytes.size()});
    }
    return out;
  }
  Result<Bytes> segment_bytes(std::int64_t ordinal) override {
    return data.segments.at(static_cast<std::size_t>(ordinal) - 1).bytes;
  }

  Result<std::vector<Taken>> take_some(std::span<const Bytes> segments) override {
    return take_in(segments.first((std::min)(segments.size(), take_most)));
  }
  Result<std::vector<Taken>> take_in(std::span<const Bytes> segments) override {
    std::vector<Taken> out;
    for (const Bytes& bytes : segments) out.push_back(take_one(bytes));
    for (bool moved = true; moved;) {
      moved = false;
      const std::vector<Bytes> waiting = std::move(data.aside);
      data.aside.clear();
      for (const Bytes& bytes : waiting) moved |= take_one(bytes).verdict == TakeVerdict::kTaken;
    }
    for (const Taken& t : out) {
      known += t.verdict == TakeVerdict::kKnown;
      aside += t.verdict == TakeVerdict::kAside;
      refused += t.verdict == TakeVerdict::kRefused;
    }
    return out;
  }
  Result<std::uint64_t> waiting_events() override { return std::uint64_t{data.aside.size()}; }

  Result<std::vector<Partial>> partials(DeviceNo from) override {
    std::vector<Partial> out;
    for (const auto& [digest, bytes] : data.halves[from.value])
      out.push_back({digest, bytes.size()});
    return out;
  }
  Result<Bytes> partial_bytes(DeviceNo from, const std::array<std::uint8_t, 16>& digest) override {
    for (const auto& [each, bytes] : data.halves[from.value]) {
      if (each == digest) return bytes;
    }
    return Bytes{};
  }
  Status keep_partial(DeviceNo from, const std::array<std::uint8_t, 16>& digest,
                      ByteView bytes) override {
    TRY(drop_partial(from, digest));
    auto& list = data.halves[from.value];
    list.push_back({digest, Bytes(bytes.begin(), bytes.end())});
    if (list.size() > limits::kPartialsMax) list.erase(list.begin());
    return {};
  }
  Status drop_partial(DeviceNo from, const std::array<std::uint8_t, 16>& digest) override {
    std::erase_if(data.halves[from.value], [&](const auto& half) { return half.first == digest; });
    return {};
  }

  Status keep_receipt(std::span<const ReceiptPoint> points, TimeMs, ByteView) override {
    for (const ReceiptPoint& p : points) {
      Point& kept = data.receipts[p.scope][p.point.writer];
      if (kept.counter < p.point.counter) kept = p.point;
    }
    return {};
  }
  Status take_back_receipts(Scope scope, std::span<const Point> points) override {
    ++take_backs;
    const std::map<WriterId, std::uint32_t> done = covered(scope, points);
    std::erase_if(data.receipts[scope], [&](const auto& receipt) {
      const auto it = done.find(receipt.first);
      return it == done.end() || it->second < receipt.second.counter;
    });
    return {};
  }
  Status note_contact(DeviceNo, UnitNo, TimeMs) override {
    ++data.contacts;
    return {};
  }
  Status note_parent_time(TimeMs time) override {
    data.parent_time = time;
    return {};
  }

 private:
  std::uint32_t parent_of(std::uint32_t unit) const {
    const auto it = tree_.parent.find(unit);
    return it == tree_.parent.end() ? 0 : it->second;
  }
  bool below(std::uint32_t unit, std::uint32_t above) const {
    while ((unit = parent_of(unit)) != 0) {
      if (unit == above) return true;
    }
    return false;
  }
  static void chain(Stream& stream, const std::string& text) {
    stream.hashes.push_back(blake2b({stream.hashes.back(), as_bytes(text)}));
  }
  Point point(Scope scope, const Dot& dot) {
    const Hash& hash = data.streams[scope][dot.writer].hashes.at(dot.counter);
    return {dot.writer, dot.counter, hash_front<8>(hash)};
  }
  bool held(Scope scope, const Point& p) {
    const auto& streams = data.streams[scope];
    const auto it = streams.find(p.writer);
    return it != streams.end() && it->second.head() >= p.counter &&
           point(scope, {p.writer, p.counter}) == p;
  }
  std::vector<Point> receipt_points(Scope scope) {
    std::vector<Point> out;
    for (const auto& [writer, p] : data.receipts[scope]) out.push_back(p);
    return out;
  }
  /// The last counter of each stream that is at or before one of the points.
  std::map<WriterId, std::uint32_t> covered(Scope scope, std::span<const Point> points) {
    std::map<WriterId, std::uint32_t> out;
    for (const Point& p : points) {
      if (!held(scope, p)) continue;
      std::optional<Dot> at = Dot{p.writer, p.counter};
      while (at) {
        std::uint32_t& c = out[at->writer];
        c = (std::max)(c, at->counter);
        at = data.streams[scope][at->writer].pred;
      }
    }
    return out;
  }
  std::vector<Point> tips_beyond(Scope scope, const std::map<WriterId, std::uint32_t>& done) {
    std::set<Dot> followed;
    for (const auto& [writer, stream] : data.streams[scope]) {
      if (stream.pred) followed.insert(*stream.pred);
    }
    std::vector<Point> out;
    for (const auto& [writer, stream] : data.streams[scope]) {
      const auto it = done.find(writer);
      if (it != done.end() && stream.head() <= it->second) continue;
      if (!followed.contains({writer, stream.head()}))
        out.push_back(point(scope, {writer, stream.head()}));
    }
    return out;
  }
  Taken take_one(const Bytes& bytes) {
    Taken out;
    const Result<FakeSegment> read = read_fake(bytes);
    if (!read.ok()) return refuse(out, read.error());
    const FakeSegment& s = *read;
    out = {TakeVerdict::kTaken,
           s.scope,
           s.writer,
           s.first,
           static_cast<std::uint32_t>(s.texts.size()),
           0,
           {}};
    if (s.texts[0].starts_with("not allowed")) return refuse(out, ErrorCode::trust_not_allowed);
    const Hash h0 = fake_h0(s);
    if (!std::equal(s.writer.bytes.begin(), s.writer.bytes.end(), h0.begin())) {
      return refuse(out, ErrorCode::format_bad_chain);
    }
    auto& streams = data.streams[s.scope];
    const auto it = streams.find(s.writer);
    Stream stream = it == streams.end() ? Stream{{h0}, s.pred} : it->second;
    if (s.last() <= stream.head()) {
      out.verdict = TakeVerdict::kKnown;
      return out;
    }
    const bool gap = s.first > stream.head() + 1;
    const auto before = s.pred ? streams.find(s.pred->writer) : streams.end();
    if (gap || (s.pred && (before == streams.end() || before->second.head() < s.pred->counter))) {
      out.verdict = TakeVerdict::kAside;
      if (data.aside.size() < limits::kAsideSegmentsMax) data.aside.push_back(bytes);
      return out;
    }
    for (std::uint32_t c = stream.head() + 1; c <= s.last(); ++c)
      chain(stream, s.texts[c - s.first]);
    if (fake_mac(s, stream.hashes.back()) != s.mac)
      return refuse(out, ErrorCode::format_bad_signature);
    out.new_events = stream.head() - (it == streams.end() ? 0 : it->second.head());
    streams[s.writer] = std::move(stream);
    data.segments.push_back({s, bytes});
    return out;
  }
  static Taken refuse(Taken& taken, Error error) {
    taken.verdict = TakeVerdict::kRefused;
    taken.reason = std::move(error);
    return taken;
  }

  const FakeTree& tree_;
  Certificate certificate_;
  Hash root_;
};

}  // namespace lalanh::test
