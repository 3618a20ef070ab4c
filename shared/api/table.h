#pragma once

#include <string>
#include <vector>

namespace lalanh {

/// A table for a terminal: columns as wide as their longest cell in characters, numbers to the
/// right (a column is of numbers where every cell is).
class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;
  bool empty() const { return rows_.size() == 1; }

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lalanh
