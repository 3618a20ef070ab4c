#include "sync/session/client_session.h"
#include "sync/session/server_session.h"
#include "tools/bench/measures.h"

namespace lalanh::bench {
namespace {

/// Batches of a size: an evening's each, so that every one is a stream of its own.
constexpr std::size_t kBatches = 20;

/// What HTTP adds to a request and its reply: the lines that the link and the server write.
std::size_t header_bytes(std::size_t request, std::size_t reply) {
  const std::string asked = "POST /s/open HTTP/1.1\r\nHost: 127.0.0.1:8037\r\nContent-Length: " +
                            std::to_string(request) + "\r\n\r\n";
  const std::string answered =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(reply) + "\r\n\r\n";
  return asked.size() + answered.size();
}

struct Wire {
  std::size_t bytes = 0;
  std::size_t events = 0;
};

void add(const std::vector<Batch>& batches, Wire& wire) {
  for (const Batch& batch : batches) {
    for (const Bytes& segment : batch.segments) wire.bytes += segment.size();
    wire.events += batch.events.size();
  }
}

Figure wire_figure(const std::string& name, std::size_t bytes, std::size_t things,
                   std::optional<double> goal) {
  Figure figure;
  figure.name = name;
  figure.unit = "bytes";
  figure.value = static_cast<double>(bytes) / static_cast<double>(things);
  figure.goal = goal;
  return figure;
}

Status measure_updates(const Context& context, World& world) {
  std::size_t at = 0;
  const auto measure = [&](const char* name, std::size_t size,
                           std::optional<double> goal) -> Status {
    Wire wire;
    std::size_t batches = 0;
    // An update may be two events; the batch is cut at `size` events, what is left goes on.
    while (batches < kBatches && at + size <= context.form.updates.size()) {
      world.village().store().new_epoch();
      const std::span<const Update> rows(context.form.updates);
      TRY_ASSIGN(const std::vector<Batch> made, world.correct_some(rows.subspan(at), size, at));
      add(made, wire);
      ++batches;
    }
    if (wire.events == 0) return {};
    Figure figure = wire_figure(name, wire.bytes, wire.events, goal);
    figure.note = std::to_string(batches) + " batches, each a new stream; signature and header in";
    context.tell(figure);
    return {};
  };
  TRY(measure("wire.update.1", 1, std::nullopt));
  TRY(measure("wire.update.10", 10, 32));
  return measure("wire.update.1000", 1'000, 16);
}

/// A sync between two nodes that hold the same.
Result<std::size_t> idle_bytes(World& world, Node& parent, std::size_t& trips) {
  sync::ClientOptions options;
  options.parent_key = parent.key().public_key();
  options.program = "0.1.0";
  sync::ClientSession session(world.village().store(), world.village().key(),
                              *world.village().options().random, options);
  sync::SyncServer server(parent.store(), parent.key(), {"0.1.0", sync::scope_of_segment});
  std::size_t bytes = 0;
  trips = 0;
  for (;;) {
    TRY_ASSIGN(const std::optional<sync::SyncRequest> request, session.next());
    if (!request) break;
    ++trips;
    const Result<Bytes> reply =
        server.handle(request->path, request->body, true, parent.options().clock->now());
    if (!reply.ok()) {
      TRY(session.on_error_reply(reply.error().name(), std::nullopt));
      continue;
    }
    bytes +=
        request->body.size() + reply->size() + header_bytes(request->body.size(), reply->size());
    TRY(session.on_reply(*reply, 10));
  }
  TRY(session.result());
  return bytes;
}

Status measure_idle(const Context& context, World& world) {
  TRY_ASSIGN(const std::unique_ptr<Node> parent, world.open("province"));
  std::size_t trips = 0;
  // The first brings everything up; receipts for as many streams as these take some more.
  for (int i = 0; i < 8; ++i) {
    TRY(idle_bytes(world, *parent, trips));
    if (trips == 1) break;
  }
  TRY_ASSIGN(const std::size_t bytes, idle_bytes(world, *parent, trips));
  Figure figure = wire_figure("wire.idle", bytes, 1, 400);
  figure.note = std::to_string(trips) + " round trip, both ways, headers in";
  CHECK(trips == 1);
  context.tell(figure);
  return {};
}

}  // namespace

Status measure_wire(const Context& context) {
  if (!context.any({"wire.update.1000", "wire.update.10", "wire.update.1", "wire.household.1000",
                    "wire.idle"})) {
    return {};
  }
  const std::filesystem::path folder = context.folder / "wire";
  std::filesystem::create_directories(folder);
  TRY_ASSIGN(const std::unique_ptr<World> world, World::make(folder));
  const std::span<const Household> rows(context.form.households);
  const std::size_t thousand = (std::min)(rows.size(), std::size_t{1'000});
  // The first evening carries the certificate; later ones do not, as the figure asks.
  const std::size_t first = rows.size() > thousand ? 1 : 0;
  TRY(world->enter(rows.first(first), 6));
  world->village().store().new_epoch();
  Wire wire;
  TRY_ASSIGN(const std::vector<Batch> made,
             world->enter(rows.subspan(first, thousand), 6 * thousand));
  add(made, wire);
  context.tell(wire_figure("wire.household.1000", wire.bytes, thousand, 80));
  TRY(world->enter(rows.subspan((std::min)(rows.size(), first + thousand)), 6'000));
  TRY(measure_updates(context, *world));
  if (context.wanted("wire.idle")) TRY(measure_idle(context, *world));
  return {};
}

}  // namespace lalanh::bench
