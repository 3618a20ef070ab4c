#pragma once

#include <functional>
#include <string>
#include <vector>

#include "shared/store/store.h"

/// What is set aside, and entering it again (`identity.md`, Set aside).
namespace lalanh {

/// An event that counts nowhere: forked, revoked, or on an entity whose create is.
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
  std::uint64_t entered = 0;
  std::uint64_t already = 0;  ///< was entered before
  std::uint64_t left = 0;     ///< cannot be: a decision, or on an entity that is not there
};
/// Writes those that `wanted` names (all: empty) as this device's own events, with the verb "enter
/// again", replacing what is live now; in one transaction. What was entered before is passed over.
/// register.not_found, trust.not_allowed where this device may not write to the scope; store.*
Result<EnteredAgain> enter_again(Store& store, const std::vector<std::string>& wanted,
                                 const std::string& actor, const ScopeFilter& within);

}  // namespace lalanh
