#include "shared/api/print.h"

#include <algorithm>

#include "shared/catalogue/catalogue.h"
#include "shared/catalogue/check_value.h"
#include "shared/catalogue/text.h"

namespace lalanh {
namespace {

const JsonValue& at(const JsonValue& value, std::string_view key) {
  static const JsonValue kNone;
  const JsonValue* found = value.find(key);
  return found == nullptr ? kNone : *found;
}

std::string plain(const JsonValue& value) {
  if (const std::string* text = value.text()) return *text;
  if (const std::int64_t* number = value.integer()) return std::to_string(*number);
  if (const bool* flag = value.boolean()) return *flag ? "✓" : "";
  if (const JsonValue::Array* items = value.array()) {
    std::string out;
    for (const JsonValue& item : *items) out += (out.empty() ? "" : "; ") + plain(item);
    return out;
  }
  return "";
}

std::string text_at(const JsonValue& value, std::string_view key) { return plain(at(value, key)); }

const JsonValue::Array& items_at(const JsonValue& value, std::string_view key) {
  static const JsonValue::Array kNone;
  const JsonValue::Array* found = at(value, key).array();
  return found == nullptr ? kNone : *found;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.,%- ") == std::string::npos;
}

/// Writes replies in one language.
class Printer {
 public:
  explicit Printer(Language language) : vi_(language == Language::kVietnamese) {}

  std::string word(const char* vi, const char* en) const { return vi_ ? vi : en; }
  const char* key() const { return vi_ ? "vi" : "en"; }
  Language language() const { return vi_ ? Language::kVietnamese : Language::kEnglish; }

  std::string class_word(const std::string& value) const {
    if (value == "poor") return word("▲ Hộ nghèo", "▲ Poor");
    if (value == "near_poor") return word("◆ Hộ cận nghèo", "◆ Near-poor");
    if (value == "average_farm") return word("● Mức sống trung bình (NLNN)", "● Average farm");
    if (value == "not_poor") return word("● Không nghèo", "● Not poor");
    if (value == "unknown") return word("○ Chưa đủ thông tin", "○ Not enough answers");
    return word("○ Chưa rà soát", "○ Not reviewed");
  }

  std::string households(const JsonValue& reply) const {
    Table table({word("Mã", "Code"), word("Chủ hộ", "Head"), word("Khẩu", "Persons"),
                 word("Kết quả", "Result"), word("Địa chỉ", "Address"), word("Đơn vị", "Unit"),
                 ""});
    for (const JsonValue& line : items_at(reply, "households")) {
      const JsonValue& fields = at(line, "fields");
      std::string mark = *at(line, "conflict").boolean() ? "≠" : "";
      if (!*at(line, "counted").boolean()) mark += word(" đã đưa ra", " removed");
      table.add({text_at(fields, "code"), text_at(fields, "head"), text_at(line, "members"),
                 class_word(text_at(line, "class")), text_at(fields, "address"),
                 text_at(line, "unit_name"), mark});
    }
    if (table.empty()) {
      return word("Không có hộ nào như vậy. Thêm bằng: lalanh household add head='…' code=…\n",
                  "No such household. Add one with: lalanh household add head='…' code=…\n");
    }
    return table.text() + text_at(reply, "total") + word(" hộ", " households") + "\n";
  }

  std::string fields(const char* type, const JsonValue& values, const std::string& indent) const {
    std::string out;
    const EntityType* known = Catalogue::builtin().type(type);
    for (const Field& field : known->fields) {
      const JsonValue* value = values.find(field.name);
      if (value == nullptr) continue;
      std::string shown_text;
      if (value->array() != nullptr) {
        for (const JsonValue& item : *value->array()) {
          shown_text += (shown_text.empty() ? "" : "; ") + one(field, item);
        }
      } else {
        shown_text = one(field, *value);
      }
      out += indent + field.label.in(language()) + ": " + shown_text + "\n";
    }
    return out;
  }

