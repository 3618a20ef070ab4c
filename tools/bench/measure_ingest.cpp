#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tools/bench/bound.h"
#include "tools/bench/measures.h"

namespace lalanh::bench {
namespace {

constexpr std::size_t kBatchEvents = 1'000;

std::size_t events_of(const std::vector<Batch>& batches) {
  std::size_t out = 0;
  for (const Batch& batch : batches) out += batch.events.size();
  return out;
}

/// Prepares batches in order, two ahead of the one that is written.
class ReadAhead {
 public:
  ReadAhead(Store& store, const std::vector<Batch>& batches)
      : thread_([this, &store, &batches] {
          for (const Batch& batch : batches) {
            if (!wait_for_turn()) return;
            for (const Bytes& segment : batch.segments) (void)store.prepare(segment);
            const std::lock_guard lock(mutex_);
            ++done_;
            changed_.notify_all();
          }
        }) {}
  ~ReadAhead() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Waits until the next batch is prepared.
  void next() {
    std::unique_lock lock(mutex_);
    ++wanted_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return done_ >= wanted_; });
  }

 private:
  bool wait_for_turn() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || done_ < wanted_ + 2; });
    return !stopped_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t wanted_ = 0, done_ = 0;
  bool stopped_ = false;
  std::thread thread_;
};

/// As a server does it: a second thread, that of the next request, reads ahead of the one writer.
Result<double> take_in_all(Node& node, const std::vector<Batch>& batches) {
  // The differ before the push has read the scope's heads.
  TRY(node.store().tips(World::scope()));
  return timed([&]() -> Status {
    ReadAhead ahead(node.store(), batches);
    for (const Batch& batch : batches) {
      ahead.next();
      TRY_ASSIGN(const std::vector<Taken> taken, node.store().take_in(batch.segments));
      for (const Taken& one : taken) CHECK(one.verdict == TakeVerdict::kTaken);
    }
    return {};
  });
}

Result<double> write_all(Bound& bound, const std::vector<Batch>& batches) {
  return timed([&]() -> Status {
    for (const Batch& batch : batches) TRY(bound.write(batch.events));
    return {};
  });
}

/// Mean size of a state row of the entities that the events touch.
Result<std::size_t> mean_state(Node& node, const std::vector<Batch>& batches) {
  StoreCore& core = node.store().core();
  TRY_ASSIGN(Statement select,
             core.db->prepare("SELECT length(state) FROM entity WHERE id & 4194303 = ?1 AND"
                              " id >> 22 = (SELECT max(no) FROM stream)"));
  std::int64_t sum = 0;
  std::int64_t count = 0;
  for (const Batch& batch : batches) {
    for (std::size_t i = 0; i < batch.events.size(); i += 97) {
      select.reset().bind(1, batch.events[i].entity);
      TRY_ASSIGN(const bool row, select.step());
      CHECK(row);
      sum += select.integer(0);
      ++count;
    }
  }
  return static_cast<std::size_t>(sum / (std::max)(count, std::int64_t{1}));
}

/// Both sides, one after the other, as often as asked; a fresh copy of `node` and of `bound` each.
class Race {
 public:
  Race(const Context& context, World& world, std::string node, std::string bound,
       std::size_t state_bytes)
      : context_(context),
        world_(world),
        node_(std::move(node)),
        bound_(std::move(bound)),
        state_bytes_(state_bytes) {}

  Status run(const std::vector<Batch>& batches) {
    for (int i = 0; i < context_.runs; ++i) {
      // Who goes first changes, so that neither always finds the colder disk.
      if (i % 2 == 0) TRY(ours(batches));
      TRY(theirs(batches));
      if (i % 2 != 0) TRY(ours(batches));
    }
    return {};
  }
  double ours_s() const { return median(ours_); }
  double theirs_s() const { return median(theirs_); }

