#pragma once

#include <memory>

#include "shared/store/store.h"
#include "tests/support/simple_ports.h"

namespace lalanh::testing {

/// A province, a district, a commune and two villages, with their tree; certificates and stores
/// are made on demand, all from one seed.
class SmallTree {
 public:
  static constexpr UnitNo kProvince{3700001}, kDistrict{3700002}, kCommune{3700003},
      kVillage{3700004}, kNeighbour{3700005};

  explicit SmallTree(std::uint64_t seed = 1);

  /// A device with its own database file. Reopening the same file is `reopen`.
  struct Device {
    std::unique_ptr<KeyPair> key;
    Certificate certificate;
    std::string path;
    std::unique_ptr<Store> store;
  };
  Device device(UnitNo unit, std::uint32_t number, std::uint32_t rights = 31);
  /// One that another certifies, for whatever unit, at its own rank and with all rights.
  Device certified_by(const Device& issuer, UnitNo unit, std::uint32_t number);
  void reopen(Device& device);
  /// Opens another file as the same device: what a copy of a disk is.
  Device clone(const Device& device);

  static Scope records(UnitNo unit) { return {unit, Channel::kRecords}; }
  UnitTree tree;
  FakeClock clock;
  SeededRandom random;
  TemporaryFolder folder;
  KeyPair root;

 private:
  struct Tier {
    KeyPair key;
    Certificate certificate;
  };
  const Tier& tier(UnitNo unit);
  std::vector<std::pair<UnitNo, Tier>> tiers_;
  int files_ = 0;
};

/// Takes everything that `from` has and `to` may lack in the scope; the verdicts.
std::vector<Taken> carry(Store& from, Store& to, Scope scope);

Event create_event(const std::string& type, const Dot& parent,
                   std::vector<std::pair<std::string, Value>> fields);
/// A write of one field that names what the store's entity shows live now.
Event set_event(Store& store, Scope scope, const Dot& entity, const std::string& field,
                Value value);
/// Writes one event and commits.
Dot write_one(Store& store, Scope scope, Event event);

}  // namespace lalanh::testing
