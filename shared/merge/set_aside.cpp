#include "shared/merge/set_aside.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace lalanh {
namespace {

constexpr std::uint32_t kNever = ~std::uint32_t{0};

class Reading {
 public:
  Reading(const std::vector<AsideStream>& streams, const std::vector<HeldRevoke>& revokes)
      : streams_(streams), cuts_(streams.size(), kNever) {
    for (std::size_t i = 0; i < streams.size(); ++i) {
      index_[streams[i].no] = i;
      ranks_[streams[i].rank.value];
      if (streams[i].branch_of != streams[i].no) {
        partings_[{streams[i].branch_of, streams[i].shared}].push_back(i);
      }
    }
    for (const HeldRevoke& revoke : revokes) {
      const auto at = index_.find(revoke.ref.stream());
      if (at != index_.end()) ranks_[streams[at->second].rank.value].push_back(&revoke);
    }
  }

  /// From the highest rank down: what is itself set aside does nothing.
  std::vector<std::uint32_t> run() {
    for (auto rank = ranks_.rbegin(); rank != ranks_.rend(); ++rank) {
      cut(rank->first);
      take_effect(rank->second);
    }
    std::vector<std::uint32_t> out;
    for (const std::uint32_t cut : cuts_) out.push_back(cut == kNever ? 0 : cut);
    return out;
  }

 private:
  /// What one effective revoke lets stand: the last such counter of each stream.
  using Stands = std::unordered_map<std::uint32_t, std::uint32_t>;
  struct Effective {
    const HeldRevoke* revoke;
    Stands stands;
  };

  void cut(std::uint8_t rank) {
    const auto of_rank = [&](std::size_t i) { return streams_[i].rank.value == rank; };
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (of_rank(i)) cuts_[i] = revoked_from(streams_[i]);
    }
    std::vector<std::uint32_t> forked(streams_.size(), kNever);
    for (const auto& [parting, branches] : partings_) {
      const std::size_t trunk = index_.at(parting.first);
      if (of_rank(trunk)) part(parting.second + 1, trunk, branches, forked);
    }
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (!of_rank(i)) continue;
      const AsideStream& stream = streams_[i];
      cuts_[i] = (std::min)(cuts_[i], forked[i]);
      if (stream.branch_of == stream.no) continue;
      // A branch whose beginning is set aside has no end that stands.
      if (cuts_[index_.at(stream.branch_of)] <= stream.shared) {
        cuts_[i] = (std::min)(cuts_[i], stream.shared + 1);
      }
    }
  }

  /// Where two or more go on from the same event, and would stand, none does.
  void part(std::uint32_t first, std::size_t trunk, const std::vector<std::size_t>& branches,
            std::vector<std::uint32_t>& forked) const {
    std::size_t standing = cuts_[trunk] > first ? 1 : 0;
    for (const std::size_t i : branches) standing += cuts_[i] > first ? 1 : 0;
    if (standing < 2) return;
    forked[trunk] = (std::min)(forked[trunk], first);
    for (const std::size_t i : branches) forked[i] = (std::min)(forked[i], first);
  }

  std::uint32_t revoked_from(const AsideStream& stream) const {
    std::uint32_t out = kNever;
    for (const Effective& effective : effective_) {
      if (effective.revoke->key != stream.key) continue;
      const auto at = effective.stands.find(stream.no);
      const std::uint32_t last = at == effective.stands.end() ? stream.shared : at->second;
      out = (std::min)(out, last + 1);
    }
    return out;
  }

  /// Revokes of one rank, now that it is known which of them stand. They concern lower ranks only.
  void take_effect(const std::vector<const HeldRevoke*>& of_rank) {
    std::vector<const HeldRevoke*> standing;
    for (const HeldRevoke* revoke : of_rank) {
      if (revoke->ref.counter() < cuts_[index_.at(revoke->ref.stream())])
        standing.push_back(revoke);
    }
    for (const HeldRevoke* revoke : standing) {
      for (const Ref old : revoke->replaced) replaced_.push_back({old, revoke->key});
    }
    // One of a higher rank may have been replaced neither by these nor by lower ones.
    for (const HeldRevoke* revoke : standing) {
      const bool gone = std::any_of(replaced_.begin(), replaced_.end(), [&](const auto& replaced) {
        return replaced.first == revoke->ref && replaced.second == revoke->key;
      });
      if (!gone) effective_.push_back({revoke, stands_of(*revoke)});
    }
  }

  Stands stands_of(const HeldRevoke& revoke) const {
    Stands out;
    for (Ref at : revoke.tips) {
      while (!at.none()) {
        std::uint32_t& last = out[at.stream()];
        if (last >= at.counter()) break;
        last = at.counter();
        const auto found = index_.find(at.stream());
        if (found == index_.end()) break;
        at = streams_[found->second].predecessor;
      }
    }
    return out;
  }

  const std::vector<AsideStream>& streams_;
  std::vector<std::uint32_t> cuts_;
  std::unordered_map<std::uint32_t, std::size_t> index_;
  std::map<std::uint8_t, std::vector<const HeldRevoke*>> ranks_;
  /// Where branches part: (trunk, events in common) to the branches.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::size_t>> partings_;
  std::vector<std::pair<Ref, Hash>> replaced_;
  std::vector<Effective> effective_;
};

}  // namespace

std::vector<std::uint32_t> set_aside_from(const std::vector<AsideStream>& streams,
                                          const std::vector<HeldRevoke>& revokes) {
  return Reading(streams, revokes).run();
}

}  // namespace lalanh
