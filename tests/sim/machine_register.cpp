#include "tests/sim/machine_register.h"

namespace lalanh::sim {

Result<std::unique_ptr<MachineRegister>> MachineRegister::open(Store& store,
                                                               const Catalogue& catalogue) {
  std::unique_ptr<MachineRegister> out(new MachineRegister(store, catalogue));
  TRY(out->prepare());
  return out;
}

Status MachineRegister::prepare() {
  TRY(words_.prepare(store_));
  rules_ = std::make_unique<ClassRules>(words_, packs());
  projection_ = std::make_unique<RegisterProjection>(store_, words_, *rules_);
  counters_ = std::make_unique<Counters>(store_);
  projection_->observe(counters_.get());
  store_.add_projection(projection_.get());
  TRY(store_.prepare_projections());
  TRY(projection_->open());
  return counters_->open();
}

}  // namespace lalanh::sim
