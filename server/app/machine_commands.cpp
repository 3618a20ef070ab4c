#include "server/app/machine_commands.h"

#include "shared/api/call.h"
#include "shared/api/enrol.h"
#include "shared/base/limits.h"
#include "shared/base/printable.h"
#include "shared/console/show.h"
#include "shared/platform/platform.h"
#include "shared/platform/stop_signal.h"
#include "shared/trust/ticket.h"
#include "sync/link/enrolling.h"
#include "sync/tls/tls.h"

namespace lalanh::server {
namespace {

std::string text_at(const JsonValue& value, std::string_view key) {
  const JsonValue* found = value.find(key);
  return found == nullptr || found->text() == nullptr ? std::string() : *found->text();
}

/// The reply as JSON; or the exit of the error that it is, already shown.
Result<JsonValue> json_of(const Result<ApiReply>& reply, const Manner& manner,
                          const std::vector<std::string>& command, Exit& exit) {
  if (!reply.ok()) {
    exit = show(reply.error(), manner);
    return reply.error();
  }
  if (reply->status >= 400) {
    exit = show(*reply, manner, command);
    return Error(ErrorCode::system_internal);
  }
  JsonLimits wide;
  wide.bytes_max = limits::kTicketsMax * 4 * limits::kEnrolmentBytesMax;
  Result<JsonValue> json = parse_json(reply->body, "reply", wide);
  if (!json.ok()) exit = show(json.error(), manner);
  return json;
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// The request files that the paths name.
Result<std::vector<std::string>> requests_in(const Options& options, Files& files) {
  std::vector<std::string> out;
  for (const std::string& path : options.paths) {
    if (!files.is_folder(path)) {
      out.push_back(path);
      continue;
    }
    TRY_ASSIGN(const std::vector<std::string> names, files.list(path, limits::kFolderNamesMax));
    for (const std::string& name : names) {
      if (ends_with(name, kRequestEnding)) out.push_back(path + "/" + name);
    }
  }
  if (!out.empty()) return out;
  return Error{ErrorCode::input_missing, {{"field", "*.llreq"}, {"where", options.paths.front()}}};
}

std::string answer_path(const Options& options, const std::string& request) {
  if (!options.out.empty()) return options.out;
  const std::size_t ending = ends_with(request, kRequestEnding) ? kRequestEnding.size() : 0;
  return request.substr(0, request.size() - ending) + std::string(kAnswerEnding);
}

Result<Bytes> ask_answer(const std::string& path, Files& files, const AskApi& ask,
                         const Manner& manner, Exit& exit) {
  const Result<Bytes> request = files.read(path, limits::kEnrolmentBytesMax);
  if (!request.ok()) {
    exit = show(request.error(), manner);
    return request.error();
  }
  ApiRequest call;
  call.method = "POST";
  call.path = "/api/certify";
  JsonWriter(call.body)
      .begin_object()
      .text("request", to_hex(*request))
      .text("file", path)
      .end_object();
  TRY_ASSIGN(const JsonValue json, json_of(ask(std::move(call)), manner, {"certify"}, exit));
  Bytes out;
  if (!from_hex(text_at(json, "answer"), out)) return Error(ErrorCode::system_internal);
  return out;
}

}  // namespace

Status make_tls(const Options& options, const Ports& ports) {
  const NodeFiles names(options.folder);
  TRY_ASSIGN(const Hash seed, read_key_file(ports.files, names.key));
  TRY(sync::open_server_tls(ports.files, names.tls, KeyPair::from_seed(seed)));
  return {};
}

Exit enrol_server(const Options& options, const Ports& ports) {
  const StopSignal stop;
  sync::EnrolWish wish;
  wish.folder = options.folder;
  wish.actor = options.actor;
  wish.ticket = options.ticket;
  wish.stick = options.stick;
  wish.answer = options.answer;
  const Status ours = expect_ticket_for(ports.files, options.folder, options.ticket, true);
  if (!ours.ok()) return show(ours.error(), options.manner);
  const Result<sync::Enrolled> enrolled = sync::enrol_machine(
      ports.files, ports.random, ports.clock, wish, [&stop] { return stop.requested(); });
  if (!enrolled.ok()) return show(enrolled.error(), options.manner);
  const Status tls = make_tls(options, ports);
  if (!tls.ok()) return show(tls.error(), options.manner);
  sync::EnrolledText text = sync::text_of(*enrolled);
  if (!enrolled->done && options.stick.empty()) add_wrong_address(text.vi, text.en);
  say(options.manner, text.vi, text.en, text.json);
  return enrolled->done || !options.stick.empty() ? Exit::kDone : Exit::kTryAgain;
}

std::string ticket_file_name(std::string_view code, const std::string& device) {
  std::string out;
  for (const char c : code) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    out += plain || c == '-' ? c : '_';
  }
  return out + "-" + device + ".llticket";
}

Exit make_ticket_files(const Options& options, const Ports& ports, const AskApi& ask) {
  const Manner& manner = options.manner;
  const bool folder = ports.files.is_folder(options.out);
  if (!folder && ports.files.exists(options.out)) {
    return show(Error(ErrorCode::system_exists, {{"path", options.out}}), manner);
  }
  if (!folder && (options.units.size() > 1 || !options.below.empty())) {
    return show(Error(ErrorCode::system_file,
                      {{"path", options.out}, {"action", "open"}, {"why", "Not a directory"}}),
                manner);
  }
  ApiRequest call;
  call.method = "POST";
  call.path = "/api/tickets";
  JsonWriter body(call.body);
  body.begin_object().key("units").begin_array();
  for (const std::string& unit : options.units) body.text(unit);
  body.end_array().text("below", options.below).text("role", options.role);
  body.text("name", options.name).key("addresses").begin_array();
  for (const std::string& address : options.addresses) body.text(address);
  body.end_array();
  if (options.days != 0) body.integer("days", options.days);
  body.end_object();
  Exit exit = Exit::kDone;
  const Result<JsonValue> json = json_of(ask(std::move(call)), manner, {"ticket"}, exit);
  if (!json.ok()) return exit;
  const JsonValue* made = json->find("tickets");
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("files").begin_array();
  std::string list;
  for (const JsonValue& ticket : *made->array()) {
    const std::string device = std::to_string(*ticket.find("device")->integer());
    const std::string path =
        folder ? options.out + "/" + ticket_file_name(text_at(ticket, "code"), device)
               : options.out;
    Bytes file;
    if (!from_hex(text_at(ticket, "file"), file)) continue;
    const Status written = ports.files.replace(path, file, true);
    if (!written.ok()) return show(written.error(), manner);
    out.text(path);
    list += "\n" + path + " · " + printable(text_at(ticket, "unit_name"), false);
  }
  out.end_array().end_object();
  say(manner, "Đã làm phiếu; ai có tệp này thì lấy được giấy chứng nhận, hãy giao tận tay:" + list,
      "Made; whoever has such a file can enrol a machine, so hand it over in person:" + list, text);
  return Exit::kDone;
}

Exit answer_requests(const Options& options, const Ports& ports, const AskApi& ask) {
  const Manner& manner = options.manner;
  const Result<std::vector<std::string>> requests = requests_in(options, ports.files);
  if (!requests.ok()) return show(requests.error(), manner);
  Exit exit = Exit::kDone;
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("files").begin_array();
  std::string list;
  for (const std::string& path : *requests) {
    const Result<Bytes> answer = ask_answer(path, ports.files, ask, manner, exit);
    if (!answer.ok()) continue;  // shown; the others are answered
    const std::string to = answer_path(options, path);
    const Result<std::unique_ptr<ByteSink>> sink = ports.files.create(to);
    Status written = sink.ok() ? (*sink)->write(*answer) : Status(sink.error());
    if (written.ok()) written = (*sink)->finish();
    if (!written.ok()) return show(written.error(), manner);
    out.text(to);
    list += "\n" + printable(to, false);  // the name on a stick is anybody's
  }
  out.end_array().end_object();
  if (list.empty()) return exit;
  say(manner, "Đã trả lời. Đưa các tệp này về máy đã yêu cầu:" + list,
      "Answered. Take these files back to the machines that asked:" + list, text);
  return exit;
}

}  // namespace lalanh::server
