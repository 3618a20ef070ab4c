#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/sim/broken.h"
#include "tests/sim/labels.h"
#include "tests/sim/world.h"

namespace lalanh::sim {

/// `expect` saw other values.
struct Unexpected {
  int line = 0;
  std::string what;
};

/// Is told what happens in a run, in order; throws Broken.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// The store said that the event is durable.
  virtual void confirmed(Machine& machine, const EventName& event) { (void)machine, (void)event; }
  /// The machine's files were put back to an older state, or its program copied.
  /// What a bundle that was refused has changed: nothing, or Broken.
  virtual void refused(Machine& machine, const Hash& digest_before) {
    (void)machine, (void)digest_before;
  }
  virtual void put_back(Machine& machine) { (void)machine; }
  virtual void forked(Machine& a, Machine& b) { (void)a, (void)b; }
  virtual void restarted(Machine& machine) { (void)machine; }
  /// A newer program runs on the machine; the digest that the older one gave, where it gave one.
  virtual void upgraded(Machine& machine, const std::optional<Hash>& digest_before) {
    (void)machine, (void)digest_before;
  }
  virtual void exchanged(Machine& child, Machine& parent, const Exchange& exchange) {
    (void)child, (void)parent, (void)exchange;
  }
  /// After each line of the script.
  virtual void after(const ScriptLine& line) { (void)line; }
  virtual void settled() {}
};

struct PlayerOptions {
  std::uint64_t seed = 1;
  const Catalogue* catalogue = nullptr;  ///< nullptr: free
  /// Lines that make no sense where they stand are passed over: what a shrunk script is full of.
  bool lenient = false;
  bool shift_clocks = false;  ///< plays `clock` lines otherwise than they say (invariant 10)
};

/// Plays the lines of a script, one after the other. Throws ScriptError, Unexpected, Broken (by the
/// watcher, or where a fault-free step fails).
class Player {
 public:
  Player(const PlayerOptions& options, std::function<void(const std::string&)> print);
  void set_watcher(Watcher* watcher) { watcher_ = watcher; }
  void play(const ScriptLine& line);

  World& world() { return world_; }
  const Labels& labels() const { return labels_; }
  /// What `dump` prints of a machine.
  Json dump(Machine& machine, std::optional<UnitNo> unit);
  /// Has its disk a fault that may refuse work, or fail a check's own reading?
  bool faulty(const std::string& machine) const {
    const auto at = faulty_.find(machine);
    return at != faulty_.end() && at->second;
  }
  /// Does the machine see the entity?
  bool sees(Machine& machine, const std::string& label);

 private:
  using Handler = void (Player::*)(const ScriptLine&);
  static const std::map<std::string, Handler>& handlers();
  void add_unit(const ScriptLine& line);
  void add_node(const ScriptLine& line);
  void create(const ScriptLine& line);
  void set(const ScriptLine& line);
  void change_item(const ScriptLine& line);
  void change_presence(const ScriptLine& line);
  void sync(const ScriptLine& line);
  void move_clock(const ScriptLine& line);
  void crash(const ScriptLine& line);
  void snapshot(const ScriptLine& line);
  void restore(const ScriptLine& line);
  void copy(const ScriptLine& line);
  void revoke(const ScriptLine& line);
  void upgrade(const ScriptLine& line);
  void move_unit(const ScriptLine& line);
  static int version_of(const ScriptLine& line);
  Event event_on(const ScriptLine& line, const Machine& machine, const Dot& entity) const;
  void change_disk(const ScriptLine& line);
  void write_bundle(const ScriptLine& line);
  void import_bundle(const ScriptLine& line);
  void settle(const ScriptLine& line);
  void settle_by_stick();
  void print_dump(const ScriptLine& line);
  void expect(const ScriptLine& line);

  Machine& machine(const ScriptLine& line, const char* key = "node");
  UnitNo unit(const ScriptLine& line);
  /// The entity of a label; nullptr where it is void.
  const EventName* entity(const ScriptLine& line, const char* key);
  struct Seen {
    const EventName* name = nullptr;
    EntityState state;
    const ScopeStreams* streams = nullptr;
  };
  /// The entity as the node sees it; nothing where the line is to be passed over.
  std::optional<Seen> look(const ScriptLine& line, Machine& machine, const char* key = "entity");
  /// Writes one event; nothing where a fault refused it.
  std::optional<EventName> write(Machine& machine, Scope scope, const Event& event);
  Result<Dot> write_once(Machine& machine, Scope scope, const Event& event);
  EventName name_of_last(Machine& machine, Scope scope);
  void restart(Machine& machine);
  void restart_dead();
  /// Its disk has no fault any more.
  void mend(Machine& machine);
  bool sync_round(std::string& failure);
  Result<std::uint64_t> stick_round();

  PlayerOptions options_;
  std::function<void(const std::string&)> print_;
  World world_;
  Labels labels_;
  FieldClasses classes_;
  std::map<std::string, std::string> types_;  ///< of entities, by label
  std::map<std::string, DiskImage> snapshots_;
  std::map<std::string, Bytes> bundles_;  ///< empty: a fault refused it
  std::map<std::string, bool> faulty_;    ///< machines with a fault that may refuse work
  Watcher none_;
  Watcher* watcher_ = &none_;
};

}  // namespace lalanh::sim
