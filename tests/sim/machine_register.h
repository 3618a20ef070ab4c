#pragma once

#include <memory>

#include "shared/register/queries.h"
#include "shared/register/register.h"
#include "shared/register/register_projection.h"
#include "shared/report/counters.h"

namespace lalanh::sim {

/// What a node puts on its store (`Node` of shared/api): the register with its tables and the
/// counters of the reports. Ends before its store does. Not thread-safe.
class MachineRegister {
 public:
  /// Of a program that knows this catalogue, which outlives it. Tables that another one has filled
  /// are made anew. Errors: store.*; the store is of no use then.
  static Result<std::unique_ptr<MachineRegister>> open(Store& store, const Catalogue& catalogue);

  const FieldWords& words() const { return words_; }
  const RulePacks& packs() const { return RulePacks::builtin(); }
  const Counters& counters() const { return *counters_; }
  RegisterQueries queries() { return RegisterQueries(store_); }
  Register& commands() { return commands_; }
  /// Drops all tables and fills them from the state.
  Status rebuild() { return store_.rebuild_projection(*projection_); }
  /// Differences between the figures and the register's own tables, in words.
  Result<std::vector<std::string>> differences() { return counters_->check(); }

 private:
  MachineRegister(Store& store, const Catalogue& catalogue)
      : store_(store), words_(catalogue), commands_(store, words_) {}
  Status prepare();

  Store& store_;
  FieldWords words_;
  std::unique_ptr<ClassRules> rules_;
  std::unique_ptr<RegisterProjection> projection_;
  std::unique_ptr<Counters> counters_;
  Register commands_;
};

}  // namespace lalanh::sim
