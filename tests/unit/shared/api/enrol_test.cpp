// Tickets, requests and answers (`docs/FORMATS.md`, Enrolment).
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

std::string name_of(const Status& status) { return status.ok() ? "" : status.error().name(); }

template <class T>
std::string name_of(const Result<T>& result) {
  return result.ok() ? "" : result.error().name();
}

constexpr std::int64_t kDayMs = 86'400'000;

Bytes answer(World& world, const Bytes& request, const std::string& parent = "province") {
  return must(answer_enrolment(world.node(parent), request));
}

std::string tickets(World& world, const std::string& what) {
  return get(world.province(), "/api/tickets").text("tickets.0." + what);
}

}  // namespace

TEST_CASE("a machine is enrolled with a ticket, and then works for its unit") {
  World world;
  const Bytes request = world.request_of("thon", world.ticket_for("1440101", "province"));
  NodeOptions options;
  options.folder = world.path("thon");
  options.clock = &world.clock;
  options.random = &world.random;
  options.files = world.files.get();
  CHECK(Node::open(options).error().name() == "trust.not_enrolled");
  const Bytes said = answer(world, request);
  must(enrol(*world.files, world.path("thon"), said));
  must(enrol(*world.files, world.path("thon"), said));
  CHECK_FALSE(world.files->exists(NodeFiles(world.path("thon")).ticket));
  Node& node = world.node("thon");
  const Got status = get(node, "/api/status");
  CHECK(status.text("unit_code") == "1440101");
  CHECK(status.text("unit_name") == "Thôn Một");
  CHECK(status.number("rank") == 1);
  CHECK(status.text("parent") == "h:1");
  // Before the first sync it knows no tree, but its own unit.
  household(node, "1440101", R"({"head":"A"})");
  CHECK(post(node, "/api/households", R"({"unit":"1440102","fields":{"head":"A"}})").error() ==
        "register.unknown_unit");
}

TEST_CASE("a ticket is for one key: the same one is answered alike, another is refused and noted") {
  World world;
  const Bytes ticket = world.ticket_for("1440101", "province");
  const Bytes one = world.request_of("mot", ticket);
  const Bytes two = world.request_of("hai", ticket);
  const Bytes said = answer(world, one);
  CHECK(answer(world, one) == said);  // the reply was lost
  CHECK(answer(world, must(enrolment_request(*world.files, world.random, world.path("mot")))) ==
        said);
  CHECK(tickets(world, "state") == "used");
  CHECK(get(world.province(), "/api/tickets").number("tickets.0.refused") == 0);
  CHECK(name_of(answer_enrolment(world.province(), two)) == "trust.ticket_used");
  CHECK(get(world.province(), "/api/tickets").number("tickets.0.refused") == 1);
  CHECK_FALSE(tickets(world, "refused_at").empty());
  CHECK(name_of(enrol(*world.files, world.path("hai"), said)) == "trust.bad_certificate");
  CHECK_FALSE(world.files->exists(NodeFiles(world.path("hai")).certificate));
  must(enrol(*world.files, world.path("mot"), said));
}

TEST_CASE("each ticket has a device number of its own, from the block of the server") {
  World world;
  Node& hall = world.add("xa", "14401", "province");
  const NodeSettings block = must(read_settings(*world.files, world.path("xa")));
  CHECK(block.block_size == (1U << 21U));
  std::vector<std::uint32_t> numbers;
  for (int i = 0; i < 3; ++i) {
    const Ticket ticket = must(read_ticket(world.ticket_for("1440101", "xa")));
    numbers.push_back(ticket.grant.device.value);
  }
  CHECK(numbers == std::vector<std::uint32_t>{block.block_first + 1, block.block_first + 2,
                                              block.block_first + 3});
  SECTION("and the block ends") {
    NodeSettings small = hall.settings();
    small.block_size = 5;
    must(hall.change_settings(small));
    world.ticket_for("1440101", "xa");
    CHECK(name_of(make_tickets(hall, {{world.unit_no("1440101"), {}, ""}}, {}, 1)) ==
          "trust.no_numbers");
  }
  SECTION("all of an order or none of it") {
    const std::vector<TicketOrder> orders = {{world.unit_no("1440101"), {}, ""},
                                             {world.unit_no("372"), {}, ""}};
    CHECK(name_of(make_tickets(hall, orders, {}, 1)) == "trust.not_allowed");
    CHECK(get(hall, "/api/tickets").size("tickets") == 3);
  }
}

