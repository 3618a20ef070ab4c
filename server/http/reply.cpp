#include "server/http/reply.h"

namespace lalanh::server {
namespace {

/// The phrases of the statuses that we send; others go without.
std::string_view phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 431: return "Header Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "";
  }
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

std::string render(const Reply& reply, bool close, bool with_body) {
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  out += phrase(reply.status);
  out += "\r\n";
  if (reply.status != 204) add_field(out, "Content-Length", std::to_string(reply.body.size()));
  if (close) add_field(out, "Connection", "close");
  for (const auto& [name, value] : reply.fields) add_field(out, name, value);
  out += "\r\n";
  if (with_body && reply.status != 204) out += as_text(reply.body);
  return out;
}

Reply sync_reply(Bytes body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

Reply sync_error(const Error& error, int status) {
  Reply reply;
  reply.status = status;
  reply.fields.emplace_back("Lalanh-Error", error.name());
  const std::string_view seconds = error.value("seconds");
  if (!seconds.empty()) reply.fields.emplace_back("Retry-After", seconds);
  return reply;
}

Reply api_reply(const ApiReply& from) {
  Reply reply = text_reply(from.status, from.content_type, from.body);
  if (from.retry_after_s) {
    reply.fields.emplace_back("Retry-After", std::to_string(*from.retry_after_s));
  }
  return reply;
}

Reply api_error(const Error& error, int status) {
  ApiReply reply = error_reply(error);
  reply.status = status;
  Reply out = api_reply(reply);
  const std::string_view seconds = error.value("seconds");
  if (!seconds.empty() && !reply.retry_after_s) out.fields.emplace_back("Retry-After", seconds);
  return out;
}

Reply text_reply(int status, std::string_view content_type, std::string_view body) {
  Reply reply;
  reply.status = status;
  reply.fields.emplace_back("Content-Type", content_type);
  reply.fields.emplace_back("Cache-Control", "no-store");
  reply.fields.emplace_back("X-Content-Type-Options", "nosniff");
  append(reply.body, as_bytes(body));
  return reply;
}

}  // namespace lalanh::server
