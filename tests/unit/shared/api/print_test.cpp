#include "shared/api/print.h"

#include <catch2/catch.hpp>

#include "shared/api/print_words.h"
#include "shared/api/table.h"

using namespace lalanh;

namespace {

std::string printed(const std::vector<std::string>& command, const char* reply, Language language) {
  return text_of(command, parse_json(reply, "reply").value(), language);
}
std::string vi(const std::vector<std::string>& command, const char* reply) {
  return printed(command, reply, Language::kVietnamese);
}

}  // namespace

TEST_CASE("tables stand straight under Vietnamese letters, numbers to the right") {
  Table table({"Đơn vị", "Hộ nghèo"});
  table.add({"Xã Lạc Vân", "12"});
  table.add({"Xã A", "3"});
  CHECK(table.text() == "Đơn vị      Hộ nghèo\nXã Lạc Vân        12\nXã A               3\n");
}

TEST_CASE("times and dates are written as people write them, anything else is kept") {
  const Words words(Language::kVietnamese);
  CHECK(words.time("2026-11-28T16:44:36+07:00") == "16:44 28/11/2026");
  CHECK(Words(Language::kEnglish).time("2026-11-28T16:44:36+07:00") == "2026-11-28 16:44");
  CHECK(words.time("") == "");
  CHECK(words.date("2026-11-28") == "28/11/2026");
  CHECK(words.date("soon") == "soon");
}

TEST_CASE("history names fields and choices by their labels and says what was done in words") {
  const char* reply = R"({"events":[{"time":"2026-11-28T16:44:36+07:00","actor":"Bùi Văn Quyết",
    "device":7,"verb":"correct","type":"household","head":"Lê Thị Mận","code":"ĐN-1",
    "waiting":false,"ops":[{"op":"set","name":"head_sex","value":"F"},
    {"op":"set","name":"phone","value":null},{"op":"remove","name":"","value":"Chuyển đi"}]}]})";
  CHECK(vi({"history"}, reply) ==
        "16:44 28/11/2026 · Bùi Văn Quyết · máy số 7 · sửa · Hộ · Lê Thị Mận (ĐN-1)\n"
        "    Giới tính của chủ hộ: Nữ\n"
        "    Điện thoại: (để trống)\n"
        "    đưa ra khỏi danh sách: Chuyển đi\n");
}

TEST_CASE("two devices of one number are told apart by their keys") {
  const char* reply = R"({"devices":[
    {"device":7,"unit_name":"Thôn Một","server":false,"own":false,"key":"00112233445566778899",
     "state":"active","last_contact":null},
    {"device":7,"unit_name":"Thôn Hai","server":false,"own":false,"key":"ffeeddccbbaa99887766",
     "state":"active","last_contact":null},
    {"device":8,"unit_name":"Thôn Ba","server":false,"own":false,"key":"1234567890abcdef1234",
     "state":"active","last_contact":null}],"machines":[]})";
  const std::string text = vi({"devices"}, reply);
  CHECK(text.find("7 (0011223344556677)") != std::string::npos);
  CHECK(text.find("7 (ffeeddccbbaa9988)") != std::string::npos);
  CHECK(text.find("1234567890abcdef") == std::string::npos);
}

TEST_CASE("an import says what it did, and a dry run that it wrote nothing") {
  const auto reply = [](const char* imported, const char* dry_run, const char* bad) {
    return std::string(R"({"rows":3,"created":2,"changed":0,"unchanged":0,"imported":)") +
           imported + R"(,"dry_run":)" + dry_run + R"(,"bad":[)" + bad + "]}";
  };
  const char* bad =
      R"({"file":"thon.csv","row":4,"column":"head","reason":{"vi":"Thiếu.","en":""}})";
  CHECK(vi({"import"}, reply("true", "false", "").c_str()).find("Đã lưu trên máy này") !=
        std::string::npos);
  CHECK(vi({"import"}, reply("false", "true", "").c_str()).find("chưa ghi gì") !=
        std::string::npos);
  CHECK(vi({"import"}, reply("false", "false", bad).c_str()).find("chưa nhập dòng nào") !=
        std::string::npos);
  const std::string good = vi({"import"}, reply("true", "false", bad).c_str());
  CHECK(good.find("thon.csv, dòng 4, cột head: Thiếu.") != std::string::npos);
  CHECK(good.find("Các dòng ấy không được nhập") != std::string::npos);
}

TEST_CASE("the topmost server has nothing to send and no parent to name") {
  const std::string text = vi({"status"}, R"({"version":"1","unit_name":"Tỉnh Ninh Bình","device":1,
    "households":5,"conflicts":0,"unsent":0,"waiting":0,"top":true,"parent":""})");
  CHECK(text.find("Máy chủ cao nhất") != std::string::npos);
  CHECK(text.find("chờ gửi") == std::string::npos);
}

TEST_CASE("what a hostile village wrote begins no line and no command of the terminal") {
  const char* reply = R"({"total":1,"period":"","households":[{"unit_name":"Thôn \u001b[2J",
    "counted":true,"moved":false,"members":0,"conflict":false,"class":null,
    "fields":{"head":"A\u001b]0;x\u0007\nB-2  Giả","code":"B-1","address":"\u202egpj"}}]})";
  const std::string list = vi({"household", "list"}, reply);
  CHECK(list.find("B-1  A�]0;x��B-2  Giả") != std::string::npos);
  CHECK(list.find("�gpj") != std::string::npos);
  CHECK(list.find("Thôn �[2J") != std::string::npos);
  const char* note = R"({"events":[{"time":"","actor":"Ai\u009b1m","device":7,"verb":"correct",
    "type":"household","head":"","code":"","waiting":false,
    "ops":[{"op":"set","name":"note","value":"một\n✓ huyện đã có đủ"}]}]})";
  const std::string history = vi({"history"}, note);
  CHECK(history.find("Ai�1m") != std::string::npos);
  CHECK(history.find("\n        ✓ huyện") != std::string::npos);
}
