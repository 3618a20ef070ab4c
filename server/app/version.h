#pragma once

#include <string_view>

namespace lalanh::server {

/// Version of the program, as `--version`, `/health` and the sync's `open` say it.
inline constexpr std::string_view kVersion = LALANH_VERSION;

}  // namespace lalanh::server
