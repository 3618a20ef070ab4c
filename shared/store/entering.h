#pragma once

#include <functional>
#include <string>
#include <vector>

#include "shared/store/store.h"

/// What is set aside, and entering it again (`identity.md`, Set aside).
namespace lalanh {

/// An event that counts nowhere: forked, revoked, or on an entity whose create is, or on what
/// others hung on such a one.
struct SetAside {
  LoggedEvent logged;
  std::array<std::uint8_t, 8> digest{};  ///< of its bytes: two branches share their dots
  bool entered = false;                  ///< somebody has entered it again
};

/// Names a set-aside event for people and commands: scope, dot, digest.
std::string id_of(const SetAside& event);

/// Which scopes a call is about; those that are not are as if they were not here.
using ScopeFilter = std::function<bool(Scope)>;

/// Of the scopes here, in the order of arrival in each. Errors: store.*
Result<std::vector<SetAside>> list_set_aside(Store& store, const ScopeFilter& within);

struct EnteredAgain {
  struct Left {
    std::string id;
    Error why;
  };
  std::uint64_t entered = 0;
  std::uint64_t already = 0;  ///< was entered before
  std::vector<Left> left;     ///< cannot be: a decision, on an entity that is not there, …
};
/// May what the event creates be there once more? An error is why it is left.
using CreateCheck = std::function<Status(Scope, const Event&)>;
/// Writes those that `wanted` names (all: empty) as this device's own events, with the verb "enter
/// again", in one transaction. Each replaces what it replaced when it was written: where somebody
/// wrote since, both are there to be settled. What was entered before is passed over.
/// register.not_found; trust.not_allowed where it names one of a scope that this device may not
/// write to (of all, such are left); store.*
Result<EnteredAgain> enter_again(Store& store, const std::vector<std::string>& wanted,
                                 const std::string& actor, const ScopeFilter& within,
                                 const CreateCheck& check);

}  // namespace lalanh
