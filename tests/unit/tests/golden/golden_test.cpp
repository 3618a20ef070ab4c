// Invariant 13: databases, segments, bundles, tickets, receipts and backups that a version wrote
// open in every later one and give their recorded digest. Each folder of tests/golden/formats is
// one set, named after the change for which it was made; sets are added, never replaced
// (CONTRIBUTING.md, Formats).
//
// A new set: LALANH_GOLDEN_SET=<name> with the hidden test "[make]".
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "shared/api/backup.h"
#include "shared/api/restore.h"
#include "shared/catalogue/json_writer.h"
#include "shared/store/store.h"
#include "sync/bundle/node_bundles.h"
#include "sync/session/receipt.h"
#include "tests/unit/shared/api/users.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace fs = std::filesystem;

namespace {

constexpr const char* kPass = "mật khẩu của bộ mẫu";
constexpr const char* kIndicators =
    R"("employment":true,"dependents":false,"nutrition":true,"health_insurance":false)";

fs::path sets() { return fs::path("tests") / "golden" / "formats"; }

Hash recovery_seed() {
  Hash out{};
  out.fill(7);
  return out;
}

Bytes bytes_of_file(Files& files, const fs::path& path) {
  return must(files.read(path.string(), std::size_t{1} << 28U));
}

std::string verified_digest(const Got& verified) {
  INFO(verified.body);
  REQUIRE(verified.status == 200);
  CHECK(verified.yes("ok"));
  return verified.text("digest");
}

/// Every household as the list shows it, and the report's sum: what a person sees of a database. No
/// classes: a rule pack that is put right may change them.
std::string seen_of(const std::function<Got(const std::string&)>& get) {
  const Got report = get("/api/report?period=2024");
  std::string out = std::to_string(report.number("total.households")) + " " +
                    std::to_string(report.number("total.persons"));
  const Got list = get("/api/households?limit=1000");
  for (std::size_t i = 0; i < list.size("households"); ++i) {
    const std::string at = "households." + std::to_string(i) + ".";
    out += "|" + list.text(at + "fields.code") + " " + list.text(at + "fields.head") + " " +
           (list.yes(at + "conflict") ? "≠" : "");
  }
  return out;
}

// --- making a set -----------------------------------------------------------------------------

class Maker {
 public:
  explicit Maker(fs::path set) : set_(std::move(set)) {}

  void make() {
    fs::create_directories(set_ / "segments");
    JsonWriter json(text_);
    json_ = &json;
    json.begin_object();
    Node& hall = world_.add("hall", "14401", "province");
    world_.sync("hall", "province");
    Node& laptop = world_.add("laptop", "1440101", "hall");
    Node& second = world_.add("second", "1440101", "hall");
    work(laptop, second);
    settle_down();
    lose_one(hall);
    settle_down();
    keep_segments(hall);
    keep_tickets();
    keep_nodes();
    keep_bundles();
    json.end_object();
    keep("digests.json", as_bytes(text_ + "\n"));
  }

 private:
  void keep(const std::string& name, ByteView bytes) {
    must(world_.files->replace((set_ / name).string(), bytes, false));
  }

  void settle_down() {
    for (int i = 0; i < 2; ++i) {
      for (const char* name : {"laptop", "second"}) world_.sync(name, "hall");
      world_.sync("hall", "province");
    }
  }

