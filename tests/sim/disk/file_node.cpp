#include "tests/sim/disk/file_node.h"

#include <algorithm>

#include "shared/base/check.h"

namespace lalanh::sim {
namespace {

/// A system writes back by itself what nobody syncs for long; it also bounds our memory.
constexpr std::size_t kPendingBytesMax = 4U << 20U;
constexpr std::size_t kPendingCallsMax = 50'000;
constexpr std::size_t kKeptCapacity = 64U << 10U;

/// How far each sector got: the number of calls, of all, that it has seen.
class Progress {
 public:
  Progress(Rng& rng, std::size_t calls) : key_(rng.next()), calls_(calls) {
    const std::uint64_t mode = rng.below(4);
    if (mode == 0) {
      fixed_ = 0;
    } else if (mode == 1) {
      fixed_ = calls;
    } else if (mode == 2) {
      fixed_ = rng.below(calls);
      torn_ = true;
    } else {
      scattered_ = true;
      size_ = rng.below(calls + 1);
    }
    if (!scattered_) size_ = fixed_ + (torn_ && rng.chance(0.5) ? 1 : 0);
  }
  /// Calls that the file's size has seen.
  std::size_t size() const { return size_; }
  bool has(std::uint64_t sector, std::size_t call) const {
    if (scattered_) return call < scattered(sector);
    return call < fixed_ || (torn_ && call == fixed_ && (mix(key_, sector) & 1U) != 0);
  }
  /// Was the sector being written when the power went?
  bool in_flight(std::uint64_t sector, std::size_t call) const {
    if ((mix(key_ + 1, sector) & 7U) != 0) return false;
    return scattered_ ? call == scattered(sector) : torn_ && call == fixed_;
  }

 private:
  std::size_t scattered(std::uint64_t sector) const {
    const std::uint64_t drawn = mix(key_, sector);
    if (drawn % 4 == 0) return 0;
    if (drawn % 4 == 1) return calls_;
    return static_cast<std::size_t>((drawn >> 2U) % (calls_ + 1));
  }
  std::uint64_t key_;
  std::size_t calls_, fixed_ = 0, size_ = 0;
  bool torn_ = false, scattered_ = false;
};

bool found(const Content& content, ByteView bytes) {
  const Bytes all = content.all();
  return as_text(all).find(as_text(bytes)) != std::string_view::npos;
}

}  // namespace

void FileNode::note(const Call& call) {
  pending_.push_back(call);
  if (bytes_.size() > kPendingBytesMax || pending_.size() > kPendingCallsMax) write_back_some();
}

void FileNode::write(std::uint64_t offset, ByteView bytes) {
  now_.write(offset, bytes);
  const std::size_t begin = bytes_.size();
  append(bytes_, bytes);
  note({true, offset, begin, bytes.size()});
}

void FileNode::resize(std::uint64_t size) {
  now_.resize(size);
  note({false, size, bytes_.size(), 0});
}

void FileNode::apply_to_durable(const Call& call) {
  if (call.write) {
    durable_.write(call.offset, bytes_of(call));
  } else {
    durable_.resize(call.offset);
  }
}

void FileNode::write_back_some() {
  const std::size_t calls = (pending_.size() + 1) / 2;
  for (std::size_t i = 0; i < calls; ++i) apply_to_durable(pending_[i]);
  const std::size_t bytes = calls < pending_.size() ? pending_[calls].begin : bytes_.size();
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(calls));
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(bytes));
  for (Call& call : pending_) call.begin -= bytes;
}

void FileNode::sync() {
  const bool only_writes =
      std::all_of(pending_.begin(), pending_.end(), [](const Call& call) { return call.write; });
  if (split_) {
    for (const Call& call : pending_) apply_to_durable(call);
  } else if (only_writes) {
    durable_.resize(now_.size());
    for (const Call& call : pending_) durable_.share(now_, call.offset, call.size);
  } else {
    durable_ = now_;
  }
  pending_.clear();
  bytes_.clear();
  if (bytes_.capacity() > kKeptCapacity) bytes_.shrink_to_fit();
}

void FileNode::lose_pending() {
  split_ = split_ || !pending_.empty();
  pending_.clear();
  bytes_.clear();
}

Content FileNode::after_cut(Rng& rng, const CutModel& model) const {
  Content out = durable_;
  if (pending_.empty()) return out;
  const Progress progress(rng, pending_.size());
  Bytes garbage(model.sector);
  std::uint64_t size = durable_.size();
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const Call& call = pending_[i];
    const bool sized = i < progress.size();
    if (!call.write) {
      if (!sized) continue;
      // What later calls on the same sectors bring is written over the zeros.
      size = call.offset;
      if (size < out.size()) out.resize(size);
      continue;
    }
    const std::uint64_t end = call.offset + call.size;
    if (sized) size = std::max(size, end);
    for (std::uint64_t at = call.offset; at < end;) {
      const std::uint64_t sector = at / model.sector;
      const std::uint64_t next = std::min<std::uint64_t>(end, (sector + 1) * model.sector);
      const ByteView piece = bytes_of(call).subspan(static_cast<std::size_t>(at - call.offset),
                                                    static_cast<std::size_t>(next - at));
      if (progress.has(sector, i)) {
        out.write(at, piece);
      } else if (model.garbage && progress.in_flight(sector, i)) {
        rng.fill(garbage);
        const ByteView all(garbage);
        if (model.powersafe_overwrite) {
          out.write(at, all.first(static_cast<std::size_t>(next - at)));
        } else {
          out.write(sector * model.sector, all);
        }
      }
      at = next;
    }
  }
  out.resize(size);
  return out;
}

void FileNode::reset(Content content) {
  now_ = content;
  durable_ = std::move(content);
  pending_.clear();
  bytes_.clear();
  split_ = false;
}

void FileNode::corrupt(std::uint64_t offset, std::uint8_t byte) {
  const ByteView one(&byte, 1);
  if (offset < now_.size()) now_.write(offset, one);
  if (offset < durable_.size()) durable_.write(offset, one);
}

bool FileNode::contains(ByteView bytes) const {
  if (found(now_, bytes)) return true;
  if (synced()) return false;
  return found(durable_, bytes) || as_text(bytes_).find(as_text(bytes)) != std::string_view::npos;
}

}  // namespace lalanh::sim
