#include <fstream>
#include <iterator>
#include <set>

#include "shared/accounts/audit.h"
#include "tests/unit/shared/api/users.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// A place of the little province, and a household there; households lie in villages alone.
struct Place {
  std::string unit;
  std::string household;
};

/// Where a role's user is put, and what lies at, below and beside his unit.
struct Seat {
  std::string unit;
  Place own, below, elsewhere;
};

/// A province's server, which holds every unit and whose certificate allows everything, with a user
/// of each role.
struct Table : World {
  Table() {
    desk("province");
    for (const char* code : {"1440101", "1440102", "1440201"}) {
      households[code] = household(province(), code, R"({"head":"Bùi An"})");
    }
    const Place one{"1440101", households["1440101"]}, two{"1440102", households["1440102"]};
    const Place other{"1440201", households["1440201"]};
    seats["village_head"] = {"1440101", one, {}, two};
    for (const char* role : {"commune_officer", "commune_chairman", "supervisor", "it"}) {
      seats[role] = {"14401", {"14401", ""}, one, other};
    }
    seats["district_officer"] = {"372", {"372", ""}, other, {"37", ""}};
    seats["province_officer"] = {"37", {"37", ""}, one, {}};
    add_user(desk("province"), "a-first", "it");
    for (const auto& [role, seat] : seats) {
      add_user(desk("province"), login_of(role), role, unit_no(seat.unit));
    }
  }
  static std::string login_of(std::string role) {
    for (char& c : role) c = c == '_' ? '-' : c;
    return role;
  }
  /// The operation done to a place, as the user of a role.
  Got done(const Operation& operation, const std::string& role, const Place& place) {
    const std::size_t blank = operation.call.find(' ');
    std::string target = operation.call.substr(blank + 1);
    const auto put = [&](const std::string& name, const std::string& value) {
      if (const std::size_t at = target.find(name); at != std::string::npos) {
        target.replace(at, name.size(), value);
      }
    };
    put("{id}", place.household.empty() ? "1" : place.household);
    put("{login}", "nobody");
    if (operation.target == Target::kQueryUnit) target += "?unit=" + place.unit;
    const std::string body =
        operation.target == Target::kBodyUnit ? R"({"unit":")" + place.unit + "\"}" : "";
    return as(province(), desk("province").proof(login_of(role)),
              operation.call.substr(0, blank).c_str(), target, body);
  }
  std::map<std::string, std::string> households;
  std::map<std::string, Seat> seats;
};

bool is_refusal(const std::string& error) {
  return error == "accounts.not_allowed" || error == "accounts.other_unit" ||
         error == "accounts.sign_in" || error == "accounts.device_not_allowed";
}

/// Does the call itself say which unit it concerns?
bool names_unit(const Operation& operation) {
  return operation.target != Target::kNone && operation.target != Target::kRows;
}

std::string word(Reach reach) {
  switch (reach) {
    case Reach::kNo: return "–";
    case Reach::kYes: return "✓";
    case Reach::kOwn: return "◦";
    case Reach::kBelow: return "↓";
  }
  return "";
}

/// The table as the handbook prints it.
std::string printed() {
  const Roles& roles = Roles::builtin();
  std::string head = "| việc · operation |", line = "| --- |", out;
  for (const Role& role : roles.roles()) {
    head += " " + role.label.vi + " · " + role.label.en + " |";
    line += " --- |";
  }
  for (const Operation& operation : roles.operations()) {
    if (operation.target == Target::kOpen) continue;
    out += "| `" + operation.call + "` " + operation.label.vi + " · " + operation.label.en;
    if (operation.audited != Audited::kNothing) out += " (†)";
    out += " |";
    for (const Role& role : roles.roles()) out += " " + word(operation.reach(role.name)) + " |";
    out += "\n";
  }
  return head + "\n" + line + "\n" + out;
}

}  // namespace

