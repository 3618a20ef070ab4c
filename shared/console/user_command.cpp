#include "shared/console/user_command.h"

#include <CLI/CLI.hpp>

#include "shared/accounts/secret.h"
#include "shared/catalogue/json_writer.h"
#include "shared/platform/terminal.h"

namespace lalanh {
namespace {

constexpr const char* kRoles =
    "Vai trò: village_head, commune_officer, commune_chairman, district_officer, "
    "province_officer, supervisor, it · role: village_head, commune_officer, commune_chairman, "
    "district_officer, province_officer, supervisor, it";

CLI::App* verb(CLI::App& parent, UserCommand& out, const char* name, const char* help) {
  CLI::App* app = parent.add_subcommand(name, help);
  app->fallthrough();
  app->callback([&out, name] { out.what = name; });
  return app;
}

}  // namespace

void add_user_commands(CLI::App& app, UserCommand& out) {
  CLI::App* user = app.add_subcommand("user", "Tài khoản của máy này · accounts of this machine");
  user->fallthrough();
  user->require_subcommand(1);
  verb(*user, out, "list", "Danh sách · list them");
  CLI::App* add = verb(*user, out, "add", "Thêm · add one");
  add->add_option("--name", out.name, "Họ tên · name")->required();
  add->add_option("--office", out.office, "Chức vụ · office");
  add->add_option("--role", out.role, kRoles)->required();
  add->add_option("--user", out.login, "Tên đăng nhập; bỏ trống thì theo tên · login");
  add->add_option("--unit", out.unit, "Mã đơn vị · unit code");
  CLI::App* passwd = verb(*user, out, "passwd",
                          "Đổi mật khẩu của mình, hoặc đặt lại của người khác · change one's own "
                          "password, or reset another's");
  passwd->add_option("ten", out.login, "Tên đăng nhập của người khác · another's login");
  for (CLI::App* each : {add, passwd}) {
    each->add_option("--new-password-file", out.new_password_file,
                     "Tệp có mật khẩu mới ở dòng đầu · file with the new password on its first "
                     "line");
  }
  verb(*user, out, "disable", "Khoá · disable one")
      ->add_option("ten", out.login, "Tên đăng nhập · login")
      ->required();
  verb(*user, out, "enable", "Mở lại · enable one")
      ->add_option("ten", out.login, "Tên đăng nhập · login")
      ->required();
}

Result<ApiRequest> user_request(Files& files, const Manner& manner, const UserCommand& command,
                                const std::string& password_file) {
  ApiRequest out;
  out.language = manner.language;
  out.method = command.what == "list" ? "GET" : command.what == "add" ? "POST" : "PATCH";
  out.path = "/api/users";
  if (command.what == "list") return out;
  JsonWriter json(out.body);
  json.begin_object();
  if (command.what == "disable" || command.what == "enable") {
    out.path += "/" + command.login;
    json.boolean("disabled", command.what == "disable").end_object();
    return out;
  }
  const bool own = command.what == "passwd" && command.login.empty();
  if (own) {
    out.method = "POST";
    out.path = "/api/session/password";
    TRY_ASSIGN(std::string old, password_file.empty()
                                    ? read_password(manner.pick("Mật khẩu cũ: · Old password: "))
                                    : first_line(files, password_file));
    json.text("old", old);
    wipe(old);
  }
  TRY_ASSIGN(std::string password, new_password(files, manner, command.new_password_file));
  json.text(own ? "new" : "password", password);
  wipe(password);
  if (command.what == "add") {
    json.text("login", command.login).text("name", command.name).text("office", command.office);
    json.text("role", command.role).text("unit", command.unit);
  } else if (!own) {
    out.path += "/" + command.login;
  }
  json.end_object();
  return out;
}

Result<std::string> first_line(Files& files, const std::string& path) {
  TRY_ASSIGN(Bytes bytes, files.read(path, limits::kPasswordBytesMax + 2));
  std::string out(as_text(bytes));
  wipe(bytes);
  out.resize((std::min)(out.find('\n'), out.size()));
  if (!out.empty() && out.back() == '\r') out.pop_back();
  if (out.empty()) return Error{ErrorCode::accounts_no_password};
  return out;
}

Result<std::string> new_password(Files& files, const Manner& manner, const std::string& file) {
  if (!file.empty()) return first_line(files, file);
  TRY_ASSIGN(std::string first, read_password(manner.pick("Mật khẩu mới: · New password: ")));
  TRY(check_new_password(first));
  TRY_ASSIGN(std::string again, read_password(manner.pick("Gõ lại mật khẩu: · The same again: ")));
  const bool same = first == again;
  wipe(again);
  if (!same) return Error{ErrorCode::accounts_not_same};
  return first;
}

std::string password_file_of(const std::string& option) {
  return option.empty() ? environment_text("LALANH_PASSWORD_FILE") : option;
}

}  // namespace lalanh
