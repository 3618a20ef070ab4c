#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lalanh::server::test {

/// A reply as it came, cut into its parts.
struct RawReply {
  int status = 0;  ///< 0: none came
  std::string head;
  std::string body;
  bool has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

/// A client without manners: sends any bytes over a loopback connection. Each wait ends by itself.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False where the server has closed.
  bool send(std::string_view bytes);
  /// Ends our half: the server reads an end.
  void end();
  /// Breaks the connection off, with a reset.
  void reset();
  /// The next reply (by its Content-Length); status 0 where the connection ends or is silent for
  /// `wait_ms`.
  RawReply reply(int wait_ms = 5'000, bool head_only = false);
  /// Is the connection ended by the server within the time?
  bool ended(int wait_ms = 5'000);
  /// For a library that moves bytes itself; still owned here.
  int native() const { return socket_; }
  bool connected() const { return socket_ >= 0; }

 private:
  bool read_more(int wait_ms);
  int socket_ = -1;
  std::string ahead_;
};

/// "POST path" with Content-Length and the body.
std::string post(std::string_view path, std::string_view body, std::string_view fields = "");
std::string get(std::string_view path, std::string_view fields = "");

}  // namespace lalanh::server::test
