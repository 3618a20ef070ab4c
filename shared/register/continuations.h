#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "shared/store/projection.h"
#include "shared/store/store.h"

namespace lalanh {

/// The link of one that continues another; nullptr where it continues none. Valid as long as the
/// state.
const Value* continued_link(const EntityState& state, Word continues);

/// Which household continues which: table continuation, and the same in memory, for every household
/// that is written is asked about. Kept for the register's projection; not thread-safe.
///
/// One counts for nothing while the tree here does not know its author's unit to be at or above
/// both units, or a village could take another's households out of the figures.
class Continuations {
 public:
  Continuations(Store& store, Word continues) : store_(store), continues_(continues) {}

  /// Statements and what the table holds; after it is there, and after a rollback.
  Status open();
  /// A household was created or changed.
  Status change(const EntityChange& change);
  /// All households of the unit are forgotten.
  Status forget(UnitNo unit);
  /// Does one that counts for nothing yet count by the tree of now?
  bool waits_for_tree() const;
  Status tree_grown();

  /// Is there a household, in the register, that continues this one, itself or over others?
  bool continued(const EntityId& household) const;
  /// Households whose `continued` may have changed since the last call, without order.
  std::vector<EntityId> take_touched();

 private:
  struct Continuation {
    EntityId self, old;
    UnitNo author;             ///< the unit of its author's certificate
    std::uint32_t rights = 0;  ///< likewise
    bool there = false;        ///< it is in the register
    bool covered = false;      ///< its author may write both
    friend bool operator==(const Continuation&, const Continuation&) = default;
  };
  using Links = std::unordered_map<std::int64_t, Continuation>;

  bool covers(const Continuation& link) const;
  Status put(std::int64_t id, const Continuation& link);
  Status drop(Links::iterator at);
  void index(std::int64_t id, const Continuation& link);
  void touch(const Continuation& link);

  Store& store_;
  Word continues_;
  Links links_;                                                ///< by the new one's row id
  std::unordered_multimap<std::string, std::int64_t> by_old_;  ///< by name, to keys of links_
  std::unordered_map<std::string, std::int64_t> by_self_;      ///< likewise
  std::unordered_map<std::string, EntityId> touched_;
  Statement put_, drop_;
};

}  // namespace lalanh
