#pragma once

#include <map>

#include <catch2/catch.hpp>

#include "shared/accounts/desk.h"
#include "shared/api/call.h"
#include "shared/api/enrol.h"
#include "shared/api/node.h"
#include "shared/platform/platform.h"
#include "shared/units/units_csv.h"
#include "tests/support/small_tree.h"

namespace lalanh::testing {

inline constexpr std::string_view kUnits =
    "code,name,level,parent_code,kind\n"
    "37,Tỉnh Thử,province,,province\n"
    "372,Huyện Thử,district,37,district\n"
    "14401,Xã Thử,commune,372,commune\n"
    "1440101,Thôn Một,village,14401,village\n"
    "1440102,Thôn Hai,village,14401,village\n"
    "14402,Xã Bên,commune,372,commune\n"
    "1440201,Thôn Ba,village,14402,village\n";

template <class T>
T must(Result<T> result) {
  if (!result.ok()) FAIL(result.error().name() + ": " + result.error().message(Language::kEnglish));
  return std::move(result).value();
}
inline void must(const Status& status) {
  if (!status.ok()) FAIL(status.error().name());
}

/// A reply: status and JSON, read by paths such as "households.0.fields.head".
class Got {
 public:
  Got(const ApiReply& reply) : status(reply.status), body(reply.body) {
    JsonLimits limits;
    limits.depth_max = 64;
    json_ = must(parse_json(body, "reply", limits));
  }
  const JsonValue& json() const { return json_; }
  const JsonValue& at(std::string_view path) const {
    static const JsonValue kNothing;
    const JsonValue* here = &json_;
    while (!path.empty() && here != nullptr) {
      const std::size_t end = (std::min)(path.find('.'), path.size());
      const std::string part(path.substr(0, end));
      path.remove_prefix((std::min)(end + 1, path.size()));
      if (const JsonValue::Array* array = here->array(); array != nullptr) {
        const std::size_t index = std::stoul(part);
        here = index < array->size() ? &(*array)[index] : nullptr;
      } else {
        here = here->find(part);
      }
    }
    return here == nullptr ? kNothing : *here;
  }
  std::string text(std::string_view path) const {
    const JsonValue& value = at(path);
    return value.text() == nullptr ? std::string() : *value.text();
  }
  std::int64_t number(std::string_view path) const {
    const JsonValue& value = at(path);
    return value.integer() == nullptr ? -1 : *value.integer();
  }
  bool yes(std::string_view path) const {
    const JsonValue& value = at(path);
    return value.boolean() != nullptr && *value.boolean();
  }
  std::size_t size(std::string_view path) const {
    const JsonValue& value = at(path);
    return value.array() == nullptr ? 0 : value.array()->size();
  }
  std::string error() const { return text("error.name"); }

  int status;
  std::string body;

