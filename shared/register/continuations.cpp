#include "shared/register/continuations.h"

#include <algorithm>

#include "shared/register/register.h"
#include "shared/store/ingest.h"

namespace lalanh {
namespace {

std::int64_t id_of(Ref ref) { return static_cast<std::int64_t>(ref.packed); }

}  // namespace

const Value* continued_link(const EntityState& state, Word continues) {
  for (const Write& write : writes_of(state, continues)) {
    if (write.ref == state.create && write.value.kind() == Value::Kind::kLink) return &write.value;
  }
  return nullptr;
}

Status Continuations::open() {
  Database& db = *store_.core().db;
  TRY_ASSIGN(put_,
             db.prepare("INSERT INTO continuation (id, unit, self, old, author, rights, there,"
                        " covered) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id)"
                        " DO UPDATE SET there=?7, covered=?8"));
  TRY_ASSIGN(drop_, db.prepare("DELETE FROM continuation WHERE id=?"));
  links_.clear();
  by_old_.clear();
  by_self_.clear();
  touched_.clear();
  TRY_ASSIGN(Statement select, db.prepare("SELECT id, self, old, author, rights, there, covered"
                                          " FROM continuation"));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return {};
    Continuation link;
    if (!entity_from_text(select.text(1), link.self) ||
        !entity_from_text(select.text(2), link.old)) {
      return Error{ErrorCode::store_corrupt, {{"path", "continuation"}, {"why", "a name"}}};
    }
    link.author = UnitNo(static_cast<std::uint32_t>(select.integer(3)));
    link.rights = static_cast<std::uint32_t>(select.integer(4));
    link.there = select.integer(5) != 0;
    link.covered = select.integer(6) != 0;
    index(select.integer(0), link);
  }
}

void Continuations::index(std::int64_t id, const Continuation& link) {
  if (links_.insert_or_assign(id, link).second) {
    by_old_.emplace(to_text(link.old), id);
    by_self_.emplace(to_text(link.self), id);
  }
}

Status Continuations::change(const EntityChange& change) {
  const EntityState& state = change.after();
  const Value* value = continued_link(state, continues_);
  const auto known = links_.find(id_of(state.create));
  if (value == nullptr) return known == links_.end() ? Status() : drop(known);
  const ScopeStreams& scope = change.scope();
  const Link named = value->as_link();
  const StreamRow& by = scope.at(state.create.stream());
  Continuation link;
  link.self = {scope.scope(), scope.dot(state.create)};
  link.old = {named.scope, named.dot};
  link.author = by.unit;
  link.rights = by.rights;
  link.there = counts(state, scope);
  link.covered = covers(link);
  if (known != links_.end() && known->second == link) return {};
  return put(known == links_.end() ? id_of(state.create) : known->first, link);
}

bool Continuations::covers(const Continuation& link) const {
  return link.old.scope.channel == Channel::kRecords &&
         may_write(store_.core().tree(), link.old.scope, link.author, link.rights) == Allowed::kYes;
}

Status Continuations::put(std::int64_t id, const Continuation& link) {
  index(id, link);
  touch(link);
  const std::string self = to_text(link.self);  // texts are bound, not copied
  const std::string old = to_text(link.old);
  put_.reset().bind(1, id).bind(2, link.self.scope.unit.value);
  put_.bind_text(3, self).bind_text(4, old);
  put_.bind(5, link.author.value).bind(6, link.rights);
  put_.bind(7, link.there ? 1 : 0).bind(8, link.covered ? 1 : 0);
  return put_.run();
}

Status Continuations::drop(Links::iterator at) {
  touch(at->second);
  const auto [first, last] = by_old_.equal_range(to_text(at->second.old));
  for (auto each = first; each != last; ++each) {
    if (each->second != at->first) continue;
    by_old_.erase(each);
    break;
  }
  by_self_.erase(to_text(at->second.self));
  drop_.reset().bind(1, at->first);
  links_.erase(at);
  return drop_.run();
}

Status Continuations::forget(UnitNo unit) {
  for (auto at = links_.begin(); at != links_.end();) {
    const auto next = std::next(at);
    if (at->second.self.scope.unit == unit) TRY(drop(at));
    at = next;
  }
  return {};
}

bool Continuations::waits_for_tree() const {
  return std::any_of(links_.begin(), links_.end(),
                     [&](const auto& each) { return !each.second.covered && covers(each.second); });
}

Status Continuations::tree_grown() {
  for (auto& [id, link] : links_) {
    if (link.covered || !covers(link)) continue;
    Continuation now = link;
    now.covered = true;
    TRY(put(id, now));
  }
  return {};
}

/// The one that it names, and those that that one continues.
void Continuations::touch(const Continuation& link) {
  const Continuation* at = &link;
  for (;;) {
    const std::string old = to_text(at->old);
    if (!touched_.emplace(old, at->old).second) return;
    const auto next = by_self_.find(old);
    if (next == by_self_.end()) return;
    at = &links_.at(next->second);
  }
}

bool Continuations::continued(const EntityId& household) const {
  if (links_.empty()) return false;
  // Names can be given in a ring by who may write them all: each is looked at once.
  std::unordered_set<std::string> seen;
  std::vector<std::string> open = {to_text(household)};
  while (!open.empty()) {
    const std::string old = std::move(open.back());
    open.pop_back();
    if (!seen.insert(old).second) continue;
    const auto [first, last] = by_old_.equal_range(old);
    for (auto at = first; at != last; ++at) {
      const Continuation& link = links_.at(at->second);
      if (!link.covered || link.self == household) continue;
      if (link.there) return true;
      open.push_back(to_text(link.self));
    }
  }
  return false;
}

std::vector<EntityId> Continuations::take_touched() {
  std::vector<EntityId> out;
  for (const auto& [name, id] : touched_) out.push_back(id);
  touched_.clear();
  return out;
}

}  // namespace lalanh
