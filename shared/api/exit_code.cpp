#include "shared/api/exit_code.h"

namespace lalanh {

Exit exit_of(std::string_view error_name) {
  if (error_name.empty()) return Exit::kDone;
  if (error_name == "store.verify") return Exit::kDifference;
  if (error_name == "system.cancelled") return Exit::kStopped;
  if (error_name == "sync.unreachable" || error_name == "sync.cut" || error_name == "sync.busy" ||
      error_name == "sync.not_tls" || error_name == "sync.running" ||
      error_name == "sync.not_compared" || error_name == "http.busy") {
    return Exit::kTryAgain;
  }
  // What was typed was no good, rather than not allowed.
  if (error_name == "accounts.no_password" || error_name == "accounts.short_password" ||
      error_name == "accounts.not_same" || error_name == "accounts.own_name") {
    return Exit::kUsage;
  }
  const std::string_view domain = error_name.substr(0, error_name.find('.'));
  if (domain == "input") return Exit::kUsage;
  if (domain == "store") return Exit::kStore;
  if (domain == "trust" || domain == "accounts") return Exit::kTrust;
  return Exit::kFailed;
}

}  // namespace lalanh
