#include "shared/accounts/roles.h"

#include <algorithm>
#include <utility>

#include "embedded/accounts_data.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json.h"
#include "shared/trust/certificate.h"

namespace lalanh {
namespace {

constexpr std::size_t kRolesMax = 32;
constexpr std::size_t kOperationsMax = 256;
constexpr int kRankMax = 4;

Error bad(const JsonIn& in, const char* why) {
  return {ErrorCode::input_bad_pack, {{"where", in.where()}, {"why", why}}};
}

template <class T>
Result<T> one_of(const JsonIn& in, std::string_view key, std::string_view fallback,
                 std::initializer_list<std::pair<std::string_view, T>> words) {
  TRY_ASSIGN(const std::string_view text, in.text_or(key, fallback, limits::kNameBytesMax));
  for (const auto& [word, value] : words) {
    if (word == text) return value;
  }
  return bad(in, "an unknown word");
}

Result<Label> read_label(const JsonIn& in) {
  TRY_ASSIGN(const JsonIn label, in.member("label"));
  TRY(label.expect_keys({"vi", "en"}));
  Label out;
  TRY_ASSIGN(out.vi, label.text("vi"));
  TRY_ASSIGN(out.en, label.text("en"));
  return out;
}

Result<Role> read_role(const JsonIn& in) {
  TRY(in.expect_keys({"name", "label", "rank", "grants"}));
  Role out;
  TRY_ASSIGN(out.name, in.text("name", limits::kNameBytesMax));
  TRY_ASSIGN(out.label, read_label(in));
  TRY_ASSIGN(const std::int64_t rank, in.integer("rank", 1, kRankMax));
  out.rank = static_cast<int>(rank);
  TRY_ASSIGN(const std::vector<JsonIn> grants, in.array("grants", kRolesMax));
  for (const JsonIn& each : grants) {
    if (each.value().text() == nullptr) return bad(each, "a role's name is text");
    out.grants.push_back(*each.value().text());
  }
  return out;
}

Result<Operation> read_operation(const JsonIn& in, const Roles& roles) {
  TRY(in.expect_keys({"call", "label", "target", "device", "audit", "allow"}));
  Operation out;
  TRY_ASSIGN(out.call, in.text("call", limits::kNameBytesMax));
  TRY_ASSIGN(out.label, read_label(in));
  TRY_ASSIGN(out.target, one_of<Target>(in, "target", "",
                                        {{"open", Target::kOpen},
                                         {"none", Target::kNone},
                                         {"query_unit", Target::kQueryUnit},
                                         {"body_unit", Target::kBodyUnit},
                                         {"entity", Target::kEntity},
                                         {"rows", Target::kRows}}));
  TRY_ASSIGN(out.device_right, one_of<std::uint32_t>(in, "device", "",
                                                     {{"", 0},
                                                      {"write_records", kWriteRecords},
                                                      {"certify", kCertify},
                                                      {"revoke", kRevoke},
                                                      {"decide", kDecide}}));
  TRY_ASSIGN(out.audited, one_of<Audited>(in, "audit", "",
                                          {{"", Audited::kNothing},
                                           {"read", Audited::kRead},
                                           {"export", Audited::kExport},
                                           {"change", Audited::kChange}}));
  TRY_ASSIGN(const JsonIn allow, in.member("allow"));
  if (allow.value().object() == nullptr) return bad(allow, "allow is an object");
  const bool by_unit = out.target != Target::kNone && out.target != Target::kOpen;
  for (const JsonValue::Member& each : *allow.value().object()) {
    if (roles.role(each.key) == nullptr) return bad(allow, "an unknown role");
    TRY_ASSIGN(
        const Reach reach,
        one_of<Reach>(allow, each.key, "",
                      {{"yes", Reach::kYes}, {"own", Reach::kOwn}, {"below", Reach::kBelow}}));
    // "yes" says nothing of units, and where there is no unit nothing else can be said.
    if ((reach == Reach::kYes) == by_unit) return bad(allow, "it does not fit the target");
    out.allow.emplace(each.key, reach);
  }
  return out;
}

}  // namespace

Reach Operation::reach(std::string_view role) const {
  const auto found = allow.find(std::string(role));
  return found == allow.end() ? Reach::kNo : found->second;
}

Result<Roles> Roles::read(std::string_view json, std::string_view file) {
  TRY_ASSIGN(const JsonValue value, parse_json(json, file));
  const JsonIn in(value, file);
  TRY(in.expect_keys({"format", "roles", "operations"}));
  TRY(in.integer("format", 1, 1));
  Roles out;
  TRY_ASSIGN(const std::vector<JsonIn> roles, in.array("roles", kRolesMax));
  for (const JsonIn& each : roles) {
    TRY_ASSIGN(Role role, read_role(each));
    if (role.name.empty() || out.role(role.name) != nullptr) return bad(each, "a role twice");
    out.roles_.push_back(std::move(role));
  }
  for (const Role& role : out.roles_) {
    for (const std::string& name : role.grants) {
      if (out.role(name) == nullptr) return bad(in, "an unknown role");
    }
  }
  TRY_ASSIGN(const std::vector<JsonIn> operations, in.array("operations", kOperationsMax));
  for (const JsonIn& each : operations) {
    TRY_ASSIGN(Operation operation, read_operation(each, out));
    if (out.operation(operation.call) != nullptr) return bad(each, "an operation twice");
    out.operations_.push_back(std::move(operation));
  }
  return out;
}

const Roles& Roles::builtin() {
  static const Roles roles = [] {
    Result<Roles> read = Roles::read(embedded::accounts_data()[0].bytes, "roles.json");
    CHECK(read.ok());  // a test reads it too, and says where it is wrong
    return std::move(read).value();
  }();
  return roles;
}

const Role* Roles::role(std::string_view name) const {
  for (const Role& role : roles_) {
    if (role.name == name) return &role;
  }
  return nullptr;
}

const Operation* Roles::operation(std::string_view call) const {
  for (const Operation& operation : operations_) {
    if (operation.call == call) return &operation;
  }
  return nullptr;
}

Error refusal(ErrorCode code, const Role& role, const Operation& operation) {
  return {code,
          {{"role", role.name},
           {"role_vi", role.label.vi},
           {"role_en", role.label.en},
           {"what", operation.call},
           {"what_vi", operation.label.vi},
           {"what_en", operation.label.en}}};
}

Status expect_role_may(const std::string& role, std::string_view call) {
  const Operation* operation = Roles::builtin().operation(call);
  const Role* known = Roles::builtin().role(role);
  CHECK(operation != nullptr);
  if (known == nullptr) return Error{ErrorCode::accounts_wrong_role, {{"role", role}}};
  if (operation->reach(role) != Reach::kNo) return {};
  return refusal(ErrorCode::accounts_not_allowed, *known, *operation);
}

}  // namespace lalanh