 private:
  JsonValue json_;
};

inline Got call(Node& node, const char* method, const std::string& target,
                const std::string& body = "") {
  ApiRequest request;
  request.method = method;
  REQUIRE(split_target(target, request));
  request.body = body;
  return node.handle(request);
}
inline Got get(Node& node, const std::string& target) { return call(node, "GET", target); }
inline Got post(Node& node, const std::string& target, const std::string& body = "") {
  return call(node, "POST", target, body);
}
inline Got patch(Node& node, const std::string& id, const std::string& fields) {
  return call(node, "PATCH", "/api/entities/" + id, "{\"fields\":" + fields + "}");
}
/// The new entity's id; fails where it was refused.
inline std::string made(const Got& got) {
  INFO(got.body);
  REQUIRE(got.status == 200);
  return got.text("id");
}
inline std::string household(Node& node, const std::string& unit, const std::string& fields) {
  return made(
      post(node, "/api/households", R"({"unit":")" + unit + R"(","fields":)" + fields + "}"));
}
inline std::string member(Node& node, const std::string& household, const std::string& fields) {
  return made(
      post(node, "/api/households/" + household + "/members", "{\"fields\":" + fields + "}"));
}
inline std::string assessment(Node& node, const std::string& household, const std::string& fields) {
  return made(
      post(node, "/api/households/" + household + "/assessments", "{\"fields\":" + fields + "}"));
}

/// A province in a temporary folder, and nodes certified below it, each by files as people carry
/// them. Nodes have names; the province's is "province".
class World {
 public:
  explicit World(std::uint64_t seed = 7) : random(seed), files(make_system_files()) {
    must(init_province(*files, random, clock, path("province"), "Sở",
                       must(read_units_csv(kUnits, "units.csv", {2021, 1, 1}))));
  }
  std::string path(const std::string& name) const { return folder.file(name); }
  Node& node(const std::string& name) {
    std::unique_ptr<Node>& node = nodes_[name];
    if (node == nullptr) {
      NodeOptions options;
      options.folder = path(name);
      options.clock = &clock;
      options.random = &random;
      options.files = files.get();
      options.version = "0.1";
      options.desk = desk_of(name);
      node = must(Node::open(options));
    }
    return *node;
  }
  /// From here on the node has a desk, so that it can have users; closes it.
  Desk& desk(const std::string& name) {
    std::unique_ptr<Desk>& desk = desks_[name];
    if (desk == nullptr) {
      close(name);
      desk = must(Desk::open(desk_options(name)));
    }
    return *desk;
  }
  DeskOptions desk_options(const std::string& name) {
    DeskOptions options;
    options.folder = path(name);
    options.clock = &clock;
    options.random = &random;
    options.files = files.get();
    options.cost = {1, 8};
    options.cipher = Cipher::kAegis;
    return options;
  }
  /// As after a new start of the program: locked, and no session is left.
  void forget_desk(const std::string& name) {
    close(name);
    desks_.erase(name);
  }
  void close(const std::string& name) { nodes_[name].reset(); }
  Node& province() { return node("province"); }
  /// A ticket of `parent`'s for a machine of the unit: of a village its laptop, else a server.
  Bytes ticket_for(const std::string& unit, const std::string& parent) {
    TicketOrder order;
    order.unit = unit_no(unit);
    if (province().tree().rank(order.unit, province().today()) != Rank(1)) {
      order.role = DeviceRole::kServer;
    }
    return must(make_tickets(node(parent), {order}, {"h:1"}, kTicketDays)).at(0).file;
  }
  /// The request of a new machine that has the ticket.
  Bytes request_of(const std::string& name, const Bytes& ticket) {
    must(init_device(*files, random, path(name), ticket, name + ", Trưởng thôn"));
    return must(enrolment_request(*files, random, path(name)));
  }
  /// A new node of a unit, certified by `parent`, that has taken what it may read.
  Node& add(const std::string& name, const std::string& unit, const std::string& parent) {
    const Bytes request = request_of(name, ticket_for(unit, parent));
    must(enrol(*files, path(name), must(answer_enrolment(node(parent), request))));
    sync(name, parent);
    return node(name);
  }
  UnitNo unit_no(const std::string& code) {
    return must(Call(province(), ApiRequest(), {}).unit(code));
  }
  /// What an evening's sync moves: up all of the child's, down what the child may read.
  void sync(const std::string& child_name, const std::string& parent_name) {
    Node& child = node(child_name);
    Node& parent = node(parent_name);
    for (const Scope scope : must(child.store().core().all_scopes())) {
      if (scope.channel == Channel::kRecords) carry(child.store(), parent.store(), scope);
    }
    const UnitNo unit = child.store().own_certificate().device().unit;
    for (const Scope scope : must(parent.store().readable_scopes(unit))) {
      carry(parent.store(), child.store(), scope);
    }
    must(child.store().note_compared());
    must(parent.store().note_compared());
  }

  FakeClock clock;
  SeededRandom random;
  std::unique_ptr<Files> files;
  TemporaryFolder folder;

 private:
  Desk* desk_of(const std::string& name) {
    const auto found = desks_.find(name);
    return found == desks_.end() ? nullptr : found->second.get();
  }
  std::map<std::string, std::unique_ptr<Desk>> desks_;
  std::map<std::string, std::unique_ptr<Node>> nodes_;
};

}  // namespace lalanh::testing