TEST_CASE(
    "a unit elsewhere or a role that does not fit is refused, and a village gives no ticket") {
  World world;
  Node& hall = world.add("xa", "14401", "province");
  Node& village = world.add("thon", "1440101", "xa");
  const auto made = [&](Node& node, const std::string& unit, std::optional<DeviceRole> role) {
    const UnitNo no = unit == "99" ? UnitNo(99) : world.unit_no(unit);
    return name_of(make_tickets(node, {{no, role, ""}}, {"h:1"}, 1));
  };
  CHECK(made(hall, "1440102", {}) == "");
  CHECK(made(hall, "14401", DeviceRole::kOfficer) == "");
  CHECK(made(hall, "14401", {}) == "input.missing");
  CHECK(made(hall, "14401", DeviceRole::kVillage) == "input.not_a_choice");
  CHECK(made(hall, "1440102", DeviceRole::kServer) == "input.not_a_choice");
  CHECK(made(hall, "1440201", {}) == "trust.not_allowed");
  CHECK(made(hall, "372", DeviceRole::kServer) == "trust.not_allowed");
  CHECK(made(hall, "99", {}) == "register.unknown_unit");
  CHECK(made(village, "1440101", {}) == "trust.not_allowed");
  CHECK(name_of(make_tickets(hall, {}, {"no address"}, 1)) == "input.not_an_address");
}

TEST_CASE("an officer's machine certifies and revokes nobody") {
  World world;
  const auto made = must(make_tickets(
      world.province(), {{world.unit_no("14401"), DeviceRole::kOfficer, "Máy xã"}}, {"h:1"}, 1));
  const Bytes request = world.request_of("canbo", made.at(0).file);
  must(enrol(*world.files, world.path("canbo"), answer(world, request)));
  const CertificateLink& device = world.node("canbo").store().own_certificate().device();
  CHECK(device.rank == Rank(2));
  CHECK((device.rights & (kCertify | kRevoke)) == 0);
  CHECK((device.rights & kWriteRecords) != 0);
}

TEST_CASE("a cancelled, expired, unknown or foreign ticket enrols nobody") {
  World world;
  const Bytes ticket = world.ticket_for("1440101", "province");
  const Bytes request = world.request_of("thon", ticket);
  const std::string id = to_hex(must(read_ticket(ticket)).id);
  SECTION("cancelled, before it is used alone") {
    CHECK(post(world.province(), "/api/tickets/" + id + "/cancel").status == 200);
    CHECK(tickets(world, "state") == "cancelled");
    CHECK(name_of(answer_enrolment(world.province(), request)) == "trust.ticket_cancelled");
    CHECK(post(world.province(), "/api/tickets/nobody/cancel").error() == "register.not_found");
  }
  SECTION("used") {
    const Bytes said = answer(world, request);
    CHECK(post(world.province(), "/api/tickets/" + id + "/cancel").error() == "trust.ticket_used");
    world.clock.advance(400 * kDayMs);
    CHECK(answer(world, request) == said);
  }
  SECTION("expired by the parent's clock") {
    world.clock.advance((kTicketDays + 1) * kDayMs);
    CHECK(tickets(world, "state") == "expired");
    CHECK(name_of(answer_enrolment(world.province(), request)) == "trust.ticket_expired");
  }
  SECTION("of another server") {
    Node& hall = world.add("xa", "14401", "province");
    CHECK(name_of(answer_enrolment(hall, request)) == "trust.other_parent");
  }
  SECTION("with a secret that was guessed") {
    Ticket guessed = must(read_ticket(ticket));
    guessed.secret[0] ^= 1;
    const KeyPair key = KeyPair::make(world.random);
    const EnrolmentRequest plea{guessed.id, guessed.secret, key.public_key(), ""};
    const Bytes bytes =
        must(write_enrolment_request(plea, guessed.parent.device().key, key, world.random));
    CHECK(name_of(answer_enrolment(world.province(), bytes)) == "trust.ticket_unknown");
    CHECK(get(world.province(), "/api/tickets").number("tickets.0.refused") == 1);
    CHECK(name_of(answer_enrolment(world.province(), request)) == "");
  }
}

