#include <algorithm>
#include <set>

#include "shared/accounts/audit.h"
#include "shared/accounts/desk.h"
#include "shared/api/call.h"

/// Accounts, passwords, the recovery key, and the record of who read what.
namespace lalanh {
namespace {

Result<Desk*> desk_of(Call& call) {
  Desk* desk = call.node().desk();
  if (desk == nullptr) return Error{ErrorCode::accounts_none};
  return desk;
}

/// May whoever acts make and change accounts of this role, here?
Status check_grant(Call& call, const std::string& name) {
  const Error refused{ErrorCode::accounts_wrong_role, {{"role", name}}};
  const Role* role = Roles::builtin().role(name);
  const int rank = call.node().store().own_certificate().device().rank.value;
  if (role == nullptr || role->rank > rank) return refused;
  if (call.principal().is_machine()) return {};
  const Role* own = Roles::builtin().role(call.principal().role);
  const bool grants = own != nullptr &&
                      std::find(own->grants.begin(), own->grants.end(), name) != own->grants.end();
  return grants ? Status() : Status(refused);
}

/// The unit of an account; 0 is the machine's.
UnitNo unit_of(Call& call, UnitNo unit) {
  return unit == UnitNo() ? call.node().settings().unit : unit;
}

/// "The own unit" of a role that works in one village must not be what lies above many.
Status expect_village(Call& call, const NewUser& user) {
  const Operation* listing = Roles::builtin().operation("GET /api/households");
  if (listing->reach(user.role) != Reach::kOwn) return {};
  const UnitFact* fact = call.node().tree().nearest(unit_of(call, user.unit), call.node().today());
  if (fact == nullptr || fact->level == UnitLevel::kVillage) return {};
  const Role* role = Roles::builtin().role(user.role);
  return Error{ErrorCode::accounts_needs_village,
               {{"role_vi", role->label.vi}, {"role_en", role->label.en}, {"unit", fact->name}}};
}

Result<User> known_user(Desk& desk, const std::string& login) {
  TRY_ASSIGN(const std::vector<User> users, desk.users());
  for (const User& user : users) {
    if (user.login == login) return user;
  }
  return Error{ErrorCode::accounts_not_found, {{"login", login}}};
}

/// Whoever is disabled can be enabled again: by somebody else who is not, whose role may make such
/// accounts, of his unit or one above. A server's own command line can always.
Status expect_way_back(Call& call, Desk& desk, const User& user) {
  if (call.principal().is_machine()) return {};
  TRY_ASSIGN(const std::vector<User> users, desk.users());
  const Operation* enabling = Roles::builtin().operation("PATCH /api/users/{login}");
  const UnitNo unit = unit_of(call, user.unit);
  const bool found = std::any_of(users.begin(), users.end(), [&](const User& other) {
    const Role* role = Roles::builtin().role(other.role);
    if (other.login == user.login || other.disabled || role == nullptr) return false;
    const UnitNo own = unit_of(call, other.unit);
    return enabling->reach(other.role) != Reach::kNo &&
           std::count(role->grants.begin(), role->grants.end(), user.role) > 0 &&
           (unit == own || call.node().tree().is_or_ever_was_below(unit, own));
  });
  if (found) return {};
  return Error{ErrorCode::accounts_last_one, {{"login", user.login}}};
}

Result<std::string> users_text(Call& call, Desk& desk) {
  TRY_ASSIGN(const std::vector<User> users, desk.users());
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("users").begin_array();
  for (const User& user : users) {
    const UnitNo unit = unit_of(call, user.unit);
    if (!call.reaches(unit)) continue;
    out.begin_object().text("login", user.login).text("name", user.name);
    out.text("office", user.office).text("role", user.role);
    out.integer("unit", unit.value).text("unit_name", call.unit_name(unit));
    out.boolean("disabled", user.disabled);
    out.text("decision_key", user.decision_key ? to_hex(*user.decision_key) : "");
    out.end_object();
  }
  out.end_array().boolean("recovery", desk.has_recovery()).end_object();
  return text;
}

Result<Hash> key_of_text(std::string_view text) {
  Bytes bytes;
  Hash out{};
  if (!from_hex(text, bytes) || bytes.size() != out.size()) {
    return Error{ErrorCode::input_wrong_kind,
                 {{"field", "key"}, {"expected", "64 hex"}, {"where", "body"}}};
  }
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace

Result<std::string> list_users(Call& call) {
  TRY(call.expect_query({}));
  TRY_ASSIGN(Desk * desk, desk_of(call));
  return users_text(call, *desk);
}

Result<std::string> create_user(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"login", "name", "office", "role", "unit", "password"}));
  NewUser user;
  TRY_ASSIGN(user.name, in.text("name", limits::kActorBytesMax));
  TRY_ASSIGN(user.office, in.text_or("office", "", limits::kActorBytesMax));
  TRY_ASSIGN(user.login, in.text_or("login", "", limits::kLoginBytesMax));
  TRY_ASSIGN(user.role, in.text("role", limits::kNameBytesMax));
  TRY_ASSIGN(user.password, in.text("password", limits::kPasswordBytesMax));
  TRY_ASSIGN(const std::string_view unit, in.text_or("unit", ""));
  if (user.login.empty()) user.login = login_of_name(user.name);
  TRY_ASSIGN(Desk * desk, desk_of(call));
  TRY(check_grant(call, user.role));
  user.unit = call.principal().unit;
  if (!unit.empty()) {
    TRY_ASSIGN(user.unit, call.unit(std::string(unit)));
    TRY(call.expect_here(user.unit));
  }
  TRY(call.expect_reached(unit_of(call, user.unit)));
  TRY(expect_village(call, user));
  const bool keeper =
      Roles::builtin().operation("POST /api/users")->reach(user.role) == Reach::kYes;
  if (!desk->has_accounts() && !keeper) {
    // Nobody could ever make a second one.
    return Error{ErrorCode::accounts_wrong_role, {{"role", user.role}}};
  }
  TRY(desk->add(user));
  wipe(user.password);
  std::string text;
  JsonWriter(text).begin_object().text("login", user.login).end_object();
  return text;
}