  std::string household(const JsonValue& reply) const {
    std::string out = text_at(at(reply, "fields"), "head") + " · " + text_at(reply, "unit_name") +
                      " · " + text_at(reply, "id") + "\n";
    if (text_at(reply, "presence") == "removed") {
      out += word("Đã đưa ra khỏi danh sách\n", "Removed from the register\n");
    }
    out += fields("household", at(reply, "fields"), "  ") + conflicts_of(reply);
    out += word("Nhân khẩu\n", "Members\n");
    for (const JsonValue& member : items_at(reply, "members")) {
      if (text_at(member, "presence") == "removed") continue;
      out += "  " + text_at(member, "id") + "\n" + fields("member", at(member, "fields"), "    ");
      out += conflicts_of(member);
    }
    out += word("Rà soát\n", "Assessments\n");
    for (const JsonValue& each : items_at(reply, "assessments")) {
      if (text_at(each, "presence") == "removed") continue;
      out += "  " + text_at(at(each, "fields"), "period") + ": " +
             class_word(text_at(each, "class")) + " · " + text_at(each, "id") + "\n";
      out += "    " + text_at(at(each, "reason"), key()) + "\n";
      for (const JsonValue& finding : items_at(each, "findings")) {
        out += "    ⚠ " + text_at(finding, key()) + "\n";
      }
      out += fields("assessment", at(each, "fields"), "    ") + conflicts_of(each);
    }
    return out;
  }

  std::string conflicts(const JsonValue& reply) const {
    if (items_at(reply, "conflicts").empty()) {
      return word("Không có số liệu nào chưa khớp.\n", "Nothing to settle.\n");
    }
    std::string out;
    for (const JsonValue& each : items_at(reply, "conflicts")) {
      out += "≠ " + text_at(each, "head") + " (" + text_at(each, "code") + ") · " +
             text_at(each, "unit_name") + " · " + text_at(each, "id") + "\n";
      if (*at(each, "disputed").boolean()) {
        out += word("    Nơi đưa ra, nơi sửa: chọn --removal remove hoặc keep\n",
                    "    Removed here, edited there: choose --removal remove or keep\n");
      }
      for (const JsonValue& field : items_at(each, "fields")) {
        out += "    " + text_at(at(field, "label"), key()) + " (" + text_at(field, "name") + ")\n";
        for (const JsonValue& value : items_at(field, "values")) {
          out += "      " + text_at(value, "value") + " · " + text_at(value, "actor") +
                 word(" · máy số ", " · device ") + text_at(value, "device") + " · " +
                 text_at(value, "time") + "\n";
        }
      }
    }
    return out;
  }

  std::string findings(const JsonValue& reply) const {
    Table table({word("Chỗ cần xem", "Finding"), word("Mã", "Code"), word("Chủ hộ", "Head"),
                 word("Đơn vị", "Unit"), word("Chi tiết", "Detail")});
    for (const JsonValue& each : items_at(reply, "findings")) {
      table.add({finding_word(text_at(each, "kind")), text_at(each, "code"), text_at(each, "head"),
                 text_at(each, "unit_name"), text_at(each, "detail")});
    }
    if (table.empty()) return word("Không có chỗ nào cần xem lại.\n", "No findings.\n");
    return table.text();
  }

  std::string finding_word(const std::string& kind) const {
    if (kind == "two_heads") return word("Hai chủ hộ trong một hộ", "Two heads of household");
    if (kind == "assessed_twice") return word("Rà soát hai lần một kỳ", "Assessed twice");
    if (kind == "citizen_twice")
      return word("Một số định danh ở hai hộ", "One citizen id, two households");
    if (kind == "class_differs")
      return word("Kết quả ghi khác kết quả tính", "Entered class differs");
    if (kind == "score_differs")
      return word("Điểm B2 khác số chỉ tiêu", "B2 differs from indicators");
    if (kind == "income_disagrees")
      return word("Điểm B1 và thu nhập trái nhau", "B1 and income disagree");
    return kind;
  }

  std::string report(const JsonValue& reply) const {
    std::string out = word("Tổng hợp kết quả rà soát, kỳ ", "Results of the review, period ") +
                      text_at(reply, "period") + word(" · địa giới ngày ", " · units of ") +
                      text_at(reply, "date") + "\n";
    Table table({word("Đơn vị", "Unit"), word("Số hộ", "Households"), word("Nhân khẩu", "Persons"),
                 word("Hộ nghèo", "Poor"), "%", word("Hộ cận nghèo", "Near-poor"), "%",
                 word("Hộ NLNN", "Average farm"), "%", word("Khẩu nghèo", "Poor persons"),
                 word("Khẩu cận nghèo", "Near-poor persons"), word("Đã rà soát", "Assessed")});
    for (const JsonValue& row : items_at(reply, "children")) add_row(table, row);
    const JsonValue& own = at(reply, "own");
    if (items_at(reply, "children").empty() == false && text_at(own, "households") != "0") {
      add_row(table, own);
    }
    add_row(table, at(reply, "total"));
    for (const JsonValue& row : items_at(reply, "unplaced")) add_row(table, row);
    return out + table.text();
  }

