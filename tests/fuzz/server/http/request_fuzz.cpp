#include "server/http/exchange.h"
#include "shared/catalogue/json.h"
#include "tests/fuzz/main/words.h"
#include "tests/support/simple_ports.h"

/// A request as it comes from a socket, head and body: refused with a reply, or taken by one of the
/// routes, and what is taken is what was sent.
namespace {

using namespace lalanh;
using namespace lalanh::server;

/// The head again, from what was read of it.
std::string written(const RequestHead& head) {
  std::string out =
      head.method + " " + head.target + " HTTP/1." + std::to_string(head.minor_version) + "\r\n";
  for (const auto& [name, value] : head.fields) out += name + ": " + value + "\r\n";
  return out + "\r\n";
}

struct Served {
  testing::FakeClock clock;
  testing::SeededRandom random{1};
  JsonLog log{[](std::string_view line) { LALANH_CHECK(parse_json(line, "log").ok()); }, clock};
  ApiRequest seen;
  Shared shared{options(), handlers(), clock, random, log};

  static HttpOptions options() {
    HttpOptions out;
    out.token = "0123456789abcdef";
    out.version = "9.8.7";
    return out;
  }
  HttpHandlers handlers() {
    HttpHandlers out;
    out.sync = [](std::string_view path, ByteView body, bool) -> Result<Bytes> {
      LALANH_CHECK(path.starts_with("/s/") && path.size() < 64);
      return Bytes(body.begin(), body.end());
    };
    out.api = [this](const ApiRequest& request) {
      seen = request;
      return ApiReply();
    };
    return out;
  }
};

void check_reply(const Reply& reply) {
  LALANH_CHECK(reply.status >= 200 && reply.status < 600);
  LALANH_CHECK(reply.status != 500);
  const std::string sent = render(reply, true, true);
  const std::size_t end = sent.find("\r\n\r\n");
  LALANH_CHECK(end != std::string::npos && sent.size() == end + 4 + reply.body.size());
  for (const auto& [name, value] : reply.fields) {
    LALANH_CHECK(value.find_first_of("\r\n") == std::string::npos);
  }
}

}  // namespace

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  const std::string mine = "Host: 127.0.0.1:8600\r\nLalanh-Token: 0123456789abcdef\r\n";
  corpus.file("api-get", "GET /api/households?q=B%C3%B9i&limit=5 HTTP/1.1\r\n" + mine +
                             "Accept-Language: en\r\n\r\n");
  corpus.file("api-post", "POST /api/households HTTP/1.1\r\n" + mine +
                              "Content-Type: application/json\r\nContent-Length: 24\r\n\r\n"
                              "{\"fields\":{\"head\":\"An\"}}\n");
  corpus.file("sync", "POST /s/open HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
  corpus.file("health", "HEAD /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  corpus.file("metrics", "GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  corpus.file("other", "DELETE /nowhere HTTP/1.1\r\nHost: h\r\n\r\n");
  for (const char* word : {"\r\n",
                           "\r\n ",
                           " HTTP/1.1\r\n",
                           " HTTP/1.0\r\n",
                           ": ",
                           "Content-Length: ",
                           "Transfer-Encoding: chunked\r\n",
                           "Host: localhost\r\n",
                           "Connection: ",
                           "/api/",
                           "/s/push",
                           "GET ",
                           "PATCH ",
                           "OPTIONS ",
                           "0",
                           "18446744073709551616",
                           "-1",
                           "+1",
                           "%00",
                           "%2e",
                           "\t",
                           "Origin: http://example.org\r\n"}) {
    corpus.word(std::string_view(word));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = as_text({data, size});
  const std::size_t end = bytes.find("\r\n\r\n");
  const std::size_t head_bytes = end == std::string_view::npos ? size : end + 4;
  const Result<RequestHead> head = parse_request_head(bytes.substr(0, head_bytes));
  if (!head.ok()) return 0;
  LALANH_CHECK(head->fields.size() <= kHeadFieldsMax && head->target.starts_with("/"));
  const Result<RequestHead> again = parse_request_head(written(*head));
  LALANH_CHECK(again.ok() && again->method == head->method && again->target == head->target &&
               again->fields == head->fields && again->keep_alive() == head->keep_alive());
  static Served served;
  served.seen = {};
  const Route route = route_of(*head);
  std::size_t wanted = 0;
  if (const auto refused = refusal(served.shared, route, *head, true, wanted)) {
    check_reply(*refused);
    return 0;
  }
  LALANH_CHECK(wanted <= limits::kApiBodyBytesMax);
  const std::string_view rest = bytes.substr(head_bytes);
  const std::string_view body = rest.substr(0, wanted);
  check_reply(answer(served.shared, route, *head, as_bytes(body), body.size() == wanted));
  if (!served.seen.path.empty()) LALANH_CHECK(served.seen.body == body);
  return 0;
}
