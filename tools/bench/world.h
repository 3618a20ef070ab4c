#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/accounts/desk.h"
#include "shared/api/node.h"
#include "shared/store/store.h"
#include "tools/dictionary/form.h"

namespace lalanh::bench {

using dictionary::Form;
using dictionary::Household;
using dictionary::Update;

/// Page cache on both sides: what lalanhd takes.
inline constexpr int kCacheKib = 64 * 1'024;

/// What one event costs the bound: its canonical bytes and the row of its entity.
struct BoundEvent {
  std::int64_t entity = 0;  ///< row id
  std::int64_t parent = 0;  ///< row id, 0 for none
  bool creates = false;
  Bytes canonical;
};

/// Events written and sealed together: one transaction of a receiver.
struct Batch {
  std::vector<Bytes> segments;
  std::vector<BoundEvent> events;
};

/// Real nodes in a folder of their own: a province with a village below it, enrolled as people do
/// it. Not thread-safe.
class World {
 public:
  /// Makes the nodes in `folder`, which is there and empty. With a cipher the village has a user,
  /// and its database is encrypted.
  static Result<std::unique_ptr<World>> make(const std::filesystem::path& folder,
                                             Cipher cipher = Cipher::kNone);

  Node& village() { return *village_; }
  static Scope scope() { return {kVillage, Channel::kRecords}; }
  /// Opens the province, or a copy of its folder, with all projections; one at a time each.
  Result<std::unique_ptr<Node>> open(const std::string& name);
  /// A copy of the closed node `from`.
  Status copy(const std::string& from, const std::string& to);
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  /// Enters households in the village, in batches of so many events, each sealed by itself.
  Result<std::vector<Batch>> enter(std::span<const Household> rows, std::size_t events);
  /// Corrects them; an update of household and assessment is two events.
  Result<std::vector<Batch>> correct(std::span<const Update> rows, std::size_t events);
  /// The same until one batch of `events` is full; `taken` is raised by the updates used up.
  Result<std::vector<Batch>> correct_some(std::span<const Update> rows, std::size_t events,
                                          std::size_t& taken);
  /// A new assessment of each household, sealed.
  Status review(std::span<const Household> rows, const std::string& period);
  /// One event for each entity that the update touches, each a save of its own; how many.
  Result<std::size_t> save(const Update& row);

  static constexpr UnitNo kProvince{3'700'000}, kVillage{3'700'003};
  static constexpr const char* kActor = "Nguyễn Văn An, Trưởng thôn";

 private:
  World() = default;
  struct Home {
    Dot household, assessment;
  };
  using Queue = std::vector<std::function<Result<BoundEvent>(WriteBatch&)>>;
  Queue corrections(std::span<const Update> rows);
  Status make_nodes(Cipher cipher);
  /// Runs the queue in batches, sealing after each. With `used`: one batch, and how much it took.
  Result<std::vector<Batch>> run(const Queue& queue, std::size_t events,
                                 std::size_t* used = nullptr);
  Result<BoundEvent> create(WriteBatch& batch, const std::string& type, const Dot& parent,
                            const Household& row, const dictionary::Member* member, Dot& out);
  Result<bool> change(WriteBatch& batch, const Dot& entity, const Update& row, bool household);

  std::filesystem::path folder_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Random> random_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Desk> desk_;  ///< of the village
  std::unique_ptr<Node> village_;
  std::unordered_map<std::string, Home> homes_;
  std::int64_t sealed_up_to_ = 0;  ///< ordinal of the last segment handed out
};

}  // namespace lalanh::bench
