#include <algorithm>

#include "shared/api/call.h"
#include "shared/api/enrol.h"
#include "shared/report/report.h"

/// Tickets, and the certificates that are given for them.
namespace lalanh {
namespace {

constexpr int kDaysMax = 366;
constexpr std::size_t kIdBytesMax = 64;

std::string unit_code(Call& call, UnitNo unit) {
  const UnitFact* fact = call.node().tree().nearest(unit, call.node().today());
  return fact == nullptr ? "#" + std::to_string(unit.value) : fact->code;
}

std::string_view state_of(const KeptTicket& ticket, TimeMs now) {
  if (ticket.key) return "used";
  if (ticket.cancelled) return "cancelled";
  return now.value > ticket.expires.value ? "expired" : "open";
}

void write_time(JsonWriter& out, const char* key, const std::optional<TimeMs>& time) {
  if (time) {
    out.text(key, vietnam_time_text(*time));
  } else {
    out.key(key).null();
  }
}

void write_ticket(JsonWriter& out, Call& call, const KeptTicket& ticket) {
  out.text("id", to_hex(ticket.id)).integer("unit", ticket.unit.value);
  out.text("code", unit_code(call, ticket.unit)).text("unit_name", call.unit_name(ticket.unit));
  out.text("role", to_text(ticket.role)).text("name", ticket.name);
  out.integer("device", ticket.device.value).integer("block", ticket.block);
  out.text("expires", vietnam_time_text(ticket.expires));
}

Result<std::vector<std::string>> texts(const JsonIn& in, const char* key, std::size_t max,
                                       std::size_t bytes_max) {
  std::vector<std::string> out;
  if (!in.has(key)) return out;
  TRY_ASSIGN(const std::vector<JsonIn> items, in.array(key, max));
  for (const JsonIn& item : items) {
    const std::string* text = item.value().text();
    if (text == nullptr || text->size() > bytes_max) {
      return Error{ErrorCode::input_not_text, {{"field", key}, {"where", item.where()}}};
    }
    out.push_back(*text);
  }
  return out;
}

/// The units that the body names, one by one or all villages below one.
Result<std::vector<UnitNo>> units_of(Call& call, const JsonIn& in) {
  TRY_ASSIGN(const std::vector<std::string> codes,
             texts(in, "units", limits::kTicketsMax, limits::kNameBytesMax));
  std::vector<UnitNo> out;
  for (const std::string& code : codes) {
    TRY_ASSIGN(const UnitNo unit, call.unit(code));
    out.push_back(unit);
  }
  TRY_ASSIGN(const std::string_view below, in.text_or("below", "", limits::kNameBytesMax));
  if (!below.empty()) {
    TRY_ASSIGN(const UnitNo top, call.unit(std::string(below)));
    const Date today = call.node().today();
    for (const UnitNo unit : call.node().order(today).with_below(top)) {
      if (call.node().tree().rank(unit, today) == Rank(1)) out.push_back(unit);
    }
  }
  if (out.empty()) return Error{ErrorCode::input_missing, {{"field", "unit"}, {"where", "ticket"}}};
  return out;
}

Result<std::optional<KeptTicket>> ticket_named(Call& call, const std::string& text) {
  TRY_ASSIGN(const std::vector<KeptTicket> all, TicketLedger(call.node().store().core()).all());
  std::optional<KeptTicket> out;
  for (const KeptTicket& each : all) {
    const bool by_number = text == std::to_string(each.device.value);
    const bool by_id = text.size() >= 8 && to_hex(each.id).starts_with(text);
    if (!by_number && !by_id) continue;
    out = each;
  }
  return out;
}

}  // namespace

Result<std::string> create_tickets(Call& call) {
  TRY_ASSIGN(const JsonIn in,
             call.body({"units", "below", "role", "name", "addresses", "days", "actor"}));
  TRY_ASSIGN(const std::vector<UnitNo> units, units_of(call, in));
  TRY_ASSIGN(const std::string_view role_text, in.text_or("role", ""));
  TRY_ASSIGN(const std::string_view name, in.text_or("name", "", limits::kActorBytesMax));
  TRY_ASSIGN(const std::int64_t days, in.integer_or("days", 1, kDaysMax, kTicketDays));
  TRY_ASSIGN(const std::vector<std::string> addresses,
             texts(in, "addresses", limits::kAddressesMax, limits::kAddressBytesMax));
  TicketOrder order;
  TRY_ASSIGN(order.name, typed_line(name, "name"));
  if (!role_text.empty()) {
    DeviceRole role{};
    if (!role_from_text(role_text, role)) {
      return Error{ErrorCode::input_not_a_choice,
                   {{"field", "role"},
                    {"value", std::string(role_text)},
                    {"choices", "village, officer, server"}}};
    }
    order.role = role;
  }
  std::vector<TicketOrder> orders;
  for (const UnitNo unit : units) {
    TRY(call.expect_reached(unit));
    order.unit = unit;
    orders.push_back(order);
  }
  TRY_ASSIGN(const std::vector<MadeTicket> made,
             make_tickets(call.node(), orders, addresses, static_cast<int>(days)));
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("tickets").begin_array();
  for (const MadeTicket& ticket : made) {
    out.begin_object();
    write_ticket(out, call, ticket.kept);
    out.text("file", to_hex(ticket.file)).end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> list_tickets(Call& call) {
  TRY(call.expect_query({}));
  TRY_ASSIGN(const std::vector<KeptTicket> all, TicketLedger(call.node().store().core()).all());
  const TimeMs now = call.node().options().clock->now();
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("tickets").begin_array();
  for (const KeptTicket& ticket : all) {
    out.begin_object();
    write_ticket(out, call, ticket);
    out.text("state", state_of(ticket, now)).text("made", vietnam_time_text(ticket.made));
    write_time(out, "used", ticket.used);
    out.text("key", ticket.key ? to_hex(*ticket.key) : "");
    out.integer("refused", ticket.refused);
    write_time(out, "refused_at", ticket.refused_at);
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> cancel_ticket(Call& call) {
  TRY(call.body({"actor"}));
  TRY_ASSIGN(const std::optional<KeptTicket> ticket, ticket_named(call, call.parameter(0)));
  if (!ticket) {
    return Error{ErrorCode::register_not_found,
                 {{"what", call.parameter(0).substr(0, kIdBytesMax)}}};
  }
  TRY(call.expect_reached(ticket->unit));
  if (ticket->key) return Error{ErrorCode::trust_ticket_used};
  if (!ticket->cancelled) TRY(TicketLedger(call.node().store().core()).cancel(ticket->id));
  return std::string("{\"ok\":true}");
}

Result<std::string> certify_device(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"request", "file", "actor"}));
  TRY_ASSIGN(const std::string_view hex, in.text("request", 2 * limits::kEnrolmentBytesMax));
  TRY_ASSIGN(const std::string_view file, in.text_or("file", "device.llreq"));
  Bytes request;
  if (!from_hex(hex, request)) {
    return Error{ErrorCode::input_wrong_kind,
                 {{"field", "request"}, {"expected", "hex"}, {"where", in.where()}}};
  }
  TRY_ASSIGN(const Bytes answer, answer_enrolment(call.node(), request, std::string(file)));
  std::string text;
  JsonWriter(text).begin_object().text("answer", to_hex(answer)).end_object();
  return text;
}

Result<std::string> say_newest(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"yes", "actor"}));
  TRY_ASSIGN(const bool yes, in.boolean("yes"));
  TRY(call.expect_reached(call.node().settings().unit));
  if (yes) TRY(call.node().say_newest());
  std::string text;
  JsonWriter(text).begin_object().boolean("compared", call.node().store().compared()).end_object();
  return text;
}

}  // namespace lalanh
