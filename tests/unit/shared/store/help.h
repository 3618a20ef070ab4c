#pragma once

#include <map>

#include <catch2/catch.hpp>

#include "tests/support/small_tree.h"

namespace lalanh::testing {

inline const Scope kVillageScope = SmallTree::records(SmallTree::kVillage);

template <class T>
T must_have(Result<T> result) {
  INFO((result.ok() ? ""
                    : result.error().name() + ": " + result.error().message(Language::kEnglish)));
  REQUIRE(result.ok());
  return std::move(result).value();
}

inline void must_do(const Status& status) {
  INFO((status.ok() ? "" : status.error().message(Language::kEnglish)));
  REQUIRE(status.ok());
}

inline Dot new_household(Store& store, const std::string& head, Scope scope = kVillageScope) {
  return write_one(store, scope, create_event("household", {}, {{"head", Value::text(head)}}));
}

/// All segments of the scope, in order of arrival.
inline std::vector<Bytes> segments_of(Store& store, Scope scope = kVillageScope) {
  must_do(store.seal());
  std::vector<Bytes> out;
  for (const SegmentRef& ref : must_have(store.missing(scope, {}))) {
    out.push_back(must_have(store.segment_bytes(ref.ordinal)));
  }
  return out;
}

inline Taken take_one(Store& store, const Bytes& segment) {
  return must_have(store.take_in({&segment, 1})).at(0);
}

/// What a table holds, and what the scope's heads and state come to: equal where nothing changed.
inline std::string fingerprint(Store& store, Scope scope = kVillageScope) {
  std::string out;
  for (const char* table :
       {"scope", "stream", "segment", "certificate", "entity", "item", "tail", "word"}) {
    out += std::to_string(
               must_have(store.core().db->integer(std::string("SELECT count(*) FROM ") + table))) +
           " ";
  }
  return out + to_hex(must_have(store.heads_digest(scope))) +
         to_hex(must_have(store.state_digest(scope)));
}

/// What people see of the scope: for each entity whether it counts, the values shown, conflicts.
inline std::map<std::string, std::string> seen(Store& store, Scope scope = kVillageScope) {
  std::map<std::string, std::string> out;
  ScopeStreams* streams = must_have(store.core().known(scope));
  if (streams == nullptr) return out;
  must_do(store.core().entities.for_each(*streams, [&](const EntityRow& row) -> Status {
    TRY_ASSIGN(const EntityState state, row.decode());
    std::string& text = out[to_text(streams->dot(row.ref))];
    text += counts(state, *streams) ? "counts " : "does not ";
    text += std::to_string(static_cast<int>(presence(state, *streams)));
    std::map<std::string, std::string> fields;
    for (const Write& write : state.writes) {
      const Write* best = shown(state, write.name, *streams);
      fields[store.core().words.text(write.name)] =
          best == nullptr || best->value.kind() != Value::Kind::kText ? "" : best->value.as_text();
    }
    for (const Word word : conflicting_fields(state)) {
      fields[store.core().words.text(word)] += " (conflict)";
    }
    for (const auto& [name, value] : fields) text += "|" + name + "=" + value;
    return {};
  }));
  return out;
}

/// Signs what a stream of the device says at `counter` as if its program had written it.
inline Bytes signed_segment(const SmallTree::Device& device, SegmentHeader header,
                            std::span<const Event> events, Hash before, const StreamNames& names) {
  Bytes canonical;
  for (const Event& event : events) {
    canonical.clear();
    write_canonical(event, canonical);
    before = chain_hash(before, canonical);
  }
  header.count = static_cast<std::uint32_t>(events.size());
  header.signature =
      device.key->sign(signed_bytes(header.scope, header.writer, header.last(), before));
  return write_segment(header, events, names);
}

/// The next segment of the device's newest stream in the scope, by somebody with its key.
inline Bytes next_segment(const SmallTree::Device& device, Event event, std::uint32_t skip = 0) {
  ScopeStreams* streams = must_have(device.store->core().known(kVillageScope));
  const StreamRow& row = *streams->rows().back();
  SegmentHeader header;
  header.scope = kVillageScope;
  header.writer = row.writer;
  header.first = row.held + 1 + skip;
  event.order = 1'000;
  return signed_segment(device, header, {&event, 1}, row.head, *streams);
}

inline Event field_event(const Dot& entity, const std::string& value) {
  Event event = create_event("", {}, {});
  event.entity = entity;
  event.ops.clear();
  Op op;
  op.name = "head";
  op.value = Value::text(value);
  event.ops.push_back(std::move(op));
  return event;
}

inline void check_clean(Store& store) {
  const VerifyReport report = must_have(store.verify());
  for (const std::string& difference : report.differences) UNSCOPED_INFO(difference);
  REQUIRE(report.differences.empty());
  REQUIRE(report.digest == must_have(store.state_digest()));
}

/// Opens a device's database in another way than SmallTree does.
inline Result<std::unique_ptr<Store>> open_with(SmallTree& tree, const SmallTree::Device& device,
                                                const std::function<void(StoreOptions&)>& change) {
  StoreOptions options;
  options.database.path = device.path;
  options.database.create = true;
  options.clock = &tree.clock;
  options.random = &tree.random;
  options.key = device.key.get();
  options.certificate = device.certificate;
  options.root_key = tree.root.public_key();
  change(options);
  Result<std::unique_ptr<Store>> store = Store::open(options);
  if (store.ok()) (*store)->set_tree([&tree]() -> const UnitTree& { return tree.tree; });
  return store;
}

}  // namespace lalanh::testing
