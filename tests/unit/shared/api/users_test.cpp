#include "tests/unit/shared/api/users.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "shared/accounts/audit.h"
#include "shared/api/backup.h"
#include "shared/api/front.h"
#include "shared/api/restore.h"
#include "tests/support/failing_files.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

constexpr const char* kCanary = "Chim Hoàng Yến";

/// A village's laptop whose village head has an account.
struct Laptop : World {
  Laptop() {
    add("thon", "1440101", "province");
    household(node("thon"), "1440101", std::string(R"({"head":")") + kCanary + R"("})");
    add_user(desk("thon"), "tam", "village_head");
  }
  NodeOptions node_options() {
    NodeOptions options;
    options.folder = path("thon");
    options.clock = &clock;
    options.random = &random;
    options.files = files.get();
    return options;
  }
  /// As `serve` after a new start.
  std::unique_ptr<Front> front() {
    forget_desk("thon");
    return must(Front::open(node_options(), desk("thon"), [this](Node&) { ++opened; }));
  }
  Got sign_in(Front& front, const std::string& password = kPassword,
              const std::string& login = "tam") {
    std::string body;
    JsonWriter(body).begin_object().text("login", login).text("password", password).end_object();
    return as(front, "", "POST", "/api/session", body);
  }
  std::string session_of(Front& front) { return sign_in(front).text("session"); }
  /// All bytes of all files of the laptop.
  std::string bytes() {
    std::string out;
    for (const auto& entry : std::filesystem::directory_iterator(path("thon"))) {
      std::ifstream in(entry.path(), std::ios::binary);
      out.append(std::istreambuf_iterator<char>(in), {});
    }
    return out;
  }
  void damage(const std::string& name, std::size_t at) {
    const std::string file = path("thon") + "/" + name;
    std::fstream io(file, std::ios::binary | std::ios::in | std::ios::out);
    io.seekg(static_cast<std::streamoff>(at));
    const char c = static_cast<char>(io.get() ^ 0x55);
    io.seekp(static_cast<std::streamoff>(at));
    io.put(c);
  }
  int opened = 0;
};

}  // namespace

TEST_CASE_METHOD(Laptop, "a program that starts locked answers nothing until somebody signs in") {
  const auto front = this->front();
  CHECK(front->node() == nullptr);
  CHECK(as(*front, "", "GET", "/api/status").error() == "accounts.sign_in");
  const Got before = as(*front, "", "GET", "/api/session");
  CHECK(before.yes("locked"));
  CHECK(before.text("logins.0") == "tam");
  CHECK_FALSE(before.yes("signed_in"));

  const Got wrong = sign_in(*front, "sai mật khẩu");
  CHECK(wrong.status == 401);
  CHECK(wrong.error() == "accounts.wrong_password");
  CHECK(front->node() == nullptr);

  const Got got = sign_in(*front);
  CHECK(got.status == 200);
  CHECK(got.text("actor") == "Người tam, Chức vụ");
  CHECK(opened == 1);
  const std::string session = got.text("session");
  CHECK(as(*front, session, "GET", "/api/status").text("unit_code") == "1440101");
  CHECK(as(*front, "", "GET", "/api/status").error() == "accounts.sign_in");

  as(*front, session, "DELETE", "/api/session");
  CHECK(as(*front, session, "GET", "/api/status").error() == "accounts.sign_in");
}

