#pragma once

#include "shared/base/bytes.h"
#include "shared/base/check.h"
#include "shared/units/unit_tree.h"
#include "shared/units/units_csv.h"

namespace lalanh::fuzz {

/// A table of units is whole or refused, and the tree of it can be walked from its roots.
inline void any_units_csv(ByteView bytes) {
  const Date day{2024, 6, 1};
  Result<std::vector<UnitFact>> facts = read_units_csv(as_text(bytes), "units.csv", day);
  if (!facts.ok()) return;
  const std::size_t count = facts->size();
  UnitTree tree;
  tree.reset(std::move(*facts));
  LALANH_CHECK(tree.roots(day).size() <= count);
  for (const UnitNo root : tree.roots(day)) {
    LALANH_CHECK(tree.knows(root));
    LALANH_CHECK(tree.children(root, day).size() <= count);
  }
}

}  // namespace lalanh::fuzz
