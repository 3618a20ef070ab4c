#include "client/app/commands.h"

#include <algorithm>
#include <cstdio>

#include "client/app/accounts.h"
#include "client/app/backend.h"
#include "client/app/serve.h"
#include "shared/api/call.h"
#include "shared/api/enrol.h"
#include "shared/api/print.h"
#include "shared/catalogue/json_writer.h"
#include "shared/platform/platform.h"
#include "shared/platform/stop_signal.h"
#include "sync/link/enrolling.h"
#include "sync/link/parent_sync.h"

namespace lalanh::client {
namespace {

void put(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

void add_query(ApiRequest& request, const char* name, const std::string& value) {
  if (!value.empty()) request.query.emplace_back(name, value);
}

/// A household's code is what people know; whole and shortened ids have a dash and a point.
std::string address_of(const std::string& id) {
  const std::size_t dash = id.find('-');
  const bool is_id = dash != std::string::npos && dash > 0 &&
                     id.find_first_not_of("0123456789r") == dash &&
                     id.find('.', dash) != std::string::npos;
  return is_id ? id : "code:" + id;
}

/// name=value arguments as a JSON object, read by the catalogue as people write values.
Status write_fields(JsonWriter& out, const char* type, const std::vector<std::string>& fields) {
  const EntityType* known = Catalogue::builtin().type(type);
  out.begin_object();
  for (const std::string& argument : fields) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) {
      return Error{ErrorCode::input_no_equals, {{"word", argument}}};
    }
    const std::string name = argument.substr(0, equals);
    const Field* field = known->field(name);
    if (field == nullptr) {
      return Error{ErrorCode::input_unknown_field, {{"field", name}, {"where", type}}};
    }
    const auto write_one = [&](std::string_view text) -> Status {
      TRY_ASSIGN(const FieldValue value, check_text(*field, text, "the command line"));
      write_value(out, to_value(value));
      return {};
    };
    out.key(name);
    if (field->op == FieldOp::kSet) {
      TRY(write_one(argument.substr(equals + 1)));
      continue;
    }
    out.begin_array();
    for (const std::string& item : split_items(argument.substr(equals + 1))) TRY(write_one(item));
    out.end_array();
  }
  out.end_object();
  return {};
}

Status write_field_body(const char* key, const char* type, const Options& o, ApiRequest& request) {
  JsonWriter out(request.body);
  out.begin_object();
  if (!o.actor.empty()) out.text("actor", o.actor);
  if (!o.unit.empty()) out.text("unit", o.unit);
  out.key(key);
  TRY(write_fields(out, type, o.fields));
  out.end_object();
  return {};
}

/// One text, and who acts.
void write_text_body(const char* key, const std::string& text, const Options& o,
                     ApiRequest& request) {
  JsonWriter out(request.body);
  out.begin_object().text(key, text);
  if (!o.actor.empty()) out.text("actor", o.actor);
  out.end_object();
}

Status household_request(const Options& o, ApiRequest& r) {
  const std::string& what = o.command[1];
  if (what == "add") {
    r.method = "POST";
    r.path = "/api/households";
    return write_field_body("fields", "household", o, r);
  }
  if (what == "list") {
    r.path = "/api/households";
    add_query(r, "unit", o.unit);
    add_query(r, "q", o.text);
    add_query(r, "class", o.value);
    add_query(r, "period", o.period);
    add_query(r, "offset", std::to_string(o.offset));
    add_query(r, "limit", std::to_string(o.limit));
    if (o.removed) add_query(r, "removed", "1");
    return {};
  }
  const std::string entity = "/api/entities/" + address_of(o.id);
  if (what == "show") {
    r.path = "/api/households/" + address_of(o.id);
    return {};
  }
  if (what == "move") {
    r.method = "POST";
    r.path = "/api/households/" + address_of(o.id) + "/move";
    write_text_body("unit", o.unit, o, r);
    return {};
  }
  r.method = what == "set" ? "PATCH" : "POST";
  r.path = what == "set" ? entity : entity + "/" + what;
  if (what == "set") return write_field_body("fields", "household", o, r);
  if (what == "remove") write_text_body("reason", o.reason, o, r);
  return {};
}

Status child_request(const Options& o, ApiRequest& r) {
  const std::string& type = o.command[0];
  const std::string& what = o.command[1];
  r.method = what == "set" ? "PATCH" : "POST";
  if (what == "add") {
    r.path = "/api/households/" + address_of(o.id) + "/" + type + "s";
  } else {
    // A household's code would be found, and be the wrong thing.
    if (address_of(o.id) != o.id) {
      return Error{ErrorCode::input_not_an_id, {{"id", o.id}, {"what", type}}};
    }
    r.path = "/api/entities/" + o.id + (what == "set" ? "" : "/" + what);
  }
  if (what == "remove") write_text_body("reason", o.reason, o, r);
  if (what == "remove" || what == "keep") return {};
  return write_field_body("fields", type.c_str(), o, r);
}

Status settle_request(const Options& o, ApiRequest& r) {
  r.method = "POST";
  r.path = "/api/entities/" + address_of(o.id) + "/settle";
  // The type is not known here: a name may be a household's, a member's or an assessment's field.
  const char* type = "household";
  for (const EntityType& each : Catalogue::builtin().types()) {
    const bool all = !o.fields.empty() &&
                     std::all_of(o.fields.begin(), o.fields.end(), [&](const std::string& f) {
                       return each.field(f.substr(0, f.find('='))) != nullptr;
                     });
    if (all) {
      type = each.name.c_str();
      break;
    }
  }
  JsonWriter out(r.body);
  out.begin_object();
  if (!o.actor.empty()) out.text("actor", o.actor);
  if (o.take != 0) out.integer("take", o.take);
  if (!o.removal.empty()) out.text("removal", o.removal);
  if (!o.fields.empty()) {
    out.key("values");
    TRY(write_fields(out, type, o.fields));
  }
  out.end_object();
  return {};
}

Result<std::string> file_text(Files& files, const std::string& path) {
  if (path.empty()) return std::string();
  TRY_ASSIGN(const Bytes bytes, files.read(path, limits::kApiBodyBytesMax));
  const std::string_view text = as_text(bytes);
  const std::size_t good = cbor::valid_utf8_prefix(text);
  if (good < text.size()) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(good), '\n');
    return Error{ErrorCode::input_not_utf8, {{"where", path + ":" + std::to_string(line)}}};
  }
  return std::string(text);
}

