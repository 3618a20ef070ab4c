#include "tools/dictionary/measure.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tools/dictionary/world.h"

namespace lalanh::dictionary {
namespace {

constexpr const char* kActor = "Lương Thị Hiền, Trưởng thôn";  // not one of the training
constexpr std::int64_t kStart = 1'767'225'600'000;
constexpr std::size_t kImportEvents = 6'000;

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// Decoding, canonical bytes and chain of the segment: the best of many runs, since the machine
/// does other things too.
struct ReadSpeed {
  double decode_us = 1e9;  ///< an event
  double chain_us = 1e9;   ///< an event: canonical bytes and hash
};

ReadSpeed read_speed(const Bytes& bytes, const StreamNames& names) {
  const auto start = SteadyClock::now();
  ReadSpeed out;
  Hash hash{};
  Bytes canonical;
  while (seconds_since(start) < 1.0) {
    const auto decoding = SteadyClock::now();
    const auto decoded = read_segment(bytes, names);
    CHECK(decoded.ok() && !decoded->unresolved);
    const auto count = static_cast<double>(decoded->segment.events.size());
    out.decode_us = (std::min)(out.decode_us, 1e6 * seconds_since(decoding) / count);
    const auto chaining = SteadyClock::now();
    for (const Event& event : decoded->segment.events) {
      canonical.clear();
      write_canonical(event, canonical);
      hash = chain_hash(hash, canonical);
    }
    out.chain_us = (std::min)(out.chain_us, 1e6 * seconds_since(chaining) / count);
  }
  return out;
}

struct Sum {
  std::size_t bytes = 0;
  std::size_t events = 0;
  std::size_t segments = 0;
  double seal_ms = 1e9;  ///< the best, of a whole segment
  ReadSpeed speed;
};

void add_segment(World& world, std::span<const Event> events, Sum& sum) {
  const SegmentHeader header = world.header(events);
  const auto start = SteadyClock::now();
  const Bytes bytes = write_segment(header, events, world);
  sum.seal_ms = (std::min)(sum.seal_ms, 1'000 * seconds_since(start));
  sum.bytes += bytes.size();
  sum.events += events.size();
  if (sum.segments++ == 0) sum.speed = read_speed(bytes, world);
}

void print(const char* name, const Sum& sum, std::size_t things) {
  std::printf(
      "%-18s %7.2f bytes each; %zu segments, %zu events; an event: decode %.2f us, "
      "canonical and chain %.2f us; sealing %.1f ms\n",
      name, static_cast<double>(sum.bytes) / static_cast<double>(things), sum.segments, sum.events,
      sum.speed.decode_us, sum.speed.chain_us, sum.seal_ms);
}

/// Batches of `size` events, each the first of a new stream.
void updates(World& world, std::span<const Update> rows, std::size_t size, const char* name) {
  Sum sum;
  std::size_t at = 0;
  std::size_t batches = (std::min)(std::size_t{40}, rows.size() / size);
  for (std::size_t b = 0; b < batches; ++b) {
    world.begin_stream(kActor);
    std::vector<Event> events;
    while (events.size() < size && at < rows.size()) {
      for (Event& event : world.correct(rows.subspan(at, 1))) events.push_back(std::move(event));
      ++at;
    }
    add_segment(world, events, sum);
  }
  print(name, sum, sum.events);
}

}  // namespace

void measure(const Form& form) {
  World world(1, UnitNo(3'700'012));
  world.begin_stream(kActor);
  Sum creates;
  const std::span<const Household> rows(form.households);
  for (std::size_t at = 0; at < rows.size(); at += kImportEvents / 6) {
    const auto part = rows.subspan(at, (std::min)(kImportEvents / 6, rows.size() - at));
    if (at > 0) world.begin_stream(kActor);
    add_segment(world, world.create(part, "import", kStart + static_cast<std::int64_t>(at), 0),
                creates);
  }
  print("households, 1000", creates, form.households.size());
  const std::span<const Update> all(form.updates);
  const auto part = [&](std::size_t from, std::size_t count) {
    return all.subspan((std::min)(from, all.size()),
                       (std::min)(count, all.size() - (std::min)(from, all.size())));
  };
  updates(world, part(0, 60), 1, "updates, 1");
  updates(world, part(60, 400), 10, "updates, 10");
  updates(world, part(460, all.size()), 1'000, "updates, 1000");
}

}  // namespace lalanh::dictionary
