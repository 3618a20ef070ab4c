#pragma once

#include "sync/session/frame.h"
#include "tests/fuzz/main/corpus.h"
#include "tests/sim/player.h"

/// Two simulated machines that have something to tell each other, the same in every run.
namespace lalanh::fuzz {

class Pair {
 public:
  Pair() : player_({1, nullptr, false, false}, [](const std::string&) {}) {
    play(R"({"op":"unit","unit":"C","kind":"commune"})");
    play(R"({"op":"unit","unit":"V","parent":"C","kind":"village"})");
    play(R"({"op":"node","node":"hall","unit":"C"})");
    play(R"({"op":"node","node":"laptop","unit":"V","parent":"hall"})");
    play(
        R"({"op":"create","node":"laptop","as":"a","type":"household","unit":"V","fields":{"head":"An","year":1970}})");
    play(R"({"op":"sync","node":"laptop"})");
    play(R"({"op":"set","node":"hall","entity":"a","fields":{"head":"Ân"}})");
    play(R"({"op":"set","node":"laptop","entity":"a","fields":{"head":"Bình","year":1971}})");
    play(
        R"({"op":"create","node":"hall","as":"b","type":"visit","unit":"V","fields":{"note":"x"}})");
  }
  sim::Machine& parent() { return player_.world().machine("hall"); }
  sim::Machine& child() { return player_.world().machine("laptop"); }
  sim::World& world() { return player_.world(); }

  /// What holds after any number of foreign messages.
  static void check(sim::Machine& machine) {
    const Result<VerifyReport> report = machine.store().verify();
    LALANH_CHECK(report.ok() && report->differences.empty());
  }

 private:
  void play(const std::string& text) {
    for (const sim::ScriptLine& line : sim::read_script(text)) player_.play(line);
  }
  sim::Player player_;
};

/// Takes fields off the front of an input; at its end all are 0 or empty.
class Fields {
 public:
  explicit Fields(ByteView bytes) : rest_(bytes) {}
  bool ended() const { return rest_.empty(); }
  std::uint8_t byte() {
    const ByteView one = take(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  /// Behind its length in two bytes, most significant first.
  ByteView bytes() {
    const std::size_t high = byte();
    return take(high * 256 + byte());
  }

 private:
  ByteView take(std::size_t n) {
    const ByteView out = rest_.first((std::min)(n, rest_.size()));
    rest_ = rest_.subspan(out.size());
    return out;
  }
  ByteView rest_;
};

inline void put_field(Bytes& to, ByteView bytes) {
  LALANH_CHECK(bytes.size() < 65'536);
  to.push_back(static_cast<std::uint8_t>(bytes.size() >> 8U));
  to.push_back(static_cast<std::uint8_t>(bytes.size()));
  append(to, bytes);
}

}  // namespace lalanh::fuzz
