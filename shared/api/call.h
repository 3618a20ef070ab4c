#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/accounts/roles.h"
#include "shared/api/http.h"
#include "shared/api/node.h"
#include "shared/catalogue/json_writer.h"
#include "shared/register/queries.h"
#include "shared/register/register.h"
#include "shared/report/counters.h"

/// Inside shared/api: what the handlers of the JSON API share.
namespace lalanh {

/// One call under the node's lock: path parameters, query and body, with typed errors.
class Call {
 public:
  Call(Node& node, const ApiRequest& request, std::vector<std::string> parameters)
      : node_(node), request_(request), parameters_(std::move(parameters)) {}

  Node& node() { return node_; }
  const ApiRequest& request() const { return request_; }
  const std::string& parameter(std::size_t i) const { return parameters_.at(i); }
  /// Who acts; the machine unless `handle_api` has found a user.
  const Principal& principal() const { return principal_; }
  void set_principal(Principal principal) { principal_ = std::move(principal); }
  /// Where whoever acts may do what the call asks for, by the table of roles.
  void set_reach(Reach reach) { reach_ = reach; }
  /// Does that go as far as this unit? The machine's own does anywhere.
  bool reaches(UnitNo unit) const;
  /// accounts.not_yours where it does not: of what belongs to one unit, or, the node's own, to the
  /// machine as a whole.
  Status expect_reached(UnitNo unit);
  /// The unit that is meant where none is named: the user's, else the node's.
  UnitNo own_unit() const;

  /// input.unknown_key where the query has another name than these.
  Status expect_query(std::initializer_list<std::string_view> known) const;
  std::string query(std::string_view name) const;
  Result<std::int64_t> query_integer(std::string_view name, std::int64_t min, std::int64_t max,
                                     std::int64_t otherwise) const;
  /// "1" or "0"; false where it is absent. input.not_yes_no.
  Result<bool> query_flag(std::string_view name) const;
  /// A period such as 2023 or 2023-10; "" where it is absent. input.not_a_period.
  Result<std::string> query_period() const;
  /// The body as JSON with no other keys than these, an empty body being {}; with it, no query is
  /// taken, and `actor` must be text (input.*).
  Result<JsonIn> body(std::initializer_list<std::string_view> known);
  /// A text of the body, before its keys are checked; "" where it is absent or of another kind,
  /// which the handler refuses. input.* where the body is no JSON.
  Result<std::string> text_in_body(std::string_view key);
  /// The person who acts: the user who is signed in, by the name of his account; on a node without
  /// users that of the body, of the request, or the node's own. input.no_actor; accounts.own_name
  /// where a user gives another.
  Result<std::string> actor();

  /// A unit by code (of today) or "#number"; "" is `own_unit`. register.unknown_unit where it
  /// is neither in the tree nor has records here; register.ambiguous.
  Result<UnitNo> unit(const std::string& text);
  /// The same, of a unit that households may belong to: register.not_a_village where it is another.
  Result<UnitNo> village(const std::string& text);
  /// register.not_here of a unit that this node has no whole figures of: one above, or beside.
  Status expect_here(UnitNo unit);
  /// The unit and all below it today; empty for the node's own, which is all that is here.
  Result<std::vector<UnitNo>> units_below(const std::string& text);
  /// An entity by its whole or shortened id, or a household by "code:…".
  Result<EntityId> entity(const std::string& text);
  Result<EntityState> state(const EntityId& id);
  /// "seen" of the body: what the author saw of an entity; nothing where it is absent. input.*
  static Result<Seen> seen(const JsonIn& in);
  Result<const ScopeStreams*> streams(Scope scope);
  RegisterQueries queries() { return RegisterQueries(node_.store()); }
  std::string unit_name(UnitNo unit);
  /// The newest period with an assessment where `text` is empty.
  std::string period(const std::string& text);