TEST_CASE("damaged tickets, requests and answers are refused with what is wrong") {
  World world;
  const Bytes ticket = world.ticket_for("1440101", "province");
  const Bytes request = world.request_of("thon", ticket);
  const Bytes said = answer(world, request);
  Files& files = *world.files;
  const auto init = [&](ByteView bytes) {
    return name_of(init_device(files, world.random, world.path("moi"), bytes, "A"));
  };
  CHECK(init(as_bytes("")) == "input.wrong_file");
  CHECK(init(request) == "input.wrong_file");
  CHECK(init(said) == "input.wrong_file");
  CHECK(init(Bytes(20'000)) == "input.too_large");
  CHECK(name_of(answer_enrolment(world.province(), ticket)) == "input.wrong_file");
  CHECK(name_of(enrol(files, world.path("thon"), ticket)) == "input.wrong_file");
  CHECK(name_of(enrol(files, world.path("nowhere"), said)) == "store.not_made");
  for (std::size_t i = 0; i < ticket.size(); i += 7) {
    Bytes bad = ticket;
    bad[i] ^= 1;
    CHECK_FALSE(init(bad).empty());
  }
  for (std::size_t i = 0; i < request.size(); i += 7) {
    Bytes bad = request;
    bad[i] ^= 1;
    CHECK_FALSE(answer_enrolment(world.province(), bad).ok());
    CHECK_FALSE(answer_enrolment(world.province(), ByteView(request).first(i)).ok());
  }
  for (std::size_t i = 0; i < said.size(); i += 7) {
    Bytes bad = said;
    bad[i] ^= 1;
    CHECK_FALSE(name_of(enrol(files, world.path("thon"), bad)).empty());
  }
  CHECK_FALSE(files.exists(NodeFiles(world.path("moi")).key));
  CHECK_FALSE(files.exists(NodeFiles(world.path("thon")).certificate));
  must(enrol(files, world.path("thon"), said));
}

TEST_CASE("the request hides the ticket's secret from whoever finds the stick") {
  World world;
  const Bytes ticket = world.ticket_for("1440101", "province");
  const Bytes request = world.request_of("thon", ticket);
  const Hash secret = must(read_ticket(ticket)).secret;
  CHECK(std::search(request.begin(), request.end(), secret.begin(), secret.end()) == request.end());
}

TEST_CASE("a machine keeps its key and its data when a new ticket gives it a new parent") {
  World world;
  Node& hall = world.add("xa", "14401", "province");
  world.add("thon", "1440101", "xa");
  household(world.node("thon"), "1440101", R"({"head":"A"})");
  const Hash key = world.node("thon").key().public_key();
  world.close("thon");
  CHECK(name_of(init_device(*world.files, world.random, world.path("thon"),
                            world.ticket_for("1440102", "xa"), "A")) == "trust.other_unit");
  const Bytes request = world.request_of("thon", world.ticket_for("1440101", "province"));
  household(world.node("thon"), "1440101", R"({"head":"B"})");  // meanwhile it works on
  world.close("thon");
  must(enrol(*world.files, world.path("thon"), answer(world, request)));
  Node& moved = world.node("thon");
  CHECK(moved.key().public_key() == key);
  CHECK(moved.settings().parent_key == world.province().key().public_key());
  CHECK(moved.settings().parent_key != hall.key().public_key());
  household(moved, "1440101", R"({"head":"C"})");
  world.sync("thon", "province");
  CHECK(get(world.province(), "/api/households").number("total") == 3);
  World other(8);
  CHECK(name_of(init_device(*world.files, world.random, world.path("thon"),
                            other.ticket_for("1440101", "province"), "A")) == "trust.wrong_root");
}

TEST_CASE("a folder with the files of a node whose key is lacking is not taken for a new one") {
  World world;
  world.add("thon", "1440101", "province");
  world.close("thon");
  Files& files = *world.files;
  const NodeFiles names(world.path("thon"));
  const Bytes ticket = world.ticket_for("1440101", "province");
  const auto expected = [&](const std::string& name) {
    return name_of(expect_folder_for(files, world.path(name), must(read_ticket(ticket))));
  };
  CHECK(expected("moi").empty());
  CHECK(expected("thon").empty());
  CHECK(expected("province") == "system.exists");
  must(files.remove(names.key));
  CHECK(expected("thon") == "system.exists");
  must(files.remove(names.database));
  CHECK(expected("thon") == "system.exists");  // its certificate
  CHECK(name_of(init_device(files, world.random, world.path("thon"), ticket, "A")) ==
        "system.exists");
  CHECK_FALSE(files.exists(names.key));
  must(files.remove(names.certificate));
  CHECK(expected("thon").empty());
}

TEST_CASE(
    "a ticket is of a server's program or of people's, and a machine knows that it is enrolled") {
  World world;
  world.add("xa", "14401", "province");
  Files& files = *world.files;
  const auto expected = [&](const Bytes& ticket, bool server) {
    must(files.replace(world.path("phieu"), ticket, true));
    return name_of(expect_ticket_for(files, world.path("moi"), world.path("phieu"), server));
  };
  CHECK(expected(world.ticket_for("1440101", "xa"), false).empty());
  CHECK(expected(world.ticket_for("1440101", "xa"), true) == "trust.other_program");
  CHECK(expected(world.ticket_for("14402", "province"), true).empty());
  CHECK(expected(world.ticket_for("14402", "province"), false) == "trust.other_program");

  CHECK(name_of(expect_ticket_for(files, world.path("moi"), "", true)).empty());  // none waits
  const Bytes request = world.request_of("moi", world.ticket_for("1440101", "xa"));
  CHECK(name_of(expect_ticket_for(files, world.path("moi"), "", true)) == "trust.other_program");
  CHECK(name_of(waiting_ticket(files, world.path("moi"))).empty());
  must(enrol(files, world.path("moi"), must(answer_enrolment(world.node("xa"), request))));
  CHECK(name_of(waiting_ticket(files, world.path("moi"))) == "trust.enrolled_already");
}

TEST_CASE("who acts is whom the last ticket was taken with, where it names somebody") {
  World world;
  Files& files = *world.files;
  const auto taken = [&](const char* actor) {
    must(init_device(files, world.random, world.path("moi"),
                     world.ticket_for("1440101", "province"), actor));
    return must(read_settings(files, world.path("moi"))).actor;
  };
  CHECK(taken("A") == "A");
  CHECK(taken("") == "A");
  CHECK(taken("B") == "B");
}

TEST_CASE("a server that has just started gives nothing out before it has compared heads") {
  World world;
  world.add("xa", "14401", "province");
  const Bytes open = world.ticket_for("1440101", "province");
  world.close("province");
  NodeOptions options;
  options.folder = world.path("province");
  options.clock = &world.clock;
  options.random = &world.random;
  options.files = world.files.get();
  const std::vector<TicketOrder> order = {{UnitNo(), {}, ""}};
  SECTION("as a server") {
    options.starts_server = true;
    const std::unique_ptr<Node> node = must(Node::open(options));
    CHECK_FALSE(node->store().compared());
    CHECK(name_of(make_tickets(*node, order, {}, 1)) == "sync.not_compared");
    const Bytes request = world.request_of("thon", open);
    CHECK(name_of(answer_enrolment(*node, request)) == "sync.not_compared");
    CHECK(post(*node, "/api/newest", R"({"yes":false})").yes("compared") == false);
    CHECK(post(*node, "/api/newest", R"({"yes":true})").yes("compared"));
    CHECK(name_of(answer_enrolment(*node, request)) == "");
  }
  SECTION("a command goes by what the one before it knew") {
    const std::unique_ptr<Node> node = must(Node::open(options));
    CHECK(node->store().compared());
  }
  SECTION("unless the folder was put back meanwhile") {
    const std::string old = world.path("old");
    std::filesystem::copy(options.folder, old);
    must(Node::open(options)).reset();
    SECTION("as a whole") {
      std::filesystem::remove_all(options.folder);
      std::filesystem::copy(old, options.folder);
    }
    SECTION("or its database alone") {
      for (const char* file : {"/lalanh.db", "/lalanh.db-wal", "/lalanh.db-shm"}) {
        std::filesystem::remove(options.folder + file);
        if (std::filesystem::exists(old + file)) {
          std::filesystem::copy_file(old + file, options.folder + file);
        }
      }
    }
    const std::unique_ptr<Node> node = must(Node::open(options));
    CHECK_FALSE(node->store().compared());
    must(node->store().note_compared());
    CHECK(node->store().compared());
  }
}

TEST_CASE("a folder that has a province already is not made again") {
  World world;
  CHECK(name_of(init_province(*world.files, world.random, world.clock, world.path("province"), "Sở",
                              must(read_units_csv(kUnits, "units.csv", {2021, 1, 1})))) ==
        "system.exists");
  CHECK(name_of(init_device(*world.files, world.random, world.path("province"),
                            world.ticket_for("1440101", "province"), "A")) == "system.exists");
}

TEST_CASE("a village writes its own unit alone") {
  World world;
  Node& node = world.add("thon", "1440101", "province");
  CHECK(post(node, "/api/households", R"({"unit":"1440102","fields":{"head":"A"}})").error() ==
        "trust.not_allowed");
  CHECK(
      post(node, "/api/import", R"({"unit":"1440102","households":"code,head\nH1,A\n"})").error() ==
      "trust.not_allowed");
  CHECK(get(node, "/api/households").number("total") == 0);
  CHECK(post(node, "/api/verify").yes("ok"));
}
