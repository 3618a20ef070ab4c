#include <algorithm>

#include "tests/sim/disk/disk_state.h"

namespace lalanh::sim {

Io DiskState::lock(OpenFile& file, int level) {
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return Io::kDead;
  return file.node->locks.lock(&file, file.level, level) ? Io::kOk : Io::kBusy;
}

Io DiskState::unlock(OpenFile& file, int level) {
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return Io::kDead;
  file.node->locks.unlock(&file, file.level, level);
  return Io::kOk;
}

Io DiskState::reserved(OpenFile& file, bool& out) {
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return Io::kDead;
  out = file.node->locks.reserved();
  return Io::kOk;
}

Io DiskState::shm_map(OpenFile& file, int region, int bytes, bool extend, volatile void** out) {
  const std::lock_guard guard(mutex_);
  *out = nullptr;
  if (!alive(file)) return Io::kDead;
  FileNode& node = *file.node;
  if (node.shm == nullptr) {
    if (read_only_) return Io::kReadOnly;
    node.shm = std::make_shared<Shm>();
  }
  if (file.shm == nullptr) {
    file.shm = node.shm;
    ++file.shm->users;
  }
  std::vector<Shm::Region>& regions = file.shm->regions;
  const auto at = static_cast<std::size_t>(region);
  while (regions.size() <= at) {
    if (!extend) return Io::kOk;
    const auto size = static_cast<std::size_t>(bytes);
    if (capacity_.has_value() && used() + size > *capacity_) return Io::kFull;
    regions.push_back(std::make_unique<std::uint8_t[]>(size));
  }
  *out = regions[at].get();
  return Io::kOk;
}

Io DiskState::shm_lock(OpenFile& file, int from, int n, bool lock, bool exclusive) {
  const std::lock_guard guard(mutex_);
  if (!alive(file) || file.shm == nullptr) return Io::kDead;
  if (lock) return file.shm->lock(&file, from, n, exclusive) ? Io::kOk : Io::kBusy;
  file.shm->unlock(&file, from, n);
  return Io::kOk;
}

void DiskState::shm_unmap(OpenFile& file) {
  const std::lock_guard guard(mutex_);
  const std::shared_ptr<Shm> shm = std::move(file.shm);
  if (shm == nullptr) return;
  shm->leave(&file);
  if (--shm->users == 0 && file.node->shm == shm) file.node->shm.reset();
}

}  // namespace lalanh::sim
