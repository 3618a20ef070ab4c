#pragma once

#include <deque>
#include <vector>

#include "sync/session/messages.h"

/// What the tiers above the parent hold, as the parent says (`docs/PROTOCOL.md`, Above).
namespace lalanh::sync {

/// What one tier holds durably of what was asked about.
struct AboveWord {
  CertificateId parent{};  ///< whose word it is
  Rank rank;               ///< of the tier
  TimeMs time;             ///< by the tier's clock
  std::vector<ReceiptPoint> points;
};

/// The signed bytes; `key` is the secret half of the parent's certificate.
Bytes make_above(const AboveWord& word, const KeyPair& key);
/// Foreign bytes. format.*; format.bad_signature where `parent_key` did not sign them.
Result<AboveWord> read_above(ByteView bytes, const Hash& parent_key);

struct AboveRequest {
  std::vector<ScopePoints> scopes;
};
struct AboveReply {
  std::vector<Bytes> words;  ///< one for each tier, signed
};
Bytes encode(const AboveRequest& message);
Bytes encode(const AboveReply& message);
Result<AboveRequest> decode_above_request(ByteView head);
Result<AboveReply> decode_above_reply(ByteView head);

/// Server side: what this store knows of the tiers above it, for points of readable scopes.
Result<AboveReply> answer_above(SyncStore& store, const KeyPair& key,
                                const std::vector<ScopePoints>& asked);

/// Client side: asks about the tips of the records at or below the own unit, so many scopes a
/// message, and keeps what is said.
class AboveAsker {
 public:
  /// `store` and `parent_key` outlive it.
  AboveAsker(SyncStore& store, const Hash& parent_key) : store_(store), parent_key_(parent_key) {}
  /// Before the first ask(): that the parent's word has changed to this number.
  Status begin(std::uint64_t version, const std::vector<Scope>& scopes);
  bool done() const { return queue_.empty() && asked_.empty(); }
  /// The next message; the same again where it was not answered.
  Result<AboveRequest> ask(std::size_t wanted);
  Status take(const AboveReply& reply);

 private:
  SyncStore& store_;
  const Hash& parent_key_;
  std::uint64_t version_ = 0;
  std::deque<Scope> queue_;
  std::vector<ScopePoints> asked_;
};

}  // namespace lalanh::sync
