#pragma once

#include "shared/accounts/accounts.h"

/// The sealed part of the file `accounts`: who the users are. Only bytes that a seal vouched for
/// come here, but they are read as strictly as foreign ones.
namespace lalanh {

struct AccountsBody {
  bool database_encrypted = false;
  std::vector<User> users;
};

Bytes bytes_of(const AccountsBody& body);
/// format.*
Result<AccountsBody> read_accounts_body(ByteView bytes);

}  // namespace lalanh
