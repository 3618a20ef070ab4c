#include "client/http/local_connection.h"

#include <array>
#include <chrono>
#include <exception>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

namespace lalanh::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Code = boost::system::error_code;

constexpr std::size_t kPieceBytes = 16 * 1'024;
constexpr std::int64_t kDrainMs = 1'000;
constexpr std::int64_t kDrainStoppingMs = 100;
constexpr std::int64_t kCancelAgainMs = 100;
constexpr int kHeadersTooLarge = 431;
constexpr int kLengthRequired = 411;
constexpr int kForbidden = 403;
constexpr int kSeeOther = 303;

/// Data is nobody's document; the page may load what this program serves and nothing else.
constexpr std::string_view kDataPolicy = "default-src 'none'; frame-ancestors 'none'";
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

ApiReply call(const LocalServer::Handler& handler, const ApiRequest& request) {
  try {
    return handler(request);
  } catch (const std::exception& failure) {
    return error_reply({ErrorCode::system_internal, {{"why", failure.what()}}});
  } catch (...) {
    return error_reply({ErrorCode::system_internal, {{"why", "unknown"}}});
  }
}

}  // namespace

/// The parser is made anew for each request; the buffer keeps what came of the next one.
struct LocalConnection::Reading {
  beast::flat_buffer buffer{limits::kHttpHeaderBytesMax + 4 * kPieceBytes};
  std::optional<http::request_parser<http::string_body>> parser;
};

LocalConnection::LocalConnection(asio::ip::tcp::socket socket, LocalShared& shared)
    : socket_(std::move(socket)),
      shared_(shared),
      timer_(shared.io),
      reading_(std::make_unique<Reading>()) {}
LocalConnection::~LocalConnection() = default;

void LocalConnection::start() { wait_for_request(); }

std::optional<std::uint64_t> LocalConnection::idle_since() const {
  if (state_ != State::kIdle) return std::nullopt;
  return idle_since_;
}

void LocalConnection::turn_away() { refuse({ErrorCode::http_busy, {{"seconds", "1"}}}); }

void LocalConnection::finish() {
  keep_ = false;
  if (state_ == State::kIdle || state_ == State::kDraining) close();
}

void LocalConnection::abort() {
  if (state_ != State::kHandling) close();
}

// --- reading -------------------------------------------------------------------------------

void LocalConnection::wait_for_request() {
  state_ = State::kIdle;
  idle_since_ = shared_.idle_count++;
  if (shared_.stopping) return close();
  if (reading_->buffer.size() > 0) return read_header();
  arm(shared_.options.idle_ms);
  socket_.async_read_some(reading_->buffer.prepare(kPieceBytes),
                          [self = shared_from_this(), this](const Code& code, std::size_t n) {
                            disarm();
                            if (code) return close();
                            reading_->buffer.commit(n);
                            read_header();
                          });
}

void LocalConnection::read_header() {
  state_ = State::kReading;
  keep_ = false;
  head_only_ = false;
  admitted_ = {};
  auto& parser = reading_->parser.emplace();
  parser.header_limit(static_cast<std::uint32_t>(limits::kHttpHeaderBytesMax));
  parser.body_limit(shared_.options.body_bytes_max);
  arm(shared_.options.request_ms);
  http::async_read_header(socket_, reading_->buffer, parser,
                          [self = shared_from_this(), this](const Code& code, std::size_t) {
                            if (code) return refuse_unreadable(code);
                            on_header();
                          });
}

/// Everything that can be refused before the body is read.
void LocalConnection::on_header() {
  const auto& parser = *reading_->parser;
  const auto& message = parser.get();
  RequestFacts facts;
  facts.method = view(message.method_string());
  facts.target = view(message.target());
  if (message.count(http::field::host) == 1) facts.host = view(message[http::field::host]);
  facts.origin = view(message[http::field::origin]);
  facts.fetch_site = view(message["Sec-Fetch-Site"]);
  facts.token = view(message["Lalanh-Token"]);
  facts.cookie = view(message[http::field::cookie]);
  facts.content_type = view(message[http::field::content_type]);
  head_only_ = facts.method == "HEAD";

  auto admitted = shared_.gate->admit(facts);
  if (!admitted.ok()) {
    // Another site's page is told apart from a wrong Host by the status alone.
    const bool origin = admitted.error().code == ErrorCode::trust_bad_host &&
                        admitted.error().value("host") != facts.host.substr(0, 100);
    return refuse(admitted.error(), origin ? kForbidden : 0);
  }
  admitted_ = std::move(admitted).value();
  if (parser.chunked()) {
    return refuse({ErrorCode::http_malformed, {{"why", "Content-Length is missing"}}},
                  kLengthRequired);
  }
  request_ = {};
  if (!split_target(admitted_.target, request_)) {
    return refuse({ErrorCode::http_malformed, {{"why", "the address cannot be read"}}});
  }
  request_.session = std::string(view(message["Lalanh-Session"]));
  if (request_.session.empty()) request_.session = shared_.gate->session_in(facts.cookie);
  request_.method = head_only_ ? "GET" : std::string(facts.method);
  const auto language = message[http::field::accept_language];
  request_.language = language.starts_with("en") ? Language::kEnglish : Language::kVietnamese;
  keep_ = message.keep_alive() && message.version() == 11 && !shared_.stopping;
  if (beast::iequals(message[http::field::expect], "100-continue")) return send_continue();
  read_body();
}

void LocalConnection::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this(), this](const Code& code, std::size_t) {
                      if (code) return refuse_unreadable(code);
                      read_body();
                    });
}

