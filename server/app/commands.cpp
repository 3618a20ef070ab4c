#include "server/app/commands.h"

#include <memory>
#include <optional>

#include "server/app/machine_commands.h"
#include "server/app/version.h"
#include "shared/accounts/desk.h"
#include "shared/api/api.h"
#include "shared/api/backup.h"
#include "shared/api/enrol.h"
#include "shared/api/node.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/json_writer.h"
#include "shared/console/serve_file.h"
#include "shared/console/show.h"
#include "shared/platform/platform.h"
#include "shared/store/store.h"
#include "shared/units/units_csv.h"
#include "sync/bundle/node_bundles.h"
#include "sync/link/local_client.h"
#include "sync/link/parent_sync.h"
#include "sync/session/frame.h"
#include "sync/session/server_session.h"
#include "sync/tls/tls.h"

namespace lalanh::server {
namespace {

/// A server's page cache: the hot rows of a province's counters and lists.
constexpr int kCacheKib = 64 * 1'024;
/// A verification of a province, or a long sync, answers only at its end.
constexpr std::int64_t kAnswerMs = 6 * 3'600'000;

/// A server starts unattended: its data key, where it has users, lies in a file.
Result<std::unique_ptr<Desk>> open_desk(const Options& options, const Ports& ports) {
  DeskOptions desk;
  desk.folder = options.folder;
  desk.clock = &ports.clock;
  desk.random = &ports.random;
  desk.files = &ports.files;
  desk.unattended = true;
  return Desk::open(desk);
}

NodeOptions node_options(const Options& options, const Ports& ports, Desk& desk) {
  NodeOptions node;
  node.desk = &desk;
  node.folder = options.folder;
  node.clock = &ports.clock;
  node.random = &ports.random;
  node.files = &ports.files;
  node.version = kVersion;
  node.cache_kib = kCacheKib;
  node.rebuild = options.command == Command::kRebuild;
  return node;
}

sync::ParentSyncOptions sync_options(const StopSignal& stop) {
  sync::ParentSyncOptions options;
  options.program = kVersion;
  options.stopped = [&stop] { return stop.requested(); };
  return options;
}

/// The answer of the server that has the database; nothing where none is found or reached.
Result<std::optional<ApiReply>> ask_running(const Options& options, const Ports& ports, Desk& desk,
                                            ApiRequest request) {
  TRY_ASSIGN(const std::optional<ServeFile> running, read_serve_file(ports.files, options.folder));
  if (!running) return std::optional<ApiReply>();
  desk.set_start_token(running->token);
  request.session = desk.proof("");
  sync::LocalClient client(running->port, running->token, ports.clock);
  Result<ApiReply> reply = client.request(request, kAnswerMs);
  if (reply.ok()) return std::optional<ApiReply>(*std::move(reply));
  if (reply.error().code == ErrorCode::sync_unreachable) return std::optional<ApiReply>();
  return reply.error();
}

/// Has the API answer: of the database itself, or of the running server where that has it.
Result<ApiReply> ask(const Options& options, const Ports& ports, ApiRequest request) {
  request.language = options.manner.language;
  TRY_ASSIGN(const std::unique_ptr<Desk> desk, open_desk(options, ports));
  const NodeOptions opened = node_options(options, ports, *desk);
  Result<std::unique_ptr<Node>> own = Node::open(opened);
  if (!own.ok() && own.error().code == ErrorCode::store_locked) {
    TRY_ASSIGN(std::optional<ApiReply> reply, ask_running(options, ports, *desk, request));
    if (reply) return *std::move(reply);
    own = Node::open(opened);  // it may have ended meanwhile
  }
  TRY_ASSIGN(const std::unique_ptr<Node> node, std::move(own));
  // Whoever has the database knows that no other serves: the file is of one that was killed.
  (void)remove_serve_file(ports.files, options.folder).ok();
  desk->set_start_token("");
  request.session = desk->proof("");
  const StopSignal stop;
  sync::ParentSync parent(*node, sync_options(stop));
  node->set_sync_starter(&parent);
  sync::NodeBundles bundles(*node, std::string(kVersion), [&stop] { return stop.requested(); });
  node->set_bundles(&bundles);
  return node->handle(request);
}

Exit ask_and_show(const Options& options, const Ports& ports, ApiRequest request,
                  const std::vector<std::string>& command) {
  const Manner& manner = options.manner;
  const Result<ApiReply> reply = ask(options, ports, std::move(request));
  return reply.ok() ? show(*reply, manner, command) : show(reply.error(), manner);
}

ApiRequest request_of(const char* method, const char* path, std::string body = "") {
  ApiRequest request;
  request.method = method;
  request.path = path;
  request.body = std::move(body);
  return request;
}

void add_query(ApiRequest& request, const char* name, const std::string& value) {
  if (!value.empty()) request.query.emplace_back(name, value);
}

Exit report(const Options& options, const Ports& ports) {
  const bool who = options.command == Command::kReported;
  ApiRequest request = request_of("GET", who ? "/api/reported" : "/api/report");
  add_query(request, "period", options.period);
  add_query(request, "unit", options.unit);
  add_query(request, "date", options.date);
  add_query(request, "all", options.all ? "1" : "");
  return ask_and_show(options, ports, std::move(request), {who ? "reported" : "report"});
}

/// Paths from the root: the server that does the work has another current folder.
Exit bundle(const Options& options, const Ports& ports) {
  const bool out = options.command == Command::kBundleExport;
  const bool in = options.command == Command::kBundleImport;
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  if (out) {
    json.text("path", absolute_path(options.paths.front())).text("for", options.unit);
    if (options.part_bytes != 0) {
      json.integer("part_bytes", static_cast<std::int64_t>(options.part_bytes));
    }
  } else {
    json.key("paths").begin_array();
    for (const std::string& path : options.paths) json.text(absolute_path(path));
    json.end_array();
  }
  json.end_object();
  const char* path = out  ? "/api/bundles/export"
                     : in ? "/api/bundles/import"
                          : "/api/bundles/inspect";
  return ask_and_show(options, ports, request_of("POST", path, std::move(body)),
                      {"bundle", out  ? "export"
                                 : in ? "import"
                                      : "inspect"});
}

Exit rebuild(const Options& options, const Ports& ports) {
  Options asked = options;
  asked.command = Command::kStatus;
  RebuildWay way;
  way.ask_old = [&](const ApiRequest& request) { return ask(asked, ports, request); };
  const Result<RebuildPlan> plan = plan_rebuild(ports.files, options.folder, way.ask_old);
  if (!plan.ok()) return show(plan.error(), options.manner);
  way.reach = [&] {
    const StopSignal stop;  // there is one at a time, and the sync has its own
    return sync::reach_parent(ports.files, options.folder, ports.clock,
                              [&stop] { return stop.requested(); });
  };
  way.ask = [&](const ApiRequest& request, const char* shown_as) {
    return ask_and_show(options, ports, request, {shown_as});
  };
  return run_rebuild(ports.files, *plan, options.restore, options.manner, way);
}

/// The key that opens this server's backups from now on, beside its own.
Exit set_recovery_key(const Options& options, const Ports& ports) {
  const Manner& manner = options.manner;
  const NodeFiles names(options.folder);
  if (!ports.files.exists(names.key)) {
    return show({ErrorCode::store_not_made, {{"path", options.folder}}}, manner);
  }
  const Result<Hash> key = read_hex_key(ports.files, options.restore.file);
  if (!key.ok()) return show(key.error(), manner);
  const Status kept = ports.files.replace(names.recovery, as_bytes(to_hex(*key) + "\n"), false);
  if (!kept.ok()) return show(kept.error(), manner);
  say(manner, "Từ nay khoá này mở được các bản sao lưu của máy chủ.",
      "From now on this key opens the server's backups.", "{\"ok\":true}");
  return Exit::kDone;
}

Exit backup(const Options& options, const Ports& ports) {
  std::string body;
  JsonWriter(body).begin_object().text("path", absolute_path(options.restore.file)).end_object();
  return ask_and_show(options, ports, request_of("POST", "/api/backup", std::move(body)),
                      {"backup"});
}

Exit user(const Options& options, const Ports& ports) {
  Result<ApiRequest> request =
      user_request(ports.files, options.manner, options.user, password_file_of(""));
  if (!request.ok()) return show(request.error(), options.manner);
  return ask_and_show(options, ports, std::move(*request), {"user", options.user.what});
}

Status init_system(const Options& options, const Ports& ports) {
  TRY_ASSIGN(const Bytes table, ports.files.read(options.units_file, limits::kCsvBytesMax));
  TRY_ASSIGN(const std::vector<UnitFact> facts,
             read_units_csv(as_text(table), options.units_file, vietnam_date(ports.clock.now())));
  return init_province(ports.files, ports.random, ports.clock, options.folder, options.actor,
                       facts);
}

/// A new system: the province's server.
Exit init(const Options& options, const Ports& ports) {
  if (options.units_file.empty()) return enrol_server(options, ports);
  Status made = init_system(options, ports);
  if (made.ok()) made = make_tls(options, ports);
  if (!made.ok()) return show(made.error(), options.manner);
  std::string json;
  JsonWriter(json).begin_object().text("folder", options.folder).end_object();
  say(options.manner,
      "Đã tạo hệ thống trong " + options.folder +
          ".\nHãy chép root.key sang nơi cất giữ an toàn rồi xoá khỏi máy này.",
      "The system was made in " + options.folder +
          ".\nCopy root.key to a safe place, then delete it from this machine.",
      json);
  return Exit::kDone;
}

Exit revoke(const Options& options, const Ports& ports) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().text("reason", options.reason).text("lost_since", options.lost_since);
  json.boolean("nothing_stands", options.nothing_stands).boolean("yes", options.yes);
  if (!options.actor.empty()) json.text("actor", options.actor);
  json.end_object();
  const std::string path = "/api/devices/" + options.id + "/revoke";
  return ask_and_show(options, ports, request_of("POST", path.c_str(), std::move(body)),
                      {"device", "revoke"});
}

Exit newest(const Options& options, const Ports& ports) {
  std::string body;
  JsonWriter(body).begin_object().boolean("yes", options.yes).end_object();
  return ask_and_show(options, ports, request_of("POST", "/api/newest", std::move(body)),
                      {"newest"});
}

/// A machine below that has a ticket and no certificate yet.
Result<Bytes> enrol_child(Node& node, ByteView body, bool complete) {
  if (!complete) return Error{ErrorCode::sync_cut, {{"why", "request"}}};
  return answer_enrolment_from_network(node, body);
}

/// The node as the HTTP server sees it.
Served served_of(Node& node, sync::SyncServer& children, sync::ParentSync& parent,
                 const Ports& ports) {
  Served served;
  served.device = node.store().own_certificate().device().device;
  served.unit = node.settings().unit;
  served.handlers.api = [&node](const ApiRequest& request) { return node.handle(request); };
  served.handlers.sync = [&node, &children, &ports](std::string_view path, ByteView body,
                                                    bool complete) {
    if (path == sync::kPathEnrol) return enrol_child(node, body, complete);
    const auto lock = node.lock();
    return children.handle(path, body, complete, ports.clock.now());
  };
  served.handlers.gauges = [&node] {
    const auto lock = node.lock();
    const auto waiting = node.store().waiting_events();
    return std::vector<Gauge>{{"lalanhd_waiting_events", "Events that wait for a cause.",
                               waiting.ok() ? static_cast<double>(*waiting) : -1.0}};
  };
  if (!node.settings().parent_address.empty()) {
    served.sync_up = [&parent](const UpSync::Progress& progress) {
      return parent.sync_now(progress);
    };
  }
  served.backup = [&node] { return make_automatic_backup(backup_of(node), false); };
  served.set_sync_starter = [&node](SyncStarter* starter) { node.set_sync_starter(starter); };
  return served;
}

Exit serve_node(const Options& options, const Ports& ports) {
  StopSignal stop;
  const auto desk = open_desk(options, ports);
  if (!desk.ok()) return show(desk.error(), options.manner);
  NodeOptions opened = node_options(options, ports, **desk);
  opened.starts_server = true;
  opened.stopped = [&stop] { return stop.requested(); };
  auto node = Node::open(opened);
  if (!node.ok()) return show(node.error(), options.manner);
  sync::ServerOptions server_options;
  server_options.program = kVersion;
  server_options.unlocked = [&node](const auto& work) { (*node)->unlocked(work); };
  sync::SyncServer children((*node)->store(), (*node)->key(), server_options);
  sync::ParentSync parent(**node, sync_options(stop));
  sync::NodeBundles bundles(**node, std::string(kVersion), [&stop] { return stop.requested(); });
  (*node)->set_bundles(&bundles);
  Served served = served_of(**node, children, parent, ports);
  auto tls = sync::open_server_tls(ports.files, NodeFiles(options.folder).tls, (*node)->key());
  if (!tls.ok()) return show(tls.error(), options.manner);
  served.tls = *std::move(tls);
  served.set_start_token = [&desk](const std::string& token) { (*desk)->set_start_token(token); };
  return serve(options, served, ports, stop);
}

}  // namespace

