#include "tests/sim/wire.h"

#include "shared/base/check.h"
#include "sync/session/client_session.h"

namespace lalanh::sim {
namespace {

/// A session ends by itself; this only turns one that does not into a failure.
constexpr int kExchangesMax = 100'000;

class Wire {
 public:
  Wire(Machine& child, Machine& parent, const LinkFaults& faults,
       const std::function<void(const Exchange&)>& seen)
      : child_(child), parent_(parent), faults_(faults), seen_(seen) {
    if (faults.cut_after_bytes) left_ = *faults.cut_after_bytes;
    if (faults.drop) dropping_.emplace(*faults.drop);
  }

  Result<SyncSummary> run() {
    sync::ClientOptions options;
    options.parent_key = parent_.identity()->key.public_key();
    options.program = "sim";
    sync::ClientSession session(child_.store(), child_.identity()->key, child_.random(), options);
    for (int i = 0; i < kExchangesMax; ++i) {
      TRY_ASSIGN(std::optional<sync::SyncRequest> request, session.next());
      if (!request) {
        deliver_again();
        return session.result();
      }
      ++number_;
      TRY(carry(session, {request->path, std::move(request->body), {}}));
    }
    LALANH_CHECK(false);
  }

 private:
  Status carry(sync::ClientSession& session, Exchange exchange) {
    const auto lost = [&]() { return dropping_ && dropping_->chance(0.125); };
    if (lost()) return session.on_cut({}, "lost");
    const std::size_t arrives = through(exchange.request.size());
    const bool whole = arrives == exchange.request.size();
    const ByteView sent = ByteView(exchange.request).first(arrives);
    Result<Bytes> reply = handle(exchange.path, sent, whole);
    if (reply.ok()) exchange.reply = std::move(*reply);
    seen_(exchange);
    if (whole && faults_.twice) (void)handle(exchange.path, sent, true).ok();
    if (whole && faults_.reorder) late_.push_back(exchange);
    if (!whole || number_ == faults_.lose_reply || lost()) return session.on_cut({}, "lost");
    if (!reply.ok()) {
      // Why it was refused is known to the caller by the session's result.
      (void)session.on_error_reply(reply.error().name(), {}).ok();
      return {};
    }
    const std::size_t back = through(exchange.reply.size());
    const ByteView received = ByteView(exchange.reply).first(back);
    if (back < exchange.reply.size()) return session.on_cut(received, "cut");
    (void)session.on_reply(received, 100).ok();
    return {};
  }

  Result<Bytes> handle(std::string_view path, ByteView body, bool whole) {
    return parent_.server().handle(path, body, whole, parent_.clock().now());
  }

  /// How many of so many bytes still come through.
  std::size_t through(std::size_t bytes) {
    if (!faults_.cut_after_bytes) return bytes;
    const auto out = (std::min)(left_, static_cast<std::uint64_t>(bytes));
    left_ -= out;
    return static_cast<std::size_t>(out);
  }

  void deliver_again() {
    if (!faults_.reorder) return;
    Rng rng(*faults_.reorder);
    for (std::size_t i = late_.size(); i > 1; --i) std::swap(late_[i - 1], late_[rng.below(i)]);
    for (const Exchange& old : late_) (void)handle(old.path, old.request, true).ok();
  }

  Machine& child_;
  Machine& parent_;
  const LinkFaults& faults_;
  const std::function<void(const Exchange&)>& seen_;
  std::uint64_t left_ = 0;
  int number_ = 0;
  std::optional<Rng> dropping_;
  std::vector<Exchange> late_;
};

}  // namespace

Result<SyncSummary> sync_over(Machine& child, Machine& parent, const LinkFaults& faults,
                              const std::function<void(const Exchange&)>& seen) {
  return Wire(child, parent, faults, seen).run();
}

}  // namespace lalanh::sim