TEST_CASE_METHOD(Laptop,
                 "a session that nobody uses ends, and the next one asks for the password") {
  const auto front = this->front();
  const std::string session = session_of(*front);
  clock.advance(limits::kSessionIdleMs - 1'000);
  CHECK(as(*front, session, "GET", "/api/status").status == 200);
  clock.advance(limits::kSessionIdleMs + 1'000);
  CHECK(as(*front, session, "GET", "/api/status").status == 401);
  CHECK(as(*front, session_of(*front), "GET", "/api/status").status == 200);
}

TEST_CASE_METHOD(Laptop, "the actor of an event is who is signed in, never a text of the request") {
  const auto front = this->front();
  const std::string session = session_of(*front);
  const std::string other = R"({"fields":{"head":"An"},"actor":"Ông Khác, Chủ tịch"})";
  CHECK(as(*front, session, "POST", "/api/households", other).error() == "accounts.own_name");
  const Got made = as(*front, session, "POST", "/api/households", R"({"fields":{"head":"An"}})");
  const Got history = as(*front, session, "GET", "/api/entities/" + made.text("id") + "/history");
  CHECK(history.text("events.0.actor") == "Người tam, Chức vụ");
}

TEST_CASE_METHOD(Laptop,
                 "a disabled user is out at once, and one with a new password signs in anew") {
  const auto front = this->front();
  const std::string tam = session_of(*front);
  const std::string add =
      R"({"login":"sau","name":"Bùi Thị Sáu","role":"village_head","password":"12345678"})";
  CHECK(as(*front, tam, "POST", "/api/users", add).status == 200);
  CHECK(as(*front, tam, "POST", "/api/users", add).error() == "accounts.exists");
  const std::string sau = sign_in(*front, "12345678", "sau").text("session");
  CHECK(as(*front, sau, "GET", "/api/users").size("users") == 2);

  CHECK(as(*front, tam, "PATCH", "/api/users/sau", R"({"disabled":true})").yes("disabled"));
  CHECK(as(*front, sau, "GET", "/api/status").status == 401);
  CHECK(sign_in(*front, "12345678", "sau").error() == "accounts.disabled");
  CHECK(as(*front, tam, "PATCH", "/api/users/tam", R"({"disabled":true})").error() ==
        "accounts.last_one");

  CHECK(as(*front, tam, "PATCH", "/api/users/sau", R"({"disabled":false,"password":"87654321"})")
            .status == 200);
  CHECK(sign_in(*front, "12345678", "sau").error() == "accounts.wrong_password");
  const std::string again = sign_in(*front, "87654321", "sau").text("session");
  CHECK(as(*front, again, "POST", "/api/session/password", R"({"old":"x","new":"abcdefgh"})")
            .error() == "accounts.wrong_password");
  CHECK(as(*front, again, "POST", "/api/session/password", R"({"old":"87654321","new":"abc"})")
            .error() == "accounts.short_password");
  CHECK(as(*front, again, "POST", "/api/session/password", R"({"old":"87654321","new":"abcdefgh"})")
            .status == 200);
  CHECK(as(*front, again, "GET", "/api/status").status == 200);
  CHECK(sign_in(*front, "abcdefgh", "sau").status == 200);
}

TEST_CASE("an account is disabled only while another in use could enable it again") {
  World world;
  world.add("xa", "14401", "province");
  Desk& desk = world.desk("xa");
  add_user(desk, "cuong", "commune_officer");
  add_user(desk, "cc", "commune_officer");
  add_user(desk, "tt", "village_head", world.unit_no("1440101"));
  Node& node = world.node("xa");
  const std::string cc = desk.proof("cc");
  const auto set = [&](const char* login, const char* what) {
    return as(node, cc, "PATCH", std::string("/api/users/") + login, what).error();
  };
  CHECK(set("cuong", R"({"disabled":true})").empty());
  CHECK(set("cc", R"({"disabled":true})") == "accounts.last_one");  // tt's role does not reach him
  add_user(desk, "cx", "commune_officer", world.unit_no("1440101"));
  CHECK(set("cc", R"({"disabled":true})") == "accounts.last_one");  // nor does the unit of cx
  CHECK(set("tt", R"({"disabled":true})").empty());
  CHECK(set("cuong", R"({"disabled":false})").empty());
  CHECK(set("cc", R"({"disabled":true})").empty());
}

TEST_CASE_METHOD(Laptop, "one's own password is not changed without the old one") {
  const auto front = this->front();
  const std::string session = session_of(*front);
  CHECK(as(*front, session, "PATCH", "/api/users/tam", R"({"password":"87654321"})").error() ==
        "accounts.own_password");
  CHECK(sign_in(*front).status == 200);
}

TEST_CASE_METHOD(Laptop, "ten wrong passwords wait, and the right one waits with them") {
  const auto front = this->front();
  int refused = 0;
  for (int i = 0; i < 10; ++i) {
    const Got got = sign_in(*front, "sai mật khẩu");
    refused += got.error() == "accounts.too_many_tries" ? 1 : 0;
  }
  CHECK(refused == 7);
  const Got waits = sign_in(*front);
  CHECK(waits.status == 503);
  CHECK(waits.text("error.context.seconds") == "1");
  clock.advance(1'100);
  CHECK(sign_in(*front).status == 200);
}

TEST_CASE_METHOD(Laptop, "the database of a machine that gets users is encrypted, names and all") {
  CHECK(bytes().find(kCanary) != std::string::npos);  // it was open in the clear
  const auto front = this->front();
  const std::string session = session_of(*front);
  for (int i = 0; i < 20; ++i) {
    as(*front, session, "POST", "/api/households",
       std::string(R"({"fields":{"head":")") + kCanary + std::to_string(i) + R"("}})");
  }
  CHECK(as(*front, session, "GET", "/api/households?q=chim").number("total") == 21);
  for (const char* secret : {kCanary, "Người tam", "village_head", kPassword, "chim hoang"}) {
    CHECK(bytes().find(secret) == std::string::npos);
  }
}

TEST_CASE_METHOD(Laptop, "wrong password, damaged accounts and damaged database are told apart") {
  session_of(*front());
  SECTION("wrong password") {
    const auto front = this->front();
    CHECK(sign_in(*front, "sai mật khẩu").error() == "accounts.wrong_password");
  }
  SECTION("damaged accounts") {
    forget_desk("thon");
    damage("accounts", 60);
    CHECK(Desk::open(desk_options("thon")).error().code == ErrorCode::accounts_damaged);
  }
  SECTION("damaged database") {
    forget_desk("thon");
    for (std::size_t i = 0; i < 64; ++i) damage("lalanh.db", i);
    const auto front = this->front();
    const Got got = sign_in(*front);
    CHECK(got.error() == "store.corrupt");
    CHECK(got.status == 500);
    CHECK(front->node() == nullptr);
  }
}

TEST_CASE_METHOD(Laptop, "a changed password leaves the database as it is") {
  const auto front = this->front();
  const std::string session = session_of(*front);
  must(front->node()->store().core().db->checkpoint());
  const auto read = [&] { return must(files->read(path("thon") + "/lalanh.db", 1U << 24U)); };
  const Bytes before = read();
  CHECK(as(*front, session, "POST", "/api/session/password",
           std::string(R"({"old":")") + kPassword + R"(","new":"abcdefgh"})")
            .status == 200);
  CHECK(read() == before);
}

TEST_CASE_METHOD(Laptop, "the recovery key opens a machine whose passwords are all forgotten") {
  const KeyPair recovery = KeyPair::make(random);
  {
    const auto front = this->front();
    CHECK(as(*front, session_of(*front), "POST", "/api/recovery",
             R"({"key":")" + to_hex(recovery.public_key()) + "\"}")
              .status == 200);
  }
  forget_desk("thon");
  must(desk("thon").recover(recovery, "tam", "mật khẩu mới"));
  const auto front = this->front();
  CHECK(sign_in(*front).error() == "accounts.wrong_password");
  CHECK(sign_in(*front, "mật khẩu mới").status == 200);
}

TEST_CASE_METHOD(Laptop, "secret files are their owner's alone") {
  session_of(*front());
  for (const char* name : {"accounts", "device.key"}) {
    const auto status = std::filesystem::status(path("thon") + "/" + name);
    CHECK(status.permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
}

TEST_CASE_METHOD(World,
                 "a server with users starts by its key file, and its console is the machine") {
  DeskOptions options = desk_options("province");
  options.unattended = true;
  {
    const auto desk = must(Desk::open(options));
    must(desk->add({"hanh", "Nguyễn Thị Hạnh", "Sở", "province_officer", UnitNo(), kPassword}));
  }
  const auto desk = must(Desk::open(options));
  CHECK_FALSE(desk->locked());
  CHECK(must(desk->who(desk->proof(""))).is_machine());
  CHECK(must(desk->who(desk->proof("hanh"))).role == "province_officer");
  CHECK_FALSE(desk->who("").ok());
  const std::string before = desk->proof("");
  desk->set_start_token("another start");
  CHECK_FALSE(desk->who(before).ok());
  // Without the key file a proof without a user says nothing.
  must(files->remove(data_key_path(path("province"))));
  const auto locked = must(Desk::open(options));
  CHECK(locked->locked());
  const std::string session = must(locked->sign_in("hanh", kPassword));
  CHECK(must(locked->who(session)).login == "hanh");
  CHECK_FALSE(locked->who(locked->proof("")).ok());
}

TEST_CASE_METHOD(Laptop, "encrypting that was cut short is done again, and nothing is lost") {
  // What a power cut leaves: the database in the clear, and half of the copy.
  close("thon");
  std::ofstream(path("thon") + "/lalanh.db.new", std::ios::binary) << "half of a copy";
  const auto front = this->front();
  const std::string session = session_of(*front);
  CHECK(as(*front, session, "GET", "/api/households?q=chim").number("total") == 1);
  CHECK(bytes().find(kCanary) == std::string::npos);
  CHECK_FALSE(files->exists(path("thon") + "/lalanh.db.new"));
}

TEST_CASE_METHOD(World, "a machine that was read before it had users goes on, wherever it is cut") {
  add("thon", "1440101", "province");
  household(node("thon"), "1440101", std::string(R"({"head":")") + kCanary + R"("})");
  CHECK(get(node("thon"), "/api/households").number("total") == 1);
  add_user(desk("thon"), "tam", "village_head");
  close("thon");
  const std::string home = path("thon"), pristine = path("pristine");
  const auto record = [&] { return must(files->read(audit_path(home), 1U << 24U)); };
  REQUIRE(as_text(record()).find("/api/households") != std::string_view::npos);
  std::filesystem::copy(home, pristine);
  bool cut = true;
  int changes = 0;
  for (; cut; ++changes) {
    INFO("cut after " << changes << " changes");
    forget_desk("thon");
    std::filesystem::remove_all(home);
    std::filesystem::copy(pristine, home);
    {
      FailingFiles failing(*files, changes);
      DeskOptions at_desk = desk_options("thon");
      at_desk.files = &failing;
      const auto first = must(Desk::open(at_desk));
      must(first->sign_in("tam", kPassword));
      NodeOptions options;
      options.folder = home;
      options.clock = &clock;
      options.random = &random;
      options.files = &failing;
      options.desk = first.get();
      cut = !Node::open(options).ok();
    }
    must(desk("thon").sign_in("tam", kPassword));
    const std::string proof = desk("thon").proof("tam");
    CHECK(as(node("thon"), proof, "GET", "/api/households").number("total") == 1);
    const auto lines = must(must(node("thon").audit())->newest(10));
    REQUIRE(lines.size() == 2);
    CHECK(lines.back().login.empty());  // of the time before
    CHECK(make_backup(backup_of(node("thon")), path("x.llbak")).ok());
    CHECK(as_text(record()).find("/api/households") == std::string_view::npos);
  }
  CHECK(changes > 4);
}

TEST_CASE_METHOD(World,
                 "a program that gets its first user while it runs makes backups all the same") {
  add("thon", "1440101", "province");
  desk("thon");
  household(node("thon"), "1440101", std::string(R"({"head":")") + kCanary + R"("})");
  CHECK(get(node("thon"), "/api/households").number("total") == 1);
  CHECK(post(node("thon"), "/api/users",
             R"({"login":"tam","name":"Tám","role":"village_head","password":"12345678"})")
            .status == 200);
  const std::string session = must(desk("thon").sign_in("tam", "12345678"));
  const std::string file = path("x.llbak");
  CHECK(as(node("thon"), session, "POST", "/api/backup", R"({"path":")" + file + "\"}").error() ==
        "");
  const auto restore = must(Restore::open(*files, file, path("moi")));
  must(restore->open_with_password("tam", "12345678"));
  must(restore->run());
  must(desk("moi").sign_in("tam", "12345678"));
  const std::string proof = desk("moi").proof("tam");
  CHECK(as(node("moi"), proof, "GET", "/api/households").number("total") == 1);
  CHECK(must(must(node("moi").audit())->newest(10)).size() == 4);
}

TEST_CASE_METHOD(Laptop, "a database in the clear in place of an encrypted one is refused") {
  close("thon");
  const Bytes plain = must(files->read(path("thon") + "/lalanh.db", 1U << 24U));
  session_of(*front());
  forget_desk("thon");
  for (const char* name : {"/lalanh.db-wal", "/lalanh.db-shm"})
    must(files->remove(path("thon") + name));
  must(files->replace(path("thon") + "/lalanh.db", plain, true));
  const auto front = this->front();
  CHECK(sign_in(*front).error() == "store.corrupt");
}
