#include "tests/fuzz/shared/api/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_target({data, size});
  return 0;
}