 private:
  Status parse_body();
  Result<UnitNo> unit_by_number(const std::string& text);
  Result<EntityId> shortened(const std::string& text);
  Node& node_;
  const ApiRequest& request_;
  std::vector<std::string> parameters_;
  std::optional<JsonValue> body_;
  Principal principal_;
  Reach reach_ = Reach::kNo;
};

/// A line as a person typed it, tidied: an actor, a reason, a name. input.bad_character where it
/// has a character that `is_control`; the catalogue checks fields in the same way.
Result<std::string> typed_line(std::string_view text, const char* field);

void write_value(JsonWriter& out, const Value& value);
/// {"field": value, "set": [items]} of the type's fields, in the catalogue's order.
void write_fields(JsonWriter& out, const EntityType& type, const EntityState& state,
                  const ScopeStreams& streams, const FieldWords& words);
/// "seen": what a later write of this person's names as seen, in its own "seen".
void write_seen(JsonWriter& out, const EntityState& state, const ScopeStreams& streams);
/// "removals": who took the entity out, when and why, of each removal that nobody has undone.
Status write_removals(JsonWriter& out, Call& call, const EntityId& id, const EntityState& state);
/// What an event says, of whom and by whom, as the log shows it: members of an open object.
void write_logged_event(JsonWriter& out, Call& call, const LoggedEvent& logged);
/// Events that create what they are of, by its name.
using CreateEvents = std::map<std::string, const Event*>;
/// The same of one that is set aside: where its entity is nowhere, `creates` says whose it was.
void write_set_aside_event(JsonWriter& out, Call& call, const LoggedEvent& logged,
                           const CreateEvents& creates);
/// "machines": those that were copied or put back to an old copy.
Status write_copied_machines(JsonWriter& out, Call& call);
/// {"vi": …, "en": …} of an error.
void write_message(JsonWriter& out, const Error& error);
/// "reason": {"vi": …, "en": …}: the same without what was kept, for one of several lines.
void write_reason(JsonWriter& out, const Error& error);

using Handler = Result<std::string> (*)(Call& call);

// Handlers, by file.
Result<std::string> list_households(Call& call);
Result<std::string> create_household(Call& call);
Result<std::string> move_household(Call& call);
Result<std::string> show_household(Call& call);
Result<std::string> create_member(Call& call);
Result<std::string> create_assessment(Call& call);
Result<std::string> correct_entity(Call& call);
Result<std::string> remove_entity(Call& call);
Result<std::string> keep_entity(Call& call);
Result<std::string> settle_entity(Call& call);
Result<std::string> entity_history(Call& call);
Result<std::string> list_conflicts(Call& call);
Result<std::string> list_findings(Call& call);
Result<std::string> import_lists(Call& call);
Result<std::string> class_report(Call& call);
Result<std::string> who_has_reported(Call& call);
Result<std::string> node_status(Call& call);
Result<std::string> show_catalogue(Call& call);
Result<std::string> list_units(Call& call);
Result<std::string> show_log(Call& call);
Result<std::string> verify_node(Call& call);
Result<std::string> show_config(Call& call);
Result<std::string> change_config(Call& call);
Result<std::string> certify_device(Call& call);
Result<std::string> create_tickets(Call& call);
Result<std::string> list_tickets(Call& call);
Result<std::string> cancel_ticket(Call& call);
Result<std::string> say_newest(Call& call);
Result<std::string> list_devices(Call& call);
Result<std::string> revoke_one(Call& call);
Result<std::string> show_set_aside(Call& call);
Result<std::string> enter_set_aside(Call& call);
Result<std::string> sync_progress(Call& call);
Result<std::string> show_openapi(Call& call);
Result<std::string> list_users(Call& call);
Result<std::string> create_user(Call& call);
Result<std::string> change_user(Call& call);
Result<std::string> set_recovery_key(Call& call);
Result<std::string> change_own_password(Call& call);
Result<std::string> show_audit(Call& call);
/// Outside of the node's lock, which they take for their database calls alone.
Result<std::string> run_backup(Node& node, const ApiRequest& request);
Result<std::string> run_bundles(Node& node, const ApiRequest& request);
std::string sync_summary_text(const SyncSummary& summary);

}  // namespace lalanh
