#include "tests/sim/machine.h"

#include "shared/base/check.h"

namespace lalanh::sim {

Machine::Machine(Parts parts, Rng rng)
    : parts_(std::move(parts)), clock_(*parts_.time), random_(rng.next()) {}

Status Machine::start(const std::optional<OwnMemory>& memory) {
  StoreOptions options;
  options.database.path = disk().path("lalanh.db");
  options.database.vfs = Disk::vfs();
  options.database.create = true;
  options.clock = &clock_;
  options.random = &random_;
  options.key = &parts_.identity->key;
  options.certificate = parts_.identity->certificate;
  options.root_key = parts_.root_key;
  options.memory = memory;
  TRY_ASSIGN(std::unique_ptr<Store> store, Store::open(options));
  TRY_ASSIGN(registered_, MachineRegister::open(*store, catalogue_of(parts_.version)));
  store_ = std::move(store);
  store_->set_tree([tree = parts_.tree]() -> const UnitTree& { return *tree; });
  TRY(store_->tree_changed());
  server_ = std::make_unique<sync::SyncServer>(
      *store_, parts_.identity->key, sync::ServerOptions{"sim", sync::scope_of_segment, {}});
  return {};
}

void Machine::stop() {
  disk().kill_programs();
  end_program();
}

void Machine::end_program() {
  server_.reset();
  registered_.reset();
  store_.reset();
}

Status Machine::restart() {
  end_program();
  disk().power_on();
  clock_.reboot();
  return start();
}

Status Machine::upgrade(int version) {
  stop();
  parts_.version = version;
  return start();
}

Store& Machine::store() {
  LALANH_CHECK(store_ != nullptr);
  return *store_;
}

MachineRegister& Machine::registered() {
  LALANH_CHECK(registered_ != nullptr);
  return *registered_;
}

sync::SyncServer& Machine::server() {
  LALANH_CHECK(server_ != nullptr);
  return *server_;
}

}  // namespace lalanh::sim
