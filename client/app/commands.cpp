#include "client/app/commands.h"

#include <cstdio>
#include <map>

#include "client/app/backend.h"
#include "client/app/serve.h"
#include "shared/api/call.h"
#include "shared/api/enrol.h"
#include "shared/api/print.h"
#include "shared/platform/platform.h"
#include "shared/platform/stop_signal.h"

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
    const std::string name = argument.substr(0, equals);
    const Field* field = known->field(name);
    if (field == nullptr || equals == std::string::npos) {
      return Error{ErrorCode::input_unknown_field, {{"field", name}, {"where", type}}};
    }
    const auto write_one = [&](std::string_view text) -> Status {
      TRY_ASSIGN(const FieldValue value, check_text(*field, text, name));
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

void write_reason(const Options& o, ApiRequest& request) {
  JsonWriter out(request.body);
  out.begin_object().text("reason", o.reason);
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
  r.method = what == "set" ? "PATCH" : "POST";
  r.path = what == "set" ? entity : entity + "/" + what;
  if (what == "set") return write_field_body("fields", "household", o, r);
  if (what == "remove") write_reason(o, r);
  return {};
}

Status child_request(const Options& o, ApiRequest& r) {
  const std::string& type = o.command[0];
  const std::string& what = o.command[1];
  r.method = what == "set" ? "PATCH" : "POST";
  if (what == "add") {
    r.path = "/api/households/" + address_of(o.id) + "/" + type + "s";
  } else {
    r.path = "/api/entities/" + o.id + (what == "remove" ? "/remove" : "");
  }
  if (what == "remove") {
    write_reason(o, r);
    return {};
  }
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
  if (!cbor::valid_utf8(as_text(bytes))) {
    return Error{ErrorCode::input_not_utf8, {{"where", path}}};
  }
  return std::string(as_text(bytes));
}

Status import_request(const Options& o, Files& files, ApiRequest& r) {
  r.method = "POST";
  r.path = "/api/import";
  TRY_ASSIGN(const std::string households, file_text(files, o.file));
  TRY_ASSIGN(const std::string members, file_text(files, o.members_file));
  JsonWriter out(r.body);
  out.begin_object().text("households", households).text("mode", o.good ? "good" : "all");
  if (!members.empty()) out.text("members", members);
  if (!o.unit.empty()) out.text("unit", o.unit);
  if (!o.actor.empty()) out.text("actor", o.actor);
  out.boolean("dry_run", o.dry_run).end_object();
  return {};
}

Status config_request(const Options& o, ApiRequest& r) {
  r.path = "/api/config";
  if (o.text.empty()) return {};  // shows; nothing is emptied by leaving a word out
  r.method = "POST";
  JsonWriter(r.body).begin_object().text(o.setting, o.text).end_object();
  return {};
}

Result<ApiRequest> request_of(const Options& o, Files& files) {
  ApiRequest r;
  r.method = "GET";
  r.actor = o.actor;
  r.language = o.language;
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
  } else if (what == "history") {
    r.path = "/api/entities/" + address_of(o.id) + "/history";
    add_query(r, "field", o.field);
  } else if (what == "sync" || what == "verify") {
    r.method = "POST";
    r.path = "/api/" + what;
  } else {
    r.path = "/api/" + what;  // status, conflicts, findings, report, reported, log
    add_query(r, "unit", o.unit);
    add_query(r, "period", o.period);
    add_query(r, "date", o.date);
    if (o.all) add_query(r, "all", "1");
    if (what == "log") add_query(r, "limit", std::to_string(o.limit));
  }
  return r;
}

Exit show(const ApiReply& reply, const Options& o) {
  const Result<JsonValue> value = parse_json(reply.body, "reply", {64U << 20U, 20'000'000, 16});
  if (!value.ok()) return fail(value.error(), o);
  const std::string error = error_name_of(*value);
  if (!error.empty()) {
    put(stderr, o.json ? reply.body + "\n" : message_of(*value, o.language) + "\n");
    return exit_of(error);
  }
  put(stdout, o.json ? reply.body + "\n" : text_of(o.command, *value, o.language));
  const JsonValue* ok = value->find("ok");
  if (o.command[0] == "verify" && ok != nullptr && !*ok->boolean()) return Exit::kDifference;
  const JsonValue* imported = value->find("imported");
  const bool refused = o.command[0] == "import" && imported != nullptr && !*imported->boolean();
  return refused && !o.dry_run ? Exit::kUsage : Exit::kDone;
}

/// A sync in this process: with a bar, and with the fault that was asked for.
Exit sync_here(Backend& backend, const Options& o) {
  const bool bars = stderr_is_terminal() && !o.json;
  const Result<SyncSummary> summary = backend.parent()->sync_now([&](const SyncProgress& now) {
    if (!bars) return;
    put(stderr, "\r" + bar(now.received_bytes + now.sent_bytes,
                           now.receive_total_bytes + now.send_total_bytes));
  });
  if (bars) put(stderr, "\r\033[K");
  if (!summary.ok()) return fail(summary.error(), o);
  ApiReply reply;
  reply.body = sync_summary_text(*summary);
  return show(reply, o);
}

Exit make_device(Machine& machine, const Options& o) {
  const Result<std::string> request =
      init_device(*machine.files, *machine.random, o.folder, o.name, o.actor);
  if (!request.ok()) return fail(request.error(), o);
  std::string json;
  JsonWriter(json).begin_object().text("request", *request).end_object();
  const bool vi = o.language == Language::kVietnamese;
  put(stdout, o.json ? json + "\n"
                     : (vi ? "Đã tạo khoá của máy này. Đưa tệp này cho cấp trên ký: "
                           : "The key of this device is made. Take this file to the parent: ") +
                           *request + "\n");
  return Exit::kDone;
}

Exit take_answer(Machine& machine, const Options& o) {
  const Result<Bytes> answer = machine.files->read(o.file, limits::kEnrolmentBytesMax);
  if (!answer.ok()) return fail(answer.error(), o);
  const Status done = enrol(*machine.files, o.folder, *answer);
  if (!done.ok()) return fail(done.error(), o);
  const bool vi = o.language == Language::kVietnamese;
  put(stdout, o.json ? "{\"ok\":true}\n"
                     : (vi ? "Máy này đã được chứng nhận.\n" : "This device is certified.\n"));
  return Exit::kDone;
}

}  // namespace

Exit fail(const Error& error, const Options& o) {
  if (o.json) {
    put(stderr, error_reply(error).body + "\n");
  } else {
    put(stderr, error.message(o.language) + "\n");
  }
  return exit_of(error.name());
}

Exit run(const Options& o) {
  Result<Machine> machine = Machine::make();
  if (!machine.ok()) return fail(machine.error(), o);
  const std::string& what = o.command[0];
  if (what == "init") return make_device(*machine, o);
  if (what == "enrol") return take_answer(*machine, o);
  StopSignal stop;
  if (what == "serve") return serve(*machine, o, stop);
  const Result<ApiRequest> request = request_of(o, *machine->files);
  if (!request.ok()) return fail(request.error(), o);
  const Result<std::unique_ptr<Backend>> backend =
      Backend::open(*machine, o, [&] { return stop.requested(); });
  if (!backend.ok()) return fail(backend.error(), o);
  if (what == "sync" && (*backend)->parent() != nullptr) return sync_here(**backend, o);
  const Result<ApiReply> reply = (*backend)->ask(*request);
  if (!reply.ok()) return fail(reply.error(), o);
  return show(*reply, o);
}

}  // namespace lalanh::client
