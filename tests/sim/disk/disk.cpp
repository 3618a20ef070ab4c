#include "tests/sim/disk/disk.h"

#include <algorithm>
#include <atomic>
#include <charconv>

#include <sqlite3.h>

#include "shared/base/check.h"
#include "tests/sim/disk/disk_state.h"
#include "tests/sim/disk/vfs.h"

namespace lalanh::sim {
namespace {

constexpr std::string_view kRoot = "/disk";

struct Registry {
  std::mutex mutex;
  std::map<std::uint64_t, std::weak_ptr<DiskState>> disks;
};

Registry& registry() {
  static Registry* const one = new Registry;  // never destroyed: the VFS stays to the end
  return *one;
}

}  // namespace

std::shared_ptr<DiskState> find_disk(std::string_view path, std::string& name) {
  if (!path.starts_with(kRoot)) return nullptr;
  path.remove_prefix(kRoot.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), number);
  if (error != std::errc()) return nullptr;
  path.remove_prefix(static_cast<std::size_t>(end - path.data()));
  if (!path.empty() && path.front() != '/') return nullptr;
  name = path.empty() ? "" : path.substr(1);
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.disks.find(number);
  return found == all.disks.end() ? nullptr : found->second.lock();
}

Disk::Disk(const DiskOptions& options) : state_(std::make_shared<DiskState>(options)) {
  static std::atomic<std::uint64_t> count{0};
  number_ = ++count;
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  all.disks[number_] = state_;
}

Disk::~Disk() {
  {
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    all.disks.erase(number_);
  }
  const std::lock_guard guard(state_->mutex_);
  state_->powered_ = false;
  state_->end_programs();
}

const std::string& Disk::vfs() { return register_vfs(); }
void Disk::make_default() {
  CHECK(sqlite3_vfs_register(sqlite3_vfs_find(vfs().c_str()), 1) == SQLITE_OK);
}

std::string Disk::path(const std::string& name) const {
  const std::string root = std::string(kRoot) + std::to_string(number_);
  return name.empty() ? root : root + "/" + name;
}

void Disk::cut_power() {
  const std::lock_guard guard(state_->mutex_);
  if (state_->powered_) state_->cut();
}

void Disk::power_on() {
  const std::lock_guard guard(state_->mutex_);
  state_->powered_ = true;
  state_->cut_in_ = 0;
}

bool Disk::powered() const {
  const std::lock_guard guard(state_->mutex_);
  return state_->powered_;
}

void Disk::cut_after_writes(std::uint64_t n) {
  const std::lock_guard guard(state_->mutex_);
  state_->cut_in_ = n;
}

std::uint64_t Disk::mutations() const {
  const std::lock_guard guard(state_->mutex_);
  return state_->mutations_;
}

void Disk::kill_programs() {
  const std::lock_guard guard(state_->mutex_);
  state_->end_programs();
}

void Disk::set_capacity(std::optional<std::uint64_t> bytes) {
  const std::lock_guard guard(state_->mutex_);
  state_->capacity_ = bytes;
}

std::uint64_t Disk::used() const {
  const std::lock_guard guard(state_->mutex_);
  return state_->used();
}

void Disk::fail_io(std::uint64_t from, std::uint64_t count, IoKind kind) {
  const std::lock_guard guard(state_->mutex_);
  state_->faults_[static_cast<std::size_t>(kind)] = {from, count};
}

void Disk::lie_about_sync(bool lies) {
  const std::lock_guard guard(state_->mutex_);
  state_->lying_ = lies;
}

void Disk::read_only(bool on) {
  const std::lock_guard guard(state_->mutex_);
  state_->read_only_ = on;
}

void Disk::corrupt(const std::string& name, std::uint64_t offset, std::uint8_t byte) {
  const std::lock_guard guard(state_->mutex_);
  const auto found = state_->now_.find(name);
  CHECK(found != state_->now_.end() && offset < found->second->now().size());
  found->second->corrupt(offset, byte);
}

std::unique_ptr<Disk> Disk::clone(std::uint64_t seed) const {
  DiskOptions options;
  options.seed = seed;
  options.sector = sector();
  options.powersafe_overwrite = powersafe_overwrite();
  options.garbage = state_->model_.garbage;
  options.reorder_names = state_->reorder_names_;
  auto out = std::make_unique<Disk>(options);
  out->restore(snapshot());
  return out;
}

DiskImage Disk::snapshot() const {
  const std::lock_guard guard(state_->mutex_);
  DiskImage out;
  for (const auto& [name, node] : state_->now_) out.entries_[name] = {node->folder, node->now()};
  return out;
}

void Disk::restore(const DiskImage& image) {
  const std::lock_guard guard(state_->mutex_);
  state_->end_programs();
  state_->pending_.clear();
  state_->now_.clear();
  for (const auto& [name, entry] : image.entries_) {
    auto node = std::make_shared<FileNode>();
    node->folder = entry.folder;
    node->reset(entry.content);
    state_->now_[name] = std::move(node);
  }
  state_->durable_ = state_->now_;
}

std::vector<std::string> Disk::files() const {
  const std::lock_guard guard(state_->mutex_);
  std::vector<std::string> out;
  for (const auto& [name, node] : state_->now_) {
    if (!node->folder) out.push_back(name);
  }
  return out;
}

std::optional<Bytes> Disk::read(const std::string& name) const {
  const std::lock_guard guard(state_->mutex_);
  const auto found = state_->now_.find(name);
  if (found == state_->now_.end() || found->second->folder) return std::nullopt;
  return found->second->now().all();
}

bool Disk::contains(ByteView bytes) const {
  const std::lock_guard guard(state_->mutex_);
  std::set<FileNode*> nodes;
  for (const auto* names : {&state_->now_, &state_->durable_, &state_->temporary_}) {
    for (const auto& [name, node] : *names) nodes.insert(node.get());
  }
  return std::any_of(nodes.begin(), nodes.end(),
                     [bytes](const FileNode* node) { return node->contains(bytes); });
}

std::uint32_t Disk::sector() const { return state_->model_.sector; }

bool Disk::powersafe_overwrite() const { return state_->model_.powersafe_overwrite; }

void seed_sqlite(std::uint64_t seed) {
  Disk::vfs();
  const int low = static_cast<int>(seed & 0x7fffffffU);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, low == 0 ? 1 : low, nullptr);
}

}  // namespace lalanh::sim