  /// Every op, a conflict, a removal undone, one disputed, one that stands.
  void work(Node& laptop, Node& second) {
    const auto add = [&](Node& node, const std::string& code, const std::string& head) {
      const std::string id =
          household(node, "1440101", R"({"code":")" + code + R"(","head":")" + head + R"("})");
      member(node, id, R"({"name":")" + head + R"(","relation":"head","birth":1970})");
      assessment(
          node, id,
          std::string(R"({"period":"2024","area":"R","income":900000,)") + kIndicators + "}");
      return id;
    };
    const std::string one = add(laptop, "M-1", "Đinh Thị Một");
    const std::string two = add(laptop, "M-2", "Bùi Văn Hai");
    const std::string three = add(laptop, "M-3", "Quách Thị Ba");
    add(laptop, "M-4", "Hoàng Văn Bốn");
    settle_down();
    CHECK(patch(laptop, one, R"({"phone":"0912000001"})").status == 200);
    CHECK(patch(second, one, R"({"phone":"0912000002"})").status == 200);
    const std::string why = R"({"reason":"chuyển đi"})";
    CHECK(post(laptop, "/api/entities/" + two + "/remove", why).status == 200);
    CHECK(patch(second, two, R"({"address":"Xóm 5"})").status == 200);
    CHECK(post(second, "/api/entities/" + three + "/remove", why).status == 200);
    CHECK(post(second, "/api/entities/" + three + "/keep").status == 200);
    settle_down();
    CHECK(patch(laptop, three, R"({"address":"Xóm 7"})").status == 200);
  }

  /// A laptop whose work does not stand.
  void lose_one(Node& hall) {
    Node& lost = world_.add("lost", "1440101", "hall");
    household(lost, "1440101", R"({"code":"M-7","head":"Kẻ Trộm"})");
    world_.sync("lost", "hall");
    const std::int64_t device = get(lost, "/api/status").number("device");
    const Got revoked = post(hall, "/api/devices/" + std::to_string(device) + "/revoke",
                             R"({"reason":"mất","nothing_stands":true,"yes":true})");
    INFO(revoked.body);
    CHECK(revoked.status == 200);
  }

  void keep_segments(Node& hall) {
    Store& store = hall.store();
    std::size_t number = 0;
    for (const Scope scope : must(store.core().all_scopes())) {
      for (const SegmentRef& ref : must(store.missing(scope, {}))) {
        std::string name = std::to_string(1'000 + number++);
        keep("segments/" + name.substr(1) + ".seg", must(store.segment_bytes(ref.ordinal)));
      }
    }
  }

  void keep_tickets() {
    const Bytes ticket = world_.ticket_for("1440102", "hall");
    const Bytes request = world_.request_of("new", ticket);
    keep("new.llticket", ticket);
    keep("new.llreq", request);
    keep("new.llcert", must(answer_enrolment(world_.node("hall"), request)));
    keep("new.key", must(world_.files->read(NodeFiles(world_.path("new")).key, 100)));
  }

  void keep_nodes() {
    const KeyPair recovery = KeyPair::from_seed(recovery_seed());
    must(world_.files->replace(NodeFiles(world_.path("hall")).recovery,
                               as_bytes(to_hex(recovery.public_key()) + "\n"), false));
    Node& hall = world_.node("hall");
    CHECK(post(hall, "/api/backup", R"({"path":")" + (set_ / "hall.llbak").string() + R"("})")
              .status == 200);
    json_->text("hall", verified_digest(post(hall, "/api/verify")));
    json_->text("hall_seen", seen_of([&](const std::string& target) { return get(hall, target); }));
    Desk& desk = world_.desk("laptop");
    must(desk.add({"tam", "Bùi Văn Tám", "Trưởng thôn", "village_head", UnitNo(), kPass}));
    Node& laptop = world_.node("laptop");
    const std::string session = must(desk.sign_in("tam", kPass));
    CHECK(as(laptop, session, "POST", "/api/backup",
             R"({"path":")" + (set_ / "laptop.llbak").string() + R"("})")
              .status == 200);
    json_->text("laptop", verified_digest(as(laptop, session, "POST", "/api/verify")));
    json_->text("laptop_seen", seen_of([&](const std::string& target) {
                  return as(laptop, session, "GET", target);
                }));
  }

  void write_bundle(Node& node, const std::string& name, const std::string& unit) {
    sync::NodeBundles bundles(node, "golden", {});
    BundleCall call;
    call.kind = BundleCall::Kind::kExport;
    call.paths = {(set_ / name).string()};
    call.down = !unit.empty();
    if (call.down) call.unit = world_.unit_no(unit);
    must(bundles.run(call));
  }

  /// Up with what was not sent, and down with the receipt for it.
  void keep_bundles() {
    Node& second = world_.node("second");
    household(second, "1440101", R"({"code":"M-9","head":"Lò Thị Chín"})");
    write_bundle(second, "up.llb", "");
    sync::NodeBundles taking(world_.node("hall"), "golden", {});
    BundleCall take;
    take.kind = BundleCall::Kind::kImport;
    take.paths = {(set_ / "up.llb").string()};
    must(taking.run(take));
    write_bundle(world_.node("hall"), "down.llb", "1440101");
    json_->text("hall_after_up", verified_digest(post(world_.node("hall"), "/api/verify")));
    world_.close("second");
    // The laptop that reads the one down: with its own key, before and after.
    fs::copy_file(NodeFiles(world_.path("second")).key, set_ / "second.key",
                  fs::copy_options::overwrite_existing);
    CHECK(post(world_.node("second"), "/api/backup",
               R"({"path":")" + (set_ / "second.llbak").string() + R"("})")
              .status == 200);
    sync::NodeBundles reading(world_.node("second"), "golden", {});
    take.paths = {(set_ / "down.llb").string()};
    must(reading.run(take));
    CHECK(get(world_.node("second"), "/api/status").number("unsent") == 0);
    json_->text("second_after_down", verified_digest(post(world_.node("second"), "/api/verify")));
  }

  fs::path set_;
  World world_;
  std::string text_;
  JsonWriter* json_ = nullptr;
};

// --- opening one --------------------------------------------------------------------------------

/// One set, opened in a temporary folder.
class Opened {
 public:
  explicit Opened(fs::path set)
      : set_(std::move(set)), files_(make_system_files()), digests_(read_digests()) {}