std::string file_name(const std::string& path) {
  const std::size_t at = path.find_last_of("/\\");
  return at == std::string::npos ? path : path.substr(at + 1);
}

Status import_request(const Options& o, Files& files, ApiRequest& r) {
  r.method = "POST";
  r.path = "/api/import";
  TRY_ASSIGN(const std::string households, file_text(files, o.file));
  TRY_ASSIGN(const std::string members, file_text(files, o.members_file));
  JsonWriter out(r.body);
  out.begin_object().text("households", households).text("mode", o.good ? "good" : "all");
  out.text("households_file", file_name(o.file));
  if (!members.empty())
    out.text("members", members).text("members_file", file_name(o.members_file));
  if (!o.unit.empty()) out.text("unit", o.unit);
  if (!o.actor.empty()) out.text("actor", o.actor);
  out.boolean("dry_run", o.dry_run).end_object();
  return {};
}

Status config_request(const Options& o, ApiRequest& r) {
  r.path = "/api/config";
  if (!o.setting.empty() && o.setting != "actor" && o.setting != "parent") {
    return Error{ErrorCode::input_not_a_choice,
                 {{"field", "config"}, {"value", o.setting}, {"choices", "actor, parent"}}};
  }
  if (o.text.empty()) return {};  // shows; nothing is emptied by leaving a word out
  r.method = "POST";
  JsonWriter(r.body).begin_object().text(o.setting, o.text).end_object();
  return {};
}

