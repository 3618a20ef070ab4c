#include "tests/fuzz/shared/event/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_cbor({data, size});
  return 0;
}
