#include "tests/fuzz/shared/trust/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_enrolment({data, size});
  return 0;
}
