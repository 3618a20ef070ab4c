#include "tests/sim/disk/disk_state.h"

namespace lalanh::sim {

void DiskState::end_programs() {
  ++boot_;
  locked_.clear();
  temporary_.clear();
  for (const auto& [name, node] : now_) {
    node->locks = FileLocks();
    node->shm.reset();
  }
}

DiskState::Names DiskState::names_after_cut() {
  Names out = durable_;
  const bool any = reorder_names_ && rng_.chance(0.5);
  const std::uint64_t first = rng_.below(pending_.size() + 1);
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (any ? rng_.chance(0.5) : i < first) replay(out, pending_[i]);
  }
  // What lies in a folder that is gone is gone too; a folder sorts before what is in it.
  for (auto entry = out.begin(); entry != out.end();) {
    const std::string folder = folder_of(entry->first);
    const auto found = out.find(folder);
    const bool there = folder.empty() || (found != out.end() && found->second->folder);
    entry = there ? std::next(entry) : out.erase(entry);
  }
  return out;
}

void DiskState::cut() {
  end_programs();
  powered_ = false;
  cut_in_ = 0;
  Names after;
  for (const auto& [name, node] : names_after_cut()) {
    auto fresh = std::make_shared<FileNode>();  // files that are open keep the old one
    fresh->folder = node->folder;
    fresh->reset(node->after_cut(rng_, model_));
    after[name] = std::move(fresh);
  }
  pending_.clear();
  durable_ = after;
  now_ = std::move(after);
}

}  // namespace lalanh::sim
