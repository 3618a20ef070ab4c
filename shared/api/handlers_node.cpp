#include "embedded/api_files.h"
#include "shared/api/backup.h"
#include "shared/api/call.h"
#include "shared/api/host_port.h"
#include "shared/register/import.h"

/// The node itself: status, settings, catalogue, import, verify, sync.
namespace lalanh {
namespace {

void write_label(JsonWriter& out, const char* key, const Label& label) {
  out.key(key).begin_object().text("vi", label.vi).text("en", label.en).end_object();
}

void write_field(JsonWriter& out, const Field& field) {
  out.begin_object().text("name", field.name);
  write_label(out, "label", field.label);
  write_label(out, "help", field.help);
  out.text("kind", to_text(field.kind)).text("op", to_text(field.op));
  out.text("sensitivity", to_text(field.sensitivity)).text("unit", field.unit);
  out.boolean("required", field.required).boolean("list", field.list);
  out.boolean("search", field.search);
  if (field.min != INT64_MIN) out.integer("min", field.min);
  if (field.max != INT64_MAX) out.integer("max", field.max);
  if (field.max_length != 0) {
    out.integer("max_length", static_cast<std::int64_t>(field.max_length));
  }
  if (!field.choices.empty()) {
    out.key("choices").begin_array();
    for (const Choice& choice : field.choices) {
      out.begin_object().text("code", choice.code);
      write_label(out, "label", choice.label);
      out.end_object();
    }
    out.end_array();
  }
  out.text("source", field.source.text).text("mark", to_text(field.source.mark)).end_object();
}

std::string config_text(const NodeSettings& settings) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .text("actor", settings.actor)
      .text("parent", settings.parent_address)
      .end_object();
  return text;
}

Status write_sent_state(JsonWriter& out, Call& call) {
  Store& store = call.node().store();
  TRY_ASSIGN(const std::uint64_t unsent, store.unsent_events());
  TRY_ASSIGN(const std::uint64_t waiting, store.waiting_events());
  TRY_ASSIGN(const std::int64_t receipt,
             store.core().db->integer("SELECT ifnull(max(parent_time), 0) FROM receipt"));
  TRY_ASSIGN(const std::int64_t parent_time, store.core().meta("parent_time_ms", 0));
  // The topmost has nobody to send to.
  const bool top = call.node().is_top();
  out.integer("unsent", top ? 0 : static_cast<std::int64_t>(unsent));
  out.integer("waiting", static_cast<std::int64_t>(waiting));
  const auto time = [&](const char* key, std::int64_t ms) {
    if (ms == 0) {
      out.key(key).null();
    } else {
      out.text(key, vietnam_time_text(TimeMs(ms)));
    }
  };
  time("received_by_parent", receipt);
  out.key("tiers").begin_array();
  TRY_ASSIGN(const std::vector<SentTo> tiers, store.sent_to());
  for (const SentTo& tier : tiers) {
    out.begin_object().integer("rank", tier.rank.value);
    out.integer("unsent", static_cast<std::int64_t>(tier.unsent));
    time("received", tier.time.value);
    out.end_object();
  }
  out.end_array();
  time("parent_time", parent_time);
  TRY_ASSIGN(const TimeMs refused, call.node().refused());
  time("refused", refused.value);
  return {};
}

Status write_newest_backup(JsonWriter& out, Node& node) {
  TRY_ASSIGN(const std::optional<AutomaticBackup> newest,
             newest_backup(*node.options().files, node.options().folder));
  if (!newest) {
    out.key("backup").null();
    return {};
  }
  out.key("backup").begin_object().text("path", newest->path);
  out.text("time", vietnam_time_text(newest->front.time)).end_object();
  return {};
}

}  // namespace

