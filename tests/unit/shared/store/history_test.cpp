#include <filesystem>

#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// Several machines of one village and its hall, doing what people and accidents do.
class History {
 public:
  explicit History(std::uint64_t seed) : tree_(seed), dice_(seed * 7919 + 1) {
    machines_.push_back(tree_.device(SmallTree::kVillage, 11));
    machines_.push_back(tree_.device(SmallTree::kVillage, 12));
    machines_.push_back(tree_.device(SmallTree::kCommune, 5));
    machines_.push_back(tree_.device(SmallTree::kProvince, 1));
  }

  void step() {
    const std::size_t which = dice_.below(machines_.size());
    switch (dice_.below(16)) {
      case 0: tree_.reopen(machines_[which]); break;  // dropped as it stood, tail unsealed
      case 1: tree_.clock.advance(25 * 3'600'000); break;
      case 2: copy(which); break;
      case 3: keep_old(which); break;
      case 4: put_back(which); break;
      case 5: must_do(machines_[which].store->seal()); break;
      case 6:
      case 7:
      case 8: deliver(which, dice_.below(machines_.size())); break;
      default: write(*machines_[which].store); break;
    }
  }

  /// Everybody tells everybody until nothing is new.
  void settle() {
    bool moved = true;
    while (moved) {
      moved = false;
      for (SmallTree::Device& from : machines_) {
        for (SmallTree::Device& to : machines_) {
          if (&from == &to) continue;
          for (const Taken& taken : carry(*from.store, *to.store, kVillageScope)) {
            INFO((taken.reason ? taken.reason->message(Language::kEnglish) : ""));
            REQUIRE(taken.verdict != TakeVerdict::kRefused);
            moved = moved || taken.new_events > 0;
          }
        }
      }
    }
  }

  void check_equal() {
    Store& first = *machines_[0].store;
    for (SmallTree::Device& machine : machines_) {
      check_clean(*machine.store);
      REQUIRE(must_have(machine.store->waiting_events()) == 0);
      REQUIRE(must_have(machine.store->heads_digest(kVillageScope)) ==
              must_have(first.heads_digest(kVillageScope)));
      REQUIRE(must_have(machine.store->state_digest(kVillageScope)) ==
              must_have(first.state_digest(kVillageScope)));
      REQUIRE(seen(*machine.store) == seen(first));
    }
  }

 private:
  void copy(std::size_t which) {
    if (machines_.size() < 7) machines_.push_back(tree_.clone(machines_[which]));
  }
  void keep_old(std::size_t which) {
    if (old_.size() > which && !old_[which].empty()) return;
    old_.resize(machines_.size());
    const SmallTree::Device old = tree_.clone(machines_[which]);
    old_[which] = old.path;
  }
  void put_back(std::size_t which) {
    if (old_.size() <= which || old_[which].empty()) return;
    machines_[which].store.reset();
    std::filesystem::remove(machines_[which].path + "-wal");
    std::filesystem::remove(machines_[which].path + "-shm");
    std::filesystem::copy_file(old_[which], machines_[which].path,
                               std::filesystem::copy_options::overwrite_existing);
    tree_.reopen(machines_[which]);
  }
  /// Some segments, in any order, some twice, some not at all.
  void deliver(std::size_t from, std::size_t to) {
    std::vector<Bytes> all = segments_of(*machines_[from].store);
    std::vector<Bytes> sent;
    const std::size_t count = dice_.below(all.size() + 3);
    for (std::size_t i = 0; i < count && !all.empty(); ++i)
      sent.push_back(all[dice_.below(all.size())]);
    for (const Taken& taken : must_have(machines_[to].store->take_in(sent))) {
      INFO((taken.reason ? taken.reason->message(Language::kEnglish) : ""));
      REQUIRE(taken.verdict != TakeVerdict::kRefused);
    }
  }
  void write(Store& store) {
    fresh_.clear();
    WriteBatch batch = must_have(store.begin_write());
    const std::size_t events = 1 + dice_.below(3);
    for (std::size_t i = 0; i < events; ++i) write_in(batch);
    if (dice_.below(10) == 0) return;  // thought better of it
    must_do(batch.commit());
    made_.insert(made_.end(), fresh_.begin(), fresh_.end());
  }
  void write_in(WriteBatch& batch) {
    const Dot entity = made_.empty() ? Dot() : made_[dice_.below(made_.size())];
    const EntityState* state = must_have(batch.state(kVillageScope, entity));
    if (state == nullptr || dice_.below(5) == 0) {
      const Dot parent = state != nullptr && dice_.below(2) == 0 ? entity : Dot();
      fresh_.push_back(must_have(batch.add(
          kVillageScope, create_event("household", parent, {{"head", Value::text(word())}}))));
      return;
    }
    const ScopeStreams& streams = *must_have(batch.streams(kVillageScope));
    Event event = create_event("", {}, {});
    event.ops.clear();
    event.entity = entity;
    add_op(event, *state, streams);
    must_have(batch.add(kVillageScope, std::move(event)));
  }
  void add_op(Event& event, const EntityState& state, const ScopeStreams& streams) {
    Op op;
    op.value = Value::text(word());
    const auto name_bases = [&](WriteClass cls) {
      for (const Write& write : state.writes) {
        if (write.cls != cls || names_[write.name] != op.name) continue;
        if (cls == WriteClass::kItem && !(write.value == op.value)) continue;
        op.base.push_back(streams.dot(write.ref));
      }
    };
    switch (dice_.below(8)) {
      case 0:
        op.kind = OpKind::kAdd;
        op.name = "causes";
        break;
      case 1:
        op.kind = OpKind::kDrop;
        op.name = "causes";
        name_bases(WriteClass::kItem);
        break;
      case 2:
        op.kind = OpKind::kAppend;
        op.name = "note";
        break;
      case 3:
      case 4:
        op.kind = dice_.below(2) == 0 ? OpKind::kRemove : OpKind::kKeep;
        for (const Removal& removal : state.removals) op.base.push_back(streams.dot(removal.ref));
        if (op.kind == OpKind::kKeep) {
          op.value = Value();
          if (op.base.empty()) op.kind = OpKind::kRemove;
        }
        if (op.kind == OpKind::kRemove) {
          for (const Tip& tip : state.tips) op.tips.push_back(streams.dot(tip.ref));
        }
        break;
      default:
        op.name = dice_.below(2) == 0 ? "head" : "address";
        name_bases(WriteClass::kSingle);
        break;
    }
    event.ops.push_back(std::move(op));
  }
  std::string word() { return std::string(1, static_cast<char>('A' + dice_.below(4))); }

  /// Names of the words of whichever store is asked: filled by looking them up.
  struct Names {
    std::map<Word, std::string> known;
    std::string operator[](Word word) const {
      const auto at = known.find(word);
      return at == known.end() ? "" : at->second;
    }
  };

  SmallTree tree_;
  SeededRandom dice_;
  std::vector<SmallTree::Device> machines_;
  std::vector<std::string> old_;
  std::vector<Dot> made_, fresh_;
  Names names_;

 public:
  void learn_names() {
    for (SmallTree::Device& machine : machines_) {
      for (const char* name : {"head", "address", "causes"}) {
        names_.known[machine.store->core().words.word(name)] = name;
      }
    }
  }
};

}  // namespace

TEST_CASE("any history of writes, crashes, copies and old backups ends equal at all nodes") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    History history(seed);
    history.learn_names();
    for (int i = 0; i < 120; ++i) history.step();
    history.settle();
    history.check_equal();
  }
}
