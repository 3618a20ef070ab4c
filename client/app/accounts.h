#pragma once

#include "client/app/backend.h"
#include "shared/accounts/desk.h"
#include "shared/api/exit_code.h"

/// Users at the command line: who signs in, and what keeps accounts and keys.
namespace lalanh::client {

/// The desk of the folder that the options name. accounts.damaged.
Result<std::unique_ptr<Desk>> open_desk(Machine& machine, const Options& options);

/// Who acts, with the desk unlocked: by the session that `sign-in` left, unless LALANH_USER or
/// --password-file ask for somebody's password or it is of one who is disabled; else by a password
/// from --password-file or LALANH_PASSWORD_FILE, else asked at the terminal, which begins a
/// session.
/// "" on a machine without accounts. accounts.sign_in where there is nobody to ask.
Result<std::string> sign_in(Machine& machine, const Options& options, Desk& desk);

/// Whoever acts may make this call of the API, or the machine has no users: for what is done beside
/// the database. Errors: those of sign_in, accounts.disabled, accounts.not_allowed.
Status expect_may(Machine& machine, const Options& options, std::string_view call);

/// What `restore` makes sure of. Both outlive it.
RestoreRules restore_rules(Machine& machine, const Options& options);

/// For `init`, before the ticket is taken: the first user of the device, whose password is asked
/// for. A second time, as long as nothing was enrolled or written, what is said then counts; later
/// it is input.made_already, where anything is said about users. Also those of ticket_of_file.
Status prepare_init(Machine& machine, const Options& options);
/// `sign-in`, `sign-out`.
Exit run_session(Machine& machine, const Options& options);
/// `recovery new`, `recovery use`: without the database.
Exit run_recovery(Machine& machine, const Options& options);
/// The request of `recovery set`.
Status recovery_request(Machine& machine, const Options& options, ApiRequest& request);

}  // namespace lalanh::client