  std::string recorded(const std::string& name) const {
    const JsonValue* found = digests_.find(name);
    REQUIRE(found != nullptr);
    return *found->text();
  }
  Bytes bytes(const std::string& name) { return bytes_of_file(*files_, set_ / name); }
  fs::path path(const std::string& name) const { return set_ / name; }
  Files& files() { return *files_; }
  std::string folder(const std::string& name) const { return folder_.file(name); }

  std::unique_ptr<Restore> restore(const std::string& name, const std::string& to) {
    return must(Restore::open(*files_, path(name).string(), folder(to)));
  }
  std::unique_ptr<Node> open(const std::string& name, Desk* desk = nullptr, bool rebuild = false) {
    NodeOptions options;
    options.folder = folder(name);
    options.clock = &clock_;
    options.random = &random_;
    options.files = files_.get();
    options.version = "test";
    options.desk = desk;
    options.rebuild = rebuild;
    return must(Node::open(options));
  }
  std::unique_ptr<Desk> desk(const std::string& name) {
    DeskOptions options;
    options.folder = folder(name);
    options.clock = &clock_;
    options.random = &random_;
    options.files = files_.get();
    return must(Desk::open(options));
  }
  /// The hall's backup, put back.
  std::unique_ptr<Node> hall() {
    const auto backup = restore("hall.llbak", "hall");
    must(backup->open_with_recovery(recovery_seed()));
    must(backup->run());
    return open("hall");
  }
  std::string take_bundle(Node& node, const std::string& name) {
    sync::NodeBundles bundles(node, "test", {});
    BundleCall call;
    call.kind = BundleCall::Kind::kImport;
    call.paths = {path(name).string()};
    return must(bundles.run(call));
  }

