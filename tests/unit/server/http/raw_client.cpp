#include "tests/unit/server/http/raw_client.h"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lalanh::server::test {

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::end() { ::shutdown(socket_, SHUT_WR); }

void RawClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(socket_);
  socket_ = -1;
}

bool RawClient::read_more(int wait_ms) {
  pollfd wait{socket_, POLLIN, 0};
  if (::poll(&wait, 1, wait_ms) <= 0) return false;
  std::array<char, 16'384> chunk{};
  const auto got = ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (got <= 0) return false;
  ahead_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

RawReply RawClient::reply(int wait_ms, bool head_only) {
  RawReply out;
  std::size_t end = 0;
  while ((end = ahead_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(wait_ms)) return out;
  }
  out.head = ahead_.substr(0, end + 4);
  ahead_.erase(0, end + 4);
  const std::size_t named = out.head.find("Content-Length: ");
  const std::size_t length =
      named == std::string::npos || head_only
          ? 0
          : static_cast<std::size_t>(std::atoll(out.head.c_str() + named + 16));
  while (ahead_.size() < length) {
    if (!read_more(wait_ms)) return out;
  }
  out.body = ahead_.substr(0, length);
  ahead_.erase(0, length);
  out.status = std::atoi(out.head.c_str() + 9);
  return out;
}

bool RawClient::ended(int wait_ms) {
  pollfd wait{socket_, POLLIN, 0};
  if (::poll(&wait, 1, wait_ms) <= 0) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) <= 0;
}

std::string post(std::string_view path, std::string_view body, std::string_view fields) {
  std::string out = "POST " + std::string(path) + " HTTP/1.1\r\n";
  out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return out.append(fields).append("\r\n").append(body);
}

std::string get(std::string_view path, std::string_view fields) {
  return ("GET " + std::string(path) + " HTTP/1.1\r\n").append(fields).append("\r\n");
}

}  // namespace lalanh::server::test
