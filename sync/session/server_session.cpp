#include "sync/session/server_session.h"

#include <algorithm>
#include <string>

#include "shared/base/limits.h"
#include "shared/merge/digest.h"
#include "sync/session/above.h"
#include "sync/session/frame.h"
#include "sync/session/meeting.h"
#include "sync/session/point_work.h"
#include "sync/session/pull_answer.h"
#include "sync/session/receipt.h"

namespace lalanh::sync {
namespace {

/// More points than these would not leave room for the receipt in a head.
constexpr std::size_t kReceiptPointsMax = 16'384;

bool is_path(std::string_view path) {
  return path == kPathOpen || path == kPathDiffer || path == kPathPull || path == kPathPush ||
         path == kPathAbove;
}

}  // namespace

SyncServer::SyncServer(SyncStore& store, const KeyPair& device_key, ServerOptions options)
    : store_(store), key_(device_key), options_(std::move(options)) {}

bool SyncServer::Child::may_read(Scope scope) const {
  return std::binary_search(sorted.begin(), sorted.end(), scope);
}

Result<SyncServer::Child> SyncServer::admit(std::string_view path, const RequestFrame& frame) {
  std::optional<Certificate> known = store_.known_certificate(frame.certificate_id);
  if (!known) {
    if (frame.certificate.empty()) return Error{ErrorCode::trust_unknown_certificate};
    TRY_ASSIGN(Certificate read, read_certificate(frame.certificate, store_.root_key()));
    if (read.id != frame.certificate_id) {
      return Error{ErrorCode::trust_bad_certificate, {{"why", "it is not the one named"}}};
    }
    known = std::move(read);
  }
  const CertificateLink& device = known->device();
  TRY(verify_request(frame, path, key_.public_key(), device.key));
  if (!nonces_.note(frame.nonce)) return Error{ErrorCode::trust_replayed};
  TRY(meet(store_, *known));
  Child out{device.device, device.unit, {}, {}};
  TRY_ASSIGN(out.readable, store_.readable_scopes(device.unit));
  out.sorted = out.readable;
  std::sort(out.sorted.begin(), out.sorted.end());
  return out;
}

Result<Bytes> SyncServer::handle(std::string_view path, ByteView body, bool complete, TimeMs now) {
  if (!is_path(path)) {
    return Error{ErrorCode::http_not_found, {{"path", std::string(path.substr(0, 64))}}};
  }
  TRY_ASSIGN(const RequestFrame frame, read_request(body));
  TRY_ASSIGN(const Child child, admit(path, frame));
  if (path == kPathPush) return push(child, frame, complete, now);
  if (!frame.tail.empty()) {
    return Error{ErrorCode::format_malformed, {{"where", "sync request"}, {"why", "a tail"}}};
  }
  if (path == kPathOpen) return open(child, frame.head, now);
  if (path == kPathDiffer) return differ(child, frame.head);
  if (path == kPathAbove) return above(child, frame.head);
  return pull(child, frame.head);
}

Result<Bytes> SyncServer::open(const Child& child, ByteView head, TimeMs now) {
  TRY_ASSIGN(const OpenRequest request, decode_open_request(head));
  TRY(store_.note_contact(child.device, child.unit, now));
  TRY(store_.seal());
  HashSum sum;
  for (const Scope scope : child.readable) {
    TRY_ASSIGN(const HeadsDigest digest, store_.heads_digest(scope));
    sum.add(digest);
  }
  OpenReply reply{sum.bytes() == request.digest, now, kProtocol, options_.program, 0};
  TRY_ASSIGN(reply.above, store_.above_version());
  if (reply.equal) TRY(store_.note_compared());
  return make_reply(encode(reply), {});
}

Result<Bytes> SyncServer::differ(const Child& child, ByteView head) {
  TRY_ASSIGN(DifferRequest request, decode_differ_request(head));
  const auto before = [](const DifferRequest::Item& a, const DifferRequest::Item& b) {
    return a.scope < b.scope;
  };
  std::sort(request.scopes.begin(), request.scopes.end(), before);
  DifferReply reply;
  for (const Scope scope : child.readable) {
    if (reply.scopes.size() == limits::kScopesMax) break;  // the next sync goes on
    TRY_ASSIGN(const HeadsDigest digest, store_.heads_digest(scope));
    const DifferRequest::Item mine{scope, hash_front<std::tuple_size_v<ShortDigest>>(digest)};
    const auto it = std::lower_bound(request.scopes.begin(), request.scopes.end(), mine, before);
    const bool named = it != request.scopes.end() && it->scope == scope;
    if ((named ? it->digest : ShortDigest{}) == mine.digest) continue;
    const bool none = digest == HeadsDigest{};
    reply.scopes.push_back({scope, none ? DifferState::kServerEmpty : DifferState::kDiffers});
  }
  for (const DifferRequest::Item& item : request.scopes) {
    if (child.may_read(item.scope)) continue;
    TRY_ASSIGN(const bool taken, store_.may_hand_over(item.scope, child.unit));
    if (!taken) {
      reply.scopes.push_back({item.scope, DifferState::kNotReadable});
      continue;
    }
    TRY_ASSIGN(const HeadsDigest digest, store_.heads_digest(item.scope));
    if (std::equal(item.digest.begin(), item.digest.end(), digest.begin())) continue;
    reply.scopes.push_back({item.scope, DifferState::kDiffers});
  }
  TRY_ASSIGN(reply.halves, store_.partials(child.device));
  // The child knows now what is held here, and sends the rest.
  TRY(store_.note_compared());
  return make_reply(encode(reply), {});
}

Result<Bytes> SyncServer::pull(const Child& child, ByteView head) {
  TRY_ASSIGN(const PullRequest request, decode_pull_request(head));
  PullAnswer answer(store_, request);
  if (request.count) answer.reply().total = 0;
  std::size_t done = 0;
  for (; done < request.scopes.size(); ++done) {
    const PullRequest::Item& item = request.scopes[done];
    auto what = PullAnswer::What::kAll;
    if (!child.may_read(item.scope)) {
      TRY_ASSIGN(const bool taken, store_.may_hand_over(item.scope, child.unit));
      what = taken ? PullAnswer::What::kHeld : PullAnswer::What::kNothing;
    }
    TRY_ASSIGN(const bool finished, answer.add(item, what));
    if (!finished) break;
  }
  if (request.count) {
    for (std::size_t i = done + 1; i < request.scopes.size(); ++i) {
      if (child.may_read(request.scopes[i].scope)) TRY(answer.count(request.scopes[i]));
    }
  }
  return make_reply(encode(answer.reply()), answer.tail());
}

Result<Bytes> SyncServer::above(const Child& child, ByteView head) {
  TRY_ASSIGN(AboveRequest request, decode_above_request(head));
  const auto hidden = [&](const ScopePoints& item) { return !child.may_read(item.scope); };
  request.scopes.erase(std::remove_if(request.scopes.begin(), request.scopes.end(), hidden),
                       request.scopes.end());
  AboveReply reply;
  if (store_.compared()) {
    TRY_ASSIGN(reply, answer_above(store_, key_, request.scopes));
  }
  return make_reply(encode(reply), {});
}

Result<Bytes> SyncServer::push(const Child& child, const RequestFrame& frame, bool complete,
                               TimeMs now) {
  TRY_ASSIGN(const PushRequest request, decode_push_request(frame.head));
  TRY_ASSIGN(std::vector<Arrived> arrived,
             gather_tail(store_, child.device, request.entries, frame.tail, complete));
  PushReply reply;
  TRY_ASSIGN(reply.verdicts, take_in(child, arrived));
  TRY(drop_halves(store_, child.device, request.entries, arrived));
  if (!complete) return Error{ErrorCode::sync_cut, {{"why", "request"}}};
  TRY_ASSIGN(reply.receipt, receipt_for(child, request.receipts, now));
  return make_reply(encode(reply), {});
}

/// What it reads, and what it has to hand over because it reads it no more.
Result<bool> SyncServer::may_bring(const Child& child, Scope scope) {
  if (child.may_read(scope)) return true;
  return store_.may_hand_over(scope, child.unit);
}

Result<std::vector<Verdict>> SyncServer::take_in(const Child& child,
                                                 std::vector<Arrived>& arrived) {
  std::vector<Verdict> out(arrived.size());
  std::vector<Bytes> segments;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    if (arrived[i].state != Arrived::State::kWhole) {
      out[i].kind = Verdict::Kind::kAgain;
      continue;
    }
    const Result<Scope> scope = options_.scope_of(arrived[i].bytes);
    if (!scope.ok()) {
      out[i] = {Verdict::Kind::kRefused, scope.error().name()};
      continue;
    }
    TRY_ASSIGN(const bool taken, may_bring(child, *scope));
    if (!taken) {
      out[i] = {Verdict::Kind::kRefused, Error{ErrorCode::trust_not_readable}.name()};
    } else {
      segments.push_back(std::move(arrived[i].bytes));
      places.push_back(i);
    }
  }
  TRY_ASSIGN(const std::vector<Taken> taken, take_in_turn(segments));
  for (std::size_t i = taken.size(); i < segments.size(); ++i) {
    out[places[i]].kind = Verdict::Kind::kAgain;
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    Verdict& verdict = out[places[i]];
    switch (taken[i].verdict) {
      case TakeVerdict::kTaken: verdict.kind = Verdict::Kind::kTaken; break;
      case TakeVerdict::kKnown: verdict.kind = Verdict::Kind::kKnown; break;
      case TakeVerdict::kAside: verdict.kind = Verdict::Kind::kAside; break;
      case TakeVerdict::kRefused:
        verdict = {Verdict::Kind::kRefused,
                   taken[i].reason ? taken[i].reason->name() : "format.malformed"};
        break;
    }
  }
  return out;
}

