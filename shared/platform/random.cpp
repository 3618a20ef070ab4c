#include <sodium.h>

#include "shared/platform/platform.h"

namespace lalanh {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    if (!out.empty()) randombytes_buf(out.data(), out.size());  // an empty span has no address
  }
};

}  // namespace

Result<std::unique_ptr<Random>> make_system_random() {
  if (sodium_init() < 0) {
    return Error{ErrorCode::system_internal, {{"why", "libsodium does not start"}}};
  }
  return std::unique_ptr<Random>(std::make_unique<SystemRandom>());
}

}  // namespace lalanh
