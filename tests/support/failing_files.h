#pragma once

#include <optional>

#include "shared/base/ports.h"

namespace lalanh::testing {

/// The real files, which fail for good after so many changes: as a power cut, or a stick that went.
class FailingFiles : public Files {
 public:
  FailingFiles(Files& files, int changes) : files_(files), left_(changes) {}
  int left() const { return left_; }

  Result<Bytes> read(const std::string& path, std::size_t max) override {
    return files_.read(path, max);
  }
  Status replace(const std::string& path, ByteView bytes, bool secret) override {
    TRY(spend());
    return files_.replace(path, bytes, secret);
  }
  bool exists(const std::string& path) override { return files_.exists(path); }
  Result<std::uint64_t> size(const std::string& path) override { return files_.size(path); }
  Status make_folder(const std::string& path) override {
    TRY(spend());
    return files_.make_folder(path);
  }
  Status remove(const std::string& path) override {
    TRY(spend());
    return files_.remove(path);
  }
  Status move(const std::string& from, const std::string& to) override {
    TRY(spend());
    return files_.move(from, to);
  }
  Result<std::unique_ptr<ByteSource>> open(const std::string& path) override {
    return files_.open(path);
  }
  Result<std::unique_ptr<ByteSink>> create(const std::string& path) override {
    TRY(spend());
    return files_.create(path);
  }
  Result<std::vector<std::string>> list(const std::string& folder, std::size_t max) override {
    return files_.list(folder, max);
  }
  bool is_folder(const std::string& path) override { return files_.is_folder(path); }
  Result<std::uint64_t> free_bytes(const std::string& folder) override {
    return free ? *free : files_.free_bytes(folder);
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    return files_.lock(path);
  }
  std::optional<std::uint64_t> free;  ///< what free_bytes says instead

 private:
  Status spend() {
    if (left_-- > 0) return {};
    left_ = 0;
    return Error{ErrorCode::system_file, {{"path", "x"}, {"action", "write"}, {"why", "cut"}}};
  }
  Files& files_;
  int left_;
};

}  // namespace lalanh::testing
