#include "sync/link/enrolling.h"

#include "shared/api/enrol.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json_writer.h"
#include "sync/link/enrol_online.h"

namespace lalanh::sync {
namespace {

/// Errors after which the same ticket may still be answered later, or by stick.
bool may_come_later(const Error& error) {
  return error.code == ErrorCode::sync_unreachable || error.code == ErrorCode::sync_cut ||
         error.code == ErrorCode::sync_busy || error.code == ErrorCode::sync_not_tls ||
         error.code == ErrorCode::sync_not_compared ||
         error.code == ErrorCode::trust_not_our_server;
}

Result<Bytes> read_small(Files& files, const std::string& path) {
  return files.read(path, limits::kEnrolmentBytesMax);
}

/// The answer in a folder that is for the ticket that waits there.
Status take_from_folder(Files& files, const EnrolWish& wish, const Ticket& ticket) {
  const std::string named = stick_name(ticket.id) + std::string(kAnswerEnding);
  const std::string path = wish.answer + "/" + named;
  if (!files.exists(path)) {
    return Error{ErrorCode::input_missing, {{"field", named}, {"where", wish.answer}}};
  }
  TRY_ASSIGN(const Bytes answer, read_small(files, path));
  return enrol(files, wish.folder, answer, path);
}

Result<Enrolled> take_answer(Files& files, const EnrolWish& wish) {
  Enrolled out;
  out.done = true;
  if (files.is_folder(wish.answer)) {
    TRY_ASSIGN(const Ticket ticket, waiting_ticket(files, wish.folder));
    TRY(take_from_folder(files, wish, ticket));
  } else {
    TRY_ASSIGN(const Bytes answer, read_small(files, wish.answer));
    TRY(enrol(files, wish.folder, answer, wish.answer));
  }
  TRY_ASSIGN(const NodeSettings settings, read_settings(files, wish.folder));
  out.unit = settings.unit_name;
  return out;
}

}  // namespace

std::string stick_name(const TicketId& ticket) { return "enrol-" + to_hex(ticket).substr(0, 16); }

Result<Enrolled> enrol_machine(Files& files, Random& random, Clock& clock, const EnrolWish& wish,
                               const std::function<bool()>& stopped) {
  if (!wish.answer.empty()) return take_answer(files, wish);
  if (!wish.ticket.empty()) {
    TRY_ASSIGN(const Bytes bytes, read_small(files, wish.ticket));
    TRY(init_device(files, random, wish.folder, bytes, wish.actor, wish.ticket));
  }
  TRY_ASSIGN(const Ticket ticket, waiting_ticket(files, wish.folder));
  TRY_ASSIGN(const Bytes request, enrolment_request(files, random, wish.folder));
  Enrolled out;
  out.unit = ticket.unit_name;
  out.request = NodeFiles(wish.folder).request;
  if (!wish.stick.empty()) {
    out.request = wish.stick + "/" + stick_name(ticket.id) + std::string(kRequestEnding);
    TRY_ASSIGN(const std::unique_ptr<ByteSink> sink, files.create(out.request));
    TRY(sink->write(request));
    TRY(sink->finish());
    return out;
  }
  const Result<Bytes> answer = enrol_online(ticket, request, clock, stopped);
  if (!answer.ok()) {
    if (!may_come_later(answer.error())) return answer.error();
    out.why_vi = answer.error().message(Language::kVietnamese);
    out.why_en = answer.error().message(Language::kEnglish);
    return out;
  }
  TRY(enrol(files, wish.folder, *answer, "the parent's answer"));
  out.done = true;
  return out;
}

EnrolledText text_of(const Enrolled& enrolled) {
  EnrolledText out;
  JsonWriter json(out.json);
  json.begin_object().boolean("enrolled", enrolled.done).text("unit_name", enrolled.unit);
  if (!enrolled.done) json.text("request", enrolled.request);
  json.end_object();
  if (enrolled.done) {
    out.vi = "Máy này đã được cấp giấy chứng nhận cho " + enrolled.unit + ".";
    out.en = "This machine is enrolled for " + enrolled.unit + ".";
    return out;
  }
  if (!enrolled.why_vi.empty()) {
    out.vi = enrolled.why_vi + "\n";
    out.en = enrolled.why_en + "\n";
  }
  out.vi +=
      "Khoá của máy này đã có. Khi có mạng hãy chạy 'enrol', hoặc mang tệp này tới cấp trên: " +
      enrolled.request;
  out.en +=
      "The key of this machine is made. Run 'enrol' when there is a network, or take this "
      "file to the parent: " +
      enrolled.request;
  return out;
}

}  // namespace lalanh::sync
