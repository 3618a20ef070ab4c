#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/event/segment.h"
#include "tools/dictionary/form.h"
#include "tools/gen/rng.h"

namespace lalanh::dictionary {

/// One scope with its households, as one database writes it: events name the writes that stand,
/// streams follow one another in one line. Not thread-safe.
class World : public StreamNames {
 public:
  World(std::uint64_t seed, UnitNo unit);

  /// Another epoch: what follows goes into a new stream, whose predecessor is the one before.
  void begin_stream(const std::string& actor);

  /// Household, assessment and members as events of their own, times `step_ms` apart.
  std::vector<Event> create(std::span<const Household> rows, const std::string& verb,
                            std::int64_t time_ms, std::int64_t step_ms);
  /// One event for each entity that the update touches.
  std::vector<Event> correct(std::span<const Update> rows);
  /// A member changed, as people do beside the form's updates: job, insured, note of the household.
  std::vector<Event> correct_others(std::size_t count, std::int64_t time_ms);
  /// Removals with a reason, of members and households.
  std::vector<Event> remove(std::size_t count, std::int64_t time_ms);

  /// Header of a segment of events that were the last made; signed with noise.
  SegmentHeader header(std::span<const Event> events);

  std::optional<WriterId> predecessor(const WriterId& writer) const override;
  bool knows(const WriterId& writer) const override;

 private:
  struct Entity {
    Dot create;
    std::map<std::string, Dot> written;  ///< who wrote a field last
    Dot tip;
  };
  struct Home {
    Entity household;
    Entity assessment;
    std::vector<Entity> members;
  };

  Event begin(std::int64_t time_ms, const std::string& verb);
  Dot next_dot();
  Event create_event(std::int64_t time_ms, const std::string& verb, const std::string& type,
                     const Entity* parent, std::vector<std::pair<std::string, Value>> fields,
                     Entity& entity);
  Event set_event(std::int64_t time_ms, Entity& entity,
                  std::span<const std::pair<std::string, Value>> fields);
  Home& any_home();

  gen::Rng rng_;
  Scope scope_;
  std::string actor_;
  std::vector<WriterId> line_;
  std::uint32_t sealed_ = 0;   ///< events of this stream in segments
  std::uint32_t counter_ = 0;  ///< events of this stream
  std::uint64_t order_ = 0;
  std::uint32_t last_counter_ = 0;  ///< of the stream before
  std::vector<std::string> ids_;
  std::unordered_map<std::string, Home> homes_;
};

}  // namespace lalanh::dictionary
