#include "tests/sim/choices.h"

#include "shared/base/check.h"

namespace lalanh::sim {

std::uint64_t ByteChoices::below(std::uint64_t n) {
  LALANH_CHECK(n > 0);
  if (bytes_.empty()) return after_.below(n);
  std::uint64_t out = 0;
  for (std::uint64_t most = n - 1;; most >>= 8U) {
    if (!bytes_.empty()) {
      out = (out << 8U) | bytes_.front();
      bytes_ = bytes_.subspan(1);
    }
    if (most <= 255) return out % n;
  }
}

std::int64_t ByteChoices::between(std::int64_t low, std::int64_t high) {
  LALANH_CHECK(low <= high);
  return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
}

bool ByteChoices::chance(double p) { return static_cast<double>(below(256)) < p * 256; }

}  // namespace lalanh::sim
