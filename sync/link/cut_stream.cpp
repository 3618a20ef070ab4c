#include <algorithm>

#include "sync/link/byte_stream.h"

namespace lalanh::sync {
namespace {

class CutStream final : public ByteStream {
 public:
  CutStream(std::unique_ptr<ByteStream> inner, std::uint64_t bytes)
      : inner_(std::move(inner)), left_(bytes) {}

  Status connect(std::int64_t until_ms) override {
    if (left_ == 0) return cut();
    return inner_->connect(until_ms);
  }
  Status shake_hands(std::int64_t until_ms) override { return inner_->shake_hands(until_ms); }
  bool usable() override { return left_ > 0 && inner_->usable(); }

  Result<std::size_t> write_some(ByteView bytes, std::int64_t until_ms) override {
    if (left_ == 0) return cut();
    return count(inner_->write_some(bytes.first(allowed(bytes.size())), until_ms));
  }
  Result<std::size_t> read_some(std::span<std::uint8_t> out, std::int64_t until_ms) override {
    if (left_ == 0) return cut();
    return count(inner_->read_some(out.first(allowed(out.size())), until_ms));
  }
  void close() override { inner_->close(); }

 private:
  std::size_t allowed(std::size_t wanted) const {
    return static_cast<std::size_t>((std::min)(std::uint64_t{wanted}, left_));
  }
  Result<std::size_t> count(Result<std::size_t> moved) {
    if (moved.ok()) left_ -= moved.value();
    if (left_ == 0) inner_->close();
    return moved;
  }
  static Error cut() { return {ErrorCode::sync_cut, {{"why", "as asked, after so many bytes"}}}; }

  std::unique_ptr<ByteStream> inner_;
  std::uint64_t left_;
};

}  // namespace

std::unique_ptr<ByteStream> make_cut_stream(std::unique_ptr<ByteStream> inner,
                                            std::uint64_t bytes) {
  return std::make_unique<CutStream>(std::move(inner), bytes);
}

}  // namespace lalanh::sync
