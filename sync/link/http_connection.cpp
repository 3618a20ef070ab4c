#include "sync/link/http_connection.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>

#include "shared/base/limits.h"

namespace lalanh::sync {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kPieceBytes = 16 * 1'024;
constexpr int kRetryAfterMaxS = 3'600;
/// Texts of a reply that are shown or compared: an error's name, a media type.
constexpr std::size_t kHeaderTextMax = 128;

std::string header_text(beast::string_view value) {
  return std::string(value.substr(0, kHeaderTextMax));
}

std::optional<int> retry_after(beast::string_view value) {
  int seconds = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (value.empty() || read.ec != std::errc() || read.ptr != value.data() + value.size()) return {};
  return std::clamp(seconds, 0, kRetryAfterMaxS);
}

Error protocol(std::string why) { return {ErrorCode::sync_protocol, {{"why", std::move(why)}}}; }
Error cut(std::string why) { return {ErrorCode::sync_cut, {{"why", std::move(why)}}}; }

}  // namespace

struct HttpConnection::Reply {
  explicit Reply(std::size_t body_bytes_max) : body_max(body_bytes_max) {
    parser.body_limit(body_bytes_max);
    parser.header_limit(static_cast<std::uint32_t>(limits::kHttpHeaderBytesMax));
    parser.eager(true);
  }
  std::size_t body_max;
  http::response_parser<http::vector_body<std::uint8_t>> parser;
  beast::flat_buffer buffer{limits::kHttpHeaderBytesMax + 2 * kPieceBytes};
};

HttpConnection::HttpConnection(std::unique_ptr<ByteStream> stream, Clock& clock, HttpTimes times)
    : stream_(std::move(stream)), clock_(clock), times_(times) {}
HttpConnection::~HttpConnection() = default;

std::int64_t HttpConnection::idle_until(std::int64_t until_ms) {
  return (std::min)(until_ms, clock_.steady_ms() + times_.idle_ms);
}

Status HttpConnection::send_part(ByteView bytes, std::int64_t until_ms) {
  while (!bytes.empty()) {
    TRY_ASSIGN(const std::size_t n, stream_->write_some(bytes, idle_until(until_ms)));
    bytes_sent_ += n;
    bytes = bytes.subspan(n);
  }
  return {};
}

Status HttpConnection::send(std::string_view head, ByteView body, std::int64_t until_ms) {
  // Together where they are small: an idle sync is one packet each way.
  if (body.size() <= kPieceBytes) {
    Bytes whole(head.begin(), head.end());
    append(whole, body);
    return send_part(whole, until_ms);
  }
  TRY(send_part(as_bytes(head), until_ms));
  return send_part(body, until_ms);
}

Status HttpConnection::receive(Reply& reply, std::int64_t until_ms) {
  auto& parser = reply.parser;
  while (!parser.is_done()) {
    const auto space = reply.buffer.prepare(kPieceBytes);
    TRY_ASSIGN(const std::size_t n,
               stream_->read_some({static_cast<std::uint8_t*>(space.data()), space.size()},
                                  idle_until(until_ms)));
    if (n == 0) return cut("closed by the other side");
    bytes_received_ += n;
    reply.buffer.commit(n);
    beast::error_code code;
    // The parser takes what it can; headers that are not all there stay in the buffer.
    do {
      reply.buffer.consume(parser.put(reply.buffer.data(), code));
      if (code == http::error::need_more) break;
      if (code == http::error::body_limit) {
        return protocol("the reply is larger than " + std::to_string(reply.body_max) + " bytes");
      }
      if (code) return protocol(code.message());
      const bool endless = !parser.is_done() && !parser.content_length();
      if (parser.is_header_done() && (parser.chunked() || endless)) {
        return protocol("the reply has no Content-Length");  // a cut could look like the end
      }
    } while (!parser.is_done() && reply.buffer.size() > 0);
  }
  return {};
}

Result<HttpAnswer> HttpConnection::answer(Reply& reply, const Status& received) {
  auto& parser = reply.parser;
  HttpAnswer out;
  if (!received.ok()) {
    const bool broken = received.error().code == ErrorCode::sync_cut ||
                        received.error().code == ErrorCode::system_cancelled;
    if (!broken || !parser.is_header_done()) return received.error();
    out.complete = false;
    out.cut = received.error();
  }
  auto& message = parser.get();
  out.status = static_cast<int>(message.result_int());
  out.content_type = header_text(message[http::field::content_type]);
  out.error_name = header_text(message["Lalanh-Error"]);
  out.retry_after_s = retry_after(message[http::field::retry_after]);
  out.body = std::move(message.body());
  // Bytes beyond the reply would be taken for the next one.
  if (!out.complete || !parser.keep_alive() || reply.buffer.size() > 0) stream_->close();
  return out;
}

Result<HttpAnswer> HttpConnection::exchange(std::string_view head, ByteView body,
                                            std::size_t body_bytes_max, std::int64_t deadline_ms) {
  const std::int64_t start = clock_.steady_ms();
  const std::int64_t until = start + deadline_ms;
  lost_kept_ = false;
  const bool kept = stream_->usable();
  if (!kept) {
    TRY(stream_->connect((std::min)(until, start + times_.connect_ms)));
    if (const Status met = stream_->shake_hands(idle_until(until)); !met.ok()) {
      stream_->close();
      return met.error();
    }
  }

  const std::uint64_t received_before = bytes_received_;
  const Status sent = send(head, body, until);
  if (!sent.ok() && sent.error().code == ErrorCode::system_cancelled) {
    stream_->close();
    return sent.error();
  }
  Reply reply(body_bytes_max);
  // A server that refuses answers before it has read all, and closes.
  Status received = receive(reply, until);
  if (!sent.ok() && !reply.parser.is_header_done()) received = sent;
  Result<HttpAnswer> out = answer(reply, received);
  if (!out.ok()) {
    stream_->close();
    lost_kept_ =
        kept && bytes_received_ == received_before && out.error().code == ErrorCode::sync_cut;
    return out;
  }
  out.value().elapsed_ms = clock_.steady_ms() - start;
  if (!sent.ok()) stream_->close();
  return out;
}

}  // namespace lalanh::sync
