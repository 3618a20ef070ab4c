#include "shared/store/entities.h"

namespace lalanh {
namespace {

std::int64_t row_id(const ScopeStreams& scope, Ref ref) {
  return ref.none() ? -scope.no() : static_cast<std::int64_t>(ref.packed);
}

Ref ref_of(std::int64_t id) { return id > 0 ? Ref(static_cast<std::uint64_t>(id)) : Ref(); }

EntityRow read_row(const Statement& row, int first) {
  EntityRow out;
  out.ref = ref_of(row.integer(first));
  out.scope_no = row.integer(first + 1);
  out.type = static_cast<Word>(row.integer(first + 2));
  out.parent = ref_of(row.integer(first + 3));
  const ByteView state = row.blob(first + 4);
  out.state.assign(state.begin(), state.end());
  return out;
}

}  // namespace

Result<EntityTable> EntityTable::open(Database& db) {
  EntityTable t(db);
  TRY_ASSIGN(t.load_, db.prepare("SELECT id, scope, type, parent, state FROM entity WHERE id=?"));
  // OR FAIL: a failure rolls back the transaction anyway, so the statement need keep no journal.
  TRY_ASSIGN(
      t.insert_,
      RowInsert::open(db, "INSERT OR FAIL INTO entity (id, scope, type, parent, state) VALUES", 5));
  // Rows that change lie apart: many a statement would save nothing, and cost a journal of pages.
  TRY_ASSIGN(t.update_, db.prepare("UPDATE entity SET state=? WHERE id=?"));
  TRY_ASSIGN(t.add_item_, db.prepare("INSERT INTO item (entity, ref, op, word, item_order, value)"
                                     " VALUES (?, ?, ?, ?, ?, ?)"));
  TRY_ASSIGN(t.items_, db.prepare("SELECT ref, op, word, item_order, value FROM item"
                                  " WHERE entity=? ORDER BY ref, op"));
  TRY_ASSIGN(t.children_, db.prepare("SELECT id FROM entity WHERE parent=? ORDER BY id"));
  return t;
}

Result<std::optional<EntityRow>> EntityTable::load(const ScopeStreams& scope, Ref ref) {
  const ResetAtEnd reset(load_);
  load_.reset().bind(1, row_id(scope, ref));
  TRY_ASSIGN(const bool found, load_.step());
  if (!found) return std::optional<EntityRow>();
  return std::optional<EntityRow>(read_row(load_, 0));
}

Result<bool> EntityTable::load(const ScopeStreams& scope, Ref ref, EntityState& state) {
  const ResetAtEnd reset(load_);
  load_.reset().bind(1, row_id(scope, ref));
  TRY_ASSIGN(const bool found, load_.step());
  if (!found) return false;
  TRY(read_state(ref, static_cast<Word>(load_.integer(2)), ref_of(load_.integer(3)), load_.blob(4),
                 state));
  return true;
}

Result<std::optional<EntityRow>> EntityTable::load(Ref ref) {
  CHECK(!ref.none());
  return load(ScopeStreams(0, {}), ref);
}

Status EntityTable::insert(const ScopeStreams& scope, const EntityState& state) {
  buffer_.clear();
  write_state(state, buffer_);
  return insert_buffer(scope, state);
}

Status EntityTable::insert(const ScopeStreams& scope, const EntityState& state, ByteView created) {
  buffer_.clear();
  write_state(state.create, state.create_order, created, buffer_);
  return insert_buffer(scope, state);
}

Status EntityTable::insert_buffer(const ScopeStreams& scope, const EntityState& state) {
  insert_.add(row_id(scope, state.create)).add(scope.no()).add(state.type);
  if (state.parent.none()) {
    insert_.add_null();
  } else {
    insert_.add(static_cast<std::int64_t>(state.parent.packed));
  }
  return insert_.add(buffer_).end_row();
}

Status EntityTable::update(const ScopeStreams& scope, const EntityState& state) {
  buffer_.clear();
  write_state(state, buffer_);
  update_.reset().bind(1, buffer_).bind(2, row_id(scope, state.create));
  return update_.run();
}

Status EntityTable::add_item(Ref entity, const AppendedItem& item) {
  Bytes value;
  write_stored_value(item.value, value);
  add_item_.reset()
      .bind(1, static_cast<std::int64_t>(entity.packed))
      .bind(2, static_cast<std::int64_t>(item.ref.packed))
      .bind(3, item.index)
      .bind(4, item.name)
      .bind(5, static_cast<std::int64_t>(item.order))
      .bind(6, value);
  return add_item_.run();
}

Result<std::vector<AppendedItem>> EntityTable::items(Ref entity) {
  std::vector<AppendedItem> out;
  const ResetAtEnd reset(items_);
  items_.reset().bind(1, static_cast<std::int64_t>(entity.packed));
  for (;;) {
    TRY_ASSIGN(const bool row, items_.step());
    if (!row) break;
    TRY_ASSIGN(Value value, read_stored_value(items_.blob(4)));
    out.push_back({static_cast<Word>(items_.integer(2)), ref_of(items_.integer(0)),
                   static_cast<std::uint32_t>(items_.integer(1)),
                   static_cast<std::uint64_t>(items_.integer(3)), std::move(value)});
  }
  return out;
}

Result<std::vector<Ref>> EntityTable::children(Ref parent) {
  std::vector<Ref> out;
  const ResetAtEnd reset(children_);
  children_.reset().bind(1, static_cast<std::int64_t>(parent.packed));
  for (;;) {
    TRY_ASSIGN(const bool row, children_.step());
    if (!row) break;
    out.push_back(ref_of(children_.integer(0)));
  }
  return out;
}

Status EntityTable::for_each(const ScopeStreams& scope,
                             const std::function<Status(const EntityRow&)>& use) {
  TRY_ASSIGN(Statement range, db_->prepare("SELECT id, scope, type, parent, state FROM entity"
                                           " WHERE id BETWEEN ? AND ? ORDER BY id"));
  const auto run = [&](std::int64_t from, std::int64_t to) -> Status {
    range.reset().bind(1, from).bind(2, to);
    for (;;) {
      TRY_ASSIGN(const bool row, range.step());
      if (!row) return {};
      TRY(use(read_row(range, 0)));
    }
  };
  TRY(run(-scope.no(), -scope.no()));
  for (const auto& stream : scope.rows()) {
    TRY(run(static_cast<std::int64_t>(Ref(stream->no, 0).packed),
            static_cast<std::int64_t>(Ref(stream->no + 1, 0).packed) - 1));
  }
  return {};
}

Status EntityTable::erase(const ScopeStreams& scope) {
  for (const char* sql : {"DELETE FROM item WHERE entity IN (SELECT id FROM entity WHERE scope=?)",
                          "DELETE FROM entity WHERE scope=?"}) {
    TRY_ASSIGN(Statement erase, db_->prepare(sql));
    erase.bind(1, scope.no());
    TRY(erase.run());
  }
  return {};
}

Status EntityTable::erase_all() { return db_->execute("DELETE FROM entity; DELETE FROM item"); }

}  // namespace lalanh
