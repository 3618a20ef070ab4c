#pragma once

#include <catch2/catch.hpp>

#include "tests/sim/checks.h"

namespace lalanh::sim {

/// A script told line by line, with every promise checked; what breaks one fails the test.
class Story {
 public:
  explicit Story(const std::string& beginning)
      : player_({}, [](const std::string&) {}), checks_(player_) {
    player_.set_watcher(&checks_);
    tell(beginning);
  }
  void tell(const std::string& lines) {
    for (ScriptLine& line : read_script(lines)) {
      line.number = ++number_;
      INFO(write_line(line));
      try {
        player_.play(line);
      } catch (const Broken& broken) {
        FAIL("invariant " << broken.invariant << ": " << broken.what);
      } catch (const Unexpected& error) {
        FAIL(error.what);
      } catch (const ScriptError& error) {
        FAIL(error.why);
      }
    }
  }
  Machine& machine(const std::string& name) { return player_.world().machine(name); }
  const Labels& labels() const { return player_.labels(); }
  /// The entity of a label.
  EntityId id(const std::string& label) const {
    const EventName* name = labels().find(label);
    REQUIRE(name != nullptr);
    return {name->scope, name->dot};
  }
  Json dump(const std::string& name) { return player_.dump(machine(name), std::nullopt); }
  void days(std::int64_t days) { player_.world().time().advance(days * 86'400'000); }

 private:
  Player player_;
  Checks checks_;
  int number_ = 0;
};

}  // namespace lalanh::sim
