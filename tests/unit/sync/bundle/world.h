#pragma once

#include <catch2/catch.hpp>

#include "shared/base/memory_bytes.h"
#include "sync/bundle/bundle_export.h"
#include "sync/bundle/bundle_import.h"
#include "sync/bundle/bundle_writer.h"
#include "tests/support/small_tree.h"

namespace lalanh::test {

using sync::Direction;
using testing::SmallTree;

inline const Scope kVillage = SmallTree::records(SmallTree::kVillage);
inline const Scope kNeighbour = SmallTree::records(SmallTree::kNeighbour);
inline const Scope kHallReference{SmallTree::kCommune, Channel::kReference};

template <class T>
T must(Result<T> result) {
  if (!result.ok()) FAIL(result.error().name() + ": " + result.error().message(Language::kEnglish));
  return std::move(result).value();
}

inline Dot household(Store& store, Scope scope, const std::string& head) {
  return testing::write_one(store, scope,
                            testing::create_event("household", {}, {{"head", Value::text(head)}}));
}

/// A device that writes and reads bundles.
struct Desk {
  SmallTree& tree;
  SmallTree::Device device;
  Hash parent_key{};
  std::unique_ptr<BundleLedger> ledger;

  Desk(SmallTree& t, SmallTree::Device made, const Desk* parent = nullptr)
      : tree(t), device(std::move(made)) {
    if (parent != nullptr) parent_key = parent->device.key->public_key();
    ledger = std::make_unique<BundleLedger>(device.store->core());
  }
  Store& store() { return *device.store; }
  void reopen() {
    tree.reopen(device);
    ledger = std::make_unique<BundleLedger>(device.store->core());
  }
  sync::BundleSide side() {
    return {*device.store, *ledger, *device.key, tree.clock, tree.random, parent_key, "0.1.0"};
  }

  Result<std::vector<Bytes>> write(const sync::BundleRequest& request,
                                   const std::vector<Bytes>& there = {}) {
    const sync::BundleSide me = side();
    TRY_ASSIGN(sync::BundleExport out, sync::BundleExport::begin(me, request));
    for (const Bytes& bytes : there) {
      MemorySource source(bytes);
      (void)out.note_on_stick(source).ok();
    }
    TRY(out.plan());
    std::vector<Bytes> parts;
    for (std::size_t i = 0; i < out.parts(); ++i) {
      MemorySink sink;
      TRY(out.write(i, sink));
      CHECK(sink.held.size() == out.bytes_of_part(i));
      CHECK(sink.held.size() <= (std::max)(request.part_bytes, limits::kBundlePartBytesMin));
      parts.push_back(std::move(sink.held));
    }
    return parts;
  }
  Bytes up() { return only(write({})); }
  Bytes down(UnitNo unit) { return only(write({Direction::kDown, unit})); }
  Result<sync::BundleTaken> read(const Bytes& bytes) {
    MemorySource source(bytes);
    return sync::import_bundle(side(), source);
  }
  std::uint64_t unsent() { return must(store().unsent_events()); }

  static Bytes only(Result<std::vector<Bytes>> parts) {
    std::vector<Bytes> all = must(std::move(parts));
    REQUIRE(all.size() == 1);
    return all[0];
  }
};

/// A hall, a village's laptop, a neighbour's.
struct Commune {
  SmallTree tree;
  Desk hall{tree, tree.device(SmallTree::kCommune, 5)};
  Desk village{tree, tree.device(SmallTree::kVillage, 11), &hall};
  Desk neighbour{tree, tree.device(SmallTree::kNeighbour, 12), &hall};
};

inline void check_equal(Desk& a, Desk& b, Scope scope) {
  CHECK(must(a.store().heads_digest(scope)) == must(b.store().heads_digest(scope)));
  CHECK(must(a.store().state_digest(scope)) == must(b.store().state_digest(scope)));
  CHECK(must(a.store().verify()).differences.empty());
  CHECK(must(b.store().verify()).differences.empty());
}

}  // namespace lalanh::test
