#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "shared/base/bytes.h"

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace lalanh::server {

/// One connection's TLS as a server, without a socket: bytes of the wire go in and come out, so
/// that whoever moves them keeps his own deadlines. Poco's NetSSL bounds each read of a handshake,
/// not the whole, and takes an end without close_notify for an exception. Used by one thread.
class TlsSession {
 public:
  enum class Step : std::uint8_t {
    kDone,
    kMore,    ///< bytes of the wire are needed first
    kClosed,  ///< the peer has said that it ends
    kBroken,  ///< no TLS, none that we speak, or changed on the way
  };

  /// Keeps a reference of its own to the context.
  explicit TlsSession(ssl_ctx_st& context);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// What came from the wire.
  void take_in(ByteView wire);
  /// What is to go out over the wire, and is forgotten here; also after kBroken (an alert).
  Bytes take_out();

  Step shake_hands();
  /// Appends at most `max` bytes, and at least one where kDone.
  Step read(Bytes& into, std::size_t max);
  /// All of `bytes`, for take_out. kDone or kBroken.
  Step write(std::string_view bytes);
  /// Says that nothing more will come.
  void end();
  /// Is there something to read that take_in has brought already?
  bool holds_more() const;
  /// After a broken handshake: was that no TLS at all?
  bool not_tls() const { return not_tls_; }

 private:
  Step step_of(int result);
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bio_st* in_;  ///< both are the session's
  bio_st* out_;
  bool not_tls_ = false;
};

/// The alert, before any handshake, for a client for whom there is no place
/// (`docs/PROTOCOL.md`, The link).
std::string_view tls_busy_alert();

}  // namespace lalanh::server
