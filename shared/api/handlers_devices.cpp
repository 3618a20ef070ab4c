#include <algorithm>

#include "shared/api/call.h"
#include "shared/store/devices.h"
#include "shared/store/entering.h"
#include "shared/store/revoking.h"

/// Devices: who they are, which were copied, revoking them, and what is set aside.
namespace lalanh {
namespace {

constexpr std::size_t kReasonBytesMax = 1'024;
constexpr std::size_t kIdsMax = 10'000;
constexpr std::size_t kIdBytesMax = 128;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kVietnamMs = 7 * 3'600'000;
/// Digits of a key that name a device as surely as its number.
constexpr std::size_t kKeyDigitsMin = 8;

Result<std::vector<KnownDevice>> devices_here(Call& call) {
  Node& node = call.node();
  const UnitNo own = node.store().own_certificate().device().unit;
  return known_devices(node.store(), [&](UnitNo unit) {
    return unit == own || node.tree().is_or_ever_was_below(unit, own);
  });
}

std::string_view state_of(const KnownDevice& device) {
  if (device.revoked) return "revoked";
  return device.copied ? "copied" : "active";
}

Result<KnownDevice> device_named(Call& call, const std::string& text) {
  TRY_ASSIGN(const std::vector<KnownDevice> all, devices_here(call));
  std::vector<const KnownDevice*> found;
  for (const KnownDevice& each : all) {
    const std::string key = to_hex(each.link.key);
    const bool by_key = text.size() >= kKeyDigitsMin && key.starts_with(text);
    if (text == std::to_string(each.link.device.value) || by_key) found.push_back(&each);
  }
  if (found.empty()) {
    return Error{ErrorCode::register_not_found, {{"what", text.substr(0, kIdBytesMax)}}};
  }
  if (found.size() == 1) return *found.front();
  std::string ids;
  for (const KnownDevice* each : found) {
    ids += (ids.empty() ? "" : ", ") + to_hex(each->link.key).substr(0, 2 * kKeyDigitsMin);
  }
  return Error{ErrorCode::register_ambiguous, {{"what", text}, {"ids", ids}}};
}

Result<Standing> standing_of(Call& call, const JsonIn& in) {
  Standing out;
  TRY_ASSIGN(out.nothing, in.boolean_or("nothing_stands", false));
  TRY_ASSIGN(const std::string_view since, in.text_or("lost_since", ""));
  if (since.empty()) return out;
  Date day;
  if (!day_from_text(since, day)) {
    return Error{ErrorCode::input_not_a_date,
                 {{"field", "lost_since"}, {"value", std::string(since)}}};
  }
  if (days_of(day) > days_of(call.node().today())) {
    return Error{ErrorCode::input_future_date,
                 {{"field", "lost_since"}, {"value", std::string(since)}}};
  }
  out.arrived_before = TimeMs(days_of(day) * kDayMs - kVietnamMs);
  return out;
}

/// What is set aside is seen and entered again where its entries could have been: the reference
/// channel of those above holds no person.
ScopeFilter scopes_of(Call& call) {
  return [&call](Scope scope) {
    return scope.channel == Channel::kReference || call.reaches(scope.unit);
  };
}

void write_tips(JsonWriter& out, const std::vector<StandingTip>& tips) {
  out.key("tips").begin_array();
  for (const StandingTip& tip : tips) out.text(to_text(tip.dot));
  out.end_array();
}

void write_plan(JsonWriter& out, Call& call, const RevocationPlan& plan) {
  std::uint64_t stands = 0;
  std::uint64_t aside = 0;
  out.integer("device", plan.device.device.value).integer("unit", plan.device.unit.value);
  out.text("unit_name", call.unit_name(plan.device.unit)).text("key", to_hex(plan.device.key));
  out.key("scopes").begin_array();
  for (const RevokedScope& scope : plan.scopes) {
    stands += scope.stands;
    aside += scope.aside;
    out.begin_object().text("scope", to_text(scope.scope));
    out.text("unit_name", call.unit_name(scope.scope.unit));
    out.boolean("replaces", !scope.replaced.empty());
    out.integer("stands", static_cast<std::int64_t>(scope.stands));
    out.integer("aside", static_cast<std::int64_t>(scope.aside));
    write_tips(out, scope.says.tips);
    out.end_object();
  }
  out.end_array().integer("stands", static_cast<std::int64_t>(stands));
  out.integer("aside", static_cast<std::int64_t>(aside));
}

}  // namespace

Status write_copied_machines(JsonWriter& out, Call& call) {
  TRY_ASSIGN(const std::vector<CopiedMachine> all, copied_machines(call.node().store()));
  const Hash& own = call.node().key().public_key();
  out.key("machines").begin_array();
  for (const CopiedMachine& machine : all) {
    out.begin_object().text("kind", "copied").integer("device", machine.device.value);
    out.boolean("own", machine.key == own).text("unit_name", call.unit_name(machine.unit));
    out.text("scope", to_text(machine.scope)).key("tips").begin_array();
    for (const Point& tip : machine.tips) out.text(to_text(Dot{tip.writer, tip.counter}));
    out.end_array().end_object();
  }
  out.end_array();
  return {};
}

Result<std::string> list_devices(Call& call) {
  TRY(call.expect_query({}));
  TRY_ASSIGN(const std::vector<KnownDevice> all, devices_here(call));
  const Hash& own = call.node().key().public_key();
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("devices").begin_array();
  for (const KnownDevice& device : all) {
    const CertificateLink& link = device.link;
    out.begin_object().integer("device", link.device.value).integer("unit", link.unit.value);
    out.text("unit_name", call.unit_name(link.unit)).integer("rank", link.rank.value);
    out.boolean("server", (link.rights & kCertify) != 0).boolean("own", link.key == own);
    out.text("key", to_hex(link.key)).text("state", state_of(device));
    if (device.last_contact) {
      out.text("last_contact", vietnam_time_text(*device.last_contact));
    } else {
      out.key("last_contact").null();
    }
    out.end_object();
  }
  out.end_array();
  TRY(write_copied_machines(out, call));
  out.end_object();
  return text;
}

Result<std::string> revoke_one(Call& call) {
  TRY_ASSIGN(const JsonIn in,
             call.body({"reason", "lost_since", "nothing_stands", "yes", "actor"}));
  TRY_ASSIGN(const KnownDevice device, device_named(call, call.parameter(0)));
  TRY(call.expect_reached(device.link.unit));
  TRY_ASSIGN(const Standing standing, standing_of(call, in));
  TRY_ASSIGN(const std::string_view given, in.text_or("reason", "", kReasonBytesMax));
  TRY_ASSIGN(const std::string reason, typed_line(given, "reason"));
  TRY_ASSIGN(const bool yes, in.boolean_or("yes", false));
  Store& store = call.node().store();
  TRY_ASSIGN(const RevocationPlan plan, plan_revocation(store, device.link, standing));
  if (yes) {
    TRY_ASSIGN(const std::string actor, call.actor());
    TRY(revoke_device(store, plan, actor, reason));
  }
  std::string text;
  JsonWriter out(text);
  out.begin_object().boolean("done", yes);
  write_plan(out, call, plan);
  out.end_object();
  return text;
}

Result<std::string> show_set_aside(Call& call) {
  TRY(call.expect_query({}));
  TRY_ASSIGN(const std::vector<SetAside> all, list_set_aside(call.node().store(), scopes_of(call)));
  std::string text;
  JsonWriter out(text);
  const auto open = std::count_if(all.begin(), all.end(), [](const auto& e) { return !e.entered; });
  out.begin_object().integer("total", static_cast<std::int64_t>(all.size()));
  out.integer("open", static_cast<std::int64_t>(open)).key("events").begin_array();
  CreateEvents creates;
  for (const SetAside& one : all) {
    const LoggedEvent& logged = one.logged;
    if (logged.event.creates())
      creates[to_text(EntityId{logged.scope, logged.dot})] = &logged.event;
  }
  for (const SetAside& one : all) {
    out.begin_object().text("id", id_of(one)).boolean("entered", one.entered);
    write_set_aside_event(out, call, one.logged, creates);
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> enter_set_aside(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"ids", "all", "actor"}));
  TRY_ASSIGN(const bool all, in.boolean_or("all", false));
  std::vector<std::string> ids;
  if (in.has("ids")) {
    TRY_ASSIGN(const std::vector<JsonIn> items, in.array("ids", kIdsMax));
    for (const JsonIn& item : items) {
      const std::string* id = item.value().text();
      if (id == nullptr || id->size() > kIdBytesMax) {
        return Error{ErrorCode::input_not_text, {{"field", "ids"}, {"where", item.where()}}};
      }
      ids.push_back(*id);
    }
  }
  if (ids.empty() != all) {
    return Error{ErrorCode::input_missing, {{"field", "ids"}, {"where", in.where()}}};
  }
  TRY_ASSIGN(const std::string actor, call.actor());
  TRY_ASSIGN(const EnteredAgain done, enter_again(call.node().store(), ids, actor, scopes_of(call),
                                                  [&](Scope scope, const Event& event) {
                                                    return call.node().registry().expect_no_second(
                                                        scope, event);
                                                  }));
  std::string text;
  JsonWriter out(text);
  out.begin_object().integer("entered", static_cast<std::int64_t>(done.entered));
  out.integer("already", static_cast<std::int64_t>(done.already)).key("left").begin_array();
  for (const EnteredAgain::Left& left : done.left) {
    out.begin_object().text("id", left.id).text("name", left.why.name());
    write_reason(out, left.why);
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

}  // namespace lalanh
