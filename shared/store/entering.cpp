#include "shared/store/entering.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/base/cbor.h"
#include "shared/store/ingest.h"

namespace lalanh {
namespace {

/// Key of an event's map under which it says what it enters again (`docs/FORMATS.md`, Event).
constexpr std::uint64_t kEnteredKey = 2;

using Digest = std::array<std::uint8_t, 8>;
/// Name of a set-aside event in its scope.
using Name = std::pair<Dot, Digest>;

Digest digest_of(const Event& event) {
  Bytes bytes;
  write_canonical(event, bytes);
  return hash_front<std::tuple_size_v<Digest>>(blake2b({bytes}));
}

Bytes link_to(const Name& name) {
  Bytes out;
  cbor::Writer writer(out);
  writer.unsigned_integer(kEnteredKey);
  writer.array(3);
  writer.bytes(name.first.writer.bytes);
  writer.unsigned_integer(name.first.counter);
  writer.bytes(name.second);
  return out;
}

/// What the event enters again, if it does.
std::optional<Name> linked(const Event& event) {
  cbor::Reader in(event.extras);
  while (in.ok() && !in.at_end()) {
    if (in.unsigned_integer() != kEnteredKey) {
      in.raw(limits::kDepthMax);
      continue;
    }
    Name out;
    if (in.array(3) != 3) return std::nullopt;
    in.bytes_into(out.first.writer.bytes);
    out.first.counter = static_cast<std::uint32_t>(in.unsigned_integer(limits::kStreamEventsMax));
    in.bytes_into(out.second);
    if (!in.ok()) return std::nullopt;
    return out;
  }
  return std::nullopt;
}

/// A scope as this matter sees it.
struct Reading {
  std::vector<SetAside> aside;
  std::map<Dot, Dot> entities;  ///< creates that were entered again: the old dot to the new one
};

Result<Reading> read_scope(Store& store, Scope scope) {
  Reading out;
  TRY_ASSIGN(std::vector<LoggedEvent> all, store.history(scope, Dot(), 0));
  std::set<Dot> gone;  // entities whose create is set aside
  std::set<Name> entered;
  for (const LoggedEvent& each : all) {
    if (each.set_aside && each.event.creates()) gone.insert(each.dot);
  }
  for (const LoggedEvent& each : all) {
    if (each.set_aside) continue;
    if (each.event.creates()) gone.erase(each.dot);  // another branch of it stands
    const std::optional<Name> name = linked(each.event);
    if (!name) continue;
    entered.insert(*name);
    if (each.event.creates()) out.entities[name->first] = each.dot;
  }
  for (LoggedEvent& each : all) {
    if (!each.set_aside && gone.count(each.event.entity) == 0) continue;
    each.set_aside = true;
    SetAside one;
    one.digest = digest_of(each.event);
    one.entered = entered.count({each.dot, one.digest}) > 0;
    one.logged = std::move(each);
    out.aside.push_back(std::move(one));
  }
  return out;
}

/// Scopes where something that is held is set aside.
Result<std::vector<Scope>> scopes_with_aside(Store& store, const ScopeFilter& within) {
  std::vector<Scope> out;
  TRY_ASSIGN(Statement select,
             store.core().db->prepare("SELECT DISTINCT c.unit, c.channel FROM stream s JOIN scope c"
                                      " ON c.no = s.scope WHERE s.aside > 0"
                                      " ORDER BY c.channel DESC, c.unit"));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    const Scope scope{UnitNo(static_cast<std::uint32_t>(select.integer(0))),
                      static_cast<Channel>(select.integer(1))};
    if (within(scope)) out.push_back(scope);
  }
}

Status expect_writable(Store& store, Scope scope) {
  const CertificateLink& own = store.own_certificate().device();
  if (may_write(store.core().tree(), scope, own.unit, own.rights) != Allowed::kNo) return {};
  return Error{ErrorCode::trust_not_allowed,
               {{"device", std::to_string(own.device.value)}, {"scope", to_text(scope)}}};
}

/// Writes a scope's events again.
class Entering {
 public:
  Entering(Store& store, WriteBatch& batch, Scope scope, Reading& reading, std::string actor)
      : store_(store), batch_(batch), scope_(scope), reading_(reading), actor_(std::move(actor)) {}

  /// False where it cannot be entered.
  Result<bool> enter(const SetAside& one) {
    const Event& old = one.logged.event;
    if (old.entity.none() && !old.creates()) return false;
    Event event;
    event.actor = actor_;
    event.verb = "enter again";
    event.extras = link_to({one.logged.dot, one.digest});
    if (old.creates()) {
      TRY_ASSIGN(const bool made, copy_create(old, event));
      if (!made) return false;
    } else {
      event.entity = today(old.entity);
      TRY_ASSIGN(const EntityState* state, batch_.state(scope_, event.entity));
      if (state == nullptr) return false;
      TRY_ASSIGN(const ScopeStreams* streams, batch_.streams(scope_));
      for (const Op& op : old.ops) add_op(op, *state, *streams, event.ops);
      if (event.ops.empty()) return false;
    }
    TRY_ASSIGN(const Dot dot, batch_.add(scope_, std::move(event)));
    if (old.creates()) reading_.entities[one.logged.dot] = dot;
    return true;
  }

