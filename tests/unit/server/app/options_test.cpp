// clang-format off
#include "shared/api/exit_code.h"
#include "server/app/options.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;

namespace {

Options parsed(const std::vector<std::string>& arguments) {
  Options options;
  const auto result = parse_options(arguments, options);
  INFO((result.ok() ? "" : result.error().message(Language::kEnglish)));
  REQUIRE(result.ok());
  REQUIRE(result->empty());
  return options;
}

std::string refused(const std::vector<std::string>& arguments) {
  Options options;
  const auto result = parse_options(arguments, options);
  return result.ok() ? "" : result.error().name();
}

}  // namespace

TEST_CASE("serve listens on the loopback address and syncs upward at one unless told otherwise") {
  const Options o = parsed({"serve", "--folder", "d"});
  CHECK(o.command == Command::kServe);
  CHECK(o.folder == "d");
  CHECK(o.host == "127.0.0.1");
  CHECK_FALSE(o.lan);
  CHECK(o.sync_up.nightly);
  CHECK(o.sync_up.at_minute == 60);
  CHECK(o.manner.language == Language::kVietnamese);
}

TEST_CASE("serve takes address, hour, threads and log file") {
  const Options o =
      parsed({"--folder", "d", "--json", "--lang", "en", "serve", "--listen", "127.0.0.1:0",
              "--sync-at", "23:45", "--no-sync-up", "--threads", "8", "--log", "l.txt"});
  CHECK(o.port == 0);
  CHECK(o.sync_up.at_minute == 23 * 60 + 45);
  CHECK_FALSE(o.sync_up.nightly);
  CHECK(o.threads == 8);
  CHECK(o.log_file == "l.txt");
  CHECK(o.manner.json);
  CHECK(o.manner.language == Language::kEnglish);
}

TEST_CASE("an address that other machines can reach is told apart from one of this machine") {
  for (const char* address : {"0.0.0.0:8750", "192.168.1.5:8750", "[::]:8750", "hall.example:80"}) {
    CHECK(parsed({"serve", "--listen", address}).lan);
  }
  for (const char* address : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"}) {
    CHECK_FALSE(parsed({"serve", "--listen", address}).lan);
  }
}

TEST_CASE("a name that only looks like a loopback address is none") {
  CHECK_FALSE(is_loopback("127.0.0.1.evil.example"));
  CHECK_FALSE(is_loopback("1270.0.0.1"));
  CHECK_FALSE(is_loopback(""));
}

TEST_CASE("wrong command lines are refused with the word that is wrong") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> lines = {
      {{}, "input.missing_word"},
      {{"nonsense"}, "input.unknown_word nonsense"},
      {{"serve", "extra"}, "input.unknown_word extra"},
      {{"serve", "--folders", "x"}, "input.unknown_word --folders"},
      {{"serve", "--threads", "0"}, "input.bad_option --threads"},
      {{"serve", "--threads", "x"}, "input.bad_option --threads"},
      {{"serve", "--threads"}, "input.bad_option --threads"},
      {{"serve", "--listen", "8750"}, "input.usage"},
      {{"serve", "--listen", "127.0.0.1:99999"}, "input.usage"},
      {{"serve", "--sync-at", "25:00"}, "input.usage"},
      {{"serve", "--sync-at", "1:00"}, "input.usage"},
      {{"status", "--lang", "fr"}, "input.bad_option --lang"},
      {{"status", "--folder", ""}, "input.usage"},
      {{"certify"}, "input.missing_word"},
      {{"init"}, "input.usage"},
      {{"init", "a.llticket", "--units", "u.csv"}, "input.usage"},
      {{"ticket", "--unit", "1440101"}, "input.usage"},
      {{"ticket", "--unit", "1", "--out", "f", "--days", "0"}, "input.bad_option --days"},
      {{"ticket", "cancel"}, "input.missing_word"},
      {{"device"}, "input.missing_word"},
      {{"device", "revoke"}, "input.missing_word"},
      {{"device", "revoke", "7", "--nothing", "--lost-since", "2026-01-01"},
       "input.not_together --lost-since --nothing"},
      {{"status", "report"}, "input.unknown_word report"}};
  for (const auto& [line, expected] : lines) {
    Options options;
    const auto result = parse_options(line, options);
    REQUIRE_FALSE(result.ok());
    const Error& error = result.error();
    INFO(error.message(Language::kEnglish));
    std::string said = error.name();
    if (error.code == ErrorCode::input_unknown_word) said += " " + std::string(error.value("word"));
    if (error.code == ErrorCode::input_bad_option) said += " " + std::string(error.value("option"));
    if (error.code == ErrorCode::input_not_together) {
      said += " " + std::string(error.value("option")) + " " + std::string(error.value("other"));
    }
    CHECK(said == expected);
  }
}

TEST_CASE("a mistake is answered in the language and form that were asked for") {
  Options options;
  CHECK_FALSE(parse_options({"nonsense", "--lang=en", "--json"}, options).ok());
  CHECK(options.manner.json);
  CHECK(options.manner.language == Language::kEnglish);
}

