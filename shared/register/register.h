#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/catalogue/check_value.h"
#include "shared/register/field_words.h"
#include "shared/rules/classify.h"
#include "shared/store/store.h"

namespace lalanh {

/// Fields as a person enters them, checked against the catalogue: for fields of op set one value,
/// for add and append the items.
struct FieldInput {
  std::string name;
  FieldValue value;
  std::vector<FieldValue> items;
};
using FieldInputs = std::vector<FieldInput>;

/// Reads {"field": value or [items], ...} of a type. Errors: input.unknown_field and those of
/// check_value; each names the field. With `creating`, required fields must be there.
Result<FieldInputs> read_fields(const EntityType& type, const JsonValue& object, bool creating);

/// How two live values of a field are settled.
struct Settlement {
  /// Values to record, by field; or the values written by one device (`take`), 0 for none. A field
  /// where it left two that differ is left.
  FieldInputs values;
  std::uint32_t take = 0;
  /// For a disputed removal: "remove" or "keep"; "" leaves it.
  std::string removal;
};

/// What the author saw of an entity: the tips of its events when it was shown to him (`seen_of`). A
/// write of somebody else that came meanwhile is not replaced then, but stands beside his. Nothing:
/// all that is here now.
using Seen = std::optional<std::vector<Dot>>;
std::vector<Dot> seen_of(const EntityState& state, const ScopeStreams& streams);

/// What people do to households, members and assessments: each call is one or more events, all in
/// one transaction. `actor` is name and office as shown. Not thread-safe. Each refuses a scope that
/// this device's certificate may not write (trust.not_allowed), for its parent would.
class Register {
 public:
  Register(Store& store, const FieldWords& words) : store_(store), words_(words) {}

  /// Creates an entity. `parent` none for a household. Errors: register.not_found (no parent of the
  /// type that the catalogue names), register.removed or register.moved (parent), input.missing,
  /// register.duplicate (the code of another household of the unit; two laptops can still give one
  /// code, and then both stand).
  Result<EntityId> create(Scope scope, std::string_view type, const Dot& parent,
                          const FieldInputs& fields, const std::string& actor);
  /// Writes the fields that differ from what was shown (or are in conflict), each naming all its
  /// live values that the author saw. False: nothing differed, nothing was written.
  /// register.removed or register.moved where the entity was; register.duplicate as above;
  /// register.not_found where `seen` names other events than this entity's.
  Result<bool> correct(const EntityId& entity, const FieldInputs& fields, const std::string& actor,
                       const Seen& seen = {});
  /// Takes the entity out of the register, with a reason. What belongs to a household that is
  /// removed is not counted either; it can be corrected again once the household is kept.
  Status remove(const EntityId& entity, const std::string& reason, const std::string& actor,
                const Seen& seen = {});
  /// Undoes every live removal that the author saw. register.moved where it or its household moved:
  /// it would count here for who does not know the new one. Where the new one is known and removed
  /// as well, the move is undone, for the members and assessments that it took along too.
  Status keep(const EntityId& entity, const std::string& actor, const Seen& seen = {});
  /// Moves a household to another unit, with its members and assessments that are not removed and
  /// all that is shown of them: a new household there, which continues this one, and then a removal
  /// here of it and of these, so that it counts once wherever either is known. What somebody still
  /// edits there disputes a removal, and what he adds is a finding. The new one. Errors:
  /// trust.not_allowed unless this device may write both units, register.removed, register.moved
  /// (another continues it), register.duplicate, register.unsettled where something of it is in
  /// conflict, register.changed where something came since the author saw it, register.not_found
  /// where it is no household.
  Result<EntityId> move(const EntityId& household, UnitNo to, const std::string& actor,
                        const Seen& seen = {});
  /// register.duplicate where what is to be entered again, an event that creates, is a household
  /// whose code another of the unit has: somebody typed it again by hand.
  Status expect_no_second(Scope scope, const Event& event);
  /// Settles what is in conflict, in one event; fields that are not in conflict, and a removal
  /// that nobody disputes, are refused (register.not_disputed).
  Status settle(const EntityId& entity, const Settlement& settlement, const std::string& actor,
                const Seen& seen = {});

  /// The pieces of the above, inside a batch of the caller's: for imports.
  Result<Dot> create_in(WriteBatch& batch, Scope scope, std::string_view type, const Dot& parent,
                        const FieldInputs& fields, const std::string& actor, std::string_view verb);
  Result<bool> correct_in(WriteBatch& batch, const EntityId& entity, const FieldInputs& fields,
                          const std::string& actor, std::string_view verb, const Seen& seen = {});

 private:
  /// An event on an entity, and the entity as its author saw it.
  struct Begun {
    Event event;
    EntityState state;
    const ScopeStreams* streams = nullptr;
  };
  /// register.moved where a removal may not be undone, for another household stands in its place.
  Status expect_not_moved(WriteBatch& batch, const EntityId& entity, const Begun& begun);
  /// Undoes the removals that a move of the household wrote on what hangs on it.
  Status keep_moved_children(WriteBatch& batch, const EntityId& entity, const Begun& begun);
  Status expect_movable(const EntityId& household, UnitNo to, const Begun& begun);
  Result<Link> link_to(const EntityId& entity);
  /// A new entity of what is shown of one: its own dot.
  Result<Dot> copy_in(WriteBatch& batch, const EntityState& state, const ScopeStreams& streams,
                      Scope to, const Value& parent, const std::string& actor,
                      const std::optional<Link>& old);
  /// What may be written on, by its removals: what is there, whose household is there too; what is
  /// there itself; anything.
  enum class Of : std::uint8_t { kThere, kItselfThere, kAny };
  Result<Begun> begin(WriteBatch& batch, const EntityId& entity, const std::string& actor,
                      std::string_view verb, Of of, const Seen& seen);
  /// Why a settlement settles nothing.
  Error nothing_settled(const EntityState& state, bool disputed, const Settlement& settlement,
                        const EntityId& entity) const;
  /// The parent refuses what this device may not write, and it would stay here unsent for ever.
  Status expect_writable(Scope scope) const;
  /// No other household of the scope's unit has the code that `fields` give.
  Status expect_code_free(Scope scope, const Dot& entity, const FieldInputs& fields);
  Store& store_;
  const FieldWords& words_;
};

/// A FieldValue as it goes into an event, and back. Dots and links give null back.
Value to_value(const FieldValue& value);
FieldValue to_field_value(const Value& value);

/// "3700004-<24 hex>.<counter>": an entity for people, files and addresses.
std::string to_text(const EntityId& entity);
/// Of the records channel; false where the text is not one.
bool entity_from_text(std::string_view text, EntityId& out);

}  // namespace lalanh