  std::string reported(const JsonValue& reply) const {
    Table table({word("Đơn vị", "Unit"), word("Số hộ", "Households"),
                 word("Đã rà soát", "Assessed"), word("Số liệu đến lúc", "Newest arrival"),
                 word("Liên lạc cuối", "Last contact")});
    for (const JsonValue& row : items_at(reply, "units")) {
      const std::string newest = text_at(row, "newest_arrival");
      table.add({text_at(row, "name"), text_at(row, "households"), text_at(row, "assessed"),
                 newest.empty() ? word("⚠ chưa gửi", "⚠ nothing yet") : newest,
                 text_at(row, "last_contact")});
    }
    return table.text();
  }

  std::string history(const JsonValue& reply) const {
    std::string out;
    for (const JsonValue& event : items_at(reply, "events")) {
      out += text_at(event, "time") + " · " + text_at(event, "actor") +
             word(" · máy số ", " · device ") + text_at(event, "device") + " · " +
             text_at(event, "verb") + "\n";
      for (const JsonValue& op : items_at(event, "ops")) {
        const std::string name = text_at(op, "name");
        out += "    " + text_at(op, "op") + (name.empty() ? "" : " " + name) +
               (at(op, "value").is_null() ? "" : " = " + text_at(op, "value")) + "\n";
      }
    }
    return out.empty() ? word("Chưa có thay đổi nào.\n", "Nothing yet.\n") : out;
  }

  std::string import(const JsonValue& reply) const {
    std::string out;
    for (const JsonValue& bad : items_at(reply, "bad")) {
      out +=
          text_at(bad, "file") + word(", dòng ", ", row ") + text_at(bad, "row") +
          (text_at(bad, "column").empty() ? ""
                                          : word(", cột ", ", column ") + text_at(bad, "column")) +
          ": " + text_at(at(bad, "reason"), key()) + "\n";
    }
    const bool imported = *at(reply, "imported").boolean();
    out += text_at(reply, "rows") + word(" dòng; ", " rows; ");
    if (!imported) {
      return out + word("chưa nhập dòng nào.\n", "nothing was imported.\n");
    }
    return out + text_at(reply, "created") + word(" mục mới, ", " new, ") +
           text_at(reply, "changed") + word(" mục sửa, ", " changed, ") +
           text_at(reply, "unchanged") +
           word(" mục không đổi. Đã lưu trên máy này.\n", " unchanged. Saved on this computer.\n");
  }

  std::string sync(const JsonValue& reply) const {
    if (*at(reply, "equal_at_start").boolean()) {
      return word("Hai bên đã có như nhau, không có gì phải gửi.\n",
                  "Both sides hold the same; nothing to send.\n");
    }
    std::string out = word("Đã gửi ", "Sent ") + text_at(reply, "events_sent") +
                      word(" mục, đã nhận ", " events, received ") +
                      text_at(reply, "events_received") + word(" mục.", " events.");
    if (text_at(reply, "waiting") != "0") {
      out +=
          " ◷ " + text_at(reply, "waiting") + word(" mục đang chờ mục đi trước.", " are waiting.");
    }
    out += "\n";
    for (const JsonValue& refusal : items_at(reply, "refusals")) {
      out += "⚠ " + text_at(refusal, "stream") + ": " + text_at(refusal, "error") + "\n";
    }
    return out;
  }

  std::string status(const JsonValue& reply) const {
    std::string out = "Lá Lành " + text_at(reply, "version") + " · " + text_at(reply, "unit_name") +
                      word(" · máy số ", " · device ") + text_at(reply, "device") + "\n";
    out += text_at(reply, "households") + word(" hộ trên máy này; ", " households here; ");
    out += text_at(reply, "conflicts") + word(" chỗ chưa khớp\n", " to settle\n");
    out += text_at(reply, "unsent") + word(" mục đang chờ gửi", " events waiting to be sent");
    const std::string received = text_at(reply, "received_by_parent");
    if (!received.empty()) {
      out += word("; cấp trên đã nhận đủ đến ", "; the parent has all up to ") + received;
    }
    const std::string waiting = text_at(reply, "waiting");
    if (waiting != "0") {
      out += "\n◷ " + waiting +
             word(" mục đang chờ mục đi trước: vẫn giữ, chưa tính",
                  " events wait for what comes before: kept, not counted");
    }
    return out + "\n" + word("Cấp trên: ", "Parent: ") + text_at(reply, "parent") + "\n";
  }