/// Paths from the root: a `serve` that does the work has another current folder.
void bundle_request(const Options& o, ApiRequest& r) {
  r.method = "POST";
  r.path = "/api/bundles/" + o.command[1];
  JsonWriter out(r.body);
  out.begin_object();
  if (o.command[1] == "export") {
    out.text("path", absolute_path(o.file)).text("for", o.unit);
    if (o.part_bytes != 0) out.integer("part_bytes", static_cast<std::int64_t>(o.part_bytes));
  } else {
    out.key("paths").begin_array();
    for (const std::string& path : o.paths) out.text(absolute_path(path));
    out.end_array();
  }
  out.end_object();
}

void enter_request(const Options& o, ApiRequest& r) {
  r.method = "POST";
  r.path = "/api/set-aside/enter";
  JsonWriter out(r.body);
  out.begin_object().boolean("all", o.all);
  if (!o.actor.empty()) out.text("actor", o.actor);
  if (!o.paths.empty()) {
    out.key("ids").begin_array();
    for (const std::string& id : o.paths) out.text(id);
    out.end_array();
  }
  out.end_object();
}

/// A path from the root, likewise.
void backup_request(const Options& o, ApiRequest& r) {
  r.method = "POST";
  r.path = "/api/backup";
  JsonWriter(r.body).begin_object().text("path", absolute_path(o.restore.file)).end_object();
}

Result<ApiRequest> request_of(const Options& o, Machine& machine) {
  Files& files = *machine.files;
  ApiRequest r;
  r.method = "GET";
  r.actor = o.actor;
  r.language = o.manner.language;
  const std::string& what = o.command[0];
  if (what == "household") {
    TRY(household_request(o, r));
  } else if (what == "member" || what == "assessment") {
    TRY(child_request(o, r));
  } else if (what == "settle") {
    TRY(settle_request(o, r));
  } else if (what == "import") {
    TRY(import_request(o, files, r));
  } else if (what == "config") {
    TRY(config_request(o, r));
  } else if (what == "bundle") {
    bundle_request(o, r);
  } else if (what == "backup") {
    backup_request(o, r);
  } else if (what == "user") {
    TRY_ASSIGN(r, user_request(files, o.manner, o.user, password_file_of(o.password_file)));
  } else if (what == "recovery") {
    TRY(recovery_request(machine, o, r));
  } else if (what == "set-aside" && o.command.size() > 1) {
    enter_request(o, r);
  } else if (what == "fields") {
    r.path = "/api/catalogue";
  } else if (what == "history") {
    r.path = "/api/entities/" + address_of(o.id) + "/history";
    add_query(r, "field", o.field);
  } else if (what == "sync" || what == "verify") {
    r.method = "POST";
    r.path = "/api/" + what;
  } else {
    r.path = "/api/" + what;  // status, conflicts, findings, report, reported, log, audit
    add_query(r, "unit", o.unit);
    add_query(r, "period", o.period);
    add_query(r, "date", o.date);
    if (o.all) add_query(r, "all", "1");
    if (what == "log" || what == "audit") add_query(r, "limit", std::to_string(o.limit));
  }
  return r;
}

/// A sync in this process shows a bar.
void show_bar(Backend& backend, const Options& o) {
  if (!stderr_is_terminal() || o.manner.json) return;
  backend.show_progress([](const SyncProgress& now) {
    put(stderr, "\r" +
                    bar(now.received_bytes + now.sent_bytes,
                        now.receive_total_bytes + now.send_total_bytes) +
                    "\033[K");
  });
}