Result<std::string> change_user(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"disabled", "password"}));
  TRY_ASSIGN(Desk * desk, desk_of(call));
  TRY_ASSIGN(const User user, known_user(*desk, call.parameter(0)));
  TRY(check_grant(call, user.role));
  TRY(call.expect_reached(unit_of(call, user.unit)));
  TRY_ASSIGN(const std::string_view password,
             in.text_or("password", "", limits::kPasswordBytesMax));
  TRY_ASSIGN(const bool disabled, in.boolean_or("disabled", user.disabled));
  if (!password.empty() && user.login == call.principal().login) {
    return Error{ErrorCode::accounts_own_password};
  }
  if (disabled && !user.disabled) TRY(expect_way_back(call, *desk, user));
  if (!password.empty()) TRY(desk->reset_password(user.login, std::string(password)));
  if (disabled != user.disabled) TRY(desk->set_disabled(user.login, disabled));
  std::string text;
  JsonWriter(text)
      .begin_object()
      .text("login", user.login)
      .boolean("disabled", disabled)
      .end_object();
  return text;
}

Result<std::string> set_recovery_key(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"key"}));
  TRY_ASSIGN(const std::string_view text, in.text("key"));
  TRY_ASSIGN(const Hash key, key_of_text(text));
  TRY_ASSIGN(Desk * desk, desk_of(call));
  TRY(call.expect_reached(call.node().settings().unit));  // it opens all that the machine holds
  TRY(desk->set_recovery(key));
  return std::string("{\"ok\":true}");
}

Result<std::string> change_own_password(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"old", "new"}));
  TRY_ASSIGN(const std::string_view before, in.text("old", limits::kPasswordBytesMax));
  TRY_ASSIGN(const std::string_view after, in.text("new", limits::kPasswordBytesMax));
  TRY_ASSIGN(Desk * desk, desk_of(call));
  if (call.principal().is_machine()) return Error{ErrorCode::accounts_sign_in};
  TRY(desk->change_password(call.principal().login, std::string(before), std::string(after),
                            call.request().session));
  return std::string("{\"ok\":true}");
}

namespace {

/// Logins of accounts in the units that whoever acts reaches; "", the machine's own, where he
/// reaches all of it.
Result<std::set<std::string>> reached_logins(Call& call) {
  std::set<std::string> out;
  if (call.reaches(call.node().settings().unit)) out.insert("");
  if (call.node().desk() == nullptr) return out;
  TRY_ASSIGN(const std::vector<User> users, call.node().desk()->users());
  for (const User& user : users) {
    if (call.reaches(unit_of(call, user.unit))) out.insert(user.login);
  }
  return out;
}

}  // namespace

Result<std::string> show_audit(Call& call) {
  TRY(call.expect_query({"limit"}));
  TRY_ASSIGN(const std::int64_t limit,
             call.query_integer("limit", 1, limits::kPageRowsMax, limits::kPageRowsDefault));
  TRY_ASSIGN(Audit * audit, call.node().audit());
  TRY_ASSIGN(std::vector<AuditLine> lines, audit->newest(limits::kPageRowsMax));
  TRY_ASSIGN(const std::set<std::string> logins, reached_logins(call));
  std::erase_if(lines, [&](const AuditLine& line) { return logins.count(line.login) == 0; });
  if (lines.size() > static_cast<std::size_t>(limit)) lines.resize(static_cast<std::size_t>(limit));
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("lines").begin_array();
  for (const AuditLine& line : lines) {
    const Operation* operation = Roles::builtin().operation(line.call);
    out.begin_object().text("time", vietnam_time_text(line.time)).text("login", line.login);
    out.text("actor", line.actor).text("call", line.call).text("what", line.what);
    out.key("label").begin_object();
    out.text("vi", operation == nullptr ? line.call : operation->label.vi);
    out.text("en", operation == nullptr ? line.call : operation->label.en).end_object();
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

}  // namespace lalanh
