#include "server/app/options.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "server/app/version.h"
#include "shared/api/host_port.h"
#include "shared/console/command_line.h"
#include "shared/platform/platform.h"

namespace lalanh::server {
namespace {

/// Most threads: each holds two mebibytes of a push at worst.
constexpr int kThreadsMax = 256;

Error usage(std::string why) { return Error(ErrorCode::input_usage, {{"why", std::move(why)}}); }

/// What CLI11 fills before it is checked.
struct Raw {
  Options options;
  std::string listen = "127.0.0.1:8750";
  std::string sync_at = "01:00";
  bool no_sync_up = false;
  bool bundle_up = false;
};

void add_tickets(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* ticket = app.add_subcommand(
      "ticket", "Làm phiếu cấp máy cho máy cấp dưới · make tickets for children's machines");
  ticket->add_option("--unit", o.units, "mã đơn vị, có thể lặp lại · unit's code, repeatable");
  ticket->add_option("--below", o.below, "mọi thôn của đơn vị này · every village of this unit");
  ticket->add_option("--role", o.role,
                     "vai trò: village, officer, server · role: village, officer, server");
  ticket->add_option("--name", o.name, "tên máy · what people call the machine");
  ticket->add_option("--address", o.addresses,
                     "địa chỉ máy chủ này, cho máy con · this server's address, for the child");
  ticket->add_option("--days", o.days, "dùng được trong bao nhiêu ngày · days until it expires")
      ->check(CLI::Range(1, 366));
  ticket->add_option("--out", o.out,
                     "tệp .llticket, hoặc thư mục nếu nhiều phiếu · file, or folder for several");
  CLI::App* cancel = ticket->add_subcommand(
      "cancel", "Huỷ một phiếu chưa dùng · cancel a ticket that was not used");
  cancel->add_option("id", o.id, "số máy hoặc mã phiếu · device number or ticket's id")->required();
  app.add_subcommand("tickets", "Các phiếu đã làm · the tickets that were made");
  CLI::App* certify = app.add_subcommand(
      "certify", "Trả lời tệp yêu cầu của máy con · answer children's request files");
  certify->add_option("path", o.paths, "tệp .llreq hoặc thư mục · request files or folders")
      ->required();
  certify->add_option("--out", o.out, "tệp trả lời · answer file to write");
  CLI::App* newest = app.add_subcommand(
      "newest", "Cam đoan đây là bản mới nhất của máy chủ · vouch that this is the newest copy");
  newest->add_flag("--yes", o.yes, "đúng vậy · yes, it is");
  for (CLI::App* each : {ticket, cancel, certify, newest}) each->fallthrough();
}

void add_devices(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  app.add_subcommand("devices", "Các máy ở đây và cấp dưới · the devices here and below");
  CLI::App* device = app.add_subcommand("device", "Một máy cấp dưới · one device");
  device->require_subcommand(1);
  CLI::App* revoke = device->add_subcommand(
      "revoke", "Thu hồi quyền của một máy bị mất · revoke a device that was lost");
  revoke->add_option("device", o.id, "số máy · device number")->required();
  revoke->add_option("--reason", o.reason, "lý do · reason");
  CLI::Option* since = revoke->add_option(
      "--lost-since", o.lost_since, "mất từ ngày; phần đến trước đó vẫn giữ · lost since this day");
  revoke->add_flag("--nothing", o.nothing_stands, "không giữ gì của máy này · let nothing stand")
      ->excludes(since);
  revoke->add_flag("--yes", o.yes, "thực hiện; không có thì chỉ cho xem · do it, not just show");
  for (CLI::App* each : {device, revoke}) each->fallthrough();
}

void add_enrolment(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* init = app.add_subcommand(
      "init", "Tạo máy chủ này bằng phiếu cấp máy · make this server with its ticket");
  init->add_option("ticket", o.ticket, "tệp phiếu cấp máy, .llticket · ticket file");
  init->add_option("--units", o.units_file,
                   "units.csv: tạo hệ thống mới, máy chủ tỉnh · a new system's province");
  init->add_option("--actor", o.actor, "người làm, chức vụ · who acts here: name, office");
  init->add_option("--stick", o.stick, "ghi yêu cầu vào thư mục này · write the request here");
  CLI::App* enrol = app.add_subcommand(
      "enrol",
      "Nhận giấy chứng nhận, qua mạng hoặc từ tệp · take the certificate, online or by file");
  enrol->add_option("answer", o.answer,
                    "tệp trả lời hoặc thư mục có tệp ấy · answer or its folder");
  enrol->add_option("--stick", o.stick, "ghi yêu cầu vào thư mục này · write the request here");
}

void add_service(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* serve = app.add_subcommand("serve", "Chạy máy chủ · run the server");
  serve->add_option("--listen", raw.listen, "địa chỉ và cổng · address and port")
      ->capture_default_str();
  serve->add_option("--sync-at", raw.sync_at, "giờ gửi lên cấp trên · when to sync upward")
      ->capture_default_str();
  serve->add_flag("--no-sync-up", raw.no_sync_up, "không tự gửi lên · never by itself");
  serve->add_option("--threads", o.threads, "số luồng · threads for connections")
      ->capture_default_str()
      ->check(CLI::Range(2, kThreadsMax));
  serve->add_option("--log", o.log_file, "tệp nhật ký · log file instead of standard error");
  app.add_subcommand("sync-up", "Đồng bộ ngay với cấp trên · sync with the parent now");
}

void add_queries(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* report = app.add_subcommand("report", "Báo cáo tổng hợp · the consolidated report");
  report->add_option("--period", o.period, "kỳ; mặc định: mới nhất · period; default: the newest");
  report->add_option("--unit", o.unit, "mã đơn vị · official code of the unit");
  report->add_option("--date", o.date, "theo đơn vị của ngày này · by the units of this day");
  CLI::App* reported =
      app.add_subcommand("reported", "Đơn vị nào đã gửi số liệu · who has reported");
  reported->add_option("--period", o.period, "kỳ · period");
  reported->add_option("--unit", o.unit, "mã đơn vị · official code of the unit");
  reported->add_flag("--all", o.all, "cả các cấp dưới · every unit below");
  app.add_subcommand("status", "Tình trạng · how this server stands");
  app.add_subcommand("verify", "Kiểm tra nhật ký và số liệu · check log and state");
}

void add_bundles(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* bundle = app.add_subcommand(
      "bundle", "Gói trên thẻ nhớ USB: gửi và nhận không cần mạng · bundles on a USB stick");
  bundle->require_subcommand(1);
  CLI::App* out = bundle->add_subcommand("export", "Xuất gói ra thẻ · write bundles to a stick");
  out->add_option("path", o.paths, "thư mục, hoặc tệp .llb · folder, or .llb file")
      ->required()
      ->expected(1);
  CLI::Option* unit =
      out->add_option("--for", o.unit, "mã đơn vị nhận · code of the unit that it is for");
  out->add_flag("--up", raw.bundle_up, "cho cấp trên · for the parent")->excludes(unit);
  out->add_option("--part-bytes", o.part_bytes, "tệp lớn nhất, byte · largest file, in bytes");
  CLI::App* import = bundle->add_subcommand("import", "Nhận mọi gói ở đây · take in every bundle");
  import->add_option("path", o.paths, "thư mục hoặc tệp .llb · folders or files")->required();
  CLI::App* inspect = bundle->add_subcommand(
      "inspect", "Xem gói là gì, không thay đổi gì · say what bundles are; changes nothing");
  inspect->add_option("path", o.paths, "thư mục hoặc tệp .llb · folders or files")->required();
  for (CLI::App* each : {bundle, out, import, inspect}) each->fallthrough();
}

void add_backups(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  add_restore_commands(app, o.restore);
  app.get_subcommand("restore")->add_option(
      "--password-file", o.password_file,
      "tệp có mật khẩu ở dòng đầu · file with the password on its first line");
  CLI::App* recovery = app.add_subcommand(
      "recovery",
      "Khoá khôi phục, mở được bản sao lưu ở máy khác · the recovery key, which opens "
      "backups on another machine");
  recovery->require_subcommand(1);
  CLI::App* make = recovery->add_subcommand(
      "new", "Tạo cặp khoá trong một thư mục, ví dụ thẻ nhớ · make a pair of keys");
  make->add_option("folder", o.restore.file, "thư mục · folder")->required();
  CLI::App* set = recovery->add_subcommand(
      "set", "Cho khoá này mở được các bản sao lưu từ nay · let this key open backups from now on");
  set->add_option("file", o.restore.file, "tệp recovery.pub · file recovery.pub")->required();
  for (CLI::App* each : {recovery, make, set}) each->fallthrough();
}

Command bundle_command(const CLI::App& bundle) {
  if (bundle.got_subcommand("export")) return Command::kBundleExport;
  return bundle.got_subcommand("import") ? Command::kBundleImport : Command::kBundleInspect;
}

Command command_of(const CLI::App& app) {
  if (app.got_subcommand("device")) return Command::kDeviceRevoke;
  if (app.got_subcommand("ticket") && app.get_subcommand("ticket")->got_subcommand("cancel")) {
    return Command::kTicketCancel;
  }
  if (app.got_subcommand("recovery")) {
    return app.get_subcommand("recovery")->got_subcommand("new") ? Command::kRecoveryNew
                                                                 : Command::kRecoverySet;
  }
  if (app.got_subcommand("bundle")) return bundle_command(*app.get_subcommand("bundle"));
  const std::pair<const char*, Command> names[] = {
      {"init", Command::kInit},         {"certify", Command::kCertify},
      {"enrol", Command::kEnrol},       {"serve", Command::kServe},
      {"sync-up", Command::kSyncUp},    {"report", Command::kReport},
      {"status", Command::kStatus},     {"verify", Command::kVerify},
      {"reported", Command::kReported}, {"ticket", Command::kTicket},
      {"tickets", Command::kTickets},   {"newest", Command::kNewest},
      {"devices", Command::kDevices},   {"user", Command::kUser},
      {"audit", Command::kAudit},       {"backup", Command::kBackup},
      {"restore", Command::kRestore},   {"rebuild", Command::kRebuild}};
  for (const auto& [name, command] : names) {
    if (app.got_subcommand(name)) return command;
  }
  return Command::kStatus;  // one of them was required
}

Status check_serve(const Raw& raw, Options& o) {
  // Port 0, "any free one", is no address to connect to, but one to listen on.
  const bool any_port = raw.listen.ends_with(":0");
  const auto address = host_port_from_text(any_port ? raw.listen + "1" : raw.listen, "--listen");
  if (!address.ok()) return usage("--listen needs an address and a port, such as 127.0.0.1:8750");
  o.host = address->host == "localhost" ? "127.0.0.1" : address->host;
  o.port = any_port ? std::uint16_t{0} : address->port;
  o.lan = !is_loopback(o.host);
  o.sync_up.nightly = !raw.no_sync_up;
  if (!minutes_from_text(raw.sync_at, o.sync_up.at_minute)) {
    return usage("--sync-at needs a time, such as 01:00");
  }
  return {};
}

}  // namespace

bool minutes_from_text(const std::string& text, int& out) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return false;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  out = hours * 60 + minutes;
  return hours < 24 && minutes < 60;
}