/// `init TICKET` and `enrol`.
Exit enrol_client(Machine& machine, const Options& o) {
  const StopSignal stop;
  sync::EnrolWish wish;
  wish.folder = o.folder;
  const std::string ticket = o.command[0] == "init" ? o.file : "";
  const Status ours = expect_ticket_for(*machine.files, o.folder, ticket, false);
  if (!ours.ok()) return show(ours.error(), o.manner);
  if (o.command[0] == "init") {
    const Status prepared = prepare_init(machine, o);
    if (!prepared.ok()) return show(prepared.error(), o.manner);
    if (!machine.files->exists(accounts_path(o.folder))) wish.actor = o.actor;
  }
  (o.command[0] == "init" ? wish.ticket : wish.answer) = o.file;
  wish.stick = o.stick;
  const Result<sync::Enrolled> enrolled = sync::enrol_machine(
      *machine.files, *machine.random, *machine.clock, wish, [&stop] { return stop.requested(); });
  if (!enrolled.ok()) return show(enrolled.error(), o.manner);
  sync::EnrolledText text = sync::text_of(*enrolled);
  if (!enrolled->done && o.stick.empty()) add_wrong_address(text.vi, text.en);
  say(o.manner, text.vi, text.en, text.json);
  return enrolled->done || !o.stick.empty() ? Exit::kDone : Exit::kTryAgain;
}

/// One request, done here or by a `serve`, and shown as the answer of a command.
Exit ask_and_show(Machine& machine, const Options& o, const ApiRequest& request,
                  const std::vector<std::string>& shown_as, const StopSignal& stop) {
  const Result<std::unique_ptr<Backend>> backend =
      Backend::open(machine, o, [&] { return stop.requested(); });
  if (!backend.ok()) return show(backend.error(), o.manner);
  const bool syncs = request.path == "/api/sync";
  if (syncs) show_bar(**backend, o);
  const Result<ApiReply> reply = (*backend)->ask(request);
  if (syncs && stderr_is_terminal()) put(stderr, "\r\033[K");
  if (!reply.ok()) return show(reply.error(), o.manner);
  return show(*reply, o.manner, shown_as);
}

Exit rebuild(Machine& machine, const Options& o, const StopSignal& stop) {
  // Before anything is moved: who fills the new database by a sync.
  const Status may = expect_may(machine, o, "POST /api/sync");
  if (!may.ok()) return show(may.error(), o.manner);
  Options asked = o;
  asked.command = {"status"};
  RebuildWay way;
  way.ask_old = [&](const ApiRequest& request) -> Result<ApiReply> {
    TRY_ASSIGN(const std::unique_ptr<Backend> backend,
               Backend::open(machine, asked, [&] { return stop.requested(); }));
    return backend->ask(request);
  };
  const Result<RebuildPlan> plan = plan_rebuild(*machine.files, o.folder, way.ask_old);
  if (!plan.ok()) return show(plan.error(), o.manner);
  way.reach = [&] {
    return sync::reach_parent(*machine.files, o.folder, *machine.clock,
                              [&stop] { return stop.requested(); });
  };
  way.ask = [&](const ApiRequest& request, const char* shown_as) {
    return ask_and_show(machine, o, request, {shown_as}, stop);
  };
  return run_rebuild(*machine.files, *plan, o.restore, o.manner, way);
}

}  // namespace

Exit run(const Options& o) {
  Result<Machine> machine = Machine::make();
  if (!machine.ok()) return show(machine.error(), o.manner);
  const std::string& what = o.command[0];
  if (what == "init" || what == "enrol") return enrol_client(*machine, o);
  if (what == "sign-in" || what == "sign-out") return run_session(*machine, o);
  if (what == "recovery" && o.command[1] != "set") return run_recovery(*machine, o);
  if (what == "restore") {
    return run_restore(*machine->files, o.folder, o.restore, password_file_of(o.password_file),
                       o.manner, restore_rules(*machine, o));
  }
  StopSignal stop;
  if (what == "serve") return serve(*machine, o, stop);
  if (what == "rebuild") return rebuild(*machine, o, stop);
  const Result<ApiRequest> request = request_of(o, *machine);
  if (!request.ok()) return show(request.error(), o.manner);
  return ask_and_show(*machine, o, *request, o.command, stop);
}

}  // namespace lalanh::client
