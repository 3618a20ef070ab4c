#include "tests/sim/checks.h"

#include <algorithm>

#include "sync/session/frame.h"
#include "sync/session/messages.h"
#include "sync/session/request_auth.h"

namespace lalanh::sim {
namespace {

/// Lines of a script from one look at the tables to the next: each merges a scope anew, slowly.
constexpr std::uint64_t kLinesBetween = 6;

/// A store that fails where no fault is on breaks the promise that the caller names.
template <class T>
T must(Result<T> result, int invariant, const std::string& what) {
  if (!result.ok()) throw Broken{invariant, what + ": " + result.error().name()};
  return std::move(result).value();
}

Hash tail_hash(StoreCore& core, const StreamRow& row, std::uint32_t counter) {
  Hash hash = row.head;
  std::uint32_t at = row.held;
  for (const Bytes& bytes : must(core.log.tail(row.no), 3, "an open tail")) {
    if (at == counter) break;
    hash = chain_hash(hash, bytes);
    ++at;
  }
  return hash;
}

bool branched(Store& store, Scope scope) {
  const ScopeStreams* streams = must(store.core().known(scope), 4, "a scope");
  return streams != nullptr && streams->has_branches();
}

}  // namespace

bool Checks::may_read(Machine& machine, Scope scope) const {
  const UnitTree& tree = player_.world().tree();
  if (tree.is_or_ever_was_below(scope.unit, machine.unit())) return true;
  return scope.channel == Channel::kReference &&
         tree.is_or_ever_was_below(machine.unit(), scope.unit);
}

bool Checks::reads(Machine& machine, Scope scope) const {
  if (scope.channel != Channel::kRecords) return may_read(machine, scope);
  return player_.world().tree().is_or_is_below(scope.unit, machine.unit(), {2026, 1, 1});
}

Checks::Heads Checks::heads_of(Machine& machine) const {
  Heads out;
  StoreCore& core = machine.store().core();
  for (const Scope scope : must(core.all_scopes(), 0, "scopes")) {
    for (const auto& row : must(core.known(scope), 0, "a scope")->rows()) {
      std::uint32_t& at = out[{scope, row->writer}];
      at = (std::max)(at, (std::max)(row->held, row->own_last));
    }
  }
  return out;
}

bool Checks::holds(Machine& machine, const EventName& event) const {
  StoreCore& core = machine.store().core();
  const ScopeStreams* scope = must(core.known(event.scope), 2, "a scope");
  if (scope == nullptr) return false;
  for (const StreamRow* row = scope->find(event.dot.writer); row != nullptr;
       row = row->next_branch) {
    const std::uint32_t counter = event.dot.counter;
    if (counter <= row->shared || counter > (std::max)(row->held, row->own_last)) continue;
    const Hash hash = counter <= row->held
                          ? must(core.log.hash_at(*scope, *row, counter), 2, "a hash")
                          : tail_hash(core, *row, counter);
    if (hash == event.hash) return true;
  }
  return false;
}

bool Checks::anybody_holds(const EventName& event) const {
  World& world = player_.world();
  return std::any_of(world.machines().begin(), world.machines().end(), [&](const auto& name) {
    Machine& machine = world.machine(name);
    return machine.running() && machine.disk().powered() && holds(machine, event);
  });
}

// --- while the run goes on -----------------------------------------------------------------

void Checks::confirmed(Machine& machine, const EventName& event) {
  const auto [at, fresh] = names_.try_emplace({event.scope, event.dot}, event.hash);
  if (!fresh && !(at->second == event.hash) && forked_.count(machine.name()) == 0) {
    throw Broken{3, "one name for two events: " + to_text(event.dot) + " by " + machine.name()};
  }
  confirmed_.emplace_back(machine.name(), event);
}

void Checks::refused(Machine& machine, const Hash& digest_before) {
  if (must(machine.store().state_digest(), 4, "a digest") != digest_before) {
    throw Broken{4, "a bundle that is refused changes " + machine.name()};
  }
}

/// What an old copy has lost is gone only where nobody else had seen it.
void Checks::put_back(Machine& machine) {
  durable_[machine.name()] = heads_of(machine);
  std::erase_if(confirmed_, [&](const auto& one) { return !anybody_holds(one.second); });
}

void Checks::forked(Machine& a, Machine& b) {
  forked_.insert(a.name());
  forked_.insert(b.name());
}

void Checks::restarted(Machine& machine) {
  const Heads now = heads_of(machine);
  for (const auto& [stream, counter] : durable_[machine.name()]) {
    const auto at = now.find(stream);
    if (at == now.end() || at->second < counter) {
      throw Broken{2, machine.name() + " has lost events of " + to_text(stream.first) +
                          " in a power cut, from " +
                          to_text(Dot{stream.second, at == now.end() ? 1 : at->second + 1})};
    }
  }
}

/// What the older program did not know is shown and counted by the newer one, at once.
void Checks::upgraded(Machine& machine, const std::optional<Hash>& digest_before) {
  restarted(machine);
  if (player_.faulty(machine.name())) return;
  if (digest_before && must(machine.store().state_digest(), 13, "a digest") != *digest_before) {
    throw Broken{13, machine.name() + " has another digest after an upgrade"};
  }
  register_.check(machine, record_states(machine, {}), {});
}

/// What the scopes of a machine's records come to: all of them, or one where no household moved.
std::map<Scope, PlainState> Checks::record_states(Machine& machine, std::optional<Scope> one) {
  std::map<Scope, PlainState> out;
  const char* sql = "SELECT EXISTS (SELECT 1 FROM continuation)";
  if (must(machine.store().core().db->integer(sql), 5, "moves") != 0) one.reset();
  for (const Scope scope : must(machine.store().core().all_scopes(), 1, "scopes")) {
    if (scope.channel != Channel::kRecords || (one && !(*one == scope))) continue;
    out.emplace(scope, PlainMerge(scope, events_of(machine, scope)).state());
  }
  return out;
}

void Checks::note_durable(Machine& machine) {
  if (machine.running() && !player_.faulty(machine.name())) {
    durable_[machine.name()] = heads_of(machine);
  }
}

void Checks::after(const ScriptLine& line) {
  World& world = player_.world();
  for (const char* key : {"node", "as"}) {
    if (!line.keys.contains(key)) continue;
    const std::string name = line.text(key);
    if (!world.has_machine(name)) continue;
    Machine& machine = world.machine(name);
    note_durable(machine);
    Machine* parent = nullptr;
    if (line.op == "sync" && !machine.parent().empty()) parent = &world.machine(machine.parent());
    if (parent != nullptr) note_durable(*parent);
    if (++lines_ % kLinesBetween == 0) check_between(parent == nullptr ? machine : *parent);
  }
}

/// What is read must be right at any moment, not at rest alone: one scope's tables, now and then.
void Checks::check_between(Machine& machine) {
  if (!machine.running() || !machine.disk().powered() || player_.faulty(machine.name())) return;
  std::vector<Scope> scopes = must(machine.store().core().all_scopes(), 5, "scopes");
  std::erase_if(scopes, [](const Scope& scope) { return scope.channel != Channel::kRecords; });
  if (scopes.empty()) return;
  const Scope scope = scopes[(lines_ / kLinesBetween) % scopes.size()];
  register_.check(machine, record_states(machine, scope), scope);
}

void Checks::exchanged(Machine& child, Machine&, const Exchange& exchange) {
  const auto check = [&](const std::vector<sync::Entry>& entries, ByteView tail) {
    for (const sync::Entry& entry : entries) {
      const std::size_t bytes =
          (std::min)(tail.size(), static_cast<std::size_t>(entry.total - entry.from));
      const Result<Scope> scope = sync::scope_of_segment(tail.first(bytes));
      tail = tail.subspan(bytes);
      if (entry.from == 0 && scope.ok() && !may_read(child, *scope)) {
        throw Broken{7, to_text(*scope) + " is on the wire to " + child.name()};
      }
    }
  };
  if (exchange.path == sync::kPathPull && !exchange.reply.empty()) {
    const auto frame = must(sync::read_reply(exchange.reply), 0, "a reply");
    check(must(sync::decode_pull_reply(frame.head), 0, "a reply").entries, frame.tail);
  } else if (exchange.path == sync::kPathPush) {
    const auto frame = must(sync::read_request(exchange.request), 0, "a request");
    check(must(sync::decode_push_request(frame.head), 0, "a request").entries, frame.tail);
  }
}

// --- at rest -------------------------------------------------------------------------------

void Checks::settled() {
  World& world = player_.world();
  std::map<Scope, Hash> level;
  for (const std::string& name : world.machines()) {
    Machine& machine = world.machine(name);
    Store& store = machine.store();
    const VerifyReport report = must(store.verify(), 3, "verify");
    if (!report.differences.empty()) throw Broken{3, name + ": " + report.differences.front()};
    if (report.digest != must(store.state_digest(), 1, "a digest")) {
      throw Broken{1, name + ": the state is not what its log says"};
    }
    for (const Scope scope : must(store.core().all_scopes(), 0, "scopes")) {
      if (!may_read(machine, scope)) throw Broken{7, name + " holds " + to_text(scope)};
      const Hash heads = must(store.heads_digest(scope), 1, "heads");
      if (heads == Hash{}) continue;  // a scope without events
      if (!reads(machine, scope)) {
        check_state(machine, scope);  // as it was when its unit left
        continue;
      }
      const auto [at, fresh] = level.try_emplace(scope, heads);
      if (!fresh && !(at->second == heads)) {
        throw Broken{11, name + " has other heads in " + to_text(scope)};
      }
      check_state(machine, scope);
    }
    check_receipts(machine);
    register_.check(machine);
  }
  for (const std::string& name : world.machines()) {
    Machine& machine = world.machine(name);
    for (const auto& [scope, heads] : level) {
      if (!reads(machine, scope)) continue;
      if (!(must(machine.store().heads_digest(scope), 11, "heads") == heads)) {
        throw Broken{11, name + " lacks events of " + to_text(scope)};
      }
    }
    durable_[name] = heads_of(machine);
  }
  for (const auto& [by, event] : confirmed_) {
    for (const std::string& name : world.machines()) {
      Machine& machine = world.machine(name);
      if (reads(machine, event.scope) && !holds(machine, event)) {
        throw Broken{2, name + " lacks " + to_text(event.dot) + ", confirmed by " + by};
      }
    }
  }
  Rng rng = world.rng().fork("redelivery");
  const std::vector<std::string>& names = world.machines();
  if (!names.empty()) check_redelivery(world.machine(names[rng.below(names.size())]));
}

/// Sent is what the parent holds; where nothing moves any more, all is.
void Checks::check_receipts(Machine& machine) {
  if (machine.parent().empty()) return;
  Machine& parent = player_.world().machine(machine.parent());
  Store& store = machine.store();
  for (const Scope scope : must(store.core().all_scopes(), 8, "scopes")) {
    if (!must(store.all_receipted(scope), 8, "receipts")) {
      throw Broken{8, machine.name() + " has no receipt for all of " + to_text(scope)};
    }
    for (const Point& tip : must(store.tips(scope), 8, "tips")) {
      if (!must(parent.store().holds(scope, tip), 8, "a point")) {
        throw Broken{8, machine.name() + " has a receipt for what its parent does not hold"};
      }
    }
  }
}

/// Every segment again, in any order: to the machine itself, and to one that has nothing.
void Checks::check_redelivery(Machine& machine) {
  World& world = player_.world();
  Store& store = machine.store();
  Rng rng = world.rng().fork("order", store.version());
  std::vector<Bytes> segments;
  if (!store.seal().ok()) throw Broken{0, machine.name() + " cannot seal"};
  for (const Scope scope : must(store.core().all_scopes(), 4, "scopes")) {
    for (const SegmentRef& ref : must(store.missing(scope, {}), 4, "segments")) {
      segments.push_back(must(store.segment_bytes(ref.ordinal), 4, "a segment"));
    }
  }
  for (std::size_t i = segments.size(); i > 1; --i)
    std::swap(segments[i - 1], segments[rng.below(i)]);
  const Hash before = must(store.state_digest(), 4, "a digest");
  for (const Taken& taken : must(store.take_in(segments), 4, "segments")) {
    if (taken.verdict != TakeVerdict::kKnown) throw Broken{4, "a segment is new the second time"};
  }
  if (must(store.state_digest(), 4, "a digest") != before) throw Broken{4, "the digest changes"};
  Disk disk(rng.next());
  SimClock clock(world.time());
  SimRandom random(rng.next());
  StoreOptions options;
  options.database = {disk.path("fresh.db"), true, {}, "aegis", Disk::vfs(), 4'096};
  options.clock = &clock;
  options.random = &random;
  options.key = &machine.identity()->key;
  options.certificate = machine.identity()->certificate;
  options.root_key = store.root_key();
  const std::unique_ptr<Store> fresh = must(Store::open(options), 4, "a fresh store");
  const std::unique_ptr<MachineRegister> registered =
      must(MachineRegister::open(*fresh, machine.registered().words().catalogue()), 5, "tables");
  fresh->set_tree([&world]() -> const UnitTree& { return world.tree(); });
  // Of a fork, what comes before its beginning is refused, and sent again.
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < segments.size();) {
      const std::size_t run = (std::min)(segments.size() - i, std::size_t{1} + rng.below(5));
      for (const Taken& taken :
           must(fresh->take_in(std::span(segments).subspan(i, run)), 4, "take")) {
        moved = moved || taken.verdict == TakeVerdict::kTaken;
        if (taken.verdict != TakeVerdict::kRefused || branched(store, taken.scope)) continue;
        throw Broken{4, "refused: " + taken.reason->message(Language::kEnglish)};
      }
      i += run;
    }
  }
  if (must(fresh->state_digest(), 6, "a digest") != before) {
    throw Broken{6, "the state depends on the order of delivery"};
  }
  register_.check_rebuilt(machine, *fresh, *registered);
}

