#include "server/app/commands.h"

#include <memory>
#include <optional>

#include "server/app/version.h"
#include "shared/accounts/desk.h"
#include "shared/api/enrol.h"
#include "shared/api/node.h"
#include "shared/base/cbor.h"
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
  return node;
}

sync::ParentSyncOptions sync_options(const StopSignal& stop) {
  sync::ParentSyncOptions options;
  options.program = kVersion;
  options.stopped = [&stop] { return stop.requested(); };
  return options;
}

/// Has the API answer: that of the running server, or of the database itself where none runs.
Result<ApiReply> ask(const Options& options, const Ports& ports, ApiRequest request) {
  request.language = options.manner.language;
  TRY_ASSIGN(const std::unique_ptr<Desk> desk, open_desk(options, ports));
  TRY_ASSIGN(const std::optional<ServeFile> running, read_serve_file(ports.files, options.folder));
  if (running) {
    desk->set_start_token(running->token);
    request.session = desk->proof("");
    sync::LocalClient client(running->port, running->token, ports.clock);
    Result<ApiReply> reply = client.request(request, kAnswerMs);
    if (reply.ok() || reply.error().code != ErrorCode::sync_unreachable) return reply;
  }
  TRY_ASSIGN(const std::unique_ptr<Node> node, Node::open(node_options(options, ports, *desk)));
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

/// The key of the link, beside the device's.
Status make_tls(const Options& options, const Ports& ports) {
  const NodeFiles names(options.folder);
  TRY_ASSIGN(const Hash seed, read_key_file(ports.files, names.key));
  TRY(sync::open_server_tls(ports.files, names.tls, KeyPair::from_seed(seed)));
  return {};
}

Exit init(const Options& options, const Ports& ports) {
  const Manner& manner = options.manner;
  std::string json;
  if (!options.units_file.empty()) {
    Status made = init_system(options, ports);
    if (made.ok()) made = make_tls(options, ports);
    if (!made.ok()) return show(made.error(), manner);
    JsonWriter(json).begin_object().text("folder", options.folder).end_object();
    say(manner,
        "Đã tạo hệ thống trong " + options.folder +
            ".\nHãy chép root.key sang nơi cất giữ an toàn rồi xoá khỏi máy này.",
        "The system was made in " + options.folder +
            ".\nCopy root.key to a safe place, then delete it from this machine.",
        json);
    return Exit::kDone;
  }
  const Result<std::string> request =
      init_device(ports.files, ports.random, options.folder, options.name, options.actor);
  if (!request.ok()) return show(request.error(), manner);
  const Status tls = make_tls(options, ports);
  if (!tls.ok()) return show(tls.error(), manner);
  JsonWriter(json).begin_object().text("request", *request).end_object();
  say(manner, "Đã tạo khoá. Đưa tệp này cho cấp trên ký: " + *request,
      "The key was made. Take this file to the parent to be signed: " + *request, json);
  return Exit::kDone;
}

Result<ApiReply> ask_certificate(const Options& options, const Ports& ports) {
  TRY_ASSIGN(const Bytes request,
             ports.files.read(options.request_file, limits::kEnrolmentBytesMax));
  if (!cbor::valid_utf8(as_text(request))) {
    return Error(
        ErrorCode::input_wrong_file,
        {{"path", options.request_file}, {"expected", "a device's request file, device.llreq"}});
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object().text("request", as_text(request)).text("unit", options.unit);
  json.text("file", options.request_file);
  json.text("address", options.address).end_object();
  return ask(options, ports, request_of("POST", "/api/certify", std::move(body)));
}

Exit certify(const Options& options, const Ports& ports) {
  const Manner& manner = options.manner;
  if (ports.files.exists(options.out_file)) {
    return show(Error(ErrorCode::system_exists, {{"path", options.out_file}}), manner);
  }
  const Result<ApiReply> reply = ask_certificate(options, ports);
  if (!reply.ok()) return show(reply.error(), manner);
  if (reply->status >= 400) return show(*reply, manner, {"certify"});
  const Status written = ports.files.replace(options.out_file, as_bytes(reply->body), false);
  if (!written.ok()) return show(written.error(), manner);
  std::string json;
  JsonWriter(json).begin_object().text("certificate", options.out_file).end_object();
  say(manner, "Đã ký. Đưa tệp này về máy đã yêu cầu: " + options.out_file,
      "Signed. Take this file back to the machine that asked: " + options.out_file, json);
  return Exit::kDone;
}

Exit enrol_here(const Options& options, const Ports& ports) {
  const Manner& manner = options.manner;
  const Result<Bytes> answer =
      ports.files.read(options.certificate_file, limits::kEnrolmentBytesMax);
  if (!answer.ok()) return show(answer.error(), manner);
  const Status taken = enrol(ports.files, options.folder, *answer, options.certificate_file);
  if (!taken.ok()) return show(taken.error(), manner);
  say(manner, "Máy này đã được cấp giấy chứng nhận.", "This machine is enrolled.", "{\"ok\":true}");
  return Exit::kDone;
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
  served.set_sync_starter = [&node](SyncStarter* starter) { node.set_sync_starter(starter); };
  return served;
}

Exit serve_node(const Options& options, const Ports& ports) {
  StopSignal stop;
  const auto desk = open_desk(options, ports);
  if (!desk.ok()) return show(desk.error(), options.manner);
  auto node = Node::open(node_options(options, ports, **desk));
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
  switch (options.command) {
    case Command::kInit: return init(options, ports);
    case Command::kCertify: return certify(options, ports);
    case Command::kEnrol: return enrol_here(options, ports);
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
