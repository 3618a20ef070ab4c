#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace lalanh::gen {

/// Writes a whole file, byte for byte, making its folders. Errors: store.io.
Status write_file(const std::filesystem::path& path, std::string_view bytes);

/// Reads a whole file. Errors: store.io, also for one larger than 64 MB (a village has 1 MB).
Result<std::string> read_file(const std::filesystem::path& path);

/// A file that grows piece by piece, closed by close() or the destructor. One thread.
class GrowingFile {
 public:
  /// Begins an empty file. Errors: store.io.
  Status open(const std::filesystem::path& path);
  Status add(std::string_view bytes);
  /// Errors: store.io where the last bytes could not be written.
  Status close();

 private:
  std::ofstream stream_;
  std::string name_;
};

}  // namespace lalanh::gen