 private:
  Dot today(const Dot& old) const {
    const auto at = reading_.entities.find(old);
    return at == reading_.entities.end() ? old : at->second;
  }

  Value today(const Value& value) const {
    return value.kind() == Value::Kind::kDot ? Value::dot(today(value.as_dot())) : value;
  }

  Result<bool> copy_create(const Event& old, Event& event) {
    for (const Op& op : old.ops) {
      Op& copy = event.ops.emplace_back(op);
      copy.value = today(op.value);
      if (copy.kind != OpKind::kCreate || copy.value.kind() != Value::Kind::kDot) continue;
      TRY_ASSIGN(const EntityState* parent, batch_.state(scope_, copy.value.as_dot()));
      if (parent == nullptr) return false;
    }
    return true;
  }

  /// The op with what is live now as its base; nothing where it would change nothing.
  void add_op(const Op& old, const EntityState& state, const ScopeStreams& streams,
              std::vector<Op>& out) const {
    Op op;
    op.kind = old.kind;
    op.name = old.name;
    op.value = today(old.value);
    const auto live = [&](WriteClass cls) {
      return writes_of(state, store_.core().words.word(old.name), cls);
    };
    switch (old.kind) {
      case OpKind::kSet:
        for (const Write& write : live(WriteClass::kSingle))
          op.base.push_back(streams.dot(write.ref));
        if (op.base.size() == 1 && live(WriteClass::kSingle).front().value == op.value) return;
        break;
      case OpKind::kDrop:
        for (const Write& write : live(WriteClass::kItem)) {
          if (write.value == op.value) op.base.push_back(streams.dot(write.ref));
        }
        if (op.base.empty()) return;
        break;
      case OpKind::kRemove:
        for (const Removal& removal : state.removals) op.base.push_back(streams.dot(removal.ref));
        for (const Tip& tip : state.tips) op.tips.push_back(streams.dot(tip.ref));
        break;
      case OpKind::kKeep:
        for (const Removal& removal : state.removals) op.base.push_back(streams.dot(removal.ref));
        if (op.base.empty()) return;
        break;
      default: break;  // add, append: nothing is replaced
    }
    std::sort(op.base.begin(), op.base.end());
    out.push_back(std::move(op));
  }

  Store& store_;
  WriteBatch& batch_;
  Scope scope_;
  Reading& reading_;
  std::string actor_;
};

}  // namespace

std::string id_of(const SetAside& event) {
  return to_text(event.logged.scope) + "-" + to_text(event.logged.dot) + "-" + to_hex(event.digest);
}

Result<std::vector<SetAside>> list_set_aside(Store& store, const ScopeFilter& within) {
  std::vector<SetAside> out;
  TRY_ASSIGN(const std::vector<Scope> scopes, scopes_with_aside(store, within));
  for (const Scope scope : scopes) {
    TRY_ASSIGN(Reading reading, read_scope(store, scope));
    std::move(reading.aside.begin(), reading.aside.end(), std::back_inserter(out));
  }
  return out;
}

Result<EnteredAgain> enter_again(Store& store, const std::vector<std::string>& wanted,
                                 const std::string& actor, const ScopeFilter& within) {
  EnteredAgain out;
  TRY_ASSIGN(const std::vector<Scope> scopes, scopes_with_aside(store, within));
  std::set<std::string> ids(wanted.begin(), wanted.end());
  std::vector<std::pair<Scope, Reading>> readings;
  for (const Scope scope : scopes) {
    TRY_ASSIGN(Reading reading, read_scope(store, scope));
    readings.emplace_back(scope, std::move(reading));
  }
  TRY_ASSIGN(WriteBatch batch, store.begin_write());
  for (auto& [scope, reading] : readings) {
    Entering entering(store, batch, scope, reading, actor);
    for (const SetAside& one : reading.aside) {
      if (!wanted.empty() && ids.erase(id_of(one)) == 0) continue;
      if (one.entered) {
        ++out.already;
        continue;
      }
      TRY(expect_writable(store, scope));
      TRY_ASSIGN(const bool entered, entering.enter(one));
      ++(entered ? out.entered : out.left);
    }
  }
  if (!ids.empty()) return Error{ErrorCode::register_not_found, {{"what", *ids.begin()}}};
  if (out.entered > 0) TRY(batch.commit());
  return out;
}

}  // namespace lalanh
