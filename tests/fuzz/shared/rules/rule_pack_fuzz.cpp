#include "tests/fuzz/shared/rules/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_rule_pack({data, size});
  return 0;
}
