#include "shared/api/call.h"
#include "shared/register/class_rules.h"
#include "shared/report/report.h"

/// Report 1, who has reported, units, findings of the node as a whole.
namespace lalanh {
namespace {

void write_count(JsonWriter& out, const char* key, const Count& count, const Count& all) {
  out.key(key).begin_object().integer("households", count.households);
  out.text("percent", percent(count.households, all.households));
  out.integer("persons", count.persons);
  out.text("percent_persons", percent(count.persons, all.persons)).end_object();
}

void write_counts(JsonWriter& out, const UnitCounts& counts) {
  out.integer("households", counts.all.households).integer("persons", counts.all.persons);
  out.integer("assessed", counts.assessed().households);
  write_count(out, "poor", counts.of(PovertyClass::kPoor), counts.all);
  write_count(out, "near_poor", counts.of(PovertyClass::kNearPoor), counts.all);
  write_count(out, "average_farm", counts.of(PovertyClass::kAverageFarm), counts.all);
  write_count(out, "not_poor", counts.of(PovertyClass::kNotPoor), counts.all);
  write_count(out, "unknown", counts.of(PovertyClass::kUnknown), counts.all);
}

void write_row(JsonWriter& out, const ReportRow& row) {
  out.begin_object().integer("unit", row.unit.value).text("code", row.code);
  out.text("name", row.name).text("level", row.level);
  write_counts(out, row.counts);
  out.end_object();
}

Result<Date> day_of(Call& call) {
  const std::string text = call.query("date");
  if (text.empty()) return call.node().today();
  Date day;
  if (!day_from_text(text, day)) {
    return Error{ErrorCode::input_not_a_date, {{"field", "date"}, {"value", text}}};
  }
  return day;
}

/// Newest arrival by unit, in one pass over the log.
Result<std::map<std::uint32_t, std::int64_t>> newest_arrivals(Call& call) {
  TRY_ASSIGN(Statement select,
             call.node().store().core().db->prepare(
                 "SELECT c.unit, max(g.arrived) FROM scope c JOIN stream s ON s.scope=c.no"
                 " JOIN segment g ON g.stream=s.no WHERE c.channel=0 GROUP BY c.unit"));
  std::map<std::uint32_t, std::int64_t> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    out[static_cast<std::uint32_t>(select.integer(0))] = select.integer(1);
  }
}

Result<std::map<std::uint32_t, std::int64_t>> last_contacts(Call& call) {
  TRY_ASSIGN(Statement select, call.node().store().core().db->prepare(
                                   "SELECT unit, max(at) FROM contact GROUP BY unit"));
  std::map<std::uint32_t, std::int64_t> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    out[static_cast<std::uint32_t>(select.integer(0))] = select.integer(1);
  }
}

void write_time(JsonWriter& out, const char* key, std::int64_t ms) {
  if (ms == 0) {
    out.key(key).null();
  } else {
    out.text(key, vietnam_time_text(TimeMs(ms)));
  }
}

}  // namespace

Result<std::string> class_report(Call& call) {
  TRY(call.expect_query({"unit", "period", "date"}));
  TRY_ASSIGN(const UnitNo unit, call.unit(call.query("unit")));
  TRY(call.expect_here(unit));
  TRY_ASSIGN(const Date day, day_of(call));
  TRY_ASSIGN(const std::string period, call.query_period());
  if (!call.node().order(day).has(unit)) {
    return Error{ErrorCode::register_not_known_then,
                 {{"date", to_text(day)}, {"unit", call.unit_name(unit)}}};
  }
  TRY_ASSIGN(const ClassReport report,
             call.node().order(day).class_report(call.node().counters(), unit, period));
  std::string text;
  JsonWriter out(text);
  out.begin_object().text("report", "1").text("period", report.period);
  out.text("date", to_text(report.day));
  const RulePack* pack = call.node().rules().packs().in_force(report.period);
  out.text("rule_pack", pack == nullptr ? "" : pack->name);
  out.text("rule_pack_digest", pack == nullptr ? "" : to_hex(blake2b({pack->canonical})));
  out.text("tree_digest", to_hex(blake2b({call.node().tree().canonical_bytes()})));
  write_row(out.key("total"), report.total);
  out.key("children").begin_array();
  for (const ReportRow& row : report.children) write_row(out, row);
  out.end_array();
  ReportRow own = report.total;
  own.counts = report.own;
  write_row(out.key("own"), own);
  out.key("unplaced").begin_array();
  for (const ReportRow& row : report.unplaced) write_row(out, row);
  out.end_array().end_object();
  return text;
}

Result<std::string> who_has_reported(Call& call) {
  TRY(call.expect_query({"unit", "period", "all"}));
  TRY_ASSIGN(const UnitNo top, call.unit(call.query("unit")));
  TRY(call.expect_here(top));
  TRY_ASSIGN(const std::string asked, call.query_period());
  const std::string period = call.period(asked);
  const ReportOrder& order = call.node().order(call.node().today());
  TRY_ASSIGN(const auto arrivals, newest_arrivals(call));
  TRY_ASSIGN(const auto contacts, last_contacts(call));
  TRY_ASSIGN(const bool all, call.query_flag("all"));
  std::string text;
  JsonWriter out(text);
  out.begin_object().text("period", period).text("unit_name", call.unit_name(top));
  out.key("units").begin_array();
  for (const UnitNo unit : all ? order.with_below(top) : order.children(top)) {
    TRY_ASSIGN(const ClassReport report, order.class_report(call.node().counters(), unit, period));
    std::int64_t newest = 0;
    for (const UnitNo below : order.with_below(unit)) {
      const auto at = arrivals.find(below.value);
      if (at != arrivals.end()) newest = (std::max)(newest, at->second);
    }
    const auto contact = contacts.find(unit.value);
    out.begin_object().integer("unit", unit.value).text("code", report.total.code);
    out.text("name", report.total.name).text("level", report.total.level);
    out.integer("households", report.total.counts.all.households);
    out.integer("assessed", report.total.counts.assessed().households);
    write_time(out, "newest_arrival", newest);
    write_time(out, "last_contact", contact == contacts.end() ? 0 : contact->second);
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> list_units(Call& call) {
  TRY(call.expect_query({"date", "unit"}));
  TRY_ASSIGN(const Date day, day_of(call));
  const UnitTree& tree = call.node().tree();
  std::vector<UnitNo> units = tree.units();
  if (!call.query("unit").empty()) {
    TRY_ASSIGN(const UnitNo top, call.unit(call.query("unit")));
    units = call.node().order(day).with_below(top);
  }
  std::string text;
  JsonWriter out(text);
  out.begin_object().text("date", to_text(day)).key("units").begin_array();
  for (const UnitNo unit : units) {
    const UnitFact* fact = tree.at(unit, day);
    if (fact == nullptr) continue;
    out.begin_object().integer("unit", unit.value).text("code", fact->code);
    out.text("name", fact->name).text("level", to_text(fact->level)).text("kind", fact->kind);
    out.integer("parent", fact->parent.value).text("valid_from", to_text(fact->valid_from));
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

}  // namespace lalanh
