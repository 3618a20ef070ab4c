// The player's sticks: bundles written, altered and read.

#include <algorithm>

#include "shared/base/memory_bytes.h"
#include "sync/bundle/bundle_export.h"
#include "sync/bundle/bundle_import.h"
#include "sync/bundle/bundle_writer.h"
#include "tests/sim/player.h"

namespace lalanh::sim {
namespace {

struct Side {
  explicit Side(World& world, Machine& machine)
      : ledger(machine.store().core()),
        side{machine.store(),
             ledger,
             machine.identity()->key,
             machine.clock(),
             machine.random(),
             {},
             "sim",
             {},
             {}} {
    if (machine.parent().empty()) return;
    side.parent_key = world.machine(machine.parent()).identity()->key.public_key();
  }
  BundleLedger ledger;
  sync::BundleSide side;
};

Result<Bytes> bundle_of(const sync::BundleSide& side, const sync::BundleRequest& request) {
  TRY_ASSIGN(sync::BundleExport made, sync::BundleExport::begin(side, request));
  TRY(made.plan());
  Bytes out;
  if (made.parts() == 0) return out;
  MemorySink sink;
  TRY(made.write(0, sink));
  return std::move(sink.held);
}

Result<std::uint64_t> carry(World& world, Machine& from, Machine& to,
                            const sync::BundleRequest& request) {
  Side writer(world, from);
  TRY_ASSIGN(const Bytes bytes, bundle_of(writer.side, request));
  Side reader(world, to);
  MemorySource source(bytes);
  TRY_ASSIGN(const sync::BundleTaken taken, sync::import_bundle(reader.side, source));
  return taken.summary.events_received;
}

}  // namespace

/// Up from the villages to the top and down again, by sticks alone.
Result<std::uint64_t> Player::stick_round() {
  const std::vector<std::string>& names = world_.machines();
  std::uint64_t events = 0;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    Machine& child = world_.machine(*name);
    if (child.parent().empty()) continue;
    TRY_ASSIGN(const std::uint64_t up, carry(world_, child, world_.machine(child.parent()), {}));
    events += up;
  }
  for (const std::string& name : names) {
    Machine& child = world_.machine(name);
    if (child.parent().empty()) continue;
    sync::BundleRequest request;
    request.direction = sync::Direction::kDown;
    request.unit = child.unit();
    TRY_ASSIGN(const std::uint64_t down,
               carry(world_, world_.machine(child.parent()), child, request));
    events += down;
  }
  return events;
}

void Player::write_bundle(const ScriptLine& line) {
  Machine& at = machine(line);
  const std::string label = line.text("as");
  if (bundles_.count(label) != 0)
    throw ScriptError{line.number, "bundle: label " + label + " is there"};
  const std::string reader = line.text_or("for", at.parent().c_str());
  if (!world_.has_machine(reader)) throw ScriptError{line.number, "bundle: unknown node " + reader};
  Machine& to = world_.machine(reader);
  sync::BundleRequest request;
  if (!world_.tree().is_or_ever_was_below(to.unit(), at.unit())) {
    request.direction = sync::Direction::kUp;
  } else {
    request.direction = sync::Direction::kDown;
    request.unit = to.unit();
  }
  Side side(world_, at);
  Result<Bytes> bytes = bundle_of(side.side, request);
  bundles_[label] = bytes.ok() ? std::move(*bytes) : Bytes();
  if (bytes.ok() || faulty(at.name()) || !at.disk().powered()) return;
  // Of a device that it never met, and of units elsewhere, a machine knows no reader.
  const std::string name = bytes.error().name();
  if (name == "bundle.no_reader" || name == "sync.no_parent" || name == "register.not_here") return;
  throw Broken{12, "a bundle is not written: " + bytes.error().message(Language::kEnglish)};
}

void Player::import_bundle(const ScriptLine& line) {
  Machine& at = machine(line);
  const auto bundle = bundles_.find(line.text("bundle"));
  if (bundle == bundles_.end()) {
    throw ScriptError{line.number, "import: unknown bundle " + line.text("bundle")};
  }
  Bytes bytes = bundle->second;
  if (bytes.empty()) return;
  bool altered = false;
  if (line.keys.contains("truncate_to_bytes")) {
    const auto left = line.keys.at("truncate_to_bytes").get<std::uint64_t>();
    altered = left < bytes.size();
    bytes.resize(static_cast<std::size_t>((std::min)(left, std::uint64_t{bytes.size()})));
  }
  if (line.keys.contains("flip_byte") && !bytes.empty()) {
    bytes[line.keys.at("flip_byte").get<std::uint64_t>() % bytes.size()] ^= 0x10U;
    altered = true;
  }
  const Result<Hash> before = at.store().state_digest();
  Side side(world_, at);
  MemorySource source(bytes);
  const Result<sync::BundleTaken> taken = sync::import_bundle(side.side, source);
  if (taken.ok() && altered) throw Broken{4, "an altered bundle is taken in"};
  if (taken.ok() || faulty(at.name()) || !at.disk().powered()) return;
  if (before.ok()) watcher_->refused(at, *before);
  const std::string name = taken.error().name();
  if (altered || name == "bundle.not_for_us") return;
  throw Broken{12, "a bundle is refused: " + taken.error().message(Language::kEnglish)};
}

}  // namespace lalanh::sim
