#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/catalogue/catalogue.h"

/// Who may do what: a table that is data (`data/roles.json`), printed in `docs/OPERATING.md`.
namespace lalanh {

/// What a user is. `rank`: that of the lowest unit whose devices such a user may work on.
struct Role {
  std::string name;  ///< "commune_officer"
  Label label;
  int rank = 1;
  std::vector<std::string> grants;  ///< roles of accounts that he may make and change
};

/// Where a role may do something.
enum class Reach : std::uint8_t { kNo, kYes, kOwn, kBelow };
/// What an operation is done to, and so which unit is compared with the user's. `kRows`: with each
/// of many entries, by its handler (`Call::reaches`).
enum class Target : std::uint8_t { kOpen, kNone, kQueryUnit, kBodyUnit, kEntity, kRows };
/// What is written down when it has been done. `kChange`: of an account, which is no event.
enum class Audited : std::uint8_t { kNothing, kRead, kExport, kChange };

/// One call of the JSON API, and who may make it.
struct Operation {
  std::string call;  ///< "POST /api/households"
  Label label;       ///< what it does, as a verb
  Target target = Target::kNone;
  std::uint32_t device_right = 0;  ///< bits of `Right` that the device's certificate must have
  Audited audited = Audited::kNothing;
  std::map<std::string, Reach> allow;  ///< by role; absent: no

  Reach reach(std::string_view role) const;
};

/// The table. Immutable, so thread-safe.
class Roles {
 public:
  /// input.* with file and line: unknown roles, rights or targets, an operation twice.
  static Result<Roles> read(std::string_view json, std::string_view file);
  /// The one that is compiled in.
  static const Roles& builtin();

  const std::vector<Role>& roles() const { return roles_; }
  const std::vector<Operation>& operations() const { return operations_; }
  /// nullptr where there is none of that name.
  const Role* role(std::string_view name) const;
  const Operation* operation(std::string_view call) const;

 private:
  std::vector<Role> roles_;
  std::vector<Operation> operations_;
};

/// An error that names a role and what it may not do, in both languages.
Error refusal(ErrorCode code, const Role& role, const Operation& operation);
/// May such a role make a call of the built-in table anywhere at all? For what is done to a machine
/// without its database. accounts.not_allowed, accounts.wrong_role; a call unknown there: a CHECK.
Status expect_role_may(const std::string& role, std::string_view call);

/// Who acts: a user who is signed in, or whoever has the machine itself, where it has no users or
/// at the command line of a server.
struct Principal {
  std::string login;  ///< "" for the machine
  std::string actor;  ///< name and office, as events say it; "" for the machine: its settings'
  std::string role;
  UnitNo unit;  ///< 0: the machine's own
  bool is_machine() const { return login.empty(); }
};

}  // namespace lalanh
