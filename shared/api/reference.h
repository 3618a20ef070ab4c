#pragma once

#include <vector>

#include "shared/register/field_words.h"
#include "shared/units/unit_tree.h"

namespace lalanh {

/// Writes facts about units as entities `unit` and `unit_fact` into the reference channel of
/// `owner`, in one transaction; facts that are there already are not written again.
Status write_unit_facts(Store& store, const FieldWords& words, UnitNo owner,
                        const std::vector<UnitFact>& facts, const std::string& actor);

/// Every fact about units in the reference channel of the unit that the root certified, the
/// province: who may write, read and certify hangs on them, so a unit below says none of itself.
/// Facts that do not read (no unit number, no date) are passed over: foreign data must not stop a
/// node.
Result<std::vector<UnitFact>> read_unit_facts(Store& store, const FieldWords& words);

/// Tells when the reference channel has changed, so that the tree is read again. Has no table.
class ReferenceWatch : public Projection {
 public:
  std::string_view name() const override { return "reference"; }
  std::string version() const override { return "1"; }
  Status create() override { return {}; }
  Status change(const EntityChange& change) override {
    if (change.scope().scope().channel == Channel::kReference) seen_ = true;
    return {};
  }
  Status forget_scope(const ScopeStreams& scope) override {
    if (scope.scope().channel == Channel::kReference) seen_ = true;
    return {};
  }
  Status flush() override { return {}; }
  void committed() override {
    changed_ = changed_ || seen_;
    seen_ = false;
  }
  void rolled_back() override { seen_ = false; }
  /// Has it changed since the tree last followed?
  bool changed() const { return changed_; }
  void followed() { changed_ = false; }
  /// It could not follow to the end.
  void follow_again() { changed_ = true; }

 private:
  bool seen_ = false;
  bool changed_ = false;
};

}  // namespace lalanh
