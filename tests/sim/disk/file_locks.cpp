#include <algorithm>

#include <sqlite3.h>

#include "tests/sim/disk/file_node.h"

namespace lalanh::sim {

bool FileLocks::lock(const OpenFile* who, int& level, int wanted) {
  if (level >= wanted) return true;
  if (wanted == SQLITE_LOCK_SHARED) {
    if (pending_ != nullptr || exclusive_ != nullptr) return false;
    ++shared_;
    level = SQLITE_LOCK_SHARED;
    return true;
  }
  if (reserved_ != nullptr && reserved_ != who) return false;
  if (wanted == SQLITE_LOCK_RESERVED) {
    reserved_ = who;
    level = SQLITE_LOCK_RESERVED;
    return true;
  }
  if (pending_ != nullptr && pending_ != who) return false;
  pending_ = who;
  level = SQLITE_LOCK_PENDING;
  if (shared_ > 1) return false;  // readers go on; no new ones come in
  exclusive_ = who;
  level = SQLITE_LOCK_EXCLUSIVE;
  return true;
}

void FileLocks::unlock(const OpenFile* who, int& level, int wanted) {
  if (level <= wanted) return;
  if (reserved_ == who) reserved_ = nullptr;
  if (pending_ == who) pending_ = nullptr;
  if (exclusive_ == who) exclusive_ = nullptr;
  if (wanted == SQLITE_LOCK_NONE) --shared_;
  level = wanted;
}

bool Shm::lock(const OpenFile* who, int from, int n, bool exclusive) {
  const auto others_read = [who](const Slot& slot) {
    return std::any_of(slot.shared.begin(), slot.shared.end(),
                       [who](const OpenFile* one) { return one != who; });
  };
  for (int i = from; i < from + n; ++i) {
    const Slot& slot = slots_[static_cast<std::size_t>(i)];
    if (slot.exclusive != nullptr && slot.exclusive != who) return false;
    if (exclusive && others_read(slot)) return false;
  }
  for (int i = from; i < from + n; ++i) {
    Slot& slot = slots_[static_cast<std::size_t>(i)];
    if (exclusive) {
      slot.exclusive = who;
    } else if (std::find(slot.shared.begin(), slot.shared.end(), who) == slot.shared.end()) {
      slot.shared.push_back(who);
    }
  }
  return true;
}

void Shm::unlock(const OpenFile* who, int from, int n) {
  for (int i = from; i < from + n; ++i) {
    Slot& slot = slots_[static_cast<std::size_t>(i)];
    if (slot.exclusive == who) slot.exclusive = nullptr;
    slot.shared.erase(std::remove(slot.shared.begin(), slot.shared.end(), who), slot.shared.end());
  }
}

}  // namespace lalanh::sim
