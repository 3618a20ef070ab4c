#include "server/http/tls_session.h"

#include <algorithm>
#include <array>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "shared/base/check.h"

namespace lalanh::server {
namespace {

/// A plaintext record: alert, TLS 1.2, 2 bytes: fatal, internal_error.
constexpr std::string_view kBusyAlert("\x15\x03\x03\x00\x02\x02\x50", 7);

/// The largest record.
constexpr std::size_t kPieceBytes = 16 * 1'024;

bool means_not_tls(int reason) {
  return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST ||
         reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_BAD_RECORD_TYPE ||
         reason == SSL_R_UNKNOWN_PROTOCOL || reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

}  // namespace

TlsSession::TlsSession(ssl_ctx_st& context)
    : ssl_(SSL_new(&context), SSL_free), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
  CHECK(ssl_ != nullptr && in_ != nullptr && out_ != nullptr);  // out of memory alone
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

void TlsSession::take_in(ByteView wire) {
  const int put = BIO_write(in_, wire.data(), static_cast<int>(wire.size()));
  CHECK(put == static_cast<int>(wire.size()));
}

Bytes TlsSession::take_out() {
  Bytes out(static_cast<std::size_t>(BIO_ctrl_pending(out_)));
  if (!out.empty()) {
    const int got = BIO_read(out_, out.data(), static_cast<int>(out.size()));
    out.resize(static_cast<std::size_t>(std::max(got, 0)));
  }
  return out;
}

TlsSession::Step TlsSession::step_of(int result) {
  if (result > 0) return Step::kDone;
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_WANT_READ) return Step::kMore;
  if (why == SSL_ERROR_ZERO_RETURN) return Step::kClosed;
  not_tls_ = means_not_tls(ERR_GET_REASON(ERR_peek_error()));
  ERR_clear_error();
  return Step::kBroken;
}

TlsSession::Step TlsSession::shake_hands() {
  ERR_clear_error();
  return step_of(SSL_do_handshake(ssl_.get()));
}

TlsSession::Step TlsSession::read(Bytes& into, std::size_t max) {
  ERR_clear_error();
  std::array<std::uint8_t, kPieceBytes> piece{};
  const std::size_t wanted = std::min(max, piece.size());
  const int got = SSL_read(ssl_.get(), piece.data(), static_cast<int>(wanted));
  if (got > 0) append(into, ByteView(piece.data(), static_cast<std::size_t>(got)));
  return step_of(got);
}

TlsSession::Step TlsSession::write(std::string_view bytes) {
  ERR_clear_error();
  const Step step = step_of(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())));
  return step == Step::kDone ? step : Step::kBroken;
}

void TlsSession::end() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool TlsSession::holds_more() const {
  return SSL_pending(ssl_.get()) > 0 || BIO_ctrl_pending(in_) > 0;
}

std::string_view tls_busy_alert() { return kBusyAlert; }

}  // namespace lalanh::server
