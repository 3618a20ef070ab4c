#pragma once

#include "tests/sim/disk/disk.h"
#include "tests/unit/shared/store/help.h"

namespace lalanh::sim {

/// A village's device whose database lies on a simulated disk.
class Village {
 public:
  explicit Village(std::uint64_t seed) : tree_(seed), device_(tree_.device(kVillage, 11)) {
    device_.store.reset();
  }
  /// As a program does at its start; the store of the last one is gone.
  Status open(const Disk& disk, const Bytes& key = {}) {
    device_.store.reset();
    device_.path = disk.path("village.db");
    Result<std::unique_ptr<Store>> store =
        testing::open_with(tree_, device_, [&key](StoreOptions& options) {
          options.database.vfs = Disk::vfs();
          options.database.key = key;
        });
    if (!store.ok()) return store.error();
    device_.store = std::move(store).value();
    return {};
  }
  void close() { device_.store.reset(); }
  Store& store() { return *device_.store; }

  /// Writes a household with this head and commits.
  Status write(const std::string& head) {
    TRY_ASSIGN(WriteBatch batch, store().begin_write());
    TRY_ASSIGN(const Dot dot,
               batch.add(testing::kVillageScope,
                         testing::create_event("household", {}, {{"head", Value::text(head)}})));
    (void)dot;
    return batch.commit();
  }
  /// The heads of all events in the log, in their order.
  std::vector<std::string> heads() {
    std::vector<std::string> out;
    for (const LoggedEvent& one :
         testing::must_have(store().history(testing::kVillageScope, {}, 0))) {
      for (const Op& op : one.event.ops) {
        if (op.name == "head") out.push_back(op.value.as_text());
      }
    }
    return out;
  }

 private:
  static constexpr UnitNo kVillage = testing::SmallTree::kVillage;
  testing::SmallTree tree_;
  testing::SmallTree::Device device_;
};

}  // namespace lalanh::sim
