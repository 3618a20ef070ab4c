#include <openssl/err.h>
#include <openssl/ssl.h>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "sync/link/tcp_socket.h"
#include "sync/tls/tls.h"

namespace lalanh::sync {
namespace {

namespace asio = boost::asio;

/// What a server's alert before any handshake stands for: it has no place for us now.
constexpr const char* kBusySeconds = "10";

class TlsStream final : public ByteStream {
 public:
  TlsStream(HostPort address, const Hash& device_key, Clock& clock, std::function<bool()> stopped)
      : address_(to_text(address)), tcp_(std::move(address), clock, std::move(stopped)) {
    peer_.device_key = device_key;
  }

  Status connect(std::int64_t until_ms) override {
    close();
    return tcp_.connect(until_ms);
  }

  Status shake_hands(std::int64_t until_ms) override {
    TRY(prepare());
    tls_.emplace(tcp_.socket(), *context_);
    peer_.asked = false;
    peer_.found = Vouched::kNot;
    std::optional<boost::system::error_code> result;
    tls_->async_handshake(asio::ssl::stream_base::client,
                          [&](boost::system::error_code code) { result = code; });
    TRY(tcp_.run(
        until_ms, [&] { return result.has_value(); }, tcp_.unreachable("no answer in time")));
    if (!*result && peer_.asked && peer_.found == Vouched::kByKey) return {};
    tcp_.close();
    return failure(*result);
  }

  bool usable() override { return tls_.has_value() && tcp_.usable(); }
  void close() override {
    tcp_.close();
    tls_.reset();
  }

  Result<std::size_t> write_some(ByteView bytes, std::int64_t until_ms) override {
    return tcp_.transfer(until_ms, [&](auto done) {
      tls_->async_write_some(asio::buffer(bytes.data(), bytes.size()), std::move(done));
    });
  }
  Result<std::size_t> read_some(std::span<std::uint8_t> out, std::int64_t until_ms) override {
    return tcp_.transfer(until_ms, [&](auto done) {
      tls_->async_read_some(asio::buffer(out.data(), out.size()), std::move(done));
    });
  }

 private:
  Status prepare() {
    if (context_) return {};
    TRY(start_crypto());
    TRY_ASSIGN(const TlsContext made, client_tls(peer_));
    SSL_CTX_up_ref(made.get());
    context_.emplace(made.get());  // takes that reference
    return {};
  }

  Error failure(const boost::system::error_code& code) const {
    const auto about = [&](ErrorCode error) { return Error{error, {{"address", address_}}}; };
    // The other side's certificate has been seen: nothing else can be wrong with a server of ours.
    if (peer_.asked && peer_.found == Vouched::kNot) return about(ErrorCode::trust_not_our_server);
    if (peer_.asked && peer_.found == Vouched::kByOther) {
      return about(ErrorCode::trust_other_server);
    }
    if (code.category() != asio::error::get_ssl_category()) {
      return tcp_.unreachable(TcpSocket::is_end(code) ? "closed by the other side"
                                                      : TcpSocket::in_words(code));
    }
    switch (ERR_GET_REASON(static_cast<unsigned long>(code.value()))) {
      case SSL_R_TLSV1_ALERT_INTERNAL_ERROR:
        return Error{ErrorCode::sync_busy, {{"seconds", kBusySeconds}}};
      case SSL_R_BAD_SIGNATURE: return about(ErrorCode::trust_other_server);
      // It has no certificate that a client of ours could take.
      case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      case SSL_R_WRONG_SIGNATURE_TYPE:
      case SSL_R_UNKNOWN_CERTIFICATE_TYPE:
      case SSL_R_WRONG_CERTIFICATE_TYPE: return about(ErrorCode::trust_not_our_server);
      case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
      case SSL_R_DIGEST_CHECK_FAILED:
        return Error{ErrorCode::sync_cut, {{"why", TcpSocket::in_words(code)}}};
      default: break;
    }
    if (!peer_.asked) return about(ErrorCode::sync_not_tls);
    return Error{ErrorCode::sync_cut, {{"why", TcpSocket::in_words(code)}}};
  }

  const std::string address_;
  TlsPeer peer_;
  TcpSocket tcp_;
  std::optional<asio::ssl::context> context_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
};

}  // namespace

std::unique_ptr<ByteStream> make_tls_stream(HostPort address, const Hash& device_key, Clock& clock,
                                            std::function<bool()> stopped) {
  return std::make_unique<TlsStream>(std::move(address), device_key, clock, std::move(stopped));
}

}  // namespace lalanh::sync
