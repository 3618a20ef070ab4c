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

/// An event that stands, and what it is by the names of its first author: itself, or what it enters
/// again.
struct Standing {
  Dot dot, original;
};

/// A scope as this matter sees it.
struct Reading {
  std::vector<SetAside> aside;
  std::map<Dot, std::vector<Dot>> entered;  ///< as which events a set-aside one was entered again
  std::map<Dot, std::vector<Standing>> on;  ///< by entity
  /// Entities that count for nothing: their create is set aside, or that of what they hang on.
  std::set<Dot> gone;
};

/// What a create hangs on; none where it hangs on nothing.
Dot parent_of(const Event& event) {
  if (!event.creates() || event.ops.front().value.kind() != Value::Kind::kDot) return {};
  return event.ops.front().value.as_dot();
}

std::set<Dot> gone_of(const std::vector<LoggedEvent>& all) {
  std::set<Dot> out;
  for (const LoggedEvent& each : all) {
    if (each.set_aside && each.event.creates()) out.insert(each.dot);
  }
  std::multimap<Dot, Dot> children;
  for (const LoggedEvent& each : all) {
    if (each.set_aside || !each.event.creates()) continue;
    out.erase(each.dot);  // another branch of it stands
    const Dot parent = parent_of(each.event);
    if (!parent.none()) children.emplace(parent, each.dot);
  }
  std::vector<Dot> open(out.begin(), out.end());
  while (!open.empty()) {
    const auto [first, last] = children.equal_range(open.back());
    open.pop_back();
    for (auto at = first; at != last; ++at) {
      if (out.insert(at->second).second) open.push_back(at->second);
    }
  }
  return out;
}

