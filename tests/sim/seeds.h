#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/sim/player.h"

/// Random runs. What a run must survive is drawn from its seed: all faults at once hide bugs.
///
/// The budget. Whatever is on, after the faults every event that was confirmed is at every node
/// that may read its scope, all nodes that may read a scope have its same heads and the same state,
/// and the second merge says the same; with these exceptions alone:
///   restores: an event that only the machine put back had seen is gone;
///   forks: events under one name count nowhere, unless a revoke says which stand; they are kept;
///   revokes: what is set aside counts nowhere; it is kept;
///   full disks, failing calls: an entry may be refused, before it is confirmed.
/// Lying disks are not drawn: what they lose cannot be seen (scenarios have them).
namespace lalanh::sim {

enum class Fault : std::uint8_t {
  kLinks,     ///< syncs cut, replies lost, requests twice, dropped, late
  kPower,     ///< power cuts, at once or at a later write
  kDisks,     ///< full disks, calls that fail
  kClocks,    ///< wall clocks moved, by years
  kRestores,  ///< old copies put back
  kClones,    ///< disks copied
  kForks,     ///< running programs copied
  kRevokes,   ///< keys revoked in a scope
  kSticks,    ///< bundles: late, doubled, cut, altered
  kVersions,  ///< programs of three versions, some upgraded on the way
  kMoves,     ///< units hung below another parent
};
constexpr std::size_t kFaults = 11;

/// What one run came to.
struct SeedRun {
  std::uint64_t seed = 0;
  std::vector<Fault> faults;
  std::vector<ScriptLine> script;
  Hash trace{};  ///< over all that went over wires and all that was shown
  std::uint64_t confirmed = 0;
  std::uint64_t states = 0;
  std::optional<Broken> broken;
  /// What each machine would dump at the end, digests and names of writers aside.
  std::vector<Json> ends;
};

/// Plays the seed's own script.
SeedRun play_seed(std::uint64_t seed);
/// Plays a script whose every choice is drawn from the bytes (a fuzzer's): the seed of the world,
/// the faults, the tree, the lines; where they end, it settles.
SeedRun play_bytes(ByteView bytes);
/// Plays a script that a seed made, or what is left of it: lines that make no sense are passed
/// over.
/// `shift_clocks`: with other clocks than it says; what is seen at the end must be the same, where
/// no machine was copied (of a copy, the names of writers break ties, and they depend on clocks).
SeedRun replay(std::uint64_t seed, const std::vector<ScriptLine>& script,
               bool shift_clocks = false);
/// The smallest script found that still breaks the same promise.
SeedRun shrink(const SeedRun& failed);

/// "power, clocks"; "nothing".
std::string to_text(const std::vector<Fault>& faults);

}  // namespace lalanh::sim
