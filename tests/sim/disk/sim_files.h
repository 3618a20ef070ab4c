#pragma once

#include "shared/base/ports.h"
#include "tests/sim/disk/disk.h"

namespace lalanh::sim {

/// The port Files on a simulated disk, step by step as shared/platform does it for Linux: replacing
/// creates, writes and syncs a temporary file, renames it and syncs the folder, each a mutation.
/// Its paths are those of Disk::path. `disk` is not owned and outlives it. While the power is off,
/// and in the call in which it goes, everything is system.file. Thread-safe.
class SimFiles : public Files {
 public:
  explicit SimFiles(Disk& disk) : disk_(disk) {}
  Result<Bytes> read(const std::string& path, std::size_t bytes_max) override;
  Status replace(const std::string& path, ByteView bytes, bool secret) override;
  bool exists(const std::string& path) override;
  Result<std::uint64_t> size(const std::string& path) override;
  Status make_folder(const std::string& path) override;
  Status remove(const std::string& path) override;
  Status move(const std::string& from, const std::string& to) override;
  Result<std::unique_ptr<ByteSource>> open(const std::string& path) override;
  Result<std::unique_ptr<ByteSink>> create(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder, std::size_t names_max) override;
  bool is_folder(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& folder) override;
  /// Ends with the power too.
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  Disk& disk_;
};

}  // namespace lalanh::sim
