#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/event/event.h"

/// A scope's events as many databases wrote them, in full names. Test input; no merge in it.
namespace lalanh::test {

/// splitmix64: the same on every machine. A seed makes a history again.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}
  /// The first choices are these bytes, one each: a fuzzer's.
  Rng(std::uint64_t seed, ByteView choices) : state_(seed), choices_(choices) {}
  std::uint64_t next() {
    if (!choices_.empty()) {
      const std::uint8_t choice = choices_[0];
      choices_ = choices_.subspan(1);
      return choice;
    }
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T>
  const T& of(const std::vector<T>& list) {
    return list[below(list.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[below(i)]);
  }

 private:
  std::uint64_t state_;
  ByteView choices_;
};

struct HistoryStream {
  WriterId writer;
  DeviceNo device;
  Rank rank;
  Dot predecessor;  ///< none: begins a line
  std::vector<Event> events;
};

struct History {
  std::vector<HistoryStream> streams;

  std::size_t index_of(const WriterId& writer) const {
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (streams[i].writer == writer) return i;
    }
    return streams.size();
  }
  const HistoryStream& stream_of(const Dot& dot) const { return streams.at(index_of(dot.writer)); }
  const Event& event(const Dot& dot) const { return stream_of(dot).events.at(dot.counter - 1); }
  Dot entity_of(const Dot& dot) const { return event(dot).creates() ? dot : event(dot).entity; }
};

/// How many events of each stream are held.
using Held = std::vector<std::uint32_t>;

inline Held all_of(const History& history) {
  Held out;
  for (const HistoryStream& s : history.streams) {
    out.push_back(static_cast<std::uint32_t>(s.events.size()));
  }
  return out;
}

}  // namespace lalanh::test
