#pragma once

#include "shared/accounts/desk.h"
#include "tests/unit/shared/api/world.h"

namespace lalanh::testing {

inline constexpr const char* kPassword = "mật khẩu dài";

inline void add_user(Desk& desk, const std::string& login, const std::string& role,
                     UnitNo unit = UnitNo()) {
  must(desk.add({login, "Người " + login, "Chức vụ", role, unit, kPassword}));
}

/// A call with a session's token or a proof.
template <class Api>
Got as(Api& api, const std::string& session, const char* method, const std::string& target,
       const std::string& body = "") {
  ApiRequest request;
  request.method = method;
  REQUIRE(split_target(target, request));
  request.body = body;
  request.session = session;
  return api.handle(request);
}

}  // namespace lalanh::testing
