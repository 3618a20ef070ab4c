#include "shared/api/authorize.h"

#include "shared/accounts/audit.h"
#include "shared/accounts/desk.h"

namespace lalanh {
namespace {

/// Whose account a change is of; "" where it is of whoever acts, or of nobody's.
Result<std::string> login_of(Call& call, const Operation& operation) {
  if (operation.call.ends_with("/{login}")) return call.parameter(0);
  TRY_ASSIGN(std::string login, call.text_in_body("login"));
  if (!login.empty()) return login;
  TRY_ASSIGN(const std::string name, call.text_in_body("name"));
  return name.empty() ? login : login_of_name(name);
}

/// The unit that the call concerns, where the operation has one.
Result<std::optional<UnitNo>> unit_of(Call& call, const Operation& operation, std::string& what) {
  std::string text;
  switch (operation.target) {
    case Target::kNone: {
      if (operation.audited == Audited::kChange) {
        TRY_ASSIGN(what, login_of(call, operation));
      }
      return std::optional<UnitNo>();
    }
    case Target::kOpen:
    case Target::kRows: return std::optional<UnitNo>();
    case Target::kEntity: {
      TRY_ASSIGN(const EntityId id, call.entity(call.parameter(0)));
      what = to_text(id);
      return std::optional<UnitNo>(id.scope.unit);
    }
    case Target::kQueryUnit: text = call.query("unit"); break;
    case Target::kBodyUnit: {
      TRY_ASSIGN(text, call.text_in_body("unit"));
      break;
    }
  }
  TRY_ASSIGN(const UnitNo unit, call.unit(text));
  what = "#" + std::to_string(unit.value);
  return std::optional<UnitNo>(unit);
}

/// Which unit or account the record names, of a call that nobody needs leave for.
std::string what_of_machine(Call& call, const Operation& operation) {
  std::string what;
  if (operation.audited == Audited::kNothing) return what;
  (void)unit_of(call, operation, what).ok();  // the handler says what is wrong with it
  return what;
}

/// Of the machine itself handlers and store say what its certificate lacks.
Status check_device(Call& call, const Operation& operation, const Role& role) {
  const CertificateLink& device = call.node().store().own_certificate().device();
  const bool rights = (device.rights & operation.device_right) == operation.device_right;
  const bool rank = role.rank <= device.rank.value;
  if (rights && rank) return {};
  return Error{ErrorCode::accounts_device_not_allowed};
}

Status check_unit(Call& call, const Operation& operation, const Role& role, UnitNo unit) {
  if (call.reaches(unit)) return {};
  Error error = refusal(ErrorCode::accounts_other_unit, role, operation);
  error.context.emplace_back("unit", call.unit_name(unit));
  return error;
}

}  // namespace

Result<std::string> authorize(Call& call, const Operation& operation) {
  if (operation.target == Target::kOpen) return std::string();
  if (Desk* desk = call.node().desk(); desk != nullptr) {
    TRY_ASSIGN(Principal principal, desk->who(call.request().session));
    call.set_principal(std::move(principal));
  }
  if (call.principal().is_machine()) {
    return what_of_machine(call, operation);
  }
  const Role* role = Roles::builtin().role(call.principal().role);
  if (role == nullptr) {
    return Error{ErrorCode::accounts_wrong_role, {{"role", call.principal().role}}};
  }
  call.set_reach(operation.reach(role->name));
  if (operation.reach(role->name) == Reach::kNo) {
    return refusal(ErrorCode::accounts_not_allowed, *role, operation);
  }
  std::string what;
  TRY_ASSIGN(const std::optional<UnitNo> unit, unit_of(call, operation, what));
  if (unit || operation.device_right != 0) TRY(check_device(call, operation, *role));
  if (unit) TRY(check_unit(call, operation, *role, *unit));
  return what;
}

Status prepare_note(Call& call, const Operation& operation) {
  if (operation.audited != Audited::kChange) return {};
  const Result<Audit*> audit = call.node().audit();
  return audit.ok() ? Status() : Status(audit.error());
}

Status note(Call& call, const Operation& operation, const std::string& what) {
  if (operation.audited == Audited::kNothing) return {};
  Node& node = call.node();
  AuditLine line;
  line.time = node.options().clock->now();
  line.login = call.principal().login;
  line.actor = call.principal().is_machine() ? node.settings().actor : call.principal().actor;
  line.call = operation.call;
  line.what = what;
  TRY_ASSIGN(Audit * audit, node.audit());
  return audit->write(line);
}

}  // namespace lalanh
