#include "shared/console/restore_command.h"

#include <CLI/CLI.hpp>

#include "shared/accounts/roles.h"
#include "shared/accounts/secret.h"
#include "shared/api/print.h"
#include "shared/api/print_words.h"
#include "shared/api/restore.h"
#include "shared/base/calendar.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/json_writer.h"
#include "shared/console/user_command.h"
#include "shared/platform/terminal.h"

namespace lalanh {
namespace {

CLI::App* verb(CLI::App& app, const char* name, const char* help) {
  CLI::App* out = app.add_subcommand(name, help);
  out->fallthrough();
  return out;
}

Result<std::string> login_of(const Restore& restore, const RestoreCommand& command) {
  if (!command.login.empty()) return command.login;
  const std::string named = environment_text("LALANH_USER");
  if (!named.empty()) return named;
  if (restore.logins().size() == 1) return restore.logins().front();
  return Error{ErrorCode::input_missing, {{"field", "--user"}, {"where", "the command line"}}};
}

/// By what is at hand, in the order in which it costs a person the least.
Status unlock(Files& files, Restore& restore, const RestoreCommand& command,
              const std::string& password_file, const Manner& manner) {
  if (!command.recovery_key.empty()) {
    TRY_ASSIGN(Hash seed, read_hex_key(files, command.recovery_key));
    const Status opened = restore.open_with_recovery(seed);
    wipe(seed);
    return opened;
  }
  if (command.login.empty() && restore.try_own_key()) return {};
  if (restore.logins().empty()) {
    return Error{ErrorCode::backup_no_key, {{"unit", restore.front().unit_name}}};
  }
  TRY_ASSIGN(const std::string login, login_of(restore, command));
  TRY_ASSIGN(std::string password,
             password_file.empty()
                 ? read_password(login + manner.pick(", mật khẩu: · , password: "))
                 : first_line(files, password_file));
  const Status opened = restore.open_with_password(login, password);
  wipe(password);
  return opened;
}

/// Who asks is known and may do it.
Status expect_may(const Restore& restore, const RestoreCommand& command,
                  const RestoreRules& rules) {
  if (!rules.may || !command.recovery_key.empty()) return {};
  const FolderNow now = restore.now();
  if (restore.role().empty() || !now.same_device) TRY(rules.may(!restore.role().empty()));
  if (restore.role().empty() || !now.database) return {};
  return expect_role_may(restore.role(), kRestoreCall);
}

/// The program can go on with such a machine, and the folder is not another unit's.
Status expect_fits(const Restore& restore, const RestoreRules& rules) {
  const BackupFront& front = restore.front();
  const bool of_server = restore.of_server().value_or(rules.server);
  if (of_server != rules.server) {
    return of_other_program(ErrorCode::backup_other_program, of_server, front.unit_name);
  }
  const FolderNow now = restore.now();
  if (now.unit == UnitNo() || now.unit == front.unit) return {};
  return Error{ErrorCode::backup_other_unit, {{"unit", now.unit_name}, {"other", front.unit_name}}};
}

struct Said {
  std::string vi, en;
  void add(const std::string& vietnamese, const std::string& english) {
    vi += vietnamese;
    en += english;
  }
};

/// Whether what the folder holds is another machine's.
bool is_of_other_machine(const FolderNow& now) { return now.database && !now.same_device; }

Said others_of(const FolderNow& now) {
  Said out;
  if (!is_of_other_machine(now)) return out;
  out.add("⚠ Thư mục này là của một máy KHÁC với bản sao lưu.\n",
          "⚠ This folder is that of ANOTHER machine than the backup.\n");
  return out;
}

/// Whose backup it is, and what will become of the folder.
Said plan_of(const Restore& restore, const BackupHead& head, const std::string& folder,
             const std::string& file) {
  const BackupFront& front = restore.front();
  const std::string time = vietnam_time_text(front.time);
  const std::string device = std::to_string(front.device.value);
  Said out;
  out.add("Bản sao lưu " + file + ": " + front.unit_name + ", máy số " + device + ", lúc " +
              Words(Language::kVietnamese).time(time) + ", Lá Lành " + head.program +
              ". Đã đọc hết, còn nguyên vẹn.\n",
          "The backup " + file + ": " + front.unit_name + ", device " + device + ", of " +
              Words(Language::kEnglish).time(time) + ", Lá Lành " + head.program +
              ". All of it was read and is whole.\n");
  const FolderNow now = restore.now();
  if (now.database) {
    out.add("Dữ liệu đang có trong " + folder +
                (now.unit_name.empty() ? "" : " (" + now.unit_name + ")") +
                " được cất vào một thư mục con, không xoá; bản sao lưu thay vào chỗ ấy.\n",
            "What is in " + folder + (now.unit_name.empty() ? "" : " (" + now.unit_name + ")") +
                " is put into a folder of its own there, not deleted; the backup takes its "
                "place.\n");
    out.add(others_of(now).vi, others_of(now).en);
  } else {
    out.add("Dữ liệu được đặt vào " + folder + ".\n", "The data is put into " + folder + ".\n");
  }
  out.add(
      "Những gì nhập sau lúc ấy mà đã gửi đi sẽ về lại khi đồng bộ; chưa gửi thì không có "
      "trong bản này.\n",
      "What was entered after that time comes back with the next sync, if it was sent; if it "
      "was not, it is not in this backup.\n");
  return out;
}

/// `now`: the folder, before anything was done to it.
std::string json_of(const Restore& restore, const BackupHead& head, const std::string& folder,
                    const FolderNow& now, const std::optional<std::string>& aside) {
  const BackupFront& front = restore.front();
  std::string out;
  JsonWriter json(out);
  json.begin_object().text("unit_code", front.unit_code).text("unit_name", front.unit_name);
  json.integer("device", front.device.value).text("time", vietnam_time_text(front.time));
  json.text("program", head.program).text("folder", folder).key("files").begin_array();
  for (const BackupItem& item : head.items) json.text(item.name);
  json.end_array().boolean("replaces", now.database);
  json.boolean("other_machine", is_of_other_machine(now)).boolean("done", aside.has_value());
  json.text("aside", aside.value_or("")).end_object();
  return out;
}

void add_aside(Said& said, const std::string& aside) {
  if (aside.empty()) return;
  said.add(" Dữ liệu trước đó nằm ở " + aside + ".",
           " What was there before lies in " + aside + ".");
}

ApiRequest request_of(const char* method, const char* path) {
  ApiRequest out;
  out.method = method;
  out.path = path;
  return out;
}

void add_not_done(Said& said) {
  said.add("Chưa làm gì. Muốn làm thật, thêm --yes.", "Nothing was done. To do it, add --yes.");
}

/// What is lost to a `rebuild`, or might be; `tried`: sending it has been tried.
void add_unsent(Said& said, const RebuildPlan& plan, bool stick, bool tried) {
  if (!plan.unsent) {
    said.add(
        "⚠ Không đọc được cơ sở dữ liệu: những gì chưa gửi thì không tải lại được. Có bản sao "
        "lưu thì dùng 'restore' trước.\n",
        "⚠ The database cannot be read: what was not sent cannot be loaded again. If there is a "
        "backup, use 'restore' first.\n");
    return;
  }
  if (*plan.unsent == 0) return;
  const std::string count = std::to_string(*plan.unsent);
  if (stick) {
    said.add("⚠ Còn " + count +
                 " mục chưa gửi, sẽ chỉ còn trong tệp cất đi. Hãy 'bundle export' trước.\n",
             "⚠ " + count +
                 " events were not sent and will be in the file put aside alone. Run 'bundle "
                 "export' first.\n");
  } else if (tried) {
    said.add("⚠ Còn " + count + " mục không gửi được, chỉ còn trong tệp cất đi.\n",
             "⚠ " + count + " events could not be sent and are in the file put aside alone.\n");
  } else {
    said.add("Còn " + count +
                 " mục chưa gửi: chúng được gửi trước; không đồng bộ được thì không cất gì đi.\n",
             count +
                 " events were not sent: they are sent first, and where no sync succeeds nothing "
                 "is put aside.\n");
  }
}

/// What `rebuild` is going to do.
Said plan_of(const RebuildPlan& plan, bool stick, bool tried) {
  Said said;
  if (plan.database) {
    said.add("Cơ sở dữ liệu trong " + plan.folder +
                 " được cất vào một thư mục con, không xoá. Khoá, tài khoản, cài đặt giữ nguyên.\n",
             "The database in " + plan.folder +
                 " is put into a folder of its own there, not deleted. Keys, accounts and settings "
                 "stay.\n");
  }
  if (stick) {
    said.add(
        "Mọi thứ mà cấp trên đang giữ sẽ về bằng thẻ nhớ: 'bundle export' ở máy này, mang lên cấp "
        "trên, rồi 'bundle import' thẻ mang về.\n",
        "All that the parent holds comes by stick: 'bundle export' here, take it to the parent, "
        "then 'bundle import' what comes back.\n");
  } else {
    said.add("Mọi thứ mà cấp trên (" + plan.parent + ") đang giữ được tải lại.\n",
             "All that the parent (" + plan.parent + ") holds is loaded again.\n");
  }
  add_unsent(said, plan, stick, tried);
  return said;
}

/// Events that were not sent, by the database itself; nothing where it cannot be read.
Result<std::optional<std::uint64_t>> unsent_of(const AskNode& ask) {
  const Result<ApiReply> reply = ask(request_of("GET", "/api/status"));
  std::optional<std::uint64_t> out;
  if (!reply.ok() || reply->status >= 400) return out;
  TRY_ASSIGN(const JsonValue json, parse_json(reply->body, "status"));
  const JsonValue* unsent = json.find("unsent");
  if (unsent != nullptr && unsent->integer() != nullptr) {
    out = static_cast<std::uint64_t>(*unsent->integer());
  }
  return out;
}

/// The name of the error that a reply is; "" of none.
std::string error_of(const Result<ApiReply>& reply) {
  if (!reply.ok()) return reply.error().name();
  if (reply->status < 400) return "";
  const Result<JsonValue> json = parse_json(reply->body, "reply");
  return json.ok() ? error_name_of(*json) : json.error().name();
}

/// Is that a database which cannot do its work any more? Not one that is held, or has no room.
bool means_damage(std::string_view error) {
  if (!error.starts_with("store.")) return false;
  for (const ErrorCode other : {ErrorCode::store_locked, ErrorCode::store_busy,
                                ErrorCode::store_full, ErrorCode::store_read_only}) {
    if (error == Error(other).name()) return false;
  }
  return true;
}

/// Before a database is put aside: where it can be read, it syncs once more, so that what was not
/// sent is; else the parent must answer. The exit of what was shown, where that was not so.
std::optional<Exit> expect_parent(RebuildPlan& plan, const Manner& manner, const RebuildWay& way) {
  if (plan.unsent) {
    const Result<ApiReply> reply = way.ask_old(request_of("POST", "/api/sync"));
    const std::string error = error_of(reply);
    if (!error.empty() && !means_damage(error)) {
      return reply.ok() ? show(*reply, manner, {"sync"}) : show(reply.error(), manner);
    }
    const Result<std::optional<std::uint64_t>> unsent = unsent_of(way.ask_old);
    if (!unsent.ok()) return show(unsent.error(), manner);
    plan.unsent = *unsent;
    if (error.empty()) return std::nullopt;
  }
  const Status reached = way.reach();
  return reached.ok() ? std::nullopt : std::optional<Exit>(show(reached.error(), manner));
}

}  // namespace

void add_restore_commands(CLI::App& app, RestoreCommand& out) {
  verb(app, "backup",
       "Sao lưu máy này, có niêm phong, vào một thư mục hoặc tệp .llbak · back this machine up, "
       "sealed, into a folder or a .llbak file")
      ->add_option("duong-dan", out.file, "Thư mục, hoặc tệp .llbak · folder, or .llbak file")
      ->required();
  CLI::App* restore = verb(app, "restore", "Khôi phục từ bản sao lưu · put a backup back");
  restore->add_option("tep", out.file, "Tệp .llbak · .llbak file")->required();
  restore->add_option("--recovery-key", out.recovery_key,
                      "Tệp recovery.key của xã · the commune's file recovery.key");
  restore->add_option("--user", out.login,
                      "Mở bằng mật khẩu của người này · opened by this user's password");
  CLI::App* rebuild =
      verb(app, "rebuild",
           "Cất cơ sở dữ liệu hỏng đi và tải lại từ cấp trên · put a damaged database aside and "
           "load it again from the parent");
  for (CLI::App* each : {restore, rebuild}) {
    each->add_flag("--yes", out.yes,
                   "Làm thật; không có thì chỉ nói sẽ làm gì · do it; without it, only say what "
                   "would be done");
  }
  rebuild->add_flag("--stick", out.stick,
                    "Không có mạng: sau đó nhận bằng thẻ nhớ · no network: it comes by stick then");
}

Exit run_restore(Files& files, const std::string& folder, const RestoreCommand& command,
                 const std::string& password_file, const Manner& manner,
                 const RestoreRules& rules) {
  const Result<std::unique_ptr<Restore>> restore = Restore::open(files, command.file, folder);
  if (!restore.ok()) return show(restore.error(), manner);
  const Status opened = unlock(files, **restore, command, password_file, manner);
  if (!opened.ok()) return show(opened.error(), manner);
  const Result<BackupHead> head = (*restore)->check();
  if (!head.ok()) return show(head.error(), manner);
  Status may = expect_fits(**restore, rules);
  if (may.ok()) may = expect_may(**restore, command, rules);
  if (!may.ok()) return show(may.error(), manner);
  const FolderNow now = (*restore)->now();
  Said said = plan_of(**restore, *head, folder, command.file);
  if (!command.yes) {
    add_not_done(said);
    say(manner, said.vi, said.en, json_of(**restore, *head, folder, now, std::nullopt));
    return Exit::kDone;
  }
  Said done = others_of(now);
  const Result<std::string> aside = (*restore)->run();
  if (!aside.ok()) return show(aside.error(), manner);
  done.add("Đã khôi phục.", "Restored.");
  add_aside(done, *aside);
  done.add(" Hãy đồng bộ để lấy lại phần sau.", " Sync to get back what came later.");
  say(manner, done.vi, done.en, json_of(**restore, *head, folder, now, *aside));
  return Exit::kDone;
}

Result<RebuildPlan> plan_rebuild(Files& files, const std::string& folder, const AskNode& ask) {
  TRY_ASSIGN(const NodeSettings settings, read_settings(files, folder));
  RebuildPlan out{folder, settings.parent_address, files.exists(NodeFiles(folder).database), {}};
  if (!out.database) return out;
  TRY_ASSIGN(out.unsent, unsent_of(ask));
  return out;
}

namespace {

Exit show_plan(const RebuildPlan& plan, bool stick, const Manner& manner) {
  Said said = plan_of(plan, stick, false);
  std::string json;
  JsonWriter out(json);
  out.begin_object().text("folder", plan.folder).text("parent", plan.parent);
  if (plan.unsent) {
    out.integer("unsent", static_cast<std::int64_t>(*plan.unsent));
  } else {
    out.key("unsent").null();
  }
  out.boolean("done", false).end_object();
  add_not_done(said);
  say(manner, said.vi, said.en, json);
  return Exit::kDone;
}

}  // namespace

Exit run_rebuild(Files& files, const RebuildPlan& found, const RestoreCommand& command,
                 const Manner& manner, const RebuildWay& way) {
  if (!command.yes) return show_plan(found, command.stick, manner);
  RebuildPlan plan = found;
  if (!command.stick) {
    if (const std::optional<Exit> failed = expect_parent(plan, manner, way)) return *failed;
  }
  const Result<std::string> aside = put_database_aside(files, plan.folder);
  if (!aside.ok()) return show(aside.error(), manner);
  Said done = plan_of(plan, command.stick, true);
  if (command.stick) {
    done.add("Đã cất đi; nay hãy 'bundle export' ra thẻ nhớ.",
             "Put aside; now 'bundle export' to a stick.");
  } else {
    done.add("Đã cất đi; đang tải lại.", "Put aside; loading again.");
  }
  add_aside(done, *aside);
  if (!manner.json) say(manner, done.vi, done.en, "");
  return command.stick ? way.ask(request_of("GET", "/api/status"), "status")
                       : way.ask(request_of("POST", "/api/sync"), "sync");
}

Exit make_recovery_key(Files& files, Random& random, const std::string& folder,
                       const Manner& manner) {
  const KeyPair pair = KeyPair::make(random);
  const std::string secret = folder + "/recovery.key";
  if (files.exists(secret)) return show({ErrorCode::system_exists, {{"path", secret}}}, manner);
  std::string line = to_hex(pair.seed()) + "\n";
  Status done = files.replace(secret, as_bytes(line), true);
  wipe(line);
  if (done.ok()) {
    done =
        files.replace(folder + "/recovery.pub", as_bytes(to_hex(pair.public_key()) + "\n"), false);
  }
  if (!done.ok()) return show(done.error(), manner);
  std::string json;
  JsonWriter(json).begin_object().boolean("ok", true).end_object();
  say(manner, "Đã tạo recovery.key và recovery.pub. Cất recovery.key trong két của xã.",
      "recovery.key and recovery.pub are made. Keep recovery.key in the commune's safe.", json);
  return Exit::kDone;
}

}  // namespace lalanh