Exit run_command(const Options& options, const Ports& ports) {
  const AskApi asked = [&](ApiRequest request) { return ask(options, ports, std::move(request)); };
  switch (options.command) {
    case Command::kInit: return init(options, ports);
    case Command::kCertify: return answer_requests(options, ports, asked);
    case Command::kEnrol: return enrol_server(options, ports);
    case Command::kTicket: return make_ticket_files(options, ports, asked);
    case Command::kTicketCancel:
      return ask_and_show(options, ports,
                          request_of("POST", ("/api/tickets/" + options.id + "/cancel").c_str()),
                          {"ticket", "cancel"});
    case Command::kTickets:
      return ask_and_show(options, ports, request_of("GET", "/api/tickets"), {"tickets"});
    case Command::kNewest: return newest(options, ports);
    case Command::kDevices:
      return ask_and_show(options, ports, request_of("GET", "/api/devices"), {"devices"});
    case Command::kDeviceRevoke: return revoke(options, ports);
    case Command::kServe: return serve_node(options, ports);
    case Command::kSyncUp:
      return ask_and_show(options, ports, request_of("POST", "/api/sync"), {"sync"});
    case Command::kReport:
    case Command::kReported: return report(options, ports);
    case Command::kStatus:
      return ask_and_show(options, ports, request_of("GET", "/api/status"), {"status"});
    case Command::kVerify:
      return ask_and_show(options, ports, request_of("POST", "/api/verify"), {"verify"});
    case Command::kBundleExport:
    case Command::kBundleImport:
    case Command::kBundleInspect: return bundle(options, ports);
    case Command::kBackup: return backup(options, ports);
    case Command::kRestore:
      return run_restore(ports.files, options.folder, options.restore,
                         password_file_of(options.password_file), options.manner,
                         {.server = true, .may = {}});
    case Command::kRebuild: return rebuild(options, ports);
    case Command::kRecoveryNew:
      return make_recovery_key(ports.files, ports.random, options.restore.file, options.manner);
    case Command::kRecoverySet: return set_recovery_key(options, ports);
    case Command::kUser: return user(options, ports);
    case Command::kAudit: {
      ApiRequest request = request_of("GET", "/api/audit");
      add_query(request, "limit", std::to_string(options.limit));
      return ask_and_show(options, ports, std::move(request), {"audit"});
    }
  }
  return Exit::kFailed;
}

}  // namespace lalanh::server
