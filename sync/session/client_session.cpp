#include "sync/session/client_session.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "shared/merge/digest.h"
#include "sync/session/frame.h"

namespace lalanh::sync {
namespace {

/// An exchange that took longer halves the next one's bytes; a shorter one doubles them.
constexpr std::int64_t kSlowMs = 15'000;
constexpr std::int64_t kFastMs = 4'000;
/// No server keeps a session going for ever: a province's first sync at 8 KiB takes fewer.
constexpr int kRoundTripsMax = 1'000'000;

}  // namespace

ClientSession::ClientSession(SyncStore& store, const KeyPair& device_key, Random& random,
                             ClientOptions options)
    : store_(store),
      key_(device_key),
      random_(random),
      options_(std::move(options)),
      wanted_(std::clamp(options_.wanted_bytes, limits::kPushBytesMin, limits::kPushBytesMax)),
      puller_(store, options_.scope_of, counts_),
      pusher_(store, options_.parent_key, counts_),
      above_(store, options_.parent_key) {}

Result<SyncSummary> ClientSession::result() const {
  CHECK(ended());
  if (error_) return *error_;
  return counts_.summary;
}

Error ClientSession::fail(Error error) {
  phase_ = Phase::kEnded;
  error_ = error;
  return error;
}

Status ClientSession::end() {
  TRY(store_.note_compared());
  TRY_ASSIGN(counts_.summary.waiting, store_.waiting_events());
  phase_ = Phase::kEnded;
  return {};
}

// --- asking --------------------------------------------------------------------------------

Result<std::optional<SyncRequest>> ClientSession::next() {
  if (ended()) return std::optional<SyncRequest>();
  if (!prepared_) {
    if (const Status status = prepare(); !status.ok()) return fail(status.error());
    if (ended()) return std::optional<SyncRequest>();
    prepared_ = true;
  }
  return std::optional<SyncRequest>(sign());
}

Status ClientSession::prepare() {
  if (counts_.summary.round_trips >= kRoundTripsMax) {
    return Error{ErrorCode::sync_protocol, {{"why", "the server comes to no end"}}};
  }
  tail_.clear();
  if (phase_ == Phase::kPull && puller_.done()) TRY(start_push());
  if (phase_ == Phase::kPush && pusher_.done()) phase_ = Phase::kAbove;
  if (phase_ == Phase::kAbove && above_.done()) return end();
  switch (phase_) {
    case Phase::kOpen: return prepare_open();
    case Phase::kDiffer: return prepare_differ();
    case Phase::kPull: {
      TRY_ASSIGN(const PullRequest request, puller_.ask(wanted_));
      path_ = kPathPull;
      head_ = encode(request);
      return {};
    }
    case Phase::kPush: {
      TRY_ASSIGN(Pusher::Message message, pusher_.ask(wanted_));
      path_ = kPathPush;
      head_ = encode(message.request);
      tail_ = std::move(message.tail);
      return {};
    }
    case Phase::kAbove: {
      TRY_ASSIGN(const AboveRequest request, above_.ask(wanted_));
      path_ = kPathAbove;
      head_ = encode(request);
      return {};
    }
    case Phase::kEnded: break;
  }
  return {};
}

Result<std::vector<Scope>> ClientSession::readable() {
  return store_.readable_scopes(store_.own_certificate().device().unit);
}

/// What is readable, and what has left.
Result<std::vector<Scope>> ClientSession::compared() {
  TRY_ASSIGN(std::vector<Scope> out, readable());
  out.insert(out.end(), left_.begin(), left_.end());
  return out;
}

Status ClientSession::prepare_open() {
  TRY(store_.seal());
  TRY_ASSIGN(const std::vector<Scope> scopes, readable());
  HashSum sum;
  for (const Scope scope : scopes) {
    TRY_ASSIGN(const HeadsDigest digest, store_.heads_digest(scope));
    sum.add(digest);
  }
  path_ = kPathOpen;
  head_ = encode(OpenRequest{sum.bytes(), kProtocol, options_.program, options_.free_mib});
  return {};
}

Status ClientSession::prepare_differ() {
  TRY_ASSIGN(const std::vector<Scope> scopes, compared());
  DifferRequest request;
  for (const Scope scope : scopes) {
    TRY_ASSIGN(const HeadsDigest digest, store_.heads_digest(scope));
    if (digest == HeadsDigest{}) continue;
    if (request.scopes.size() == limits::kScopesMax) {
      return Error{ErrorCode::format_limit,
                   {{"where", "differ"}, {"limit", std::to_string(limits::kScopesMax)}}};
    }
    request.scopes.push_back({scope, hash_front<std::tuple_size_v<ShortDigest>>(digest)});
  }
  path_ = kPathDiffer;
  head_ = encode(request);
  return {};
}

/// Scopes here without a receipt for all of them.
Result<std::vector<Scope>> ClientSession::open_scopes() {
  TRY_ASSIGN(const std::vector<Scope> scopes, compared());
  std::vector<Scope> out;
  for (const Scope scope : scopes) {
    TRY_ASSIGN(const bool all, store_.all_receipted(scope));
    if (!all) out.push_back(scope);
  }
  return out;
}

Status ClientSession::start_push() {
  std::vector<PushScope> scopes = puller_.take_pulled();
  for (PushScope& scope : push_only_) scopes.push_back(std::move(scope));
  std::vector<Scope> names;
  for (const PushScope& scope : scopes) names.push_back(scope.scope);
  // A receipt that was lost is asked for at an equal `open`, which never comes where some have
  // left.
  if (!left_.empty()) {
    TRY_ASSIGN(std::vector<Scope> all, open_scopes());
    std::erase_if(all, [&](const Scope& scope) {
      return std::find(names.begin(), names.end(), scope) != names.end();
    });
    names.insert(names.end(), all.begin(), all.end());
  }
  TRY(pusher_.send(scopes, std::move(server_halves_)));
  TRY(pusher_.want_receipts(names));
  phase_ = Phase::kPush;
  return {};
}

SyncRequest ClientSession::sign() {
  RequestToSign request{
      path_, options_.parent_key, key_, store_.own_certificate(), attach_, {}, head_, tail_};
  random_.fill(request.nonce);
  SyncRequest out{path_, make_request(request)};
  counts_.summary.bytes_sent += out.body.size();
  return out;
}

// --- being answered ------------------------------------------------------------------------

Status ClientSession::on_reply(ByteView body, std::int64_t elapsed_ms) {
  CHECK(!ended() && prepared_);
  ++counts_.summary.round_trips;
  counts_.summary.bytes_received += body.size();
  if (elapsed_ms > kSlowMs) {
    wanted_ = (std::max)(wanted_ / 2, limits::kPushBytesMin);
  } else if (elapsed_ms < kFastMs && (std::max)(body.size(), tail_.size()) >= wanted_ / 2) {
    wanted_ = (std::min)(wanted_ * 2, limits::kPushBytesMax);
  }
  prepared_ = false;
  attach_ = false;
  const Status status = take_reply(body);
  if (!status.ok()) fail(status.error());
  return status;
}

Status ClientSession::take_reply(ByteView body) {
  TRY_ASSIGN(const HeadAndTail parts, read_reply(body));
  if (phase_ != Phase::kPull && !parts.tail.empty()) {
    return Error{ErrorCode::sync_protocol, {{"why", "segments were not asked for"}}};
  }
  switch (phase_) {
    case Phase::kOpen: return on_open(parts.head);
    case Phase::kDiffer: return on_differ(parts.head);
    case Phase::kPull: {
      TRY_ASSIGN(const PullReply reply, decode_pull_reply(parts.head));
      return puller_.take(reply, parts.tail);
    }
    case Phase::kPush: {
      TRY_ASSIGN(const PushReply reply, decode_push_reply(parts.head));
      return pusher_.take(reply);
    }
    case Phase::kAbove: {
      TRY_ASSIGN(const AboveReply reply, decode_above_reply(parts.head));
      return above_.take(reply);
    }
    case Phase::kEnded: break;
  }
  return {};
}

Status ClientSession::on_open(ByteView head) {
  TRY_ASSIGN(const OpenReply reply, decode_open_reply(head));
  counts_.summary.parent_time = reply.time;
  TRY(store_.note_parent_time(reply.time));
  TRY_ASSIGN(const std::uint64_t seen, store_.above_seen());
  if (reply.above != seen) {
    TRY_ASSIGN(const std::vector<Scope> scopes, readable());
    TRY(above_.begin(reply.above, scopes));
  }
  // What hangs elsewhere now is in neither digest.
  TRY_ASSIGN(left_, store_.left_scopes(store_.own_certificate().device().unit, reply.time));
  if (!reply.equal || !left_.empty()) {
    phase_ = Phase::kDiffer;
    return {};
  }
  TRY(store_.note_compared());
  counts_.summary.equal_at_start = true;
  TRY_ASSIGN(const std::vector<Scope> open, open_scopes());
  TRY(pusher_.want_receipts(open));
  phase_ = Phase::kPush;
  return {};
}

Status ClientSession::on_differ(ByteView head) {
  TRY_ASSIGN(DifferReply reply, decode_differ_reply(head));
  server_halves_ = std::move(reply.halves);
  for (const DifferReply::Item& item : reply.scopes) {
    if (item.state == DifferState::kDiffers) puller_.add(item.scope);
    if (item.state != DifferState::kServerEmpty) continue;
    TRY_ASSIGN(const std::vector<Point> receipted, receipted_points(store_, item.scope));
    if (!receipted.empty()) {
      counts_.summary.taken_back = true;
      TRY(store_.take_back_receipts(item.scope, {}));
    }
    push_only_.push_back({item.scope, {}});
  }
  phase_ = Phase::kPull;
  return {};
}

Status ClientSession::on_error_reply(std::string_view name, std::optional<int> retry_after_s) {
  CHECK(!ended() && prepared_);
  ++counts_.summary.round_trips;
  if (name == Error{ErrorCode::trust_unknown_certificate}.name() && !attached_) {
    attach_ = true;
    attached_ = true;
    return {};
  }
  if (name == Error{ErrorCode::trust_revoked}.name()) return fail({ErrorCode::trust_revoked});
  if (retry_after_s) {
    return fail({ErrorCode::sync_busy, {{"seconds", std::to_string(*retry_after_s)}}});
  }
  return fail({ErrorCode::sync_refused, {{"why", std::string(name)}}});
}

Status ClientSession::on_cut(ByteView received, std::string_view why) {
  CHECK(!ended());
  counts_.summary.bytes_received += received.size();
  Status kept;
  if (phase_ == Phase::kPull && prepared_) {
    const Result<HeadAndTail> parts = read_reply(received);
    if (parts.ok()) {
      const Result<PullReply> reply = decode_pull_reply(parts->head);
      if (reply.ok()) kept = puller_.take_cut(*reply, parts->tail);
    }
  }
  fail({ErrorCode::sync_cut, {{"why", std::string(why)}}});
  return kept;
}

}  // namespace lalanh::sync