TEST_CASE_METHOD(Table,
                 "each role may do exactly what the table says, where it says, cell by cell") {
  int cells = 0;
  for (const Operation& operation : Roles::builtin().operations()) {
    if (operation.target == Target::kOpen) continue;
    for (const auto& [role, seat] : seats) {
      const Reach reach = operation.reach(role);
      const auto answer = [&](const Place& place) {
        const bool none = !names_unit(operation);
        if (operation.target == Target::kEntity && place.household.empty()) return std::string("-");
        if (!none && place.unit.empty()) return std::string("-");
        ++cells;
        return done(operation, role, place).error();
      };
      INFO(operation.call << " by " << role);
      const std::string own = answer(seat.own);
      const std::string below = answer(seat.below);
      const std::string elsewhere = answer(seat.elsewhere);
      INFO("own " << own << ", below " << below << ", elsewhere " << elsewhere);
      const bool by_unit = names_unit(operation);
      for (const std::string& error : {own, below, elsewhere}) {
        if (reach == Reach::kNo) CHECK((error == "accounts.not_allowed" || error == "-"));
        if (reach != Reach::kNo && !by_unit) CHECK_FALSE(is_refusal(error));
      }
      if (!by_unit || reach == Reach::kNo) continue;
      CHECK_FALSE(is_refusal(own));
      if (below != "-") CHECK((below == "accounts.other_unit") == (reach == Reach::kOwn));
      if (elsewhere != "-") CHECK(elsewhere == "accounts.other_unit");
    }
  }
  CHECK(cells > 500);
}

TEST_CASE_METHOD(Table, "without a session every call but those of the session is refused") {
  for (const Operation& operation : Roles::builtin().operations()) {
    const std::size_t blank = operation.call.find(' ');
    const std::string method = operation.call.substr(0, blank);
    for (const char* session : {"", "it:00", ":", "a", ":00"}) {
      const Got got = as(province(), session, method.c_str(), operation.call.substr(blank + 1));
      INFO(operation.call << " with '" << session << "'");
      CHECK((got.error() == "accounts.sign_in") == (operation.target != Target::kOpen));
    }
  }
}

TEST_CASE_METHOD(Table, "a user below the node's unit sees his own unit where he names none") {
  const std::string session = desk("province").proof("village-head");
  const Got list = as(province(), session, "GET", "/api/households");
  CHECK(list.number("total") == 1);
  CHECK(list.text("households.0.id") == households["1440101"]);
  const Got made =
      as(province(), session, "POST", "/api/households", R"({"fields":{"head":"Mới"}})");
  CHECK(made.text("id").starts_with(std::to_string(unit_no("1440101").value) + "-"));
  CHECK(as(province(), session, "GET", "/api/report").text("total.code") == "1440101");
}

TEST_CASE_METHOD(Table, "a role goes no further than the device's certificate") {
  // A village's laptop, on which the village head makes himself a supervisor, not an officer.
  add("thon", "1440101", "province");
  add_user(desk("thon"), "tam", "village_head");
  add_user(desk("thon"), "xa", "commune_officer");  // as if the file came from elsewhere
  Node& node = this->node("thon");
  const std::string officer = desk("thon").proof("xa");
  CHECK(as(node, officer, "POST", "/api/households", R"({"fields":{"head":"An"}})").error() ==
        "accounts.device_not_allowed");
  const std::string head = desk("thon").proof("tam");
  CHECK(as(node, head, "POST", "/api/users",
           R"({"name":"X","role":"commune_officer","password":"12345678"})")
            .error() == "accounts.wrong_role");
  CHECK(as(node, head, "POST", "/api/households", R"({"fields":{"head":"An"}})").status == 200);
}

TEST_CASE_METHOD(
    Table, "a village head on a higher machine makes and changes accounts of his village alone") {
  const std::string head = desk("province").proof("village-head");
  add_user(desk("province"), "hai", "village_head", unit_no("1440102"));
  const auto made = [&](const std::string& session, const std::string& what) {
    return as(province(), session, "POST", "/api/users",
              R"({"name":"Ai","password":"12345678",)" + what + "}");
  };
  CHECK(made(head, R"("role":"supervisor","unit":"37","login":"a1")").error() ==
        "accounts.not_yours");
  CHECK(made(head, R"("role":"village_head","unit":"1440102","login":"a2")").error() ==
        "accounts.not_yours");
  CHECK(made(head, R"("role":"supervisor","login":"a3")").status == 200);  // of his own village
  const std::string session = desk("province").proof("a3");
  CHECK(as(province(), session, "GET", "/api/households").number("total") == 1);
  CHECK(as(province(), session, "GET", "/api/report?unit=37").error() == "accounts.other_unit");
  const auto changed = [&](const char* login) {
    return as(province(), head, "PATCH", std::string("/api/users/") + login,
              R"({"password":"87654321"})");
  };
  CHECK(changed("hai").error() == "accounts.not_yours");
  CHECK(changed("supervisor").error() == "accounts.not_yours");
  CHECK(changed("commune-officer").error() == "accounts.wrong_role");
  CHECK(changed("a3").status == 200);
  const std::string key = to_hex(KeyPair::make(random).public_key());
  CHECK(as(province(), head, "POST", "/api/recovery", R"({"key":")" + key + "\"}").error() ==
        "accounts.not_yours");

  const std::string officer = desk("province").proof("commune-officer");
  CHECK(made(officer, R"("role":"village_head","login":"b1")").error() == "accounts.needs_village");
  CHECK(made(officer, R"("role":"village_head","unit":"1440201","login":"b2")").error() ==
        "accounts.not_yours");
  CHECK(made(officer, R"("role":"village_head","unit":"1440102","login":"b3")").status == 200);
}

