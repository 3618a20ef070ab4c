#pragma once

#include <map>
#include <optional>
#include <string>

#include "shared/base/limits.h"
#include "shared/base/ports.h"

namespace lalanh {

/// Who is signed in to a running program, by token, and how long wrong passwords must wait. Time
/// is the steady clock's, which no wrong date moves. In memory alone. Not thread-safe.
class Sessions {
 public:
  Sessions(Clock& clock, Random& random, std::int64_t idle_ms = limits::kSessionIdleMs)
      : clock_(clock), random_(random), idle_ms_(idle_ms) {}

  /// May a password be tried now? accounts.too_many_tries with `seconds`.
  Status may_try(const std::string& login) const;
  /// How it went: a wrong one makes the next wait longer, a right one forgets the wrong ones.
  void tried(const std::string& login, bool right);

  /// A new session; its token, 32 random bytes in hexadecimal. The one that was idle longest goes
  /// where there are too many.
  std::string open(const std::string& login);
  /// Whose session it is, and that it is in use; nothing where it has ended or never was.
  std::optional<std::string> touch(const std::string& token);
  void close(const std::string& token);
  /// All of one user: disabled, or with a new password. `but` stays.
  void close_all(const std::string& login, const std::string& but = "");
  std::size_t count() const { return sessions_.size(); }

 private:
  struct Session {
    std::string login;
    std::int64_t used_ms = 0;
  };
  struct Tries {
    int wrong = 0;
    std::int64_t last_ms = 0;
  };
  void forget_old();
  std::int64_t wait_ms(const Tries& tries) const;

  Clock& clock_;
  Random& random_;
  const std::int64_t idle_ms_;
  /// By the token's hash: a lookup that takes longer the more of it is right tells nothing of it.
  std::map<std::string, Session> sessions_;
  std::map<std::string, Tries> tries_;
};

}  // namespace lalanh
