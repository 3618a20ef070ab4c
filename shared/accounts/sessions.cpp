#include "shared/accounts/sessions.h"

#include <algorithm>

#include "shared/trust/crypto.h"

namespace lalanh {
namespace {

constexpr std::int64_t kFirstWaitMs = 1'000;
/// Logins that were tried wrongly and are remembered: made up ones must not fill the memory.
constexpr std::size_t kTriesMax = 1'024;

std::string name_of(const std::string& token) { return to_hex(blake2b({as_bytes(token)})); }

}  // namespace

std::int64_t Sessions::wait_ms(const Tries& tries) const {
  const int beyond = tries.wrong - limits::kWrongPasswordsFree;
  if (beyond < 0) return 0;
  const std::int64_t wait = beyond > 20 ? limits::kWrongPasswordWaitMaxMs : kFirstWaitMs << beyond;
  return (std::min)(wait, limits::kWrongPasswordWaitMaxMs);
}

Status Sessions::may_try(const std::string& login) const {
  const auto found = tries_.find(login);
  if (found == tries_.end()) return {};
  const std::int64_t left = found->second.last_ms + wait_ms(found->second) - clock_.steady_ms();
  if (left <= 0) return {};
  return Error{ErrorCode::accounts_too_many_tries,
               {{"seconds", std::to_string((left + 999) / 1'000)}}};
}

void Sessions::tried(const std::string& login, bool right) {
  if (right) {
    tries_.erase(login);
    return;
  }
  if (tries_.size() >= kTriesMax && tries_.count(login) == 0) {
    const auto oldest = std::min_element(
        tries_.begin(), tries_.end(),
        [](const auto& a, const auto& b) { return a.second.last_ms < b.second.last_ms; });
    tries_.erase(oldest);
  }
  Tries& tries = tries_[login];
  ++tries.wrong;
  tries.last_ms = clock_.steady_ms();
}

void Sessions::forget_old() {
  const std::int64_t now = clock_.steady_ms();
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    it = now - it->second.used_ms > idle_ms_ ? sessions_.erase(it) : std::next(it);
  }
}

std::string Sessions::open(const std::string& login) {
  forget_old();
  if (sessions_.size() >= limits::kSessionsMax) {
    const auto idlest = std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used_ms < b.second.used_ms; });
    sessions_.erase(idlest);
  }
  std::array<std::uint8_t, 32> bytes{};
  random_.fill(bytes);
  std::string token = to_hex(bytes);
  sessions_[name_of(token)] = {login, clock_.steady_ms()};
  return token;
}

std::optional<std::string> Sessions::touch(const std::string& token) {
  forget_old();
  const auto found = sessions_.find(name_of(token));
  if (found == sessions_.end()) return std::nullopt;
  found->second.used_ms = clock_.steady_ms();
  return found->second.login;
}

void Sessions::close(const std::string& token) { sessions_.erase(name_of(token)); }

void Sessions::close_all(const std::string& login, const std::string& but) {
  const std::string kept = but.empty() ? but : name_of(but);
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    it = it->second.login == login && it->first != kept ? sessions_.erase(it) : std::next(it);
  }
}

}  // namespace lalanh
