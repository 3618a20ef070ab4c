#pragma once

#include <string>
#include <vector>

#include "tools/gen/household.h"
#include "tools/gen/rng.h"

namespace lalanh::gen {

/// The jobs that people have in one kind of commune. Reads data() only. Any thread.
class Livelihoods {
 public:
  Livelihoods(Area area, const std::string& district);

  /// Gives each person a job that fits age and sex (at the end of kLastYear). In a farming
  /// household somebody between 18 and 80 works in farming, in any other nobody does.
  void assign(Rng& rng, Household& household) const;

 private:
  const std::string* draw(Rng& rng, const Person& person, bool farm) const;
  std::string job_of(Rng& rng, const Person& person, bool farm_household) const;

  std::vector<const Job*> jobs_;
};

}  // namespace lalanh::gen
