#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shared/api/node.h"
#include "tests/sim/disk/sim_files.h"
#include "tests/support/simple_ports.h"

/// A commune's node with a little of everything, in memory, the same at each opening.
namespace lalanh::fuzz {

class SmallProvince {
 public:
  SmallProvince();
  /// The commune's node as it was at first; one at a time.
  std::unique_ptr<Node> open();
  /// The same, as the last one left its files.
  std::unique_ptr<Node> open_again();
  /// Of a household in dispute, a plain one, one that was removed, a member, an assessment; of a
  /// ticket.
  const std::vector<std::string>& ids() const { return ids_; }
  /// The text of a device's request file.
  const std::string& request() const { return request_; }

 private:
  std::unique_ptr<Node> node(const std::string& name);
  /// The request of a new machine that has a ticket of the parent's.
  Bytes request_of(const std::string& name, const std::string& unit, Node& parent);
  /// Certifies a device of the unit, and lets it take what it may read.
  /// The request of a new machine that has a ticket of its parent's.
  Bytes request_of(const std::string& name, const std::string& unit, const std::string& parent);
  void add(const std::string& name, const std::string& unit, const std::string& parent);
  void sync(Node& child, Node& parent);
  void fill();

  sim::Disk disk_;
  sim::SimFiles files_;
  testing::FakeClock clock_;
  testing::SeededRandom random_;
  sim::DiskImage image_;
  std::vector<std::string> ids_;
  std::string request_;
  std::string ticket_;  ///< the last one
};

}  // namespace lalanh::fuzz
