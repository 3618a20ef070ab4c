#include "shared/api/api.h"

#include "shared/accounts/desk.h"
#include "shared/api/authorize.h"
#include "shared/api/call.h"
#include "shared/api/routes.h"
#include "shared/api/session.h"
#include "shared/store/store.h"

namespace lalanh {
namespace {

constexpr ApiRoute kRoutes[] = {
    {"POST", "/api/session", nullptr},
    {"GET", "/api/session", nullptr},
    {"DELETE", "/api/session", nullptr},
    {"POST", "/api/session/password", change_own_password},
    {"GET", "/api/users", list_users},
    {"POST", "/api/users", create_user},
    {"PATCH", "/api/users/{login}", change_user},
    {"POST", "/api/recovery", set_recovery_key},
    {"GET", "/api/audit", show_audit},
    {"GET", "/api/status", node_status},
    {"GET", "/api/catalogue", show_catalogue},
    {"GET", "/api/openapi.json", show_openapi},
    {"GET", "/api/units", list_units},
    {"GET", "/api/households", list_households},
    {"POST", "/api/households", create_household},
    {"GET", "/api/households/{id}", show_household},
    {"POST", "/api/households/{id}/move", move_household},
    {"POST", "/api/households/{id}/members", create_member},
    {"POST", "/api/households/{id}/assessments", create_assessment},
    {"PATCH", "/api/entities/{id}", correct_entity},
    {"POST", "/api/entities/{id}/remove", remove_entity},
    {"POST", "/api/entities/{id}/keep", keep_entity},
    {"POST", "/api/entities/{id}/settle", settle_entity},
    {"GET", "/api/entities/{id}/history", entity_history},
    {"GET", "/api/conflicts", list_conflicts},
    {"GET", "/api/findings", list_findings},
    {"POST", "/api/import", import_lists},
    {"GET", "/api/report", class_report},
    {"GET", "/api/reported", who_has_reported},
    {"GET", "/api/log", show_log},
    {"POST", "/api/verify", verify_node},
    {"POST", "/api/backup", nullptr},
    {"GET", "/api/config", show_config},
    {"POST", "/api/config", change_config},
    {"POST", "/api/certify", nullptr},
    {"GET", "/api/tickets", list_tickets},
    {"POST", "/api/tickets", nullptr},
    {"POST", "/api/tickets/{id}/cancel", cancel_ticket},
    {"POST", "/api/newest", say_newest},
    {"GET", "/api/devices", list_devices},
    {"POST", "/api/devices/{id}/revoke", revoke_one},
    {"GET", "/api/set-aside", show_set_aside},
    {"POST", "/api/set-aside/enter", enter_set_aside},
    {"GET", "/api/sync", sync_progress},
    {"POST", "/api/sync", nullptr},  // these run outside of the lock
    {"POST", "/api/bundles/export", nullptr},
    {"POST", "/api/bundles/import", nullptr},
    {"POST", "/api/bundles/inspect", nullptr},
};

/// Does the path fit the pattern? Parts in braces become parameters.
bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
  parameters.clear();
  while (!pattern.empty() && !path.empty()) {
    const std::size_t pattern_end = (std::min)(pattern.find('/', 1), pattern.size());
    const std::size_t path_end = (std::min)(path.find('/', 1), path.size());
    const std::string_view part = path.substr(0, path_end);
    if (pattern.substr(0, 2) == "/{") {
      if (part.size() < 2) return false;
      parameters.emplace_back(part.substr(1));
    } else if (part != pattern.substr(0, pattern_end)) {
      return false;
    }
    pattern.remove_prefix(pattern_end);
    path.remove_prefix(path_end);
  }
  return pattern.empty() && path.empty();
}

ApiReply run_sync_now(Node& node, const ApiRequest& request) {
  const Result<JsonIn> body = Call(node, request, {}).body({});
  if (!body.ok()) return error_reply(body.error());
  SyncStarter* starter = node.sync_starter();
  if (node.is_top()) return error_reply(Error(ErrorCode::sync_is_top));
  if (starter == nullptr) return error_reply(Error(ErrorCode::sync_no_parent));
  const Result<SyncSummary> summary = starter->sync_now([](const SyncProgress&) {});
  if (!summary.ok()) return error_reply(summary.error());
  ApiReply reply;
  reply.body = sync_summary_text(*summary);
  return reply;
}

/// What a server gives out only once it has compared heads: where it has not, it tries to.
Result<std::string> run_compared(Node& node, const ApiRequest& request,
                                 const Operation& operation) {
  compare_first(node);
  const std::unique_lock<std::recursive_mutex> lock = node.lock();
  Call call(node, request, {});
  TRY(authorize(call, operation));
  return request.path == "/api/tickets" ? create_tickets(call) : certify_device(call);
}

ApiReply run_unlocked(Node& node, const ApiRequest& request, const Operation& operation) {
  if (request.path == "/api/session") return answer_session(node.desk(), request);
  if (request.path == "/api/sync") return run_sync_now(node, request);
  const bool backup = request.path == "/api/backup";
  const bool compared = request.path == "/api/tickets" || request.path == "/api/certify";
  Result<std::string> body = compared ? run_compared(node, request, operation)
                             : backup ? run_backup(node, request)
                                      : run_bundles(node, request);
  if (!body.ok()) return error_reply(body.error());
  ApiReply reply;
  reply.body = std::move(*body);
  return reply;
}

/// The row of the table of roles for each route; every route has one.
const Operation& operation_of(const ApiRoute& route) {
  static const std::vector<const Operation*> operations = [] {
    std::vector<const Operation*> out;
    for (const ApiRoute& each : kRoutes) {
      out.push_back(
          Roles::builtin().operation(std::string(each.method) + " " + std::string(each.pattern)));
      CHECK(out.back() != nullptr);
    }
    return out;
  }();
  return *operations[static_cast<std::size_t>(&route - kRoutes)];
}

/// The one place where user and role are checked, and what is read, or changed in the accounts, is
/// written down.
ApiReply run(Node& node, const ApiRoute& route, const ApiRequest& request,
             std::vector<std::string> parameters) {
  const Operation& operation = operation_of(route);
  std::unique_lock<std::recursive_mutex> lock = node.lock();
  const Status readable = node.store().readable();
  if (!readable.ok()) return error_reply(readable.error());
  Call call(node, request, std::move(parameters));
  const Result<std::string> what = authorize(call, operation);
  if (!what.ok()) return error_reply(what.error());
  if (route.handler == nullptr) {
    const Status noted = note(call, operation, *what);
    if (!noted.ok()) return error_reply(noted.error());
    lock.unlock();
    return run_unlocked(node, request, operation);
  }
  const Status prepared = prepare_note(call, operation);
  if (!prepared.ok()) return error_reply(prepared.error());
  Result<std::string> body = route.handler(call);
  if (!body.ok()) return error_reply(body.error());
  const Status noted = note(call, operation, *what);
  if (!noted.ok()) return error_reply(noted.error());
  ApiReply reply;
  reply.body = std::move(*body);
  return reply;
}

}  // namespace

void compare_first(Node& node) {
  SyncStarter* starter = node.sync_starter();
  {
    const std::unique_lock<std::recursive_mutex> lock = node.lock();
    if (node.store().compared() || node.is_top() || starter == nullptr) return;
  }
  // Where it fails, what is asked for says that nothing was compared.
  (void)starter->sync_now([](const SyncProgress&) {}).ok();
}

std::span<const ApiRoute> api_routes() { return kRoutes; }

ApiReply handle_api(Node& node, const ApiRequest& request) {
  bool path_known = false;
  for (const ApiRoute& route : kRoutes) {
    std::vector<std::string> parameters;
    if (!fits(route.pattern, request.path, parameters)) continue;
    path_known = true;
    if (route.method == request.method) return run(node, route, request, std::move(parameters));
  }
  if (path_known) {
    return error_reply(
        {ErrorCode::http_method, {{"path", request.path}, {"method", request.method}}});
  }
  return error_reply({ErrorCode::http_not_found, {{"path", request.path}}});
}

}  // namespace lalanh
