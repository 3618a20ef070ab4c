#include <algorithm>

#include "shared/api/bundle_work.h"
#include "shared/api/routes.h"
#include "shared/catalogue/catalogue.h"
#include "shared/catalogue/json.h"
#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/api/small_province.h"

/// Requests to a whole node, one after the other, with the byte 1e between them:
///
///     METHOD target LF body                         as they are sent
///     byte (which route) byte (which id) query LF body   a route of the API's own list
///
/// "$0" to "$5" stand for what SmallProvince::ids() has, "$6" for what was made last. No request
/// breaks anything: each is answered by JSON with success or a typed error, and after all of them
/// the database is what its events say, also when it is opened again.
namespace {

using namespace lalanh;

constexpr char kBetween = '\x1e';
constexpr std::size_t kRequestsMax = 24;

/// Bundles are read from files: not here.
class NoBundles final : public BundleWork {
 public:
  Result<std::string> run(const BundleCall& call) override {
    LALANH_CHECK(!call.paths.empty() || call.kind != BundleCall::Kind::kExport);
    return std::string("{}");
  }
};

fuzz::SmallProvince& province() {
  static fuzz::SmallProvince out;
  return out;
}

std::string with_ids(std::string_view text, const std::vector<std::string>& ids) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t which =
        i + 1 < text.size() ? static_cast<std::size_t>(text[i + 1] - '0') : 99;
    if (text[i] != '$' || which >= ids.size()) {
      out += text[i];
      continue;
    }
    out += ids[which];
    ++i;
  }
  return out;
}

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// False where it is no request that an adapter would hand over.
bool read_request(std::string_view text, const std::vector<std::string>& ids, ApiRequest& out) {
  const std::size_t end = (std::min)(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  if (end < text.size()) out.body = with_ids(text.substr(end + 1), ids);
  std::string target;
  if (!line.empty() && is_capital(line.front())) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return false;
    out.method = line.substr(0, space);
    if (!std::all_of(out.method.begin(), out.method.end(), is_capital)) return false;
    target = with_ids(line.substr(space + 1), ids);
  } else {
    if (line.size() < 2) return false;
    const auto number = [&](std::size_t i) { return static_cast<std::uint8_t>(line[i]); };
    const ApiRoute& route = api_routes()[number(0) % api_routes().size()];
    out.method = route.method;
    target = route.pattern;
    if (const std::size_t at = target.find('{'); at != std::string::npos) {
      target.replace(at, target.find('}') + 1 - at, ids[number(1) % ids.size()]);
    }
    if (line.size() > 2) target += "?" + with_ids(line.substr(2), ids);
  }
  return split_target(target, out);
}

const JsonValue* inside(const JsonValue* value, const char* key) {
  return value == nullptr ? nullptr : value->find(key);
}

bool is_said(const JsonValue* value) {
  return value != nullptr && value->text() != nullptr && !value->text()->empty();
}

void check_reply(const ApiReply& reply, std::vector<std::string>& ids) {
  JsonLimits limits;
  limits.bytes_max = 64U << 20U;
  limits.depth_max = 64;
  const Result<JsonValue> json = parse_json(reply.body, "reply", limits);
  LALANH_CHECK(json.ok());
  const JsonValue* error = json->find("error");
  if (reply.status == 200) {
    LALANH_CHECK(error == nullptr);
    if (is_said(json->find("id"))) ids.back() = *json->find("id")->text();
    return;
  }
  LALANH_CHECK(reply.status >= 400 && reply.status < 600 && reply.status != 500);
  LALANH_CHECK(is_said(inside(error, "name")));
  LALANH_CHECK(is_said(inside(inside(error, "message"), "vi")));
  LALANH_CHECK(is_said(inside(inside(error, "message"), "en")));
}

/// The digest of all it holds.
std::string verified(Node& node) {
  ApiRequest request;
  request.method = "POST";
  request.path = "/api/verify";
  const Result<JsonValue> report = parse_json(node.handle(request).body, "verify");
  LALANH_CHECK(report.ok() && inside(&*report, "ok") != nullptr);
  LALANH_CHECK(*report->find("ok")->boolean());
  return *report->find("digest")->text();
}

struct Example {
  const char* pattern;
  const char* query;
  const char* body;
};

