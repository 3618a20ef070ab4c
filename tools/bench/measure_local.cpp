#include "tools/bench/bound.h"
#include "tools/bench/measures.h"

namespace lalanh::bench {
namespace {

/// Saves of one run: enough that a disk's slow moment is one of many.
constexpr std::size_t kSaves = 400;

/// Saves per second of each world, a run of one after a run of the other, so that a slow moment of
/// the disk meets both.
Result<std::pair<double, double>> compare(const Context& context, World& one, World& other) {
  std::vector<double> ours, theirs;
  std::size_t next = 0;
  for (int run = 0; run < context.runs; ++run) {
    const std::size_t begin = next;
    for (const bool first : {run % 2 == 0, run % 2 != 0}) {
      World& world = first ? one : other;
      std::size_t saved = 0;
      std::size_t at = begin;
      TRY_ASSIGN(const double seconds, timed([&]() -> Status {
                   while (saved < kSaves && at < context.form.updates.size()) {
                     TRY_ASSIGN(const std::size_t n, world.save(context.form.updates[at++]));
                     saved += n;
                   }
                   return {};
                 }));
      next = at;
      if (saved == 0) continue;
      (first ? ours : theirs).push_back(static_cast<double>(saved) / seconds);
    }
  }
  if (ours.empty() || theirs.empty()) return std::pair(0.0, 1.0);
  return std::pair(median(ours), median(theirs));
}

/// What encryption costs: the same saves in a village whose database is encrypted, against one
/// whose lies in the clear.
Status measure_cipher(const Context& context, Cipher cipher) {
  Figure figure;
  figure.name = "local.save." + to_text(cipher);
  if (!context.wanted(figure.name)) return {};
  const std::filesystem::path folder = context.folder / figure.name;
  std::filesystem::create_directories(folder / "plain");
  std::filesystem::create_directories(folder / "sealed");
  TRY_ASSIGN(const std::unique_ptr<World> plain, World::make(folder / "plain"));
  TRY_ASSIGN(const std::unique_ptr<World> sealed, World::make(folder / "sealed", cipher));
  TRY(plain->enter(context.form.households, 1'000));
  TRY(sealed->enter(context.form.households, 1'000));
  TRY_ASSIGN(const auto saves, compare(context, *sealed, *plain));
  figure.unit = "1/s";
  figure.value = saves.first;
  figure.bound = saves.second;
  figure.goal = 0.9;
  figure.at_least = true;
  figure.note = "the bound is the same database in the clear";
  context.tell(figure);
  return {};
}

}  // namespace

/// A save goes the whole way that a click goes: read, compare, write, fold, projections, commit.
Status measure_local(const Context& context) {
  TRY(measure_cipher(context, Cipher::kAegis));
  TRY(measure_cipher(context, Cipher::kChacha20));
  if (!context.wanted("local.save")) return {};
  const std::filesystem::path folder = context.folder / "local";
  std::filesystem::create_directories(folder / "bound");
  TRY_ASSIGN(const std::unique_ptr<World> world, World::make(folder));
  TRY_ASSIGN(const std::vector<Batch> entered, world->enter(context.form.households, 1'000));
  TRY_ASSIGN(const std::int64_t mean,
             world->village().store().core().db->integer("SELECT avg(length(state)) FROM entity"));
  TRY_ASSIGN(const std::unique_ptr<Bound> bound,
             Bound::open((folder / "bound" / "bound.db").string(), static_cast<std::size_t>(mean)));
  for (const Batch& batch : entered) TRY(bound->write(batch.events));
  std::vector<BoundEvent> events;
  for (const Batch& batch : entered) {
    for (const BoundEvent& event : batch.events) {
      // An update's bytes are shorter than an entry's; about so long.
      BoundEvent one = event;
      one.canonical.resize((std::min)(one.canonical.size(), std::size_t{140}));
      if (one.parent == 0) events.push_back(std::move(one));
    }
  }
  std::vector<double> ours, theirs;
  std::size_t next = 0;
  for (int run = 0; run < context.runs; ++run) {
    std::size_t saved = 0;
    TRY_ASSIGN(const double seconds, timed([&]() -> Status {
                 while (saved < kSaves && next < context.form.updates.size()) {
                   TRY_ASSIGN(const std::size_t n, world->save(context.form.updates[next++]));
                   saved += n;
                 }
                 return {};
               }));
    if (saved == 0) break;
    ours.push_back(static_cast<double>(saved) / seconds);
    TRY_ASSIGN(const double other, timed([&]() -> Status {
                 for (std::size_t i = 0; i < saved; ++i) {
                   TRY(bound->write({&events[(next + i * 31) % events.size()], 1}));
                 }
                 return {};
               }));
    theirs.push_back(static_cast<double>(saved) / other);
  }
  Figure figure;
  figure.name = "local.save";
  figure.unit = "1/s";
  figure.value = median(ours);
  figure.bound = median(theirs);
  figure.goal = 0.8;
  figure.at_least = true;
  context.tell(figure);
  return {};
}

}  // namespace lalanh::bench
