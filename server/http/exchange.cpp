#include "server/http/exchange.h"

#include <algorithm>
#include <exception>
#include <typeinfo>

#include "shared/api/routes.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json_writer.h"

namespace lalanh::server {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kPrometheus = "text/plain; version=0.0.4; charset=utf-8";

/// What a child may call (PROTOCOL.md, Shape). What is not here is counted and logged without its
/// name, for anybody may invent one.
constexpr std::string_view kSyncPaths[] = {"/s/open", "/s/differ", "/s/pull",
                                           "/s/push", "/s/above",  "/s/enrol"};

bool is_sync_path(std::string_view path) {
  return std::ranges::find(kSyncPaths, path) != std::end(kSyncPaths);
}

/// "/api/households" of "/api/households/0a.1"; "/api/" where no route of the API begins so.
std::string api_beginning(const std::string& path) {
  const std::string out = path.substr(0, path.find('/', 5));
  const bool known = std::ranges::any_of(api_routes(), [&](const ApiRoute& route) {
    return route.pattern.substr(0, route.pattern.find('/', 5)) == out;
  });
  return known ? out : "/api/";
}

/// Does the text equal the secret? In a time that does not tell where they differ.
bool same_secret(std::string_view text, std::string_view secret) {
  if (text.size() != secret.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(text[i]) ^
                                        static_cast<unsigned char>(secret[i]));
  }
  return difference == 0;
}

/// Is it this server on this machine? Any web page can send a browser to a local port, under a name
/// of its own.
bool is_own_host(std::string_view host, std::uint16_t port) {
  const std::string end = ":" + std::to_string(port);
  return host == "127.0.0.1" + end || host == "localhost" + end || host == "[::1]" + end;
}

std::optional<Reply> refuse_api(const Shared& shared, const RequestHead& head, bool loopback) {
  const std::string_view host = head.field("host");
  if (!loopback || !is_own_host(host, shared.port.load())) {
    return api_error(Error(ErrorCode::trust_bad_host, {{"host", std::string(host)}}), 421);
  }
  const std::string_view shown = head.field("lalanh-token");
  if (shared.options.token.empty() || !same_secret(shown, shared.options.token)) {
    return api_error(Error(ErrorCode::trust_bad_token), 403);
  }
  return std::nullopt;
}

std::optional<Reply> refuse_method(const Route& route, const RequestHead& head) {
  std::string_view allowed;
  const std::string& method = head.method;
  switch (route.kind) {
    case RouteKind::kSync:
      if (method != "POST") allowed = "POST";
      break;
    case RouteKind::kApi:
      if (method != "GET" && method != "POST" && method != "PUT" && method != "PATCH" &&
          method != "DELETE") {
        allowed = "GET, POST, PUT, PATCH, DELETE";
      }
      break;
    case RouteKind::kHealth:
    case RouteKind::kMetrics:
      if (method != "GET" && method != "HEAD") allowed = "GET, HEAD";
      break;
    case RouteKind::kNone: break;
  }
  if (allowed.empty()) return std::nullopt;
  Reply reply = error_of(
      route, Error(ErrorCode::http_method, {{"path", route.path}, {"method", method}}), 405);
  reply.fields.emplace_back("Allow", allowed);
  return reply;
}

std::size_t body_bytes_max(RouteKind kind) {
  switch (kind) {
    case RouteKind::kSync: return limits::kSyncBodyBytesMax;
    case RouteKind::kApi: return limits::kApiBodyBytesMax;
    default: return 0;
  }
}

Reply health(const Shared& shared) {
  const bool stopping = shared.stop.stopping();
  std::string body;
  JsonWriter json(body);
  json.begin_object().text("status", stopping ? "stopping" : "ok");
  json.text("version", shared.options.version).end_object();
  body += '\n';
  return text_reply(stopping ? 503 : 200, kJson, body);
}

Reply metrics(Shared& shared) {
  std::vector<Gauge> gauges = shared.own_gauges ? shared.own_gauges() : std::vector<Gauge>();
  if (shared.handlers.gauges) {
    for (Gauge& gauge : shared.handlers.gauges()) gauges.push_back(std::move(gauge));
  }
  return text_reply(200, kPrometheus, shared.metrics.text(gauges));
}

Reply answer_sync(Shared& shared, const Route& route, ByteView body, bool complete) {
  if (!complete) shared.metrics.count_cut_push();
  Result<Bytes> result = shared.handlers.sync(route.path, body, complete);
  if (result.ok()) return sync_reply(std::move(result).value());
  shared.metrics.count_sync_error(result.error().name());
  return sync_error(result.error(), error_reply(result.error()).status);
}

