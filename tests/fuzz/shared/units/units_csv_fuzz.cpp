#include "tests/fuzz/shared/units/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_units_csv({data, size});
  return 0;
}
