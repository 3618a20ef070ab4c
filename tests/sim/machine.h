#pragma once

#include <memory>
#include <optional>
#include <string>

#include "shared/store/store.h"
#include "sync/session/server_session.h"
#include "tests/sim/disk/clock.h"
#include "tests/sim/disk/disk.h"
#include "tests/sim/disk/rng.h"
#include "tests/sim/machine_register.h"
#include "tests/sim/versions.h"

namespace lalanh::sim {

/// What a device is certified with; copies of a machine share it.
struct Identity {
  KeyPair key;
  Certificate certificate;
};

/// One machine: its disk, its clock, its identity, and the real store and register that run on
/// them. Not thread-safe, like all of the simulator.
class Machine {
 public:
  struct Parts {
    std::string name;
    UnitNo unit;
    std::string parent;  ///< name of the machine that it syncs with; "": none
    std::shared_ptr<Identity> identity;
    std::unique_ptr<Disk> disk;
    Hash root_key{};
    const UnitTree* tree = nullptr;  ///< outlives the machine
    const TrueTime* time = nullptr;  ///< likewise
    int version = kThisVersion;      ///< of its program
  };
  Machine(Parts parts, Rng rng);

  const std::string& name() const { return parts_.name; }
  UnitNo unit() const { return parts_.unit; }
  int version() const { return parts_.version; }
  const std::string& parent() const { return parts_.parent; }
  /// Enrolled at another server.
  void set_parent(const std::string& name) { parts_.parent = name; }
  const std::shared_ptr<Identity>& identity() const { return parts_.identity; }
  Disk& disk() { return *parts_.disk; }
  SimClock& clock() { return clock_; }
  SimRandom& random() { return random_; }

  /// Starts the program: opens the database, in a new epoch, or in that of a running copy.
  Status start(const std::optional<OwnMemory>& memory = {});
  /// Ends it as a power cut or SIGKILL would: nothing is closed well.
  void stop();
  bool running() const { return store_ != nullptr; }
  /// After a power cut: the machine is switched on and the program started.
  Status restart();
  /// Ends the program and starts one of another version.
  Status upgrade(int version);
  Store& store();
  MachineRegister& registered();
  sync::SyncServer& server();

 private:
  void end_program();
  Parts parts_;
  SimClock clock_;
  SimRandom random_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<MachineRegister> registered_;
  std::unique_ptr<sync::SyncServer> server_;
};

}  // namespace lalanh::sim