void Checks::check_state(Machine& machine, Scope scope) {
  Store& store = machine.store();
  const Hash heads = must(store.heads_digest(scope), 1, "heads");
  const Hash digest = must(store.state_digest(scope), 1, "a digest");
  const auto [at, fresh] = compared_.try_emplace({scope, heads}, digest);
  if (!(at->second == digest)) {
    throw Broken{1, machine.name() + ": equal heads, another state in " + to_text(scope)};
  }
  if (!fresh) return;
  PlainState plain = PlainMerge(scope, events_of(machine, scope)).state();
  if (plain.pending != 0) throw Broken{11, "events of " + to_text(scope) + " wait for ever"};
  if (!(plain.digest == digest)) {
    throw Broken{1, machine.name() + ": the plain merge gives another state in " + to_text(scope)};
  }
  const ScopeStreams& streams = *must(store.core().known(scope), 1, "a scope");
  PlainState real;
  std::set<Dot> counted;
  const Status read = store.core().entities.for_each(streams, [&](const EntityRow& row) -> Status {
    if (row.ref.none()) return {};
    TRY_ASSIGN(const EntityState state, row.decode());
    const Dot dot = streams.dot(row.ref);
    for (const Word word : conflicting_fields(state)) {
      real.conflicts.insert({dot, store.core().words.text(word)});
    }
    if (presence(state, streams) == Presence::kDisputed) real.conflicts.insert({dot, "removed"});
    if (counts(state, streams)) counted.insert(dot);
    for (const Write& write : state.writes) {
      if (write.cls != WriteClass::kSingle) continue;
      real.shown[{dot, store.core().words.text(write.name)}] =
          shown(state, write.name, streams)->value;
    }
    return {};
  });
  if (!read.ok()) throw Broken{1, "a state cannot be read: " + read.error().name()};
  if (real.conflicts != plain.conflicts) throw Broken{6, "other conflicts in " + to_text(scope)};
  if (real.shown != plain.shown) throw Broken{1, "another value is shown in " + to_text(scope)};
  if (counted != plain.counted()) throw Broken{9, "others count in " + to_text(scope)};
  register_.keep(scope, heads, std::move(plain));
}

