#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "sync/session/messages.h"
#include "sync/session/request_auth.h"
#include "sync/session/tail.h"

namespace lalanh::sync {

struct ServerOptions {
  /// Version of this program, 64 bytes at most.
  std::string program;
  ScopeReader scope_of = scope_of_segment;
  /// Runs work that needs no database with the node's lock let go, and takes it again.
  std::function<void(const std::function<void()>&)> unlocked = {};
};

/// Answers the syncs of children (`docs/PROTOCOL.md`). Between two calls it remembers nonces and
/// nothing else, so children may come in any order, at any time, again and again. Not
/// thread-safe: the caller holds the node's lock during a call, and `unlocked` may let it go in
/// between. Knows no socket and no clock.
class SyncServer {
 public:
  /// `store` and `device_key` (of the store's own certificate) outlive the server.
  SyncServer(SyncStore& store, const KeyPair& device_key, ServerOptions options);

  /// One request: the path ("/s/open"), the body, and the time here. `complete`: all of the body
  /// came; false: the link broke and this is what came: complete segments are taken in, a half is
  /// kept, and the answer, which nobody hears, is sync.cut. Returns the reply's body. Errors:
  /// http.not_found, format.*, trust.*, store.*; nothing was changed then, but for nonces.
  Result<Bytes> handle(std::string_view path, ByteView body, bool complete, TimeMs now);

 private:
  /// Who asks, once it is proved.
  struct Child {
    DeviceNo device;
    UnitNo unit;
    std::vector<Scope> readable;  ///< in the order of the store
    std::vector<Scope> sorted;
    bool may_read(Scope scope) const;
  };
  Result<Child> admit(std::string_view path, const RequestFrame& frame);
  Result<Bytes> open(const Child& child, ByteView head, TimeMs now);
  Result<Bytes> differ(const Child& child, ByteView head);
  Result<Bytes> pull(const Child& child, ByteView head);
  Result<Bytes> above(const Child& child, ByteView head);
  Result<Bytes> push(const Child& child, const RequestFrame& frame, bool complete, TimeMs now);
  Result<Bytes> receipt_for(const Child& child, const std::vector<ScopePoints>& wanted, TimeMs now);
  Result<bool> may_bring(const Child& child, Scope scope);
  Result<std::vector<Verdict>> take_in(const Child& child, std::vector<Arrived>& arrived);
  Result<std::vector<Taken>> take_in_turn(std::span<const Bytes> segments);

  SyncStore& store_;
  const KeyPair& key_;
  ServerOptions options_;
  NonceMemory nonces_;
};

}  // namespace lalanh::sync
