#include "tests/fuzz/shared/api/small_province.h"

#include <cstdio>

#include "shared/api/call.h"
#include "shared/api/enrol.h"
#include "shared/units/units_csv.h"
#include "tests/support/small_tree.h"

namespace lalanh::fuzz {
namespace {

constexpr std::string_view kUnits =
    "code,name,level,parent_code,kind\n"
    "37,Tỉnh Thử,province,,province\n"
    "14401,Xã Thử,commune,37,commune\n"
    "1440101,Thôn Một,village,14401,village\n"
    "1440102,Thôn Hai,village,14401,village\n"
    "14402,Xã Bên,commune,37,commune\n";

template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().message(Language::kEnglish).c_str());
  }
  LALANH_CHECK(result.ok());
  return std::move(result).value();
}

/// The reply's body, of a call that succeeds.
std::string call(Node& node, const char* method, const std::string& path, const std::string& body) {
  ApiRequest request;
  request.method = method;
  request.path = path;
  request.body = body;
  const ApiReply reply = node.handle(request);
  LALANH_CHECK(reply.status == 200);
  return reply.body;
}

std::string made(Node& node, const std::string& path, const std::string& body) {
  const JsonValue reply = must(parse_json(call(node, "POST", path, body), "reply"));
  return *reply.find("id")->text();
}

}  // namespace

SmallProvince::SmallProvince() : disk_(1), files_(disk_), random_(1) {
  LALANH_CHECK(start_crypto().ok());
  sim::Disk::make_default();
  const Date day{2021, 1, 1};
  LALANH_CHECK(init_province(files_, random_, clock_, disk_.path("province"), "Sở",
                             must(read_units_csv(kUnits, "units.csv", day)))
                   .ok());
  add("commune", "14401", "province");
  add("village", "1440101", "commune");
  fill();
  request_ = as_text(request_of("new", "1440102", *node("commune")));
  ids_.push_back(ticket_);
  image_ = disk_.snapshot();
}

std::unique_ptr<Node> SmallProvince::node(const std::string& name) {
  NodeOptions options;
  options.folder = disk_.path(name);
  options.clock = &clock_;
  options.random = &random_;
  options.files = &files_;
  options.version = "0.1";
  std::unique_ptr<Node> out = must(Node::open(options));
  LALANH_CHECK(out->store().note_compared().ok());  // or it would give nothing out
  return out;
}

Bytes SmallProvince::request_of(const std::string& name, const std::string& unit, Node& parent) {
  TicketOrder order;
  order.unit = must(Call(parent, ApiRequest(), {}).unit(unit));
  if (parent.tree().rank(order.unit, parent.today()) != Rank(1)) order.role = DeviceRole::kServer;
  const MadeTicket ticket =
      must(make_tickets(parent, {order}, {"district.example:8600"}, kTicketDays)).at(0);
  ticket_ = to_hex(ticket.kept.id);
  const std::string folder = disk_.path(name);
  must(init_device(files_, random_, folder, ticket.file, name + ", Trưởng thôn"));
  return must(enrolment_request(files_, random_, folder));
}

void SmallProvince::add(const std::string& name, const std::string& unit,
                        const std::string& parent) {
  const std::unique_ptr<Node> above = node(parent);
  const Bytes answer = must(answer_enrolment(*above, request_of(name, unit, *above)));
  LALANH_CHECK(enrol(files_, disk_.path(name), answer).ok());
  sync(*node(name), *above);
}

void SmallProvince::sync(Node& child, Node& parent) {
  for (const Scope scope : must(child.store().core().all_scopes())) {
    if (scope.channel == Channel::kRecords) testing::carry(child.store(), parent.store(), scope);
  }
  const UnitNo unit = child.store().own_certificate().device().unit;
  for (const Scope scope : must(parent.store().readable_scopes(unit))) {
    testing::carry(parent.store(), child.store(), scope);
  }
}

void SmallProvince::fill() {
  const std::unique_ptr<Node> village = node("village");
  const std::unique_ptr<Node> commune = node("commune");
  const std::string disputed =
      made(*village, "/api/households",
           R"({"fields":{"head":"Bùi Văn Hai","code":"H1","head_birth":1970}})");
  const std::string plain =
      made(*village, "/api/households", R"({"fields":{"head":"Lê Thị Na","code":"H2"}})");
  const std::string removed =
      made(*village, "/api/households", R"({"fields":{"head":"Trần Ân","code":"H3"}})");
  const std::string member = made(*village, "/api/households/" + disputed + "/members",
                                  R"({"fields":{"name":"Bùi Thị Mai","birth":2010}})");
  const std::string assessment =
      made(*village, "/api/households/" + disputed + "/assessments",
           R"({"fields":{"period":"2026","area":"R","income":1200000,"causes":["illness"]}})");
  sync(*village, *commune);
  call(*village, "PATCH", "/api/entities/" + disputed, R"({"fields":{"head":"Bùi Văn Hải"}})");
  call(*commune, "PATCH", "/api/entities/" + disputed, R"({"fields":{"head":"Bùi Văn Hài"}})");
  call(*commune, "POST", "/api/entities/" + removed + "/remove", R"({"reason":"chuyển đi"})");
  sync(*village, *commune);
  ids_ = {disputed, plain, removed, member, assessment};
}

std::unique_ptr<Node> SmallProvince::open() {
  disk_.restore(image_);
  clock_ = testing::FakeClock();
  random_ = testing::SeededRandom(2);
  return node("commune");
}

std::unique_ptr<Node> SmallProvince::open_again() { return node("commune"); }

}  // namespace lalanh::fuzz
