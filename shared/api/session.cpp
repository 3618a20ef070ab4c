#include "shared/api/session.h"

#include "shared/base/limits.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/json_writer.h"

namespace lalanh {
namespace {

Status expect_no_query(const ApiRequest& request) {
  if (request.query.empty()) return {};
  return Error{ErrorCode::input_unknown_key,
               {{"key", request.query.front().first}, {"where", "the request"}}};
}

Result<JsonValue> body_of(const ApiRequest& request) {
  TRY(expect_no_query(request));
  return parse_json(request.body.empty() ? "{}" : std::string_view(request.body), "body");
}

/// What the page needs to know of who is there.
std::string session_text(Desk* desk, const std::string& session, bool begun = false) {
  const Result<Principal> who =
      desk == nullptr ? Result<Principal>(Principal{}) : desk->who(session);
  const bool accounts = desk != nullptr && desk->has_accounts();
  std::string text;
  JsonWriter out(text);
  out.begin_object().boolean("accounts", accounts);
  out.boolean("locked", desk != nullptr && desk->locked());
  out.boolean("signed_in", who.ok() && !who->is_machine());
  out.text("login", who.ok() ? who->login : "").text("actor", who.ok() ? who->actor : "");
  out.text("role", who.ok() ? who->role : "");
  out.integer("unit", who.ok() ? who->unit.value : 0);
  out.text("session", begun ? session : "");
  out.integer("idle_s", limits::kSessionIdleMs / 1'000);
  out.key("logins").begin_array();
  if (accounts) {
    for (const std::string& login : desk->logins()) out.text(login);
  }
  out.end_array().end_object();
  return text;
}

Result<ApiReply> sign_in(Desk* desk, const ApiRequest& request) {
  TRY_ASSIGN(const JsonValue value, body_of(request));
  const JsonIn in(value, "body");
  TRY(in.expect_keys({"login", "password"}));
  TRY_ASSIGN(const std::string_view login, in.text("login", limits::kLoginBytesMax));
  TRY_ASSIGN(const std::string_view password, in.text("password", limits::kPasswordBytesMax));
  if (desk == nullptr) return Error{ErrorCode::accounts_none};
  TRY_ASSIGN(const std::string session, desk->sign_in(std::string(login), std::string(password)));
  ApiReply reply;
  reply.session = session;
  reply.body = session_text(desk, session, true);
  return reply;
}

Result<ApiReply> answer(Desk* desk, const ApiRequest& request) {
  if (request.method == "POST") return sign_in(desk, request);
  ApiReply reply;
  if (request.method == "DELETE") {
    TRY_ASSIGN(const JsonValue value, body_of(request));
    TRY(JsonIn(value, "body").expect_keys({}));
    if (desk != nullptr) desk->sign_out(request.session);
    reply.session = "";
    reply.body = session_text(desk, "");
  } else {
    TRY(expect_no_query(request));
    reply.body = session_text(desk, request.session);
  }
  return reply;
}

}  // namespace

ApiReply answer_session(Desk* desk, const ApiRequest& request) {
  const Result<ApiReply> reply = answer(desk, request);
  return reply.ok() ? *reply : error_reply(reply.error());
}

}  // namespace lalanh