/// Transaction by transaction, and the lock is let go before each: a push of small segments that
/// unfold to gigabytes takes neither the memory nor the lock from others. Verdicts for the first.
Result<std::vector<Taken>> SyncServer::take_in_turn(std::span<const Bytes> segments) {
  std::vector<Taken> out;
  std::size_t prepared = 0;
  // Twenty laptops at once cost the one writer less where each thread reads its own.
  const auto prepare = [&] {
    prepared = (std::max)(prepared, out.size());
    while (prepared < segments.size() && store_.prepare(segments[prepared])) ++prepared;
  };
  for (std::size_t i = 0; i < limits::kTakesMax && out.size() < segments.size(); ++i) {
    if (options_.unlocked) options_.unlocked(prepare);
    TRY_ASSIGN(const std::vector<Taken> some, store_.take_some(segments.subspan(out.size())));
    CHECK(!some.empty() && out.size() + some.size() <= segments.size());
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

Result<Bytes> SyncServer::receipt_for(const Child& child, const std::vector<ScopePoints>& wanted,
                                      TimeMs now) {
  // A server that may have been put back says nothing yet (`identity.md`, Servers put back).
  if (!store_.compared()) return Bytes{};
  Receipt receipt{store_.own_certificate().id, now, {}};
  const PointWork work(store_);
  for (const ScopePoints& item : wanted) {
    TRY_ASSIGN(const bool taken, may_bring(child, item.scope));
    if (!taken) continue;
    for (const Point& point : item.points) {
      if (receipt.points.size() == kReceiptPointsMax) break;  // the next sync asks for the rest
      TRY_ASSIGN(const bool held, store_.holds(item.scope, point));
      TRY(work.check());
      if (held) receipt.points.push_back({item.scope, point});
    }
  }
  if (receipt.points.empty()) return Bytes{};
  return make_receipt(receipt, key_);
}

}  // namespace lalanh::sync
