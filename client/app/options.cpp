#include "client/app/options.h"

#include <CLI/CLI.hpp>

#include "shared/console/command_line.h"
#include "shared/platform/platform.h"

namespace lalanh::client {
namespace {

CLI::App* verb(CLI::App& parent, const char* name, const char* help) {
  CLI::App* out = parent.add_subcommand(name, help);
  out->fallthrough();  // --json and --folder may stand anywhere
  return out;
}

void add_id(CLI::App* app, Options& o) {
  app->add_option("ma", o.id, "Mã hộ, hoặc mã dài của mục · household code or id")->required();
}
void add_fields(CLI::App* app, Options& o) {
  app->add_option("truong", o.fields, "tên=giá trị … · name=value …")->required();
}
void add_unit(CLI::App* app, Options& o) {
  app->add_option("--unit", o.unit, "Mã đơn vị · unit code");
}

void add_households(CLI::App& app, Options& o) {
  CLI::App* household = verb(
      app, "household",
      "Hộ: thêm, sửa, xem, tìm, đưa ra, chuyển · Households: add, set, show, list, remove, move");
  household->require_subcommand(1);
  CLI::App* add =
      verb(*household, "add",
           "Thêm hộ: head='Bùi Văn Quyết' code=ĐN-052 · Add one: head='Bùi Văn Quyết' code=ĐN-052");
  add_fields(add, o);
  add_unit(add, o);
  CLI::App* set = verb(*household, "set", "Sửa hộ · Correct one");
  add_id(set, o);
  add_fields(set, o);
  add_id(verb(*household, "show", "Xem một hộ · Show one"), o);
  CLI::App* list =
      verb(*household, "list", "Danh sách, tìm không cần dấu · List and find, accents or not");
  list->add_option("tim", o.text, "Chữ cần tìm · text to find");
  list->add_option("--class", o.value,
                   "Chỉ kết quả này: poor, near_poor, average_farm, not_poor, unknown · only this "
                   "result: poor, near_poor, average_farm, not_poor, unknown");
  list->add_option("--period", o.period, "Kỳ, ví dụ 2023 · period");
  list->add_option("--offset", o.offset, "Bỏ qua · skip");
  list->add_option("--limit", o.limit, "Số dòng · lines");
  list->add_flag("--removed", o.removed, "Cả hộ đã đưa ra · removed ones too");
  add_unit(list, o);
  CLI::App* remove =
      verb(*household, "remove", "Đưa hộ ra khỏi danh sách, có lý do · Remove one, with a reason");
  add_id(remove, o);
  remove->add_option("--reason", o.reason, "Lý do · reason")->required();
  add_id(verb(*household, "keep", "Khôi phục hộ đã đưa ra · Restore a removed one"), o);
  CLI::App* move = verb(*household, "move",
                        "Chuyển hộ sang thôn khác (cấp trên của cả hai) · Move one to another "
                        "village (by the tier above both)");
  add_id(move, o);
  add_unit(move, o);
}

void add_children(CLI::App& app, Options& o) {
  for (const char* type : {"member", "assessment"}) {
    const bool member = std::string(type) == "member";
    CLI::App* child = verb(
        app, type, member ? "Nhân khẩu của hộ · members" : "Kết quả rà soát của hộ · assessments");
    child->require_subcommand(1);
    CLI::App* add = verb(
        *child, "add",
        "Thêm vào hộ (mã hộ, rồi tên=giá trị) · Add to a household (its code, then name=value)");
    add_id(add, o);
    add_fields(add, o);
    CLI::App* set = verb(*child, "set",
                         "Sửa (mã của mục, rồi tên=giá trị) · Correct (its id, then name=value)");
    add_id(set, o);
    add_fields(set, o);
    CLI::App* remove = verb(*child, "remove", "Đưa ra, có lý do · Remove, with a reason");
    add_id(remove, o);
    remove->add_option("--reason", o.reason, "Lý do · reason")->required();
    add_id(verb(*child, "keep", "Khôi phục mục đã đưa ra · Restore a removed one"), o);
  }
}

void add_review(CLI::App& app, Options& o) {
  CLI::App* import = verb(app, "import", "Nhập danh sách từ CSV · import lists");
  import->add_option("households", o.file, "Tệp danh sách hộ, CSV · list of households, CSV")
      ->required();
  import->add_option("--members", o.members_file,
                     "Tệp danh sách nhân khẩu, CSV · list of members, CSV");
  import->add_flag("--good", o.good,
                   "Nhập các dòng đúng, bỏ dòng sai (mặc định: tất cả hoặc không) · Import the "
                   "good rows, leave the bad ones (default: all or none)");
  import->add_flag("--dry-run", o.dry_run, "Chỉ kiểm tra · check only");
  add_unit(import, o);
  add_unit(verb(app, "conflicts", "Số liệu chưa khớp · conflicts"), o);
  CLI::App* settle = verb(app, "settle", "Ghi nhận số đã chọn cho mục chưa khớp · settle");
  add_id(settle, o);
  settle->add_option("truong", o.fields, "tên=giá trị · name=value");
  settle->add_option("--take", o.take, "Lấy hết của máy số · take all from device number");
  settle->add_option("--removal", o.removal, "remove hoặc keep · remove or keep");
  add_unit(verb(app, "findings", "Chỗ cần xem lại · findings"), o);
  CLI::App* aside = verb(app, "set-aside",
                         "Những gì bị để riêng: nhánh đôi, máy bị thu hồi · what a fork or a "
                         "revocation set aside");
  CLI::App* enter = verb(*aside, "enter", "Nhập lại · enter again");
  enter->add_option("ma", o.paths, "Mã của từng mục · ids of entries");
  enter->add_flag("--all", o.all, "Tất cả · all of them");
  CLI::App* report = verb(app, "report", "Tổng hợp kết quả rà soát (mẫu 1) · report 1");
  add_unit(report, o);
  report->add_option("--period", o.period, "Kỳ, ví dụ 2023 · period");
  report->add_option("--date", o.date, "Địa giới ngày · units of the day");
  CLI::App* reported = verb(app, "reported", "Đơn vị nào đã gửi · who has reported");
  add_unit(reported, o);
  reported->add_option("--period", o.period, "Kỳ · period");
  reported->add_flag("--all", o.all, "Cả cấp dưới nữa · all below");
}

void add_machine(CLI::App& app, Options& o) {
  CLI::App* init =
      verb(app, "init", "Tạo máy này bằng phiếu cấp máy · make this device by a ticket");
  init->add_option("phieu", o.file, "Tệp phiếu cấp máy, .llticket · ticket file")->required();
  init->add_option("--user", o.user.login,
                   "Tên đăng nhập của người đầu tiên; bỏ trống thì theo tên · login of the first "
                   "user; absent: from the name");
  init->add_option("--role", o.user.role,
                   "Vai trò của người đó; bỏ trống thì theo cấp của máy: village_head, "
                   "commune_officer … · role of that user; absent: by the machine's tier");
  init->add_option("--recovery-key", o.recovery_key,
                   "Tệp recovery.pub của xã · the commune's file recovery.pub");
  init->add_flag("--no-users", o.no_users,
                 "Không tài khoản, không mã hoá: chỉ để thử · no accounts, no encryption: for "
                 "trials alone");
  CLI::App* enrol = verb(app, "enrol",
                         "Nhận giấy chứng nhận, qua mạng hoặc từ tệp · take the certificate, "
                         "online or by file");
  enrol->add_option("tra-loi", o.file, "Tệp trả lời hoặc thư mục có tệp ấy · answer or its folder");
  for (CLI::App* each : {init, enrol}) {
    each->add_option("--stick", o.stick, "Ghi yêu cầu vào thư mục này · write the request here");
  }
  verb(app, "serve", "Mở chương trình trên 127.0.0.1 · serve the local API")
      ->add_option("--port", o.port, "Cổng; 0 là tự chọn · port");
  app.get_subcommand("serve")->add_flag(
      "--locked", o.locked,
      "Mở sau, khi có người đăng nhập ở trang · opened by who signs in there");
  CLI::App* sync = verb(app, "sync", "Gửi và nhận với cấp trên · sync with the parent");
  sync->add_option("--cut-after-bytes", o.cut_after_bytes,
                   "Thử: ngắt đường truyền sau chừng này byte · trial: cut the link");
  CLI::App* log = verb(app, "log", "Nhật ký thay đổi · the log");
  add_unit(log, o);
  log->add_option("--limit", o.limit, "Số dòng · lines");
  CLI::App* history = verb(app, "history", "Lịch sử của một hộ hoặc mục · history");
  add_id(history, o);
  history->add_option("--field", o.field, "Chỉ một trường · one field");
  verb(app, "fields",
       "Tên các trường để nhập, sửa và làm cột của tệp · names of fields and columns");
  verb(app, "verify", "Tính lại mọi thứ từ nhật ký và so sánh · verify");
  verb(app, "status", "Tình trạng của máy này · status");
  CLI::App* config = verb(app, "config", "Xem hoặc đổi cài đặt: actor, parent · settings");
  config->add_option("ten", o.setting, "Tên cài đặt: actor, parent · setting: actor, parent");
  config->add_option("gia-tri", o.text, "Giá trị mới · new value");
}

void add_users(CLI::App& app, Options& o) {
  CLI::App* in = verb(app, "sign-in", "Đăng nhập · sign in");
  in->add_option("ten", o.user.login, "Tên đăng nhập · login");
  verb(app, "sign-out", "Đăng xuất · sign out");
  add_user_commands(app, o.user);
  CLI::App* recovery = verb(app, "recovery",
                            "Khoá khôi phục của xã, khi quên hết mật khẩu · the commune's recovery "
                            "key, for when all passwords are forgotten");
  recovery->require_subcommand(1);
  verb(*recovery, "new", "Tạo cặp khoá trong một thư mục, ví dụ thẻ nhớ · make a pair of keys")
      ->add_option("thu-muc", o.file, "Thư mục · folder")
      ->required();
  verb(*recovery, "set", "Cho khoá này mở được máy này · let this key open this machine")
      ->add_option("tep", o.file, "Tệp recovery.pub · file recovery.pub")
      ->required();
  CLI::App* use =
      verb(*recovery, "use", "Mở bằng khoá và đặt mật khẩu mới · open with it, set a new password");
  use->add_option("tep", o.file, "Tệp recovery.key · file recovery.key")->required();
  use->add_option("ten", o.user.login, "Tên đăng nhập · login")->required();
  use->add_option("--new-password-file", o.user.new_password_file,
                  "Tệp có mật khẩu mới · file with the new password");
  verb(app, "audit",
       "Ai đã đọc, xuất gì, sửa tài khoản nào trên máy này · who read and exported what here, and "
       "changed accounts")
      ->add_option("--limit", o.limit, "Số dòng · lines");
}

void add_bundles(CLI::App& app, Options& o) {
  CLI::App* bundle = verb(app, "bundle",
                          "Gói trên thẻ nhớ USB: gửi và nhận không cần mạng · "
                          "bundles on a USB stick: sync without a network");
  bundle->require_subcommand(1);
  CLI::App* out = verb(*bundle, "export",
                       "Xuất gói cho cấp trên, hoặc cho các máy của một đơn vị (--for) · write "
                       "bundles for the parent, or for a unit's devices (--for)");
  out->add_option("thu-muc", o.file, "Thư mục trên thẻ, hoặc tệp .llb · folder, or .llb file")
      ->required();
  out->add_option("--for", o.unit, "Mã đơn vị nhận · code of the unit that it is for");
  out->add_option("--part-bytes", o.part_bytes, "Tệp lớn nhất, byte · largest file, in bytes");
  verb(*bundle, "import", "Nhận mọi gói ở đây · take in every bundle here")
      ->add_option("duong-dan", o.paths, "Thư mục hoặc tệp .llb · folders or .llb files")
      ->required();
  verb(*bundle, "inspect", "Xem gói là gì, không thay đổi gì · say what bundles are")
      ->add_option("duong-dan", o.paths, "Thư mục hoặc tệp .llb · folders or .llb files")
      ->required();
}

void collect(const CLI::App& app, std::vector<std::string>& out) {
  for (const CLI::App* used : app.get_subcommands()) {
    out.push_back(used->get_name());
    collect(*used, out);
  }
}

}  // namespace

Result<std::string> read_options(const std::vector<std::string>& arguments,
                                 const std::string& version, Options& out) {
  out.manner = manner_of(arguments);
  CLI::App app("Lá Lành: sổ hộ nghèo, hộ cận nghèo của thôn và xã · register of poor households",
               "lalanh");
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  app.add_option("--folder", out.folder, "Thư mục dữ liệu · data folder");
  app.add_option("--actor", out.actor, "Họ tên và chức vụ người làm · name and office");
  app.add_option("--password-file", out.password_file,
                 "Tệp có mật khẩu ở dòng đầu · file with the password on its first line");
  add_manner(app);
  add_households(app, out);
  add_children(app, out);
  add_review(app, out);
  add_machine(app, out);
  add_bundles(app, out);
  add_users(app, out);
  add_restore_commands(app, out.restore);
  TRY_ASSIGN(std::string text, parse_command_line(app, arguments, out.manner));
  if (!text.empty()) return text;
  collect(app, out.command);
  if (out.folder.empty()) out.folder = default_data_folder("lalanh");
  return text;
}

}  // namespace lalanh::client
