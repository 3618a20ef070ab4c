// The player's other half: links, disks, clocks, copies, upgrades.

#include <algorithm>

#include "tests/sim/player.h"

namespace lalanh::sim {
namespace {

/// A tree of four tiers is level after as many rounds; the rest is for copies that meet late.
constexpr int kRoundsMax = 40;

[[noreturn]] void fail(const ScriptLine& line, const std::string& why) {
  throw ScriptError{line.number, line.op + ": " + why};
}

std::string why(const Error& error) {
  return error.name() + " " + error.reason(Language::kEnglish);
}

std::optional<std::uint64_t> number(const ScriptLine& line, const char* key) {
  if (!line.keys.contains(key)) return std::nullopt;
  return line.keys.at(key).get<std::uint64_t>();
}

}  // namespace

void Player::sync(const ScriptLine& line) {
  Machine& child = machine(line);
  if (child.parent().empty()) fail(line, "the node has no parent");
  LinkFaults faults;
  faults.cut_after_bytes = number(line, "cut_after_bytes");
  faults.lose_reply = static_cast<int>(number(line, "lose_reply").value_or(0));
  faults.twice = line.keys.contains("twice") && line.keys.at("twice").get<bool>();
  faults.drop = number(line, "drop");
  faults.reorder = number(line, "reorder");
  Machine& parent = world_.machine(child.parent());
  const Result<SyncSummary> done = world_.sync(child, faults);
  const bool excused = faults.cut_after_bytes || faults.lose_reply != 0 || faults.drop ||
                       faulty_[child.name()] || faulty_[parent.name()] || !child.disk().powered() ||
                       !parent.disk().powered();
  if (!done.ok() && !excused) throw Broken{0, "a sync fails: " + why(done.error())};
}

void Player::move_clock(const ScriptLine& line) {
  const std::int64_t ms = line.keys.at("ms").get<std::int64_t>();
  Machine& at = machine(line);
  at.clock().shift_wall(options_.shift_clocks ? -ms / 2 : ms);
}

void Player::restart(Machine& machine) {
  Status started = machine.restart();
  if (!started.ok() && faulty_[machine.name()]) {
    mend(machine);
    started = machine.restart();
  }
  if (!started.ok()) throw Broken{2, "after a power cut it does not open: " + why(started.error())};
  watcher_->restarted(machine);
}

void Player::restart_dead() {
  for (const std::string& name : world_.machines()) {
    Machine& machine = world_.machine(name);
    if (!machine.disk().powered()) restart(machine);
  }
}

void Player::crash(const ScriptLine& line) {
  Machine& at = machine(line);
  if (const auto writes = number(line, "after_writes"); writes && *writes > 0) {
    at.disk().cut_after_writes(*writes);
    return;
  }
  at.disk().cut_power();
}

void Player::snapshot(const ScriptLine& line) {
  snapshots_[line.text("as")] = machine(line).disk().snapshot();
}

void Player::restore(const ScriptLine& line) {
  Machine& at = machine(line);
  const auto image = snapshots_.find(line.text("as"));
  if (image == snapshots_.end()) fail(line, "unknown snapshot " + line.text("as"));
  Status started = world_.restore(at, image->second);
  if (!started.ok() && (faulty_[at.name()] || !at.disk().powered())) {
    mend(at);
    at.disk().power_on();
    started = world_.restore(at, image->second);
  }
  if (!started.ok()) throw Broken{2, "an old copy does not open: " + why(started.error())};
  // Looking for what is lost needs disks that can be read.
  for (const std::string& name : world_.machines()) mend(world_.machine(name));
  watcher_->put_back(at);
}

void Player::copy(const ScriptLine& line) {
  Machine& of = machine(line);
  const std::string as = line.text("as");
  if (world_.has_machine(as)) fail(line, "node " + as + " is there");
  const bool running = line.op == "fork";
  const Status made = world_.copy(of.name(), as, running);
  if (!made.ok()) throw Broken{2, "a copied disk does not open: " + why(made.error())};
  if (running) watcher_->forked(of, world_.machine(as));
}

int Player::version_of(const ScriptLine& line) {
  if (!line.keys.contains("version")) return kThisVersion;
  const auto version = line.keys.at("version").get<std::int64_t>();
  if (version < 1 || version > kNewestVersion) fail(line, "no such version");
  return static_cast<int>(version);
}

void Player::upgrade(const ScriptLine& line) {
  Machine& at = machine(line);
  const int version = version_of(line);
  if (version <= at.version()) fail(line, "the program is not older");
  const Result<Hash> digest = at.store().state_digest();
  const Status started = at.upgrade(version);
  if (!started.ok()) {
    if (!faulty_[at.name()] && at.disk().powered()) {
      throw Broken{13, "a newer program does not open: " + started.error().name()};
    }
    restart(at);
  }
  watcher_->upgraded(at, digest.ok() ? std::optional<Hash>(*digest) : std::nullopt);
}

void Player::change_disk(const ScriptLine& line) {
  Machine& at = machine(line);
  Disk& disk = at.disk();
  faulty_[at.name()] = true;
  if (line.keys.contains("full")) disk.set_capacity(disk.used());
  if (line.keys.contains("lies")) disk.lie_about_sync(true);
  if (line.keys.contains("fail")) {
    static const std::map<std::string, IoKind> kKinds = {
        {"read", IoKind::kRead}, {"write", IoKind::kWrite}, {"sync", IoKind::kSync}};
    const auto kind = kKinds.find(line.text("fail"));
    if (kind == kKinds.end()) fail(line, "unknown call " + line.text("fail"));
    disk.fail_io(number(line, "after").value_or(1), 1, kind->second);
  }
  if (line.keys.contains("good")) mend(at);
}

void Player::mend(Machine& machine) {
  Disk& disk = machine.disk();
  faulty_[machine.name()] = false;
  disk.set_capacity(std::nullopt);
  disk.lie_about_sync(false);
  for (const IoKind kind : {IoKind::kRead, IoKind::kWrite, IoKind::kSync}) disk.fail_io(1, 0, kind);
}

/// One sync of each machine. True: something moved.
bool Player::sync_round(std::string& failure) {
  bool moved = false;
  for (const std::string& name : world_.machines()) {
    Machine& child = world_.machine(name);
    if (child.parent().empty()) continue;
    const Result<SyncSummary> done = world_.sync(child, {});
    if (!done.ok()) {
      failure = name + ": " + why(done.error());
      moved = true;
      continue;
    }
    moved = moved || done->events_received + done->events_sent > 0;
  }
  return moved;
}

/// What sticks bring everywhere leaves nothing for the network to bring (invariant 12).
void Player::settle_by_stick() {
  for (int round = 0; round < kRoundsMax; ++round) {
    world_.time().advance(86'400'000);
    const Result<std::uint64_t> events = stick_round();
    if (!events.ok()) throw Broken{12, "a stick fails: " + why(events.error())};
    if (*events != 0) continue;
    std::string failure;
    if (sync_round(failure)) throw Broken{12, "sticks have not brought everything " + failure};
    return;
  }
  throw Broken{12, "sticks come to no rest"};
}

void Player::settle(const ScriptLine& line) {
  for (const std::string& name : world_.machines()) {
    Machine& machine = world_.machine(name);
    const bool was_faulty = faulty_[name];
    mend(machine);
    machine.disk().cut_after_writes(0);
    if (!machine.disk().powered()) restart(machine);
    // A program that met a fault may have closed its eyes to more; a new start reads the files.
    if (was_faulty) {
      machine.stop();
      restart(machine);
    }
  }
  if (line.keys.contains("by_stick")) settle_by_stick();
  std::string failure;
  for (int round = 0; round < kRoundsMax; ++round) {
    failure.clear();
    world_.time().advance(3'600'000);
    if (sync_round(failure)) continue;
    watcher_->settled();
    return;
  }
  throw Broken{11, "the tree does not come to rest" + (failure.empty() ? "" : ": " + failure)};
}

}  // namespace lalanh::sim
