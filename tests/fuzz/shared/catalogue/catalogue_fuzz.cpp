#include "tests/fuzz/shared/catalogue/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_catalogue({data, size});
  return 0;
}
