#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/event/revocation.h"
#include "shared/merge/digest.h"

/// The second merge: `sync.md` and `identity.md` as they are written, with sets and no SQL, no
/// branches, no order of arrival. An event is known by its chain hash, so that two contents under
/// one name are two events. Slow; shares no code with `shared/merge` but the digest's sum.
namespace lalanh::sim {

struct PlainEvent {
  Hash id{};
  Hash before{};  ///< the event before it in its stream, or its predecessor; zeros: none
  Dot dot;
  DeviceNo device;
  Rank rank;
  Hash key{};
  UnitNo unit;  ///< of its author's certificate
  Event event;
};

struct HashOfHash {
  std::size_t operator()(const Hash& h) const {
    std::size_t out = 0;
    std::memcpy(&out, h.data(), sizeof out);
    return out;
  }
};

/// An entity that is there, removed or not.
struct PlainEntity {
  std::string type;
  Dot parent;            ///< none where it has none
  std::size_t rank = 0;  ///< of its create among those of the scope: of two, the greater is shown
  bool counted = false;  ///< in reports, as far as its own scope says
  /// What its create says that it continues, and the unit of that one's author.
  std::optional<EntityId> continues;
  UnitNo author;
};

/// What the set of events comes to in one scope.
struct PlainState {
  Hash digest{};
  std::uint64_t pending = 0;
  /// (entity, field) in conflict; field "removed" where the removal is disputed.
  std::set<std::pair<Dot, std::string>> conflicts;
  /// What is shown of each single field.
  std::map<std::pair<Dot, std::string>, Value> shown;
  std::map<Dot, PlainEntity> entities;
  std::set<Dot> counted() const;  ///< entities that count in reports
};

class PlainMerge {
 public:
  /// The events outlive the merge.
  PlainMerge(Scope scope, const std::vector<const PlainEvent*>& events);
  PlainState state();

 private:
  using E = const PlainEvent*;
  struct Entity;
  E find(const Hash& id) const;
  bool before(E a, E b) const;
  /// The event of a name: the one that stands, where several were given it.
  E named(const Dot& dot) const;
  void set_aside();
  bool covered(E e, const StandingTip& tip) const;
  bool unique_to(E e) const;
  bool forked(E e) const;
  void fold();
  bool ready(E e);
  bool on_nothing(E e) const;
  std::uint64_t counted(E e);
  bool greater(E a, E b);
  bool counts(E e) const { return folded_.count(e) != 0 && aside_.count(e) == 0 && !on_nothing(e); }
  Entity entity_of(E create);
  void take(Entity& entity);
  int presence(const Entity& entity) const;
  bool seen(const Entity& entity, E e) const;
  void show(const Entity& entity, PlainState& out);
  bool stands(const Entity& entity);
  void add_digest(const Entity& entity, HashSum& sum) const;

  Scope scope_;
  std::vector<E> events_;
  std::unordered_map<Hash, E, HashOfHash> by_id_;
  std::map<Dot, std::vector<E>> by_dot_;
  std::map<Dot, std::vector<E>> by_entity_;  ///< none: the scope itself
  std::set<E> revoked_, aside_, folded_;
  std::unordered_map<E, std::uint64_t> orders_;
};

}  // namespace lalanh::sim