Result<std::string> node_status(Call& call) {
  TRY(call.expect_query({}));
  Node& node = call.node();
  StoreCore& core = node.store().core();
  const CertificateLink& device = node.store().own_certificate().device();
  std::string text;
  JsonWriter out(text);
  out.begin_object().text("version", node.options().version);
  out.integer("unit", device.unit.value).text("unit_code", node.settings().unit_code);
  out.text("unit_name", call.unit_name(device.unit)).integer("device", device.device.value);
  out.integer("rank", device.rank.value).text("actor", node.settings().actor);
  out.boolean("top", node.is_top()).text("parent", node.settings().parent_address);
  out.text("time", vietnam_time_text(node.options().clock->now()));
  TRY(write_sent_state(out, call));
  const auto count = [&](const char* key, const char* sql) -> Status {
    TRY_ASSIGN(const std::int64_t n, core.db->integer(sql));
    out.integer(key, n);
    return {};
  };
  TRY(count("households", "SELECT count(*) FROM household WHERE counted=1"));
  TRY(count("conflicts", "SELECT count(*) FROM conflict"));
  TRY(count("scopes", "SELECT count(*) FROM scope"));
  TRY(count("segments", "SELECT count(*) FROM segment"));
  TRY(count("aside", "SELECT count(*) FROM aside"));
  TRY(count("database_bytes",
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"));
  TRY(write_newest_backup(out, node));
  const std::vector<std::string> periods = node.counters().periods();
  out.key("periods").begin_array();
  for (const std::string& period : periods) out.text(period);
  out.end_array().end_object();
  return text;
}

Result<std::string> show_catalogue(Call& call) {
  TRY(call.expect_query({}));
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("types").begin_array();
  for (const EntityType& type : call.node().words().catalogue().types()) {
    out.begin_object().text("name", type.name);
    write_label(out, "label", type.label);
    out.text("channel", type.channel == Channel::kRecords ? "records" : "reference");
    out.text("parent", type.parent).key("fields").begin_array();
    for (const Field& field : type.fields) write_field(out, field);
    out.end_array().end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> show_config(Call& call) {
  TRY(call.expect_query({}));
  return config_text(call.node().settings());
}

Result<std::string> change_config(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"actor", "parent"}));
  NodeSettings settings = call.node().settings();
  TRY(call.expect_reached(settings.unit));
  TRY_ASSIGN(const std::string_view actor,
             in.text_or("actor", settings.actor, limits::kActorBytesMax));
  TRY_ASSIGN(settings.actor, typed_line(actor, "actor"));
  TRY_ASSIGN(const std::string_view parent, in.text_or("parent", "", 256));
  if (!parent.empty()) {
    TRY_ASSIGN(const HostPort address, host_port_from_text(parent, "parent"));
    settings.parent_address = to_text(address);
  }
  TRY(call.node().change_settings(settings));
  return config_text(settings);
}

Result<std::string> import_lists(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"unit", "households", "households_file", "members",
                                         "members_file", "mode", "dry_run", "actor"}));
  TRY_ASSIGN(const std::string_view code, in.text_or("unit", ""));
  TRY_ASSIGN(const UnitNo unit, call.village(std::string(code)));
  TRY_ASSIGN(const std::string_view households, in.text("households", limits::kApiBodyBytesMax));
  TRY_ASSIGN(const std::string_view members, in.text_or("members", "", limits::kApiBodyBytesMax));
  TRY_ASSIGN(const std::string_view mode, in.text_or("mode", "all"));
  if (mode != "all" && mode != "good") {
    return Error{ErrorCode::input_not_a_choice,
                 {{"field", "mode"}, {"value", std::string(mode)}, {"choices", "all, good"}}};
  }
  ImportOptions options;
  options.scope = {unit, Channel::kRecords};
  options.good_rows = mode == "good";
  TRY_ASSIGN(options.dry_run, in.boolean_or("dry_run", false));
  TRY_ASSIGN(options.actor, call.actor());
  TRY_ASSIGN(options.households_file, in.text_or("households_file", options.households_file));
  TRY_ASSIGN(options.members_file, in.text_or("members_file", options.members_file));
  TRY_ASSIGN(const ImportResult result,
             import_tables(call.node().store(), call.node().words(), call.node().registry(),
                           households, members, options));
  std::string text;
  JsonWriter out(text);
  out.begin_object().boolean("imported", result.imported).boolean("dry_run", options.dry_run);
  out.integer("rows", static_cast<std::int64_t>(result.rows));
  out.integer("created", static_cast<std::int64_t>(result.created));
  out.integer("changed", static_cast<std::int64_t>(result.changed));
  out.integer("unchanged", static_cast<std::int64_t>(result.unchanged));
  out.key("bad").begin_array();
  for (const BadRow& bad : result.bad) {
    out.begin_object().text("file", bad.file).integer("row", static_cast<std::int64_t>(bad.row));
    out.text("column", bad.column).text("name", bad.reason.name());
    write_reason(out, bad.reason);
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> verify_node(Call& call) {
  TRY(call.body({}));
  TRY_ASSIGN(VerifyReport report, call.node().store().verify());
  TRY_ASSIGN(const std::vector<std::string> counters, call.node().counters().check());
  for (const std::string& difference : counters) report.differences.push_back(difference);
  std::string text;
  JsonWriter out(text);
  out.begin_object().boolean("ok", report.differences.empty());
  out.integer("scopes", static_cast<std::int64_t>(report.scopes));
  out.integer("streams", static_cast<std::int64_t>(report.streams));
  out.integer("segments", static_cast<std::int64_t>(report.segments));
  out.integer("events", static_cast<std::int64_t>(report.events));
  out.integer("entities", static_cast<std::int64_t>(report.entities));
  out.text("digest", to_hex(report.digest));
  out.key("by_scope").begin_array();
  for (const ScopeDigest& each : report.by_scope) {
    out.begin_object().integer("unit", each.scope.unit.value);
    out.text("channel", each.scope.channel == Channel::kRecords ? "records" : "reference");
    out.integer("events", static_cast<std::int64_t>(each.events));
    out.text("digest", to_hex(each.digest)).end_object();
  }
  out.end_array().key("differences").begin_array();
  for (const std::string& difference : report.differences) out.text(difference);
  out.end_array().end_object();
  return text;
}

std::string sync_summary_text(const SyncSummary& summary) {
  std::string text;
  JsonWriter out(text);
  const auto number = [&](const char* key, std::uint64_t value) {
    out.integer(key, static_cast<std::int64_t>(value));
  };
  out.begin_object().boolean("equal_at_start", summary.equal_at_start);
  out.boolean("taken_back", summary.taken_back);
  number("events_received", summary.events_received);
  number("events_sent", summary.events_sent);
  number("segments_received", summary.segments_received);
  number("segments_sent", summary.segments_sent);
  number("bytes_received", summary.bytes_received);
  number("bytes_sent", summary.bytes_sent);
  number("refused", summary.refused);
  number("waiting", summary.waiting);
  out.integer("round_trips", summary.round_trips);
  out.text("parent_time", vietnam_time_text(summary.parent_time));
  out.key("refusals").begin_array();
  for (const SyncRefusal& refusal : summary.refusals) {
    out.begin_object().text("scope", to_text(refusal.scope));
    out.text("stream", to_text(Dot{refusal.writer, refusal.first}));
    out.text("error", refusal.error).boolean("by_parent", refusal.by_parent).end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> sync_progress(Call& call) {
  TRY(call.expect_query({}));
  SyncStarter* starter = call.node().sync_starter();
  const std::optional<SyncProgress> progress =
      starter == nullptr ? std::nullopt : starter->running();
  std::string text;
  JsonWriter out(text);
  out.begin_object().boolean("running", progress.has_value());
  const SyncProgress at = progress.value_or(SyncProgress{});
  out.integer("received_bytes", static_cast<std::int64_t>(at.received_bytes));
  out.integer("receive_total_bytes", static_cast<std::int64_t>(at.receive_total_bytes));
  out.integer("sent_bytes", static_cast<std::int64_t>(at.sent_bytes));
  out.integer("send_total_bytes", static_cast<std::int64_t>(at.send_total_bytes));
  TRY(write_sent_state(out, call));
  out.end_object();
  return text;
}

Result<std::string> show_openapi(Call& call) {
  TRY(call.expect_query({}));
  return std::string(embedded::api_files()[0].bytes);
}

}  // namespace lalanh
