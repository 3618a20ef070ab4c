#include <utility>

#include <boost/asio/buffer.hpp>

#include "sync/link/tcp_socket.h"

namespace lalanh::sync {
namespace {

namespace asio = boost::asio;

class PlainStream final : public ByteStream {
 public:
  PlainStream(HostPort address, Clock& clock, std::function<bool()> stopped)
      : tcp_(std::move(address), clock, std::move(stopped)) {}

  Status connect(std::int64_t until_ms) override { return tcp_.connect(until_ms); }
  Status shake_hands(std::int64_t) override { return {}; }
  bool usable() override { return tcp_.usable(); }
  void close() override { tcp_.close(); }

  Result<std::size_t> write_some(ByteView bytes, std::int64_t until_ms) override {
    return tcp_.transfer(until_ms, [&](auto done) {
      tcp_.socket().async_write_some(asio::buffer(bytes.data(), bytes.size()), std::move(done));
    });
  }
  Result<std::size_t> read_some(std::span<std::uint8_t> out, std::int64_t until_ms) override {
    return tcp_.transfer(until_ms, [&](auto done) {
      tcp_.socket().async_read_some(asio::buffer(out.data(), out.size()), std::move(done));
    });
  }

 private:
  TcpSocket tcp_;
};

}  // namespace

std::unique_ptr<ByteStream> make_plain_stream(HostPort address, Clock& clock,
                                              std::function<bool()> stopped) {
  return std::make_unique<PlainStream>(std::move(address), clock, std::move(stopped));
}

}  // namespace lalanh::sync