TEST_CASE_METHOD(Table, "an account sees the accounts and the reading of its own unit alone") {
  const auto logins = [&](const Got& got, const char* list) {
    std::set<std::string> out;
    for (std::size_t i = 0; i < got.size(list); ++i) {
      out.insert(got.text(std::string(list) + "." + std::to_string(i) + ".login"));
    }
    return out;
  };
  const std::string head = desk("province").proof("village-head");
  const std::string officer = desk("province").proof("commune-officer");
  const std::string top = desk("province").proof("province-officer");
  for (const std::string& who : {head, officer, top}) {
    CHECK(as(province(), who, "GET", "/api/households").status == 200);
  }
  const auto seen_by_head = logins(as(province(), head, "GET", "/api/users"), "users");
  CHECK(seen_by_head.count("village-head") == 1);
  CHECK(seen_by_head.count("commune-officer") == 0);
  CHECK(seen_by_head.count("province-officer") == 0);
  const auto read = logins(as(province(), officer, "GET", "/api/audit"), "lines");
  CHECK(read.count("village-head") == 1);
  CHECK(read.count("commune-officer") == 1);
  CHECK(read.count("province-officer") == 0);
  const auto all = logins(as(province(), top, "GET", "/api/audit"), "lines");
  CHECK(all.count("village-head") + all.count("commune-officer") + all.count("province-officer") ==
        3);
}

TEST_CASE_METHOD(Table, "an officer on a higher machine moves households within his unit alone") {
  const std::string officer = desk("province").proof("commune-officer");
  const std::string id = made(as(province(), officer, "POST", "/api/households",
                                 R"({"unit":"1440101","fields":{"head":"Bùi An"}})"));
  const auto moved = [&](const char* unit) {
    return as(province(), officer, "POST", "/api/households/" + id + "/move",
              R"({"unit":")" + std::string(unit) + R"("})");
  };
  CHECK(moved("1440201").error() == "accounts.not_yours");
  CHECK(as(province(), officer, "GET", "/api/households/" + id).text("presence") == "there");
  CHECK(moved("1440102").status == 200);
}

TEST_CASE_METHOD(Table,
                 "an officer on a higher machine gives tickets and revokes below his unit alone") {
  add("thon", "1440201", "province");
  const std::string device =
      std::to_string(node("thon").store().own_certificate().device().device.value);
  const std::string officer = desk("province").proof("commune-officer");
  const auto asked = [&](const std::string& path, const std::string& body) {
    return as(province(), officer, "POST", path, body).error();
  };
  const auto ticket = [&](const char* unit) {
    return asked("/api/tickets",
                 R"({"units":[")" + std::string(unit) + R"("],"addresses":["h:1"]})");
  };
  CHECK(ticket("372") == "accounts.not_yours");
  CHECK(ticket("1440201") == "accounts.not_yours");
  CHECK(ticket("1440101") == "");
  CHECK(asked("/api/devices/" + device + "/revoke", R"({"yes":true})") == "accounts.not_yours");
  CHECK(asked("/api/tickets/" + device + "/cancel", "") == "accounts.not_yours");
  CHECK(asked("/api/newest", R"({"yes":true})") == "accounts.not_yours");
  CHECK(asked("/api/config", R"({"parent":"a:1"})") == "accounts.not_yours");
  const std::string own = desk("province").proof("province-officer");
  CHECK(as(province(), own, "POST", "/api/devices/" + device + "/revoke", R"({"yes":true})")
            .yes("done"));
}

