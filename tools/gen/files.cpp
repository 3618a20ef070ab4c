#include "tools/gen/files.h"

#include <system_error>

namespace lalanh::gen {
namespace {

constexpr std::uintmax_t kReadMax = 64ULL << 20U;

Error io_error(const std::string& name, const char* what) {
  return {ErrorCode::store_io, {{"why", std::string(what) + " " + name}}};
}

}  // namespace

Status write_file(const std::filesystem::path& path, std::string_view bytes) {
  GrowingFile file;
  TRY(file.open(path));
  TRY(file.add(bytes));
  return file.close();
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code code;
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  if (code || size > kReadMax) return io_error(path.string(), "cannot read");
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!stream) return io_error(path.string(), "cannot read");
  return bytes;
}

Status GrowingFile::open(const std::filesystem::path& path) {
  name_ = path.string();
  std::error_code code;
  std::filesystem::create_directories(path.parent_path(), code);
  stream_.open(path, std::ios::binary | std::ios::trunc);
  if (!stream_) return io_error(name_, "cannot write");
  return {};
}

Status GrowingFile::add(std::string_view bytes) {
  stream_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream_) return io_error(name_, "cannot write");
  return {};
}

Status GrowingFile::close() {
  stream_.close();
  if (!stream_) return io_error(name_, "cannot write");
  return {};
}

}  // namespace lalanh::gen
