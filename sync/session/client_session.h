#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sync/session/above.h"
#include "sync/session/puller.h"
#include "sync/session/pusher.h"
#include "sync/session/request_auth.h"

namespace lalanh::sync {

struct ClientOptions {
  /// The parent's public key: of its certificate, kept when this device was enrolled.
  Hash parent_key{};
  /// Version of this program, 64 bytes at most.
  std::string program;
  /// Free disk space, to be seen by the parent.
  std::optional<std::uint64_t> free_mib;
  /// Bytes of segments in the first exchange; the link's speed moves it from there.
  std::size_t wanted_bytes = 128 * 1'024;
  ScopeReader scope_of = scope_of_segment;
};

/// One POST: `path` under the parent's address.
struct SyncRequest {
  std::string path;
  Bytes body;
};

/// One sync with the parent (`docs/PROTOCOL.md`): says what to send, is told what came. Knows no
/// socket and never waits. Its user runs
///
///     while (request = next()) { send it; on_reply(...), on_error_reply(...) or on_cut(...) }
///     result()
///
/// holding the node's lock during each call here and not while it waits for the network. Every
/// call that fails ends the session; what was taken in before stays. A session is used once.
class ClientSession {
 public:
  /// `store`, `device_key` (of the store's own certificate) and `random` outlive the session.
  ClientSession(SyncStore& store, const KeyPair& device_key, Random& random, ClientOptions options);

  /// The next request, or nothing where the sync has ended, well or not. Store errors.
  Result<std::optional<SyncRequest>> next();
  /// The whole body of a reply with status 200, and how long the exchange took. sync.protocol and
  /// format.* for a reply that is not one; store errors.
  Status on_reply(ByteView body, std::int64_t elapsed_ms);
  /// Any other status: the header `Lalanh-Error` ("" where it is missing) and `Retry-After`.
  /// Success where the session goes on (the certificate is sent along); else sync.busy or
  /// sync.refused.
  Status on_error_reply(std::string_view name, std::optional<int> retry_after_s);
  /// The link broke, and this much of the reply's body came (none: empty). Keeps what is of use;
  /// the session has ended with sync.cut. Store errors.
  Status on_cut(ByteView received, std::string_view why);

  bool ended() const { return phase_ == Phase::kEnded; }
  const SyncProgress& progress() const { return counts_.progress; }
  /// What was done so far, also where the session failed.
  const SyncSummary& summary() const { return counts_.summary; }
  /// After the end: the summary, or why it failed.
  Result<SyncSummary> result() const;

 private:
  enum class Phase : std::uint8_t { kOpen, kDiffer, kPull, kPush, kAbove, kEnded };

  Status prepare();
  Status prepare_open();
  Status prepare_differ();
  Status on_open(ByteView head);
  Status on_differ(ByteView head);
  Status take_reply(ByteView body);
  Status start_push();
  Result<std::vector<Scope>> readable();
  Result<std::vector<Scope>> compared();
  Result<std::vector<Scope>> open_scopes();
  Status end();
  Error fail(Error error);
  SyncRequest sign();

  SyncStore& store_;
  const KeyPair& key_;
  Random& random_;
  ClientOptions options_;
  Phase phase_ = Phase::kOpen;
  std::optional<Error> error_;
  std::size_t wanted_;
  bool attach_ = false;    ///< the certificate goes with the next request
  bool attached_ = false;  ///< it did once
  bool prepared_ = false;  ///< path_, head_ and tail_ are the request under way
  std::string path_;
  Bytes head_;
  Bytes tail_;
  Counts counts_;
  std::vector<Scope> left_;  ///< compared, and handed over, though read no more
  std::vector<PushScope> push_only_;
  std::vector<Half> server_halves_;
  Puller puller_;
  Pusher pusher_;
  AboveAsker above_;
};

}  // namespace lalanh::sync
