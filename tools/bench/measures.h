#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tools/bench/figure.h"
#include "tools/bench/world.h"

namespace lalanh::bench {

/// What all measures share. Each works in a folder of its own below `folder`.
struct Context {
  Form form;
  std::filesystem::path folder;
  int runs = 5;  ///< alternating; the median counts
  std::function<bool(const std::string& figure)> wanted;
  std::function<void(const Figure&)> done;
  std::string program;  ///< this one's path, to be started anew

  bool any(std::initializer_list<const char*> figures) const {
    for (const char* figure : figures) {
      if (wanted(figure)) return true;
    }
    return false;
  }
  void tell(Figure figure) const {
    if (wanted(figure.name)) done(figure);
  }
};

/// ingest.households, ingest.updates, rebuild.log
Status measure_ingest(const Context& context);
/// local.save, local.save.aegis, local.save.chacha20
Status measure_local(const Context& context);
/// wire.update.1000, .10, .1, wire.household.1000, wire.idle
Status measure_wire(const Context& context);
/// report.province, report.recompute
Status measure_report(const Context& context);
/// size.village, rss.lalanh, open.first
Status measure_village(const Context& context);

/// The part of open.first and rss.lalanh that runs in a process of its own: opens the node, answers
/// one request, says so on standard output and waits for the end of standard input.
Status answer_once(const std::string& folder);

}  // namespace lalanh::bench
