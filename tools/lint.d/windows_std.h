// lint: allow pragma-once because this is the main file when it is precompiled
// Precompiled by tools/lint for its pass of the Windows compiler: half of the time of that pass is
// these headers. Standard headers alone, and none that brings windows.h.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