TEST_CASE_METHOD(Table, "what is set aside is seen and entered again by whom its unit concerns") {
  add("thon", "1440102", "province");
  household(node("thon"), "1440102", R"({"head":"Chim Hoàng Yến"})");
  sync("thon", "province");
  const std::string device =
      std::to_string(node("thon").store().own_certificate().device().device.value);
  CHECK(as(province(), desk("province").proof("province-officer"), "POST",
           "/api/devices/" + device + "/revoke", R"({"nothing_stands":true,"yes":true})")
            .yes("done"));
  const auto seen = [&](const char* login) {
    return as(province(), desk("province").proof(login), "GET", "/api/set-aside");
  };
  const auto entered = [&](const char* login, const std::string& body) {
    return as(province(), desk("province").proof(login), "POST", "/api/set-aside/enter", body);
  };
  CHECK(seen("village-head").number("total") == 0);
  CHECK(seen("village-head").body.find("Chim") == std::string::npos);
  CHECK(seen("commune-officer").number("total") == 1);
  const std::string id = seen("commune-officer").text("events.0.id");
  CHECK(entered("village-head", R"({"ids":[")" + id + "\"]}").error() == "register.not_found");
  CHECK(entered("village-head", R"({"all":true})").number("entered") == 0);
  CHECK(entered("commune-officer", R"({"ids":[")" + id + "\"]}").number("entered") == 1);
}

TEST_CASE_METHOD(Table, "whatever shows a sensitive field is written down, without its value") {
  const std::string canary = "chim hoàng yến 7341";
  const std::string head = desk("province").proof("village-head");
  const std::string id = made(as(province(), head, "POST", "/api/households",
                                 R"({"fields":{"head":"An","note":")" + canary + R"("}})"));
  const std::string again = R"({"fields":{"note":")" + canary + R"( hai"}})";
  CHECK(as(province(), head, "PATCH", "/api/entities/" + id, again).status == 200);
  int showing = 0;
  for (const Operation& operation : Roles::builtin().operations()) {
    if (!operation.call.starts_with("GET ")) continue;
    const std::int64_t before =
        static_cast<std::int64_t>(must(must(province().audit())->newest(1'000)).size());
    const Got got = done(operation, "village_head", {"1440101", id});
    const auto lines = must(must(province().audit())->newest(1'000));
    const bool shows = got.body.find(canary) != std::string::npos;
    showing += shows ? 1 : 0;
    INFO(operation.call);
    if (shows) CHECK(operation.audited == Audited::kRead);
    const bool noted = static_cast<std::int64_t>(lines.size()) > before;
    CHECK(noted == (operation.audited != Audited::kNothing && got.status == 200));
    if (!noted) continue;
    CHECK(lines.front().login == "village-head");
    CHECK(lines.front().call == operation.call);
    for (const AuditLine& line : lines) CHECK(line.what.find("chim") == std::string::npos);
  }
  CHECK(showing >= 3);
}

TEST_CASE_METHOD(Table, "who changed whose account is written down, and nothing of a password") {
  const std::string it = desk("province").proof("it");
  const std::string key = to_hex(KeyPair::make(random).public_key());
  const auto newest = [&] { return must(must(province().audit())->newest(1)).at(0); };
  const auto changed = [&](const char* method, const std::string& target, const std::string& body) {
    const Got got = as(province(), it, method, target, body);
    INFO(got.body);
    CHECK(got.status == 200);
    const AuditLine line = newest();
    CHECK(line.login == "it");
    CHECK(line.what.find("12345678") == std::string::npos);
    return line.call + " " + line.what;
  };
  CHECK(changed("POST", "/api/users",
                R"({"login":"an","name":"Bùi An","role":"it","password":"12345678"})") ==
        "POST /api/users an");
  CHECK(changed("POST", "/api/users",
                R"({"name":"Lê Thị Bình","role":"it","password":"12345678"})") ==
        "POST /api/users binh");
  CHECK(changed("PATCH", "/api/users/an", R"({"password":"12345678"})") ==
        "PATCH /api/users/{login} an");
  CHECK(changed("PATCH", "/api/users/an", R"({"disabled":true})") == "PATCH /api/users/{login} an");
  CHECK(changed("POST", "/api/session/password",
                std::string(R"({"new":"12345678","old":")") + kPassword + "\"}") ==
        "POST /api/session/password ");
  // Of the whole machine, so by whom its own unit is.
  const std::string top = desk("province").proof("province-officer");
  CHECK(as(province(), top, "POST", "/api/recovery", R"({"key":")" + key + "\"}").status == 200);
  CHECK(newest().call == "POST /api/recovery");
  CHECK(newest().login == "province-officer");
  CHECK(as(province(), it, "PATCH", "/api/users/nobody", R"({"disabled":true})").status == 404);
  CHECK(newest().call == "POST /api/recovery");  // what was refused has changed nothing
}

TEST_CASE("the handbook prints the table that the program goes by") {
  std::ifstream in("docs/OPERATING.md", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const bool same = text.find(printed()) != std::string::npos;
  if (!same) WARN("docs/OPERATING.md should hold:\n" << printed());
  CHECK(same);
}
