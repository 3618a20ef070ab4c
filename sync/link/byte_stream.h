#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "shared/api/host_port.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh::sync {

/// A connection to one server, byte by byte: plain TCP here; TLS is another implementation of the
/// same. Every call ends by itself: at `until_ms`, which is a moment of Clock::steady_ms, at the
/// latest. Not thread-safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Connects anew. sync.unreachable with the address and why.
  virtual Status connect(std::int64_t until_ms) = 0;
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

/// A fault for tests and demonstrations: lets `bytes` through, sent and received together, then
/// closes the connection for good; every later call is sync.cut.
std::unique_ptr<ByteStream> make_cut_stream(std::unique_ptr<ByteStream> inner, std::uint64_t bytes);

}  // namespace lalanh::sync
