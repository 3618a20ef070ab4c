#include "sync/link/http_link.h"

#include "shared/base/limits.h"

namespace lalanh::sync {
namespace {

std::unique_ptr<ByteStream> make_stream(const HttpLinkOptions& options) {
  CHECK(options.clock != nullptr);
  auto stream =
      make_tls_stream(options.parent, options.parent_key, *options.clock, options.stopped);
  if (!options.cut_after_bytes) return stream;
  return make_cut_stream(std::move(stream), *options.cut_after_bytes);
}

}  // namespace

HttpLink::HttpLink(const HttpLinkOptions& options) : HttpLink(options, make_stream(options)) {}

HttpLink::HttpLink(const HttpLinkOptions& options, std::unique_ptr<ByteStream> stream)
    : host_(to_text(options.parent)),
      connection_(std::move(stream), *options.clock, options.times) {}

Result<LinkReply> HttpLink::post(std::string_view path, ByteView body, std::int64_t deadline_ms) {
  std::string head = "POST ";
  head.append(path).append(" HTTP/1.1\r\nHost: ").append(host_);
  head.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  TRY_ASSIGN(HttpAnswer answer,
             connection_.exchange(head, body, limits::kSyncBodyBytesMax, deadline_ms));
  LinkReply reply;
  reply.status = answer.status;
  reply.body = std::move(answer.body);
  reply.retry_after_s = answer.retry_after_s;
  reply.error_name = std::move(answer.error_name);
  reply.elapsed_ms = answer.elapsed_ms;
  reply.complete = answer.complete;
  reply.cut = std::move(answer.cut);
  return reply;
}

}  // namespace lalanh::sync