  std::string verify(const JsonValue& reply) const {
    std::string out;
    for (const JsonValue& each : items_at(reply, "differences")) out += "⚠ " + plain(each) + "\n";
    out += text_at(reply, "events") + word(" mục, ", " events, ") + text_at(reply, "segments") +
           word(" đoạn, ", " segments, ") + text_at(reply, "entities") +
           word(" đối tượng đã tính lại từ nhật ký: ", " entities recomputed from the log: ");
    out += *at(reply, "ok").boolean() ? word("khớp hết.", "all agree.")
                                      : word("CÓ CHỖ KHÁC.", "THERE ARE DIFFERENCES.");
    return out + "\n" + text_at(reply, "digest") + "\n";
  }

  std::string done(const JsonValue& reply) const {
    const JsonValue& changed = at(reply, "changed");
    if (changed.boolean() != nullptr && !*changed.boolean()) {
      return word("Không có gì khác với bản đang có.\n", "Nothing differed.\n");
    }
    const std::string id = text_at(reply, "id");
    return word("Đã lưu trên máy này.", "Saved on this computer.") + (id.empty() ? "" : " " + id) +
           "\n";
  }

  std::string config(const JsonValue& reply) const {
    return "actor: " + text_at(reply, "actor") + "\nparent: " + text_at(reply, "parent") + "\n";
  }

 private:
  std::string one(const Field& field, const JsonValue& value) const {
    const Result<FieldValue> checked = check_value(field, value, "");
    return checked.ok() ? shown(field, *checked, language()) : plain(value);
  }

  std::string conflicts_of(const JsonValue& entity) const {
    const std::string names = plain(at(entity, "conflicts"));
    return names.empty() ? "" : word("    ≠ chưa khớp: ", "    ≠ to settle: ") + names + "\n";
  }

  void add_row(Table& table, const JsonValue& row) const {
    const auto number = [&](const char* key_name, const char* part) {
      return text_at(at(row, key_name), part);
    };
    table.add({text_at(row, "name"), text_at(row, "households"), text_at(row, "persons"),
               number("poor", "households"), number("poor", "percent"),
               number("near_poor", "households"), number("near_poor", "percent"),
               number("average_farm", "households"), number("average_farm", "percent"),
               number("poor", "persons"), number("near_poor", "persons"),
               text_at(row, "assessed")});
  }

  bool vi_;
};

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_[0].size(), 0);
  std::vector<bool> numbers(rows_[0].size(), rows_.size() > 1);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t c = 0; c < rows_[r].size(); ++c) {
      widths[c] = (std::max)(widths[c], character_count(rows_[r][c]));
      if (r > 0 && !is_number(rows_[r][c]) && !rows_[r][c].empty()) numbers[c] = false;
    }
  }
  std::string out;
  for (const std::vector<std::string>& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string pad(widths[c] - character_count(row[c]), ' ');
      line += (c == 0 ? "" : "  ") + (numbers[c] ? pad + row[c] : row[c] + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string text_of(const std::vector<std::string>& command, const JsonValue& reply,
                    Language language) {
  const Printer printer(language);
  const std::string& first = command.front();
  const std::string second = command.size() > 1 ? command[1] : "";
  if (first == "household" && second == "list") return printer.households(reply);
  if (first == "household" && second == "show") return printer.household(reply);
  if (first == "conflicts") return printer.conflicts(reply);
  if (first == "findings") return printer.findings(reply);
  if (first == "report") return printer.report(reply);
  if (first == "reported") return printer.reported(reply);
  if (first == "history" || first == "log") return printer.history(reply);
  if (first == "import") return printer.import(reply);
  if (first == "sync") return printer.sync(reply);
  if (first == "status") return printer.status(reply);
  if (first == "verify") return printer.verify(reply);
  if (first == "config") return printer.config(reply);
  return printer.done(reply);
}

std::string message_of(const JsonValue& reply, Language language) {
  const char* key = language == Language::kVietnamese ? "vi" : "en";
  return text_at(at(at(reply, "error"), "message"), key);
}

std::string error_name_of(const JsonValue& reply) { return text_at(at(reply, "error"), "name"); }

std::string bar(std::uint64_t done, std::uint64_t whole) {
  constexpr std::uint64_t kWidth = 30;
  const std::uint64_t part = whole == 0 ? 0 : (std::min)(done, whole) * kWidth / whole;
  std::string out = "[" + std::string(part, '#') + std::string(kWidth - part, ' ') + "] ";
  return out + (whole == 0 ? "…" : std::to_string((std::min)(done, whole) * 100 / whole) + " %");
}

}  // namespace lalanh