void LocalConnection::read_body() {
  http::async_read(socket_, reading_->buffer, *reading_->parser,
                   [self = shared_from_this(), this](const Code& code, std::size_t) {
                     if (code) return refuse_unreadable(code);
                     disarm();
                     request_.body = std::move(reading_->parser->get().body());
                     handle();
                   });
}

void LocalConnection::handle() {
  if (!admitted_.redirect.empty()) {
    ApiReply reply;
    reply.status = kSeeOther;
    return write(std::move(reply));
  }
  state_ = State::kHandling;
  asio::post(shared_.pool, [self = shared_from_this(), request = std::move(request_)]() mutable {
    LocalShared& shared = self->shared_;
    ApiReply reply = call(shared.handler, request);
    // The connection itself is touched in its own thread alone.
    asio::post(shared.io, [self = std::move(self), reply = std::move(reply)]() mutable {
      self->write(std::move(reply));
    });
  });
}

// --- refusing ------------------------------------------------------------------------------

void LocalConnection::refuse(const Error& error, int status) {
  disarm();
  keep_ = false;  // where its body ends is not known, or not worth reading
  admitted_ = {};
  ApiReply reply = error_reply(error);
  if (status != 0) reply.status = status;
  write(std::move(reply));
}

template <class AnyCode>
void LocalConnection::refuse_unreadable(const AnyCode& code) {
  disarm();
  const std::string bytes = std::to_string(shared_.options.body_bytes_max);
  const std::string header_bytes = std::to_string(limits::kHttpHeaderBytesMax);
  if (timed_out_) {
    refuse({ErrorCode::http_timeout});
  } else if (code == http::error::body_limit) {
    refuse({ErrorCode::http_too_large, {{"max", bytes}}});
  } else if (code == http::error::header_limit || code == http::error::buffer_overflow) {
    refuse({ErrorCode::http_too_large, {{"max", header_bytes}}}, kHeadersTooLarge);
  } else if (code == http::error::end_of_stream ||
             code.category() != http::make_error_code(http::error::bad_method).category()) {
    close();
  } else {
    refuse({ErrorCode::http_malformed, {{"why", code.message()}}});
  }
}

// --- writing -------------------------------------------------------------------------------

std::string LocalConnection::head_of(const ApiReply& reply) const {
  const auto add = [](std::string& head, std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  const auto reason =
      http::obsolete_reason(http::int_to_status(static_cast<unsigned>(reply.status)));
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  head.append(view(reason)).append("\r\n");
  add(head, "Content-Type", reply.content_type);
  add(head, "Content-Length", std::to_string(reply.body.size()));
  add(head, "Cache-Control", "no-store");
  add(head, "X-Content-Type-Options", "nosniff");
  add(head, "Referrer-Policy", "no-referrer");
  add(head, "Cross-Origin-Resource-Policy", "same-origin");
  const bool page = reply.content_type.starts_with("text/html");
  add(head, "Content-Security-Policy", page ? kPagePolicy : kDataPolicy);
  if (reply.retry_after_s) add(head, "Retry-After", std::to_string(*reply.retry_after_s));
  if (!admitted_.set_cookie.empty()) add(head, "Set-Cookie", admitted_.set_cookie);
  if (reply.session) add(head, "Set-Cookie", shared_.gate->keep_session(*reply.session));
  if (!admitted_.redirect.empty()) add(head, "Location", admitted_.redirect);
  if (!keep_) add(head, "Connection", "close");
  return head.append("\r\n");
}

void LocalConnection::write(ApiReply reply) {
  state_ = State::kWriting;
  if (shared_.stopping) keep_ = false;
  out_head_ = head_of(reply);
  out_body_ = head_only_ ? std::string() : std::move(reply.body);
  arm(shared_.options.reply_ms);
  const std::array buffers = {asio::const_buffer(out_head_.data(), out_head_.size()),
                              asio::const_buffer(out_body_.data(), out_body_.size())};
  asio::async_write(socket_, buffers,
                    [self = shared_from_this(), this](const Code& code, std::size_t) {
                      disarm();
                      if (code) return close();
                      on_written();
                    });
}

void LocalConnection::on_written() {
  out_body_ = {};
  if (keep_ && !shared_.stopping) return wait_for_request();
  // Closing with unread bytes would reset the connection, and the reply might never be read: so
  // say that nothing more comes, and take what is still on its way for a moment.
  Code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  state_ = State::kDraining;
  reading_->parser.reset();
  reading_->buffer.clear();
  arm(shared_.stopping ? kDrainStoppingMs : kDrainMs);
  drain();
}

void LocalConnection::drain() {
  socket_.async_read_some(reading_->buffer.prepare(kPieceBytes),
                          [self = shared_from_this(), this](const Code& code, std::size_t n) {
                            drained_ += n;
                            if (code || drained_ > shared_.options.body_bytes_max) return close();
                            drain();
                          });
}

// --- time ----------------------------------------------------------------------------------

void LocalConnection::arm(std::int64_t timeout_ms) {
  timed_out_ = false;
  watch(timeout_ms, ++armed_);
}

void LocalConnection::watch(std::int64_t timeout_ms, std::uint64_t armed) {
  timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  timer_.async_wait([self = shared_from_this(), this, armed](const Code& code) {
    if (code || armed != armed_) return;
    timed_out_ = true;
    Code ignored;
    socket_.cancel(ignored);
    // A read that had just ended is not cancelled, and may be followed by another one.
    watch(kCancelAgainMs, armed);
  });
}

void LocalConnection::disarm() {
  ++armed_;
  timer_.cancel();
}

void LocalConnection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  disarm();
  Code ignored;
  socket_.close(ignored);
  shared_.closed(shared_from_this());
}

}  // namespace lalanh::client