/// What a client sends to these routes; to others "{}".
constexpr Example kExamples[] = {
    {"/api/units", "unit=14401&date=2026-01-01", ""},
    {"/api/households", "q=B%C3%B9i&class=poor&period=2026&limit=5&offset=1&removed=1",
     R"({"unit":"1440102","fields":{"head":"Bùi An","head_birth":"1970-02-01","head_sex":"F",)"
     R"("citizen_id":"001085012345","code":"H9","phone":"0912 345 678","note":"a\nb"},"actor":"Na"})"},
    {"/api/households/{id}/move", "", R"({"unit":"1440102"})"},
    {"/api/households/{id}/members", "", R"({"fields":{"name":"Bùi Ân","birth":2012}})"},
    {"/api/households/{id}/assessments", "",
     R"({"fields":{"period":"2026-10","income":1500000,"causes":["no_land"],"nutrition":true}})"},
    {"/api/entities/{id}", "", R"({"fields":{"head":"Bùi Văn Hai","note":null}})"},
    {"/api/entities/{id}/remove", "", R"({"reason":"ghi hai lần"})"},
    {"/api/entities/{id}/settle", "", R"({"values":{"head":"Bùi Văn Hai"}})"},
    {"/api/entities/{id}/history", "field=head", ""},
    {"/api/conflicts", "unit=1440101", ""},
    {"/api/findings", "unit=%233700002", ""},
    {"/api/import", "",
     R"({"unit":"1440101","households":"code,head,period,income\nH1,Bùi Hai,2026,1.000.000\n)"
     R"(H7,Vi An,2026,\n","members":"household_code,name,birth\nH7,Vi Na,2001\n","mode":"good"})"},
    {"/api/report", "unit=14401&period=2026&date=2026-06-01", ""},
    {"/api/reported", "period=2026&all=1", ""},
    {"/api/log", "unit=1440101&limit=10", ""},
    {"/api/config", "", R"({"actor":"Lê Na, Chủ tịch","parent":"hall.example:8600"})"},
    {"/api/tickets", "", R"({"units":["1440101"],"role":"village","addresses":["h:1"],"days":9})"},
    {"/api/newest", "", R"({"yes":true})"},
    {"/api/devices/{id}/revoke", "",
     R"({"reason":"mất máy","lost_since":"2026-01-01","yes":true})"},
    {"/api/set-aside/enter", "", R"({"all":true})"},
    {"/api/session", "", R"({"login":"na","password":"bốn từ rất dài"})"},
    {"/api/session/password", "", R"({"old":"bốn từ rất dài","new":"năm từ rất rất dài"})"},
    {"/api/users", "",
     R"({"login":"na","name":"Lê Na","office":"Trưởng thôn","role":"village","password":"bốn từ"})"},
    {"/api/users/{login}", "", R"({"disabled":true})"},
    {"/api/audit", "limit=5", ""},
    {"/api/bundles/export", "", R"({"path":"stick","for":"1440101","part_bytes":1048576})"},
    {"/api/bundles/import", "", R"({"paths":["stick/a.llb","stick"]})"},
    {"/api/bundles/inspect", "", R"({"paths":["stick/a.llb"]})"},
};

std::string example_of(const ApiRoute& route) {
  const bool get = route.method == "GET";
  std::string target(route.pattern);
  std::string body = get ? "" : "{}";
  if (const std::size_t at = target.find('{'); at != std::string::npos) {
    target.replace(at, target.find('}') + 1 - at,
                   route.handler == keep_entity     ? "$2"
                   : route.handler == cancel_ticket ? "$5"
                   : route.handler == revoke_one    ? "3"
                                                    : "$0");
  }
  for (const Example& example : kExamples) {
    if (example.pattern != route.pattern) continue;
    if (get && example.query[0] != '\0') target += "?" + std::string(example.query);
    if (!get && example.body[0] != '\0') body = example.body;
  }
  if (route.pattern == "/api/certify") {
    std::string text;
    JsonWriter out(text);
    out.begin_object().text("request", province().request()).end_object();
    body = std::move(text);
  }
  return std::string(route.method) + " " + target + "\n" + body;
}

}  // namespace

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  std::string work;
  std::uint8_t number = 0;
  for (const ApiRoute& route : api_routes()) {
    const std::string example = example_of(route);
    std::string name = "r" + std::to_string(number) + "-" + std::string(route.method);
    corpus.file(name, example);
    // With "made last", and by the number of the route.
    const std::string by_number = {static_cast<char>(number), '\x06'};
    corpus.file(name + "-by-number", by_number + example.substr(example.find('\n')));
    corpus.word(route.pattern.substr(0, route.pattern.find('{')));
    if (route.method != "GET") work += example + kBetween;
    ++number;
  }
  corpus.file("all-that-writes", work);
  json_words(corpus);
  for (const char* word : {"\x1e",
                           "$0",
                           "$1",
                           "$2",
                           "$3",
                           "$4",
                           "$5",
                           "code:H1",
                           "#3700002",
                           "\"unit\":",
                           "\"fields\":{",
                           "\"actor\":",
                           "\"values\":",
                           "\"take\":",
                           "\"removal\":",
                           "\"reason\":",
                           "\"mode\":\"good\"",
                           "\"dry_run\":true",
                           "\"members\":",
                           "unit=",
                           "&q=",
                           "period=",
                           "limit=1000",
                           "offset=",
                           "date=",
                           "all=1"}) {
    corpus.word(std::string_view(word));
  }
  for (const EntityType& type : Catalogue::builtin().types()) {
    for (const Field& field : type.fields) corpus.word("\"" + field.name + "\":");
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static NoBundles bundles;
  std::unique_ptr<Node> node = province().open();
  node->set_bundles(&bundles);
  std::vector<std::string> ids = province().ids();
  ids.push_back(ids[0]);
  std::string_view rest = as_text({data, size});
  for (std::size_t i = 0; i < kRequestsMax && !rest.empty(); ++i) {
    const std::size_t end = (std::min)(rest.find(kBetween), rest.size());
    ApiRequest request;
    const bool sent = read_request(rest.substr(0, end), ids, request);
    rest.remove_prefix((std::min)(end + 1, rest.size()));
    if (sent) check_reply(node->handle(request), ids);
  }
  const std::string digest = verified(*node);
  if (size == 0 || data[size / 2] % 8 != 0) return 0;
  node.reset();
  node = province().open_again();
  LALANH_CHECK(verified(*node) == digest);
  return 0;
}
