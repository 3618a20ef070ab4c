#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "shared/api/host_port.h"
#include "shared/base/bytes.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh::sync {

/// A connection to one server, byte by byte: over TLS between machines, plain TCP within one. Every
/// call ends by itself: at `until_ms`, which is a moment of Clock::steady_ms, at the latest. Not
/// thread-safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Connects anew. sync.unreachable with the address and why.
  virtual Status connect(std::int64_t until_ms) = 0;
  /// Called once after each connect, before the first byte: makes sure who the other side is. A
  /// busy server keeps a client waiting here. sync.unreachable, and those of make_tls_stream.
  virtual Status shake_hands(std::int64_t until_ms) = 0;
  /// Connected, and the server has neither closed nor sent anything that nobody asked for.
  virtual bool usable() = 0;
  /// At least one byte of a part that is not empty. sync.cut with why.
  virtual Result<std::size_t> write_some(ByteView bytes, std::int64_t until_ms) = 0;
  /// At least one byte; 0 where the server closed. sync.cut with why.
  virtual Result<std::size_t> read_some(std::span<std::uint8_t> out, std::int64_t until_ms) = 0;
  /// No effect where it is closed.
  virtual void close() = 0;
};

/// Plain TCP. `clock` outlives it. `stopped` is asked ten times a second while a call waits, in the
/// caller's thread; once it says true every call is system.cancelled. May be empty.
std::unique_ptr<ByteStream> make_plain_stream(HostPort address, Clock& clock,
                                              std::function<bool()> stopped);

/// TLS with the server that the holder of `device_key` vouches for, and no other
/// (`docs/PROTOCOL.md`, The link). No wall clock is read. Else as make_plain_stream. Errors of the
/// handshake: trust.other_server, trust.not_our_server, sync.not_tls, sync.busy, sync.cut.
std::unique_ptr<ByteStream> make_tls_stream(HostPort address, const Hash& device_key, Clock& clock,
                                            std::function<bool()> stopped);

/// A fault for tests and demonstrations: lets `bytes` through, sent and received together, then
/// closes the connection for good; every later call is sync.cut.
std::unique_ptr<ByteStream> make_cut_stream(std::unique_ptr<ByteStream> inner, std::uint64_t bytes);

}  // namespace lalanh::sync
