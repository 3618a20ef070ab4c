#include "tests/sim/disk/disk_state.h"

#include <algorithm>

#include <sqlite3.h>

#include "shared/base/check.h"

namespace lalanh::sim {
namespace {

CutModel model_of(const DiskOptions& options, Rng rng) {
  CutModel out;
  const bool small = rng.chance(0.5);
  const bool powersafe = rng.chance(0.5);
  out.sector = options.sector != 0 ? options.sector : small ? 512 : 4'096;
  out.powersafe_overwrite = options.powersafe_overwrite.value_or(powersafe);
  out.garbage = options.garbage;
  CHECK(Content::kPageBytes % out.sector == 0);
  return out;
}

}  // namespace

std::string folder_of(const std::string& name) {
  const std::size_t slash = name.find_last_of('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

DiskState::DiskState(const DiskOptions& options)
    : model_(model_of(options, Rng(options.seed).fork("model"))),
      reorder_names_(options.reorder_names),
      rng_(Rng(options.seed).fork("disk")) {}

DiskState::Step DiskState::step(IoKind kind) {
  if (!powered_) return Step::kDead;
  if (kind != IoKind::kRead) {
    ++mutations_;
    if (cut_in_ > 0 && --cut_in_ == 0) {
      if (rng_.chance(0.5)) return Step::kCutAtEnd;
      cut();
      return Step::kDead;
    }
  }
  Fault& fault = faults_[static_cast<std::size_t>(kind)];
  if (fault.left == 0) return Step::kRun;
  if (fault.after > 1) {
    --fault.after;
    return Step::kRun;
  }
  --fault.left;
  return Step::kFail;
}

bool DiskState::has_folder(const std::string& name) const {
  if (name.empty()) return true;
  const auto found = now_.find(name);
  return found != now_.end() && found->second->folder;
}

std::uint64_t DiskState::used() const {
  std::uint64_t sum = 0;
  for (const Names* names : {&now_, &temporary_}) {
    for (const auto& [name, node] : *names) {
      sum += node->now().size();
      if (node->shm != nullptr) sum += node->shm->regions.size() * 32'768;
    }
  }
  return sum;
}

std::uint64_t DiskState::room(const FileNode& node, std::uint64_t size) const {
  if (!capacity_.has_value() || size <= node.now().size()) return size;
  const std::uint64_t others = used() - node.now().size();
  const std::uint64_t end = *capacity_ > others ? *capacity_ - others : 0;
  return std::min(size, std::max(end, node.now().size()));
}

void DiskState::replay(Names& names, const NameCall& call) const {
  if (!call.from.empty()) names.erase(call.from);
  if (call.node == nullptr) {
    names.erase(call.name);
  } else {
    names[call.name] = call.node;
  }
}

void DiskState::change_name(NameCall call) {
  call.folder = folder_of(call.name);
  replay(now_, call);
  pending_.push_back(std::move(call));
}

Io DiskState::open(const std::string& name, OpenMode mode, OpenFile& out) {
  const std::lock_guard guard(mutex_);
  if (!powered_) return Io::kDead;
  const auto found = now_.find(name);
  Step next = Step::kRun;
  if (found == now_.end()) {
    if (!mode.create) return Io::kMissing;
    if (!has_folder(folder_of(name))) return Io::kNoFolder;
    if (read_only_) return Io::kReadOnly;
    next = step(IoKind::kCreate);
    if (next == Step::kDead) return Io::kDead;
    if (next == Step::kFail) return Io::kFailed;
    out.node = std::make_shared<FileNode>();
    change_name({"", name, "", out.node});
  } else {
    if (mode.create && mode.exclusive) return Io::kExists;
    if (found->second->folder) return Io::kWrongKind;
    if (mode.write && read_only_) return Io::kReadOnly;
    out.node = found->second;
  }
  out.disk = shared_from_this();
  out.boot = boot_;
  out.name = name;
  out.read_only = !mode.write;
  return finish(next);
}

Io DiskState::open_temporary(OpenFile& out) {
  const std::lock_guard guard(mutex_);
  if (!powered_) return Io::kDead;
  out.disk = shared_from_this();
  out.node = std::make_shared<FileNode>();
  out.boot = boot_;
  out.name = std::to_string(++numbers_);
  out.delete_on_close = true;
  temporary_[out.name] = out.node;
  return Io::kOk;
}

void DiskState::close(OpenFile& file) {
  shm_unmap(file);
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return;
  file.node->locks.unlock(&file, file.level, SQLITE_LOCK_NONE);
  const auto found = temporary_.find(file.name);
  if (found != temporary_.end() && found->second == file.node) {
    temporary_.erase(found);
  } else if (file.delete_on_close) {
    change_name({"", file.name, "", nullptr});
  }
}

Io DiskState::read(OpenFile& file, std::uint64_t offset, std::span<std::uint8_t> out,
                   std::size_t& got) {
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return Io::kDead;
  if (step(IoKind::kRead) == Step::kFail) return Io::kFailed;
  got = file.node->now().read(offset, out);
  return Io::kOk;
}

Io DiskState::write(OpenFile& file, std::uint64_t offset, ByteView bytes) {
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return Io::kDead;
  if (file.read_only || read_only_) return Io::kReadOnly;
  const Step next = step(IoKind::kWrite);
  if (next == Step::kDead) return Io::kDead;
  if (next == Step::kFail)
    bytes = bytes.first(static_cast<std::size_t>(rng_.below(bytes.size() + 1)));
  const std::uint64_t end = room(*file.node, offset + bytes.size());
  const std::size_t fits = end > offset ? static_cast<std::size_t>(end - offset) : 0;
  if (fits > 0) file.node->write(offset, bytes.first(fits));
  if (next == Step::kFail) return Io::kFailed;
  const Io ended = finish(next);
  return ended == Io::kOk && fits < bytes.size() ? Io::kFull : ended;
}

Io DiskState::truncate(OpenFile& file, std::uint64_t size) {
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return Io::kDead;
  if (file.read_only || read_only_) return Io::kReadOnly;
  const Step next = step(IoKind::kTruncate);
  if (next == Step::kDead) return Io::kDead;
  if (next == Step::kFail) return Io::kFailed;
  if (room(*file.node, size) < size) return Io::kFull;
  if (size != file.node->now().size()) file.node->resize(size);
  return finish(next);
}

Io DiskState::sync(OpenFile& file) {
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return Io::kDead;
  const Step next = step(IoKind::kSync);
  if (next == Step::kDead) return Io::kDead;
  if (next == Step::kFail) {
    if (model_.powersafe_overwrite && rng_.chance(0.5)) file.node->lose_pending();
    return Io::kFailed;
  }
  // In its middle: all was saved and nobody learnt of it, or what a cut makes of it.
  const bool done = next == Step::kRun || rng_.chance(0.3);
  if (done && !lying_) file.node->sync();
  if (next == Step::kCutAtEnd) return finish(next);
  if (!file.sync_folder_too) return Io::kOk;
  file.sync_folder_too = false;
  return sync_folder_locked(folder_of(file.name));
}

Io DiskState::size(OpenFile& file, std::uint64_t& out) {
  const std::lock_guard guard(mutex_);
  if (!alive(file)) return Io::kDead;
  out = file.node->now().size();
  return Io::kOk;
}

Io DiskState::remove(const std::string& name) {
  const std::lock_guard guard(mutex_);
  if (!powered_) return Io::kDead;
  const auto found = now_.find(name);
  if (found == now_.end()) return Io::kMissing;
  if (found->second->folder) return Io::kWrongKind;
  if (read_only_) return Io::kReadOnly;
  const Step next = step(IoKind::kRemove);
  if (next == Step::kDead) return Io::kDead;
  if (next == Step::kFail) return Io::kFailed;
  change_name({"", name, "", nullptr});
  return finish(next);
}

Io DiskState::rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(mutex_);
  CHECK(folder_of(from) == folder_of(to));
  if (!powered_) return Io::kDead;
  const auto found = now_.find(from);
  if (found == now_.end()) return Io::kMissing;
  if (read_only_) return Io::kReadOnly;
  if (has_folder(to)) return Io::kWrongKind;
  const Step next = step(IoKind::kRename);
  if (next == Step::kDead) return Io::kDead;
  if (next == Step::kFail) return Io::kFailed;
  change_name({"", to, from, found->second});
  return finish(next);
}

Io DiskState::make_folder(const std::string& name) {
  const std::lock_guard guard(mutex_);
  if (!powered_) return Io::kDead;
  if (has_folder(name)) return Io::kExists;
  if (now_.count(name) > 0) return Io::kWrongKind;
  if (!has_folder(folder_of(name))) {
    return now_.count(folder_of(name)) > 0 ? Io::kWrongKind : Io::kNoFolder;
  }
  if (read_only_) return Io::kReadOnly;
  const Step next = step(IoKind::kCreate);
  if (next == Step::kDead) return Io::kDead;
  if (next == Step::kFail) return Io::kFailed;
  auto node = std::make_shared<FileNode>();
  node->folder = true;
  change_name({"", name, "", std::move(node)});
  return finish(next);
}

Io DiskState::sync_folder(const std::string& folder) {
  const std::lock_guard guard(mutex_);
  if (!powered_) return Io::kDead;
  if (!has_folder(folder)) return Io::kNoFolder;
  return sync_folder_locked(folder);
}

Io DiskState::sync_folder_locked(const std::string& folder) {
  const Step next = step(IoKind::kSync);
  if (next == Step::kDead) return Io::kDead;
  if (next == Step::kFail) return Io::kFailed;
  const bool done = next == Step::kRun || rng_.chance(0.3);
  if (done && !lying_) {
    std::vector<NameCall> others;
    for (NameCall& call : pending_) {
      if (call.folder == folder) {
        replay(durable_, call);
      } else {
        others.push_back(std::move(call));
      }
    }
    pending_ = std::move(others);
  }
  return finish(next);
}

bool DiskState::exists(const std::string& name, bool& is_folder, std::uint64_t& size) {
  const std::lock_guard guard(mutex_);
  if (!powered_) return false;
  const auto found = now_.find(name);
  is_folder = name.empty() || (found != now_.end() && found->second->folder);
  if (found == now_.end()) return name.empty();
  size = found->second->now().size();
  return true;
}

Io DiskState::list(const std::string& folder, std::vector<std::string>& out) {
  const std::lock_guard guard(mutex_);
  if (!powered_) return Io::kDead;
  if (!has_folder(folder)) return Io::kMissing;
  for (const auto& [name, node] : now_) {
    if (name.empty() || folder_of(name) != folder) continue;
    out.push_back(folder.empty() ? name : name.substr(folder.size() + 1));
  }
  return Io::kOk;
}

std::uint64_t DiskState::left() {
  const std::lock_guard guard(mutex_);
  if (!capacity_) return std::uint64_t{1} << 40U;
  return *capacity_ - std::min(*capacity_, used());
}

bool DiskState::lock_name(const std::string& name, std::uint64_t& boot) {
  const std::lock_guard guard(mutex_);
  boot = boot_;
  return locked_.insert(name).second;
}

void DiskState::unlock_name(const std::string& name, std::uint64_t boot) {
  const std::lock_guard guard(mutex_);
  if (boot == boot_) locked_.erase(name);
}

std::uint64_t DiskState::next_number() {
  const std::lock_guard guard(mutex_);
  return ++numbers_;
}

}  // namespace lalanh::sim