 private:
  JsonValue read_digests() {
    const Bytes text = bytes("digests.json");
    return must(parse_json(as_text(text), "digests.json"));
  }
  fs::path set_;
  std::unique_ptr<Files> files_;
  JsonValue digests_;
  FakeClock clock_;
  SeededRandom random_{3};
  TemporaryFolder folder_;
};

/// Runs `check` on each set.
void for_each_set(const std::function<void(Opened&)>& check) {
  std::vector<fs::path> all;
  for (const fs::directory_entry& each : fs::directory_iterator(sets())) all.push_back(each.path());
  std::sort(all.begin(), all.end());
  REQUIRE_FALSE(all.empty());
  for (const fs::path& set : all) {
    INFO("set " << set.filename().string());
    Opened opened(set);
    check(opened);
  }
}

}  // namespace

TEST_CASE("golden databases open, give their digest and show what they showed") {
  for_each_set([](Opened& set) {
    const auto hall = set.hall();
    CHECK(verified_digest(post(*hall, "/api/verify")) == set.recorded("hall"));
    CHECK(seen_of([&](const std::string& target) { return get(*hall, target); }) ==
          set.recorded("hall_seen"));
    const auto backup = set.restore("laptop.llbak", "laptop");
    must(backup->open_with_password("tam", kPass));
    must(backup->run());
    const auto desk = set.desk("laptop");
    const std::string session = must(desk->sign_in("tam", kPass));
    const auto laptop = set.open("laptop", desk.get());
    CHECK(verified_digest(as(*laptop, session, "POST", "/api/verify")) == set.recorded("laptop"));
    CHECK(seen_of([&](const std::string& target) { return as(*laptop, session, "GET", target); }) ==
          set.recorded("laptop_seen"));
  });
}

TEST_CASE("golden segments, taken in by an empty database, give the hall's digest") {
  for_each_set([](Opened& set) {
    set.hall().reset();
    must(put_database_aside(set.files(), set.folder("hall")));
    const auto hall = set.open("hall", nullptr, true);
    std::vector<fs::path> all;
    for (const auto& each : fs::directory_iterator(set.path("segments")))
      all.push_back(each.path());
    std::sort(all.begin(), all.end());
    std::vector<Bytes> segments;
    for (const fs::path& each : all) segments.push_back(bytes_of_file(set.files(), each));
    for (const Taken& taken : must(hall->store().take_in(segments)))
      CHECK(taken.verdict == TakeVerdict::kTaken);
    CHECK(must(hall->store().waiting_events()) == 0);
    CHECK(verified_digest(post(*hall, "/api/verify")) == set.recorded("hall"));
  });
}

TEST_CASE("golden bundles are read, up and down, and their receipts count") {
  for_each_set([](Opened& set) {
    const auto hall = set.hall();
    set.take_bundle(*hall, "up.llb");
    CHECK(verified_digest(post(*hall, "/api/verify")) == set.recorded("hall_after_up"));
    const auto backup = set.restore("second.llbak", "second");
    must(set.files().make_folder(set.folder("second")));
    must(set.files().replace(NodeFiles(set.folder("second")).key, set.bytes("second.key"), true));
    REQUIRE(backup->try_own_key());
    must(backup->run());
    const auto second = set.open("second");
    CHECK(get(*second, "/api/status").number("unsent") > 0);
    set.take_bundle(*second, "down.llb");
    CHECK(get(*second, "/api/status").number("unsent") == 0);
    CHECK(verified_digest(post(*second, "/api/verify")) == set.recorded("second_after_down"));
  });
}

TEST_CASE("golden tickets, requests and answers are understood") {
  for_each_set([](Opened& set) {
    const Ticket ticket = must(read_ticket(set.bytes("new.llticket")));
    CHECK(ticket.unit_name == "Thôn Hai");
    CHECK(ticket.addresses == std::vector<std::string>{"h:1"});
    const auto hall = set.hall();
    const EnrolmentRequest request =
        must(read_enrolment_request(set.bytes("new.llreq"), hall->key()));
    CHECK(request.ticket == ticket.id);
    Hash seed{};
    const Bytes key = set.bytes("new.key");
    REQUIRE(key.size() == seed.size());
    std::copy(key.begin(), key.end(), seed.begin());
    const Hash device = KeyPair::from_seed(seed).public_key();
    CHECK(request.key == device);
    const EnrolmentAnswer answer =
        must(read_enrolment_answer(set.bytes("new.llcert"), ticket, device));
    CHECK(answer.unit_code == "1440102");
  });
}

TEST_CASE("make a set of golden files", "[.][make]") {
  const char* name = std::getenv("LALANH_GOLDEN_SET");
  REQUIRE(name != nullptr);
  const fs::path set = sets() / name;
  REQUIRE_FALSE(fs::exists(set));  // sets are never replaced
  Maker(set).make();
}