bool is_loopback(const std::string& host) {
  const bool numeric =
      std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return host == "::1" || (numeric && host.starts_with("127."));
}

Result<std::string> parse_options(const std::vector<std::string>& arguments, Options& out) {
  Raw raw;
  out.manner = raw.options.manner = manner_of(arguments);
  CLI::App app(
      "lalanhd: máy chủ Lá Lành của xã, huyện, tỉnh · the server of halls, districts and "
      "the province",
      "lalanhd");
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  app.fallthrough();
  raw.options.folder = default_data_folder("lalanhd");
  app.add_option("--folder", raw.options.folder, "thư mục dữ liệu · data folder")
      ->capture_default_str();
  add_manner(app);
  add_enrolment(app, raw);
  add_tickets(app, raw);
  add_devices(app, raw);
  add_service(app, raw);
  add_queries(app, raw);
  add_bundles(app, raw);
  add_user_commands(app, raw.options.user);
  add_backups(app, raw);
  app.add_subcommand(
         "audit",
         "Ai đã đọc, xuất gì, sửa tài khoản nào trên máy này · who read and exported what "
         "here, and changed accounts")
      ->fallthrough()
      ->add_option("--limit", raw.options.limit, "số dòng · lines");
  TRY_ASSIGN(std::string text, parse_command_line(app, arguments, out.manner));
  if (!text.empty()) return text;
  raw.options.command = command_of(app);
  if (raw.options.folder.empty()) return usage("--folder is empty");
  if (raw.options.command == Command::kBundleExport && raw.options.unit.empty() && !raw.bundle_up) {
    return usage("'bundle export' needs --up, or --for and a unit's code");
  }
  if (raw.options.command == Command::kInit &&
      raw.options.ticket.empty() == raw.options.units_file.empty()) {
    return usage("'init' needs a ticket file, or --units for a new system");
  }
  if (raw.options.command == Command::kTicket && raw.options.out.empty()) {
    return usage("'ticket' needs --out and a file or folder");
  }
  if (raw.options.command == Command::kServe) TRY(check_serve(raw, raw.options));
  out = std::move(raw.options);
  return text;
}

}  // namespace lalanh::server
