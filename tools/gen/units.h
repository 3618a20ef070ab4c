#pragma once

#include <string>
#include <vector>

#include "tools/gen/data.h"

namespace lalanh::gen {

/// Villages of each commune (invented: about 1,680 are said to exist, no list was found).
inline constexpr int kVillagesPerCommune = 12;

/// A village (thôn, xóm, phố, tổ dân phố): invented, on a real commune.
struct VillageUnit {
  std::string code;  ///< the commune's code and two digits
  std::string name;
  std::string kind;    ///< thon, xom, pho, to_dan_pho
  std::size_t number;  ///< 0 .. the number of villages of the province - 1
  std::size_t commune;
  std::size_t district;
};

struct CommuneUnit {
  std::string code;
  std::string name;
  std::string kind;
  Area area;
  std::size_t district;
  std::vector<std::size_t> villages;
  int muong_permille;
  int poverty_percent;
};

struct DistrictUnit {
  std::string code;
  std::string name;
  std::string kind;
  std::vector<std::size_t> communes;
  DistrictWeights weights;
};

/// The whole tree, in the order of the list of 2021. Indexes are positions in the vectors.
struct Tree {
  std::string code;
  std::string name;
  std::vector<DistrictUnit> districts;
  std::vector<CommuneUnit> communes;
  std::vector<VillageUnit> villages;
};

/// The tree of the built-in list with its invented villages, made once. It does not depend on a
/// seed, so that two registers of different seeds have the same units. Any thread.
const Tree& tree();

}  // namespace lalanh::gen