TEST_CASE("help speaks one language, in the program's words too") {
  Options options;
  const std::string vi = parse_options({"serve", "--help"}, options).value();
  CHECK(vi.find("Cách dùng: lalanhd serve") != std::string::npos);
  CHECK(vi.find("Print this help") == std::string::npos);
  CHECK(vi.find(" · ") == std::string::npos);
  const std::string en = parse_options({"serve", "--help", "--lang", "en"}, options).value();
  CHECK(en.find("Print this help") != std::string::npos);
  CHECK(en.find("Chạy máy chủ") == std::string::npos);
}

TEST_CASE("each command has its own arguments") {
  const Options init = parsed({"init", "--units", "units.csv", "--actor", "Trần Thị Mai, Sở"});
  CHECK(init.command == Command::kInit);
  CHECK(init.units_file == "units.csv");
  CHECK(init.actor == "Trần Thị Mai, Sở");
  const Options child = parsed({"init", "hall.llticket", "--stick", "/media/usb"});
  CHECK(child.ticket == "hall.llticket");
  CHECK(child.stick == "/media/usb");
  const Options ticket = parsed({"ticket", "--unit", "14701", "--unit", "14702", "--role", "server",
                                 "--out", "d", "--address", "192.168.1.5:8750"});
  CHECK(ticket.command == Command::kTicket);
  CHECK(ticket.units == std::vector<std::string>{"14701", "14702"});
  CHECK(ticket.role == "server");
  CHECK(ticket.addresses == std::vector<std::string>{"192.168.1.5:8750"});
  CHECK(ticket.out == "d");
  const Options cancel = parsed({"ticket", "cancel", "2097153"});
  CHECK(cancel.command == Command::kTicketCancel);
  CHECK(cancel.id == "2097153");
  CHECK(parsed({"tickets"}).command == Command::kTickets);
  CHECK(parsed({"certify", "a.llreq"}).paths == std::vector<std::string>{"a.llreq"});
  CHECK(parsed({"enrol", "a.llcert"}).answer == "a.llcert");
  CHECK(parsed({"enrol"}).answer.empty());
  const Options revoke = parsed({"device", "revoke", "12", "--lost-since", "2026-10-01", "--yes"});
  CHECK(revoke.command == Command::kDeviceRevoke);
  CHECK(revoke.lost_since == "2026-10-01");
  CHECK(revoke.yes);
  const Options report = parsed({"report", "--period", "2023", "--unit", "372"});
  CHECK(report.period == "2023");
  CHECK(report.unit == "372");
  CHECK(parsed({"reported", "--all"}).all);
  CHECK(parsed({"sync-up"}).command == Command::kSyncUp);
}

TEST_CASE("help and version are shown, of the program and of each command") {
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"--help"}, {"serve", "--help"}, {"--version"}}) {
    Options options;
    const auto result = parse_options(line, options);
    REQUIRE(result.ok());
    CHECK_FALSE(result->empty());
  }
  Options options;
  const auto serve = parse_options({"serve", "--help"}, options);
  CHECK(serve->find("--listen") != std::string::npos);
}

TEST_CASE("exit codes follow the error's name") {
  CHECK(exit_of("") == Exit::kDone);
  CHECK(exit_of("input.usage") == Exit::kUsage);
  CHECK(exit_of("sync.unreachable") == Exit::kTryAgain);
  CHECK(exit_of("sync.not_tls") == Exit::kTryAgain);
  CHECK(exit_of("trust.other_server") == Exit::kTrust);
  CHECK(exit_of("sync.refused") == Exit::kFailed);
  CHECK(exit_of("store.locked") == Exit::kStore);
  CHECK(exit_of("store.verify") == Exit::kDifference);
  CHECK(exit_of("trust.not_enrolled") == Exit::kTrust);
  CHECK(exit_of("system.cancelled") == Exit::kStopped);
  CHECK(exit_of("register.not_found") == Exit::kFailed);
}

TEST_CASE("bundles go up or to a unit, and one of both must be said") {
  const Options up = parsed({"bundle", "export", "stick", "--up", "--folder", "d", "--json"});
  CHECK(up.command == Command::kBundleExport);
  CHECK(up.paths == std::vector<std::string>{"stick"});
  CHECK(up.folder == "d");
  CHECK(up.manner.json);
  const Options down =
      parsed({"bundle", "export", "stick", "--for", "1440401", "--part-bytes", "200000"});
  CHECK(down.unit == "1440401");
  CHECK(down.part_bytes == 200'000);
  CHECK(refused({"bundle", "export", "stick"}) == "input.usage");
  CHECK_FALSE(refused({"bundle", "export", "stick", "--up", "--for", "1"}).empty());
  CHECK_FALSE(refused({"bundle", "export"}).empty());
  CHECK_FALSE(refused({"bundle"}).empty());
  const Options in = parsed({"bundle", "import", "a", "b.llb"});
  CHECK(in.command == Command::kBundleImport);
  CHECK(in.paths == std::vector<std::string>{"a", "b.llb"});
  CHECK(parsed({"bundle", "inspect", "a"}).command == Command::kBundleInspect);
}
