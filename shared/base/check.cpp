#include "shared/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace lalanh {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "lalanh: CHECK(%s) failed at %s:%d\n", condition, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace lalanh
