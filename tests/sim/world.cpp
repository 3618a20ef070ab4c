#include "tests/sim/world.h"

#include <algorithm>

#include "shared/base/check.h"

namespace lalanh::sim {
namespace {

constexpr std::uint32_t kAllRights = kWriteRecords | kWriteReference | kCertify | kRevoke | kDecide;

KeyPair seeded_key(Rng& rng) {
  Hash seed{};
  for (std::uint8_t& byte : seed) byte = static_cast<std::uint8_t>(rng.below(256));
  return KeyPair::from_seed(seed);
}

}  // namespace

World::World(std::uint64_t seed) : rng_(seed), root_(seeded_key(rng_)) { seed_sqlite(seed); }

void World::add_unit(const std::string& name, const std::string& parent, UnitLevel level) {
  UnitFact fact;
  fact.unit = UnitNo(3'700'001 + static_cast<std::uint32_t>(units_.size()));
  fact.valid_from = {1900, 1, 1};  // clocks may say anything
  fact.code = name;
  fact.name = name;
  fact.level = level;
  fact.kind = std::string(to_text(level));
  if (!parent.empty()) fact.parent = units_.at(parent);
  units_[name] = fact.unit;
  tree_.add({&fact, 1});
}

void World::move_unit(const std::string& name, const std::string& parent,
                      const std::string& server) {
  const UnitNo unit = units_.at(name);
  UnitFact fact = tree_.history(unit).back();
  // A day later each time, and before every clock: the last one is in force.
  const int days = ++unit_moves_;
  fact.valid_from = {static_cast<std::uint16_t>(1900 + days / 300),
                     static_cast<std::uint8_t>(1 + days % 300 / 25),
                     static_cast<std::uint8_t>(2 + days % 25)};
  fact.parent = units_.at(parent);
  tree_.add({&fact, 1});
  for (const auto& [machine, each] : machines_) {
    if (each->unit() == unit) each->set_parent(server);
  }
}

const std::string& World::unit_name(UnitNo unit) const {
  const auto at = std::find_if(units_.begin(), units_.end(),
                               [&](const auto& one) { return one.second == unit; });
  LALANH_CHECK(at != units_.end());
  return at->first;
}

Machine::Parts World::parts(const std::string& name, UnitNo unit, const std::string& parent) const {
  Machine::Parts out;
  out.name = name;
  out.unit = unit;
  out.parent = parent;
  out.root_key = root_.public_key();
  out.tree = &tree_;
  out.time = &time_;
  return out;
}

Status World::add_machine(const std::string& name, const std::string& unit,
                          const std::string& parent, int version) {
  const UnitNo number = units_.at(unit);
  CertificateLink link;
  link.device = DeviceNo(++devices_);
  link.unit = number;
  link.rank = Rank(static_cast<std::uint8_t>(tree_.history(number).front().level));
  link.rights = kAllRights;
  KeyPair key = seeded_key(rng_);
  link.key = key.public_key();
  Certificate certificate;
  if (parent.empty()) {
    certificate = issue_root(root_, link);
  } else {
    const Identity& issuer = *machine(parent).identity();
    certificate = issue(issuer.certificate, issuer.key, link);
  }
  Machine::Parts made = parts(name, number, parent);
  made.identity = std::make_shared<Identity>(Identity{std::move(key), std::move(certificate)});
  made.disk = std::make_unique<Disk>(rng_.next());
  made.version = version;
  // Whoever certifies a device knows its certificate from then on.
  if (!parent.empty()) TRY(machine(parent).store().note_met(made.identity->certificate));
  return start(name, std::make_unique<Machine>(std::move(made), rng_.fork(name)), {});
}

Status World::start(const std::string& name, std::unique_ptr<Machine> machine,
                    const std::optional<OwnMemory>& memory) {
  TRY(machine->start(memory));
  machines_[name] = std::move(machine);
  order_.push_back(name);
  return {};
}

Result<SyncSummary> World::sync(Machine& child, const LinkFaults& faults) {
  LALANH_CHECK(!child.parent().empty());
  Machine& parent = machine(child.parent());
  return sync_over(child, parent, faults, [&](const Exchange& exchange) {
    if (seen) seen(child, parent, exchange);
  });
}

Status World::copy(const std::string& of, const std::string& as, bool running) {
  Machine& original = machine(of);
  Machine::Parts made = parts(as, original.unit(), original.parent());
  made.identity = original.identity();
  made.version = original.version();
  made.disk = original.disk().clone(rng_.next());
  auto copy = std::make_unique<Machine>(std::move(made), rng_.fork(as));
  std::optional<OwnMemory> memory;
  if (running) {
    memory = original.store().memory();
    copy->clock().follow(original.clock());
  }
  return start(as, std::move(copy), memory);
}

Status World::restore(Machine& machine, const DiskImage& image) {
  machine.stop();
  machine.disk().restore(image);
  machine.clock().reboot();
  return machine.start();
}

}  // namespace lalanh::sim
