#pragma once

#include <string>

#include "shared/api/http.h"
#include "shared/base/ports.h"
#include "shared/console/show.h"

namespace CLI {
class App;
}  // namespace CLI

/// The commands of accounts that both programs have, and passwords at a terminal.
namespace lalanh {

/// What `user …` says. Values as typed; the API checks them.
struct UserCommand {
  std::string what;  ///< "list", "add", "passwd", "disable", "enable"
  std::string login, name, office, role, unit;
  std::string new_password_file;
};

/// Adds `user` with its commands to a program; what is used of them is put into `out`, which
/// outlives the parsing.
void add_user_commands(CLI::App& app, UserCommand& out);

/// The request of such a command. New passwords, and the old one for one's own (from
/// `password_file`), are read from files or asked for at the terminal. accounts.no_password,
/// accounts.not_same, accounts.short_password, system.file.
Result<ApiRequest> user_request(Files& files, const Manner& manner, const UserCommand& command,
                                const std::string& password_file);

/// The first line of a small file: a password, a key. accounts.no_password where it is empty.
Result<std::string> first_line(Files& files, const std::string& path);
/// A new password: from the file, or typed twice.
Result<std::string> new_password(Files& files, const Manner& manner, const std::string& file);
/// The file that an option names, else LALANH_PASSWORD_FILE; "" for none.
std::string password_file_of(const std::string& option);

}  // namespace lalanh
