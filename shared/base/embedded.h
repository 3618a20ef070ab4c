#pragma once

#include <string_view>

namespace lalanh {

/// One file compiled into the program (JSON pack, SQL, dictionary, page).
/// `name` is its file name without folder; both views live as long as the program.
struct EmbeddedFile {
  std::string_view name;
  std::string_view bytes;
};

}  // namespace lalanh
