#include "sync/session/above.h"

#include <algorithm>
#include <map>

#include "sync/session/message_parts.h"
#include "sync/session/point_work.h"

namespace lalanh::sync {
namespace {

constexpr std::string_view kDomain = "lalanh above 1";
/// Tiers that one reply speaks of: those above a hall, and some to spare.
constexpr std::size_t kTiersMax = 8;
/// Points of one word: with the others' words they fit a head.
constexpr std::size_t kPointsMax = 4'096;

}  // namespace

Bytes make_above(const AboveWord& word, const KeyPair& key) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(5);
  writer.text(kDomain);
  writer.bytes(word.parent);
  writer.unsigned_integer(word.rank.value);
  writer.integer(word.time.value);
  writer.array(word.points.size());
  for (const ReceiptPoint& item : word.points) {
    writer.array(3);
    parts::write_scope(writer, item.scope);
    parts::write_points(writer, {item.point});
  }
  append(out, key.sign(out));
  return out;
}

Result<AboveWord> read_above(ByteView bytes, const Hash& parent_key) {
  TRY_ASSIGN(const ByteView said, parts::signed_part(bytes, parent_key, "above"));
  cbor::Reader reader(said);
  AboveWord out;
  parts::Fields fields(reader, 5);
  if (reader.text(kDomain.size()) != kDomain) reader.fail("not a word about tiers above");
  reader.bytes_into(out.parent);
  out.rank = Rank(static_cast<std::uint8_t>(reader.unsigned_integer(255)));
  out.time = TimeMs{reader.integer()};
  const std::size_t count = reader.array(kPointsMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    parts::Fields inner(reader, 3);
    ReceiptPoint item;
    item.scope = parts::read_scope(reader);
    const std::vector<Point> points = parts::read_points(reader);
    if (points.size() != 1) reader.fail("one point expected");
    if (!points.empty()) item.point = points.front();
    inner.done();
    out.points.push_back(item);
  }
  fields.done();
  TRY(parts::finish(reader, "above"));
  return out;
}

Bytes encode(const AboveRequest& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(1);
  writer.array(message.scopes.size());
  for (const ScopePoints& item : message.scopes) {
    writer.array(3);
    parts::write_scope(writer, item.scope);
    parts::write_points(writer, item.points);
  }
  return out;
}

Result<AboveRequest> decode_above_request(ByteView head) {
  cbor::Reader reader(head);
  AboveRequest out;
  parts::Fields fields(reader, 1);
  const std::size_t count = reader.array(limits::kScopesMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    parts::Fields inner(reader, 3);
    ScopePoints item;
    item.scope = parts::read_scope(reader);
    item.points = parts::read_points(reader);
    inner.done();
    out.scopes.push_back(std::move(item));
  }
  fields.done();
  parts::expect_each_scope_once(reader, out.scopes);
  TRY(parts::finish(reader, "above"));
  return out;
}

Bytes encode(const AboveReply& message) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(1);
  writer.array(message.words.size());
  for (const Bytes& word : message.words) writer.bytes(word);
  return out;
}

Result<AboveReply> decode_above_reply(ByteView head) {
  cbor::Reader reader(head);
  AboveReply out;
  parts::Fields fields(reader, 1);
  const std::size_t count = reader.array(kTiersMax);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const ByteView word = reader.bytes(limits::kSyncHeadBytesMax);
    out.words.emplace_back(word.begin(), word.end());
  }
  fields.done();
  TRY(parts::finish(reader, "above reply"));
  return out;
}

Result<AboveReply> answer_above(SyncStore& store, const KeyPair& key,
                                const std::vector<ScopePoints>& asked) {
  std::map<std::uint8_t, AboveWord> words;
  const PointWork work(store);
  for (const ScopePoints& item : asked) {
    for (const Point& point : item.points) {
      TRY_ASSIGN(const std::vector<HeldAbove> held, store.held_above(item.scope, point));
      TRY(work.check());
      for (const HeldAbove& tier : held) {
        AboveWord& word = words[tier.rank.value];
        if (word.points.size() == kPointsMax) continue;  // the next sync asks again
        word.time = (std::max)(word.time, tier.time);
        word.points.push_back({item.scope, tier.point});
      }
    }
  }
  AboveReply out;
  for (auto& [rank, word] : words) {
    if (out.words.size() == kTiersMax) break;
    word.rank = Rank(rank);
    word.parent = store.own_certificate().id;
    out.words.push_back(make_above(word, key));
  }
  return out;
}

Status AboveAsker::begin(std::uint64_t version, const std::vector<Scope>& scopes) {
  version_ = version;
  for (const Scope scope : scopes) {
    if (scope.channel == Channel::kRecords) queue_.push_back(scope);
  }
  if (queue_.empty()) TRY(store_.note_above_seen(version_));
  return {};
}

Result<AboveRequest> AboveAsker::ask(std::size_t wanted) {
  std::size_t points = 0;
  for (const ScopePoints& item : asked_) points += item.points.size();
  while (!queue_.empty() && asked_.size() < limits::kScopesMax) {
    ScopePoints item{queue_.front(), {}};
    TRY_ASSIGN(item.points, store_.tips(item.scope));
    if (item.points.size() > limits::kTipsMax) item.points.resize(limits::kTipsMax);
    const bool full = encoded_bytes(points + item.points.size()) > wanted / 8 ||
                      points + item.points.size() > kPointsMax;
    if (!asked_.empty() && full) break;
    points += item.points.size();
    queue_.pop_front();
    asked_.push_back(std::move(item));
  }
  return AboveRequest{asked_};
}

Status AboveAsker::take(const AboveReply& reply) {
  std::vector<KeptAbove> said;
  for (const Bytes& bytes : reply.words) {
    TRY_ASSIGN(AboveWord word, read_above(bytes, parent_key_));
    said.push_back({word.rank, word.time, std::move(word.points)});
  }
  for (const ScopePoints& item : asked_) {
    for (const Point& point : item.points) TRY(store_.keep_above(item.scope, point, said));
  }
  asked_.clear();
  if (queue_.empty()) TRY(store_.note_above_seen(version_));
  return {};
}

}  // namespace lalanh::sync