 private:
  Status ours(const std::vector<Batch>& batches) {
    TRY(world_.copy(node_, node_ + "-run"));
    TRY_ASSIGN(const std::unique_ptr<Node> node, world_.open(node_ + "-run"));
    TRY_ASSIGN(const double seconds, take_in_all(*node, batches));
    ours_.push_back(seconds);
    return {};
  }
  Status theirs(const std::vector<Batch>& batches) {
    const std::string name = bound_ + "-run";
    TRY(world_.copy(bound_, name));
    TRY_ASSIGN(const std::unique_ptr<Bound> bound,
               Bound::open((world_.path(name) / "bound.db").string(), state_bytes_));
    TRY_ASSIGN(const double seconds, write_all(*bound, batches));
    theirs_.push_back(seconds);
    return {};
  }

  const Context& context_;
  World& world_;
  std::string node_, bound_;
  std::size_t state_bytes_;
  std::vector<double> ours_, theirs_;
};

Figure ingest_figure(const std::string& name, std::size_t things, const Race& race) {
  Figure figure;
  figure.name = name;
  figure.unit = "1/s";
  figure.value = static_cast<double>(things) / race.ours_s();
  figure.bound = static_cast<double>(things) / race.theirs_s();
  figure.goal = 1.0;
  figure.at_least = true;
  return figure;
}

/// From the log alone: every chain and signature checked, the state folded anew and compared.
Status measure_rebuild(const Context& context, World& world) {
  TRY_ASSIGN(const std::unique_ptr<Node> node, world.open("full"));
  std::vector<double> seconds;
  std::uint64_t events = 0;
  for (int i = 0; i < context.runs; ++i) {
    TRY_ASSIGN(const double one, timed([&]() -> Status {
                 TRY_ASSIGN(const VerifyReport report, node->store().verify());
                 CHECK(report.differences.empty());
                 events = report.events;
                 return {};
               }));
    seconds.push_back(one);
  }
  Figure figure;
  figure.name = "rebuild.log";
  figure.unit = "events/s";
  figure.value = static_cast<double>(events) / median(seconds);
  figure.note = std::to_string(events) + " events: chains, signatures, state and digest";
  context.tell(figure);
  return {};
}

}  // namespace

Status measure_ingest(const Context& context) {
  if (!context.any({"ingest.updates", "ingest.households", "rebuild.log"})) return {};
  const std::filesystem::path folder = context.folder / "ingest";
  std::filesystem::create_directories(folder / "nothing");
  TRY_ASSIGN(const std::unique_ptr<World> world, World::make(folder));
  TRY_ASSIGN(const std::vector<Batch> entered, world->enter(context.form.households, kBatchEvents));
  TRY_ASSIGN(const std::vector<Batch> corrected,
             world->correct(context.form.updates, kBatchEvents));
  // What both sides start the updates from: everything entered.
  TRY(world->copy("province", "full"));
  std::size_t entered_bytes = 0;
  std::size_t corrected_bytes = 0;
  {
    TRY_ASSIGN(const std::unique_ptr<Node> node, world->open("full"));
    TRY(take_in_all(*node, entered));
    TRY_ASSIGN(entered_bytes, mean_state(*node, entered));
    TRY_ASSIGN(corrected_bytes, mean_state(*node, corrected));
  }
  if (context.wanted("ingest.households")) {
    Race race(context, *world, "province", "nothing", entered_bytes);
    TRY(race.run(entered));
    Figure figure = ingest_figure("ingest.households", context.form.households.size(), race);
    figure.note = std::to_string(events_of(entered)) + " events, mean state " +
                  std::to_string(entered_bytes) + " bytes";
    context.tell(figure);
  }
  if (context.wanted("ingest.updates")) {
    TRY(world->copy("nothing", "full-bound"));
    {
      TRY_ASSIGN(const std::unique_ptr<Bound> bound,
                 Bound::open((folder / "full-bound" / "bound.db").string(), entered_bytes));
      TRY(write_all(*bound, entered));
    }
    Race race(context, *world, "full", "full-bound", corrected_bytes);
    TRY(race.run(corrected));
    Figure figure = ingest_figure("ingest.updates", context.form.updates.size(), race);
    figure.note = std::to_string(events_of(corrected)) + " events, mean state " +
                  std::to_string(corrected_bytes) + " bytes";
    context.tell(figure);
  }
  if (context.wanted("rebuild.log")) TRY(measure_rebuild(context, *world));
  return {};
}

}  // namespace lalanh::bench
