// Requests of machines without a certificate, as they come over the network from anybody.
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::string name_of(const Result<Bytes>& result) {
  return result.ok() ? "" : result.error().name();
}

}  // namespace

TEST_CASE("only who shows a good ticket has a server compare before it answers") {
  struct Counting : SyncStarter {
    Result<SyncSummary> sync_now(const std::function<void(const SyncProgress&)>&) override {
      ++syncs;
      must(node->store().note_compared());
      return SyncSummary();
    }
    std::optional<SyncProgress> running() override { return std::nullopt; }
    Node* node = nullptr;
    int syncs = 0;
  };
  World world;
  world.add("xa", "14401", "province");
  const Bytes good = world.request_of("thon", world.ticket_for("1440101", "xa"));
  const Bytes elsewhere = world.request_of("hai", world.ticket_for("1440102", "province"));
  world.close("xa");
  NodeOptions options;
  options.folder = world.path("xa");
  options.clock = &world.clock;
  options.random = &world.random;
  options.files = world.files.get();
  options.starts_server = true;
  Counting starter;
  const std::unique_ptr<Node> node = must(Node::open(options));
  starter.node = node.get();
  node->set_sync_starter(&starter);
  REQUIRE_FALSE(node->store().compared());
  CHECK(name_of(answer_enrolment_from_network(*node, {})) == "input.wrong_file");
  CHECK(name_of(answer_enrolment_from_network(*node, as_bytes("request"))) == "input.wrong_file");
  CHECK(name_of(answer_enrolment_from_network(*node, elsewhere)) == "trust.other_parent");
  const TimeMs before = world.clock.now();
  world.clock.wall_ms += 400 * kDayMs;
  CHECK(name_of(answer_enrolment_from_network(*node, good)) == "trust.ticket_expired");
  world.clock.wall_ms = before.value;
  CHECK(starter.syncs == 0);
  CHECK(name_of(answer_enrolment_from_network(*node, good)) == "");
  CHECK(starter.syncs == 1);
  node->set_sync_starter(nullptr);
}
