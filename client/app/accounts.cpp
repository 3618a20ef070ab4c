#include "client/app/accounts.h"

#include "shared/api/enrol.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json_writer.h"
#include "shared/catalogue/text.h"
#include "shared/console/restore_command.h"
#include "shared/console/session_file.h"
#include "shared/console/user_command.h"
#include "shared/platform/terminal.h"
#include "shared/trust/ticket.h"

namespace lalanh::client {
namespace {

/// The login that is meant where none was named: that of the session, `known`, else the only one.
Result<std::string> login_of(const Options& o, const Desk& desk, const std::string& known) {
  if (!o.user.login.empty() && o.command.front() == "sign-in") return o.user.login;
  const std::vector<std::string> logins = desk.logins();
  const std::string named = environment_text("LALANH_USER");
  if (!named.empty()) return named;
  if (!known.empty()) return known;
  if (logins.size() == 1) return logins.front();
  if (o.command.front() == "sign-in") {
    return Error{ErrorCode::input_missing, {{"field", "login"}, {"where", "the command line"}}};
  }
  return Error{ErrorCode::accounts_sign_in};
}

/// A password was named for this command, or another user than the one who is signed in.
bool asks_for_password(const Options& o, const std::string& signed_in) {
  if (!o.password_file.empty()) return true;
  const std::string named = environment_text("LALANH_USER");
  return !named.empty() && (named != signed_in || !password_file_of("").empty());
}

Status keep_session(Machine& machine, const Options& o, const Desk& desk,
                    const std::string& login) {
  SessionFile session{login, desk.key()};
  const Status kept = write_session(*machine.files, *machine.clock, o.folder, session);
  wipe(session.key);
  return kept;
}

/// With a password; the desk is unlocked afterwards.
Result<std::string> sign_in_anew(Machine& machine, const Options& o, Desk& desk,
                                 const std::string& known = "") {
  const std::string file = password_file_of(o.password_file);
  TRY_ASSIGN(const std::string login, login_of(o, desk, known));
  Result<std::string> password =
      file.empty() ? read_password(login + o.manner.pick(", mật khẩu: · , password: "))
                   : first_line(*machine.files, file);
  if (!password.ok()) {
    const bool nobody = password.error().code == ErrorCode::accounts_no_password && file.empty();
    return nobody ? Error(ErrorCode::accounts_sign_in) : password.error();
  }
  const Result<std::string> session = desk.sign_in(login, *password);
  wipe(*password);
  if (!session.ok()) return session.error();
  if (file.empty() || o.command.front() == "sign-in") {
    TRY(keep_session(machine, o, desk, login));
  }
  return login;
}

/// Who works on a machine of the ticket's tier: the first such role of the table.
std::string role_of_ticket(const Ticket& ticket) {
  for (const Role& role : Roles::builtin().roles()) {
    if (role.rank == ticket.grant.rank.value) return role.name;
  }
  return "village_head";
}

/// The first user: who makes the device, by "name, office".
Result<NewUser> first_user(Machine& machine, const Options& o, const Ticket& ticket) {
  NewUser user;
  const std::string actor = tidy_line(o.actor);
  const std::size_t comma = actor.find(',');
  user.name = actor.substr(0, comma);
  if (comma != std::string::npos) user.office = tidy_line(actor.substr(comma + 1));
  if (user.name.empty()) {
    return Error{ErrorCode::input_missing, {{"field", "--actor"}, {"where", "the command line"}}};
  }
  user.login = o.user.login.empty() ? login_of_name(user.name) : o.user.login;
  user.role = o.user.role;
  if (user.role.empty()) user.role = role_of_ticket(ticket);
  const Operation* keeping = Roles::builtin().operation("POST /api/users");
  if (keeping->reach(user.role) != Reach::kYes) {
    return Error{ErrorCode::accounts_wrong_role, {{"role", user.role}}};
  }
  TRY_ASSIGN(user.password,
             new_password(*machine.files, o.manner, password_file_of(o.password_file)));
  return user;
}

/// What `init` was given about users on its command line, to name it; `open`: a machine without
/// users, which may be told who acts there.
std::string given_options(const Options& o, bool open) {
  std::string out;
  const auto add = [&out](bool given, const char* name) {
    if (given) out += (out.empty() ? "" : ", ") + std::string(name);
  };
  add(!o.actor.empty() && !open, "--actor");
  add(!o.user.login.empty(), "--user");
  add(!o.user.role.empty(), "--role");
  add(!o.password_file.empty(), "--password-file");
  add(!o.recovery_key.empty(), "--recovery-key");
  add(o.no_users && !open, "--no-users");
  return out;
}

Status make_first_user(Machine& machine, const Options& o, const Ticket& ticket) {
  TRY_ASSIGN(NewUser user, first_user(machine, o, ticket));
  Hash recovery{};
  if (!o.recovery_key.empty()) {
    TRY_ASSIGN(recovery, read_hex_key(*machine.files, o.recovery_key));
  }
  TRY(machine.files->make_folder(o.folder));
  TRY(machine.files->remove(accounts_path(o.folder)));  // of an `init` that led to nothing
  TRY_ASSIGN(const std::unique_ptr<Desk> desk, open_desk(machine, o));
  TRY(desk->add(user));
  wipe(user.password);
  return o.recovery_key.empty() ? Status() : desk->set_recovery(recovery);
}

}  // namespace

Result<std::unique_ptr<Desk>> open_desk(Machine& machine, const Options& o) {
  DeskOptions options;
  options.folder = o.folder;
  options.clock = machine.clock.get();
  options.random = machine.random.get();
  options.files = machine.files.get();
  options.cipher = processor_has_aes() ? Cipher::kAegis : Cipher::kChacha20;
  return Desk::open(options);
}

Result<std::string> sign_in(Machine& machine, const Options& o, Desk& desk) {
  if (!desk.has_accounts()) return std::string();
  TRY_ASSIGN(std::optional<SessionFile> session,
             read_session(*machine.files, *machine.clock, o.folder));
  if (!session) return sign_in_anew(machine, o, desk);
  if (asks_for_password(o, session->login)) {
    wipe(session->key);
    return sign_in_anew(machine, o, desk, session->login);
  }
  const Status opened = desk.unlock(session->key);
  wipe(session->key);
  const bool lives = opened.ok() && desk.who(desk.proof(session->login)).ok();
  if (lives) return session->login;
  // A session of accounts that were made anew, or of one who was disabled.
  TRY(remove_session(*machine.files, o.folder));
  return sign_in_anew(machine, o, desk);
}

Status expect_may(Machine& machine, const Options& o, std::string_view call) {
  TRY_ASSIGN(const std::unique_ptr<Desk> desk, open_desk(machine, o));
  TRY_ASSIGN(const std::string login, sign_in(machine, o, *desk));
  if (login.empty()) return {};
  TRY_ASSIGN(const Principal who, desk->who(desk->proof(login)));
  return expect_role_may(who.role, call);
}

RestoreRules restore_rules(Machine& machine, const Options& o) {
  RestoreRules rules;
  rules.may = [&machine, &o](bool others) -> Status {
    Options asked = o;
    if (others) asked.password_file.clear();  // it was for the backup
    Status may = expect_may(machine, asked, kRestoreCall);
    // Accounts that nobody can open are what a backup is for.
    const bool damaged = !may.ok() && may.error().code == ErrorCode::accounts_damaged;
    return damaged ? Status() : may;
  };
  return rules;
}

Status prepare_init(Machine& machine, const Options& o) {
  TRY_ASSIGN(const Ticket ticket, ticket_of_file(*machine.files, o.file));
  const NodeFiles names(o.folder);
  Files& files = *machine.files;
  // Accounts hold the only key of a database that is encrypted.
  TRY(expect_folder_for(files, o.folder, ticket));
  if (!files.exists(names.key)) return o.no_users ? Status() : make_first_user(machine, o, ticket);
  const bool in_use = files.exists(names.certificate) || files.exists(names.database);
  const bool has_accounts = files.exists(accounts_path(o.folder));
  const std::string given = given_options(o, in_use && !has_accounts);
  if (given.empty()) return {};
  if (in_use) return Error{ErrorCode::input_made_already, {{"options", given}}};
  // Nothing was written here yet: what is said now is what counts.
  if (o.no_users) return files.remove(accounts_path(o.folder));
  TRY(make_first_user(machine, o, ticket));
  TRY_ASSIGN(NodeSettings settings, read_settings(files, o.folder));
  settings.actor.clear();
  return write_settings(files, o.folder, settings);
}

namespace {

Exit sign_out(Machine& machine, const Options& o) {
  const bool was_in = machine.files->exists(session_path(o.folder));
  const Status removed = remove_session(*machine.files, o.folder);
  if (!removed.ok()) return show(removed.error(), o.manner);
  say(o.manner, was_in ? "Đã đăng xuất." : "Không có ai đang đăng nhập.",
      was_in ? "You are signed out." : "Nobody was signed in.", "{\"ok\":true}");
  return Exit::kDone;
}

}  // namespace

Exit run_session(Machine& machine, const Options& o) {
  if (o.command.front() == "sign-out") {
    return sign_out(machine, o);
  }
  const Result<std::unique_ptr<Desk>> desk = open_desk(machine, o);
  if (!desk.ok()) return show(desk.error(), o.manner);
  if (!(*desk)->has_accounts()) return show(Error(ErrorCode::accounts_none), o.manner);
  const Result<std::string> login = sign_in_anew(machine, o, **desk);
  if (!login.ok()) return show(login.error(), o.manner);
  std::string json;
  JsonWriter(json).begin_object().text("login", *login).end_object();
  say(o.manner, "Đã đăng nhập: " + *login, "You are signed in: " + *login, json);
  return Exit::kDone;
}

Exit run_recovery(Machine& machine, const Options& o) {
  if (o.command[1] == "new") {
    return make_recovery_key(*machine.files, *machine.random, o.file, o.manner);
  }
  std::string json;
  JsonWriter(json).begin_object().boolean("ok", true).end_object();
  const auto work = [&]() -> Status {
    TRY_ASSIGN(Hash seed, read_hex_key(*machine.files, o.file));
    const KeyPair pair = KeyPair::from_seed(seed);
    wipe(seed);
    TRY_ASSIGN(const std::unique_ptr<Desk> desk, open_desk(machine, o));
    TRY_ASSIGN(std::string password,
               new_password(*machine.files, o.manner, o.user.new_password_file));
    // A `serve` holds the accounts in memory, and would write its own over these.
    TRY_ASSIGN(const std::unique_ptr<FileLock> alone,
               machine.files->lock(NodeFiles(o.folder).lock));
    // Another command may have changed them while the password was typed.
    TRY(desk->refresh());
    const Status done = desk->recover(pair, o.user.login, password);
    wipe(password);
    return done;
  };
  const Status done = work();
  if (!done.ok()) return show(done.error(), o.manner);
  say(o.manner, "Đã đặt mật khẩu mới cho " + o.user.login + ".",
      "The new password of " + o.user.login + " is set.", json);
  return Exit::kDone;
}

Status recovery_request(Machine& machine, const Options& o, ApiRequest& r) {
  TRY_ASSIGN(const Hash key, read_hex_key(*machine.files, o.file));
  r.method = "POST";
  r.path = "/api/recovery";
  JsonWriter(r.body).begin_object().text("key", to_hex(key)).end_object();
  return {};
}

}  // namespace lalanh::client