Reply answer_api(Shared& shared, const RequestHead& head, ByteView body) {
  ApiRequest request;
  if (!split_target(head.target, request)) {
    return api_error(Error(ErrorCode::http_malformed, {{"why", "target"}}), 400);
  }
  request.method = head.method;
  request.body = as_text(body);
  request.session = head.field("lalanh-session");
  if (head.field("accept-language").starts_with("en")) request.language = Language::kEnglish;
  return api_reply(shared.handlers.api(request));
}

Reply not_found(const RequestHead& head) {
  const std::string path = head.target.substr(0, head.target.find('?'));
  const Error error(ErrorCode::http_not_found, {{"path", path}});
  return path.starts_with("/s/") ? sync_error(error, 404) : api_error(error, 404);
}

Reply dispatch(Shared& shared, const Route& route, const RequestHead& head, ByteView body,
               bool complete) {
  switch (route.kind) {
    case RouteKind::kSync: return answer_sync(shared, route, body, complete);
    case RouteKind::kApi: return answer_api(shared, head, body);
    case RouteKind::kHealth: return health(shared);
    case RouteKind::kMetrics: return metrics(shared);
    case RouteKind::kNone: break;  // refused by its head
  }
  return not_found(head);
}

}  // namespace

Route route_of(const RequestHead& head) {
  const std::string path = head.target.substr(0, head.target.find('?'));
  if (is_sync_path(path)) return {RouteKind::kSync, path, path};
  if (path.starts_with("/api/")) return {RouteKind::kApi, "/api/", api_beginning(path)};
  if (path == "/health") return {RouteKind::kHealth, path, path};
  if (path == "/metrics") return {RouteKind::kMetrics, path, path};
  return {};
}

std::optional<Reply> refusal(const Shared& shared, const Route& route, const RequestHead& head,
                             bool peer_is_loopback, std::size_t& body_bytes) {
  const bool none = route.kind == RouteKind::kNone ||
                    (route.kind == RouteKind::kSync && !shared.handlers.sync) ||
                    (route.kind == RouteKind::kApi && !shared.handlers.api);
  if (none) return not_found(head);
  if (auto reply = refuse_method(route, head)) return reply;
  if (route.kind == RouteKind::kApi) {
    if (auto reply = refuse_api(shared, head, peer_is_loopback)) return reply;
  }
  const Result<std::optional<std::uint64_t>> length = content_length(head);
  if (!length.ok()) return error_of(route, length.error(), 400);
  if (!length->has_value() && (route.kind == RouteKind::kSync || head.has("transfer-encoding"))) {
    return error_of(route, Error(ErrorCode::http_malformed, {{"why", "Content-Length is missing"}}),
                    411);
  }
  const std::size_t max = body_bytes_max(route.kind);
  const std::uint64_t announced = length->value_or(0);
  if (announced > max) {
    return error_of(route, Error(ErrorCode::http_too_large, {{"max", std::to_string(max)}}), 413);
  }
  body_bytes = static_cast<std::size_t>(announced);
  return std::nullopt;
}

Reply error_of(const Route& route, const Error& error, int status) {
  return route.kind == RouteKind::kSync ? sync_error(error, status) : api_error(error, status);
}

Reply answer(Shared& shared, const Route& route, const RequestHead& head, ByteView body,
             bool complete) {
  const char* kind = "unknown";
  try {
    return dispatch(shared, route, head, body, complete);
  } catch (const std::exception& failure) {
    kind = typeid(failure).name();  // not what(): it may quote what a person typed
  } catch (...) {
  }
  shared.log.write(LogLevel::kError, "exception",
                   {{"path", std::string_view(route.path)}, {"type", std::string_view(kind)}});
  return error_of(route, Error(ErrorCode::system_internal, {{"why", "exception"}}), 500);
}

bool sync_may_begin(const Shared& shared) {
  return shared.sync_in_work.load() < shared.options.sync_in_work_max && !shared.stop.stopping();
}

SyncPlace::SyncPlace(Shared& shared) : shared_(shared) {
  const int before = shared.sync_in_work.fetch_add(1);
  granted_ = before < shared.options.sync_in_work_max;
  if (!granted_) shared.sync_in_work.fetch_sub(1);
}

SyncPlace::~SyncPlace() {
  if (granted_) shared_.sync_in_work.fetch_sub(1);
}

Error busy_error(Shared& shared) {
  const auto base = static_cast<std::uint64_t>(std::max(1, shared.options.retry_after_s));
  const std::uint64_t seconds = base + shared.random.next_u64() % (3 * base + 1);
  return Error(ErrorCode::http_busy, {{"seconds", std::to_string(seconds)}});
}

}  // namespace lalanh::server