// --- reading logs --------------------------------------------------------------------------

const PlainEvent* Checks::keep(PlainEvent event) {
  std::unique_ptr<PlainEvent>& place = events_[event.id];
  if (place == nullptr) place = std::make_unique<PlainEvent>(std::move(event));
  return place.get();
}

void Checks::read_stream(Machine& machine, ScopeStreams& scope, const StreamRow& row,
                         std::vector<const PlainEvent*>& out) {
  StoreCore& core = machine.store().core();
  Hash before{};
  if (!row.predecessor.none()) {
    const StreamRow& previous = scope.at(row.predecessor.stream());
    before = row.predecessor.counter() <= previous.held
                 ? must(core.log.hash_at(scope, previous, row.predecessor.counter()), 3, "a hash")
                 : tail_hash(core, previous, row.predecessor.counter());
  }
  std::vector<Event> events;
  if (row.held > row.shared) {
    events = must(core.log.events(scope, row, row.shared + 1, row.held), 3, "events");
  }
  for (const Bytes& bytes : must(core.log.tail(row.no), 3, "an open tail")) {
    events.push_back(must(read_canonical(bytes), 3, "an event"));
  }
  Hash chain = row.shared == 0 ? row.start_hash : before;
  std::uint32_t counter = row.shared;
  Bytes canonical;
  for (Event& event : events) {
    canonical.clear();
    write_canonical(event, canonical);
    chain = chain_hash(chain, canonical);
    out.push_back(keep({chain, before, Dot{row.writer, ++counter}, row.author.device,
                        row.author.rank, row.key, row.unit, std::move(event)}));
    before = chain;
  }
}

std::vector<const PlainEvent*> Checks::events_of(Machine& machine, Scope scope) {
  std::vector<const PlainEvent*> out;
  ScopeStreams* streams = must(machine.store().core().known(scope), 1, "a scope");
  for (const auto& row : streams->rows()) read_stream(machine, *streams, *row, out);
  return out;
}

}  // namespace lalanh::sim