Result<Reading> read_scope(Store& store, Scope scope) {
  Reading out;
  TRY_ASSIGN(std::vector<LoggedEvent> all, store.history(scope, Dot(), 0));
  out.gone = gone_of(all);
  std::set<Name> entered;
  const auto is_aside = [&](const LoggedEvent& each) {
    return each.set_aside ||
           out.gone.count(each.event.creates() ? each.dot : each.event.entity) > 0;
  };
  for (const LoggedEvent& each : all) {
    if (is_aside(each)) continue;
    const std::optional<Name> name = linked(each.event);
    out.on[each.event.creates() ? each.dot : each.event.entity].push_back(
        {each.dot, name ? name->first : each.dot});
    if (!name) continue;
    entered.insert(*name);
    out.entered[name->first].push_back(each.dot);
  }
  for (LoggedEvent& each : all) {
    if (!is_aside(each)) continue;
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

/// In the order in which they can be entered: what hangs on something after it, and what is said of
/// either after both, for segments of several machines come in any order.
std::vector<const SetAside*> in_order(const Reading& reading) {
  std::vector<const SetAside*> out;
  for (const SetAside& one : reading.aside) out.push_back(&one);
  const auto step = [](const SetAside* one) {
    if (!one->logged.event.creates()) return 2;
    return parent_of(one->logged.event).none() ? 0 : 1;
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](const SetAside* a, const SetAside* b) { return step(a) < step(b); });
  return out;
}

/// Writes a scope's events again.
class Entering {
 public:
  Entering(Store& store, WriteBatch& batch, Scope scope, Reading& reading, std::string actor)
      : store_(store), batch_(batch), scope_(scope), reading_(reading), actor_(std::move(actor)) {}

  /// Why it cannot be entered, if so.
  Result<std::optional<Error>> enter(const SetAside& one, const CreateCheck& check) {
    const Event& old = one.logged.event;
    if (old.entity.none() && !old.creates()) return why_not(ErrorCode::register_not_entered, one);
    Event event;
    event.actor = actor_;
    event.verb = "enter again";
    event.extras = link_to({one.logged.dot, one.digest});
    if (old.creates()) {
      const Status checked = check(scope_, old);
      if (!checked.ok()) return std::optional(checked.error());
      TRY_ASSIGN(const bool made, copy_create(old, event));
      if (!made) return why_not(ErrorCode::register_not_found, one);
    } else {
      event.entity = today(old.entity);
      TRY_ASSIGN(const EntityState* state, standing(event.entity));
      if (state == nullptr) return why_not(ErrorCode::register_not_found, one);
      TRY_ASSIGN(const ScopeStreams* streams, batch_.streams(scope_));
      for (const Op& op : old.ops) {
        if (op.kind == OpKind::kRemove && !had_seen_all(op, *state, *streams)) {
          return why_not(ErrorCode::register_edited_since, one);
        }
        add_op(op, *state, *streams, event.ops);
      }
      if (event.ops.empty()) return std::optional<Error>(ErrorCode::input_nothing_to_do);
    }
    const Dot on = event.entity;
    TRY_ASSIGN(const Dot dot, batch_.add(scope_, std::move(event)));
    reading_.entered[one.logged.dot].push_back(dot);
    reading_.on[on.none() ? dot : on].push_back({dot, one.logged.dot});
    return std::optional<Error>();
  }

 private:
  static std::optional<Error> why_not(ErrorCode code, const SetAside& one) {
    const Event& old = one.logged.event;
    const Dot& on = old.entity.none() ? one.logged.dot : old.entity;
    return Error{code, {{"what", to_text(one.logged.scope) + "-" + to_text(on)}}};
  }

  Dot today(const Dot& old) const {
    const auto at = reading_.entered.find(old);
    return at == reading_.entered.end() ? old : at->second.back();
  }

  /// What its author had seen, by the names of today. An event of which two branches were entered
  /// stands for neither: better a conflict than a value that is gone.
  std::vector<Dot> seen_by(const std::vector<Dot>& old) const {
    std::vector<Dot> out = old;
    for (const Dot& dot : old) {
      const auto at = reading_.entered.find(dot);
      if (at != reading_.entered.end() && at->second.size() == 1) out.push_back(at->second.front());
    }
    return out;
  }

  Value today(const Value& value) const {
    return value.kind() == Value::Kind::kDot ? Value::dot(today(value.as_dot())) : value;
  }

  /// The state of an entity that counts; nullptr where it is not here, or hangs on what is not.
  Result<const EntityState*> standing(const Dot& entity) {
    if (reading_.gone.count(entity) > 0) return nullptr;
    return batch_.state(scope_, entity);
  }

  Result<bool> copy_create(const Event& old, Event& event) {
    for (const Op& op : old.ops) {
      Op& copy = event.ops.emplace_back(op);
      copy.value = today(op.value);
      if (copy.kind != OpKind::kCreate || copy.value.kind() != Value::Kind::kDot) continue;
      TRY_ASSIGN(const EntityState* parent, standing(copy.value.as_dot()));
      if (parent == nullptr) return false;
    }
    return true;
  }

  /// The op, replacing of what is live now what it replaced when it was written: what was written
  /// since stands beside it, to be settled. Nothing where it would change nothing.
  void add_op(const Op& old, const EntityState& state, const ScopeStreams& streams,
              std::vector<Op>& out) const {
    Op op;
    op.kind = old.kind;
    op.name = old.name;
    op.value = today(old.value);
    const std::vector<Dot> known = seen_by(old.base);
    const auto replace = [&](Ref ref) {
      const Dot dot = streams.dot(ref);
      if (std::find(known.begin(), known.end(), dot) != known.end()) op.base.push_back(dot);
    };
    const auto live = [&](WriteClass cls) {
      return writes_of(state, store_.core().words.word(old.name), cls);
    };
    switch (old.kind) {
      case OpKind::kSet:
        for (const Write& write : live(WriteClass::kSingle)) replace(write.ref);
        if (live(WriteClass::kSingle).size() == 1 &&
            live(WriteClass::kSingle).front().value == op.value) {
          return;
        }
        break;
      case OpKind::kDrop:
        for (const Write& write : live(WriteClass::kItem)) {
          if (write.value == op.value) replace(write.ref);
        }
        if (op.base.empty()) return;
        break;
      case OpKind::kRemove:
        for (const Removal& removal : state.removals) replace(removal.ref);
        for (const Tip& tip : state.tips) op.tips.push_back(streams.dot(tip.ref));
        break;
      case OpKind::kKeep:
        for (const Removal& removal : state.removals) replace(removal.ref);
        if (op.base.empty()) return;
        break;
      default: break;  // add, append: nothing is replaced
    }
    std::sort(op.base.begin(), op.base.end());
    out.push_back(std::move(op));
  }

  /// Had the author of a removal seen all that stands on the entity? A removal of ours takes with
  /// it whatever our own stream wrote, so what he had not seen cannot be left for somebody to
  /// settle.
  bool had_seen_all(const Op& removal, const EntityState& state,
                    const ScopeStreams& streams) const {
    const auto on = reading_.on.find(streams.dot(state.create));
    if (on == reading_.on.end()) return true;
    return std::all_of(on->second.begin(), on->second.end(), [&](const Standing& one) {
      return std::any_of(removal.tips.begin(), removal.tips.end(), [&](const Dot& tip) {
        return tip.writer == one.original.writer && tip.counter >= one.original.counter;
      });
    });
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
                                 const std::string& actor, const ScopeFilter& within,
                                 const CreateCheck& check) {
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
    for (const SetAside* each : in_order(reading)) {
      const SetAside& one = *each;
      if (!wanted.empty() && ids.erase(id_of(one)) == 0) continue;
      if (one.entered) {
        ++out.already;
        continue;
      }
      std::optional<Error> why;
      const Status writable = expect_writable(store, scope);
      if (!writable.ok()) {
        if (!wanted.empty()) return writable.error();
        why = writable.error();
      } else {
        TRY_ASSIGN(why, entering.enter(one, check));
      }
      if (why) {
        out.left.push_back({id_of(one), std::move(*why)});
      } else {
        ++out.entered;
      }
    }
  }
  if (!ids.empty()) return Error{ErrorCode::register_not_found, {{"what", *ids.begin()}}};
  if (out.entered > 0) TRY(batch.commit());
  return out;
}

}  // namespace lalanh
