#include "shared/api/print.h"

#include <algorithm>

#include "shared/api/print_bundle.h"
#include "shared/api/print_devices.h"
#include "shared/api/print_events.h"
#include "shared/api/print_node.h"
#include "shared/api/print_users.h"
#include "shared/api/table.h"
#include "shared/catalogue/catalogue.h"
#include "shared/catalogue/check_value.h"

namespace lalanh {
namespace {

/// Writes replies in one language.
class Printer : public EventWords {
 public:
  using EventWords::EventWords;

  std::string households(const JsonValue& reply) const {
    Table table({word("Mã", "Code"), word("Chủ hộ", "Head"), word("Khẩu", "Persons"),
                 word("Kết quả", "Result"), word("Địa chỉ", "Address"), word("Đơn vị", "Unit"),
                 ""});
    for (const JsonValue& line : items_at(reply, "households")) {
      const JsonValue& fields = at(line, "fields");
      std::string mark = *at(line, "conflict").boolean() ? "≠" : "";
      if (*at(line, "moved").boolean()) {
        mark += word(" đã chuyển đi", " moved");
      } else if (!*at(line, "counted").boolean()) {
        mark += word(" đã đưa ra", " removed");
      }
      table.add({text_at(fields, "code"), text_at(fields, "head"), text_at(line, "members"),
                 class_word(text_at(line, "class")), text_at(fields, "address"),
                 text_at(line, "unit_name"), mark});
    }
    if (table.empty()) {
      return word("Không có hộ nào như vậy. Thêm bằng: lalanh household add head='…' code=…\n",
                  "No such household. Add one with: lalanh household add head='…' code=…\n");
    }
    const std::string shown_count = number(std::to_string(items_at(reply, "households").size()));
    const std::string total = number(text_at(reply, "total"));
    std::string out = table.text() + total + word(" hộ", " households");
    if (shown_count != total) {
      out = table.text() + shown_count + word(" trong ", " of ") + total +
            word(" hộ; xem tiếp bằng --offset", " households; go on with --offset");
    }
    const std::string period = text_at(reply, "period");
    return out + (period.empty() ? "" : word(" · kết quả kỳ ", " · results of ") + period) + "\n";
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
    const std::string presence = text_at(reply, "presence");
    if (presence == "removed") {
      out += word("Đã đưa ra khỏi danh sách\n", "Removed from the register\n");
    } else if (presence == "disputed") {
      out +=
          word("≠ Có người đưa ra khỏi danh sách, có người vẫn sửa: cần chọn (settle --removal)\n",
               "≠ Removed by one, edited by another: to be settled (settle --removal)\n");
    }
    out += removals(reply, "  ");
    if (!at(reply, "moved_from").is_null()) {
      out += moved_line(at(reply, "moved_from"), word("Chuyển từ ", "Moved from "));
    }
    for (const JsonValue& to : items_at(reply, "moved_to")) {
      out += moved_line(to, word("Đã chuyển sang ", "Moved to "));
    }
    out += fields("household", at(reply, "fields"), "  ") + conflicts_of(reply);
    out += word("Nhân khẩu\n", "Members\n");
    for (const JsonValue& member : items_at(reply, "members")) {
      if (text_at(member, "presence") == "removed") {
        out += removed_line(member, text_at(at(member, "fields"), "name"));
        continue;
      }
      out += "  " + text_at(member, "id") + "\n" + fields("member", at(member, "fields"), "    ");
      out += conflicts_of(member);
    }
    out += word("Rà soát\n", "Assessments\n");
    for (const JsonValue& each : items_at(reply, "assessments")) {
      if (text_at(each, "presence") == "removed") {
        out += removed_line(each, text_at(at(each, "fields"), "period"));
        continue;
      }
      out += "  " + text_at(at(each, "fields"), "period") + ": " +
             class_word(text_at(each, "class")) +
             (*at(each, "counted").boolean() || !*at(reply, "counted").boolean()
                  ? ""
                  : word(" · không tính, kỳ này có phiếu khác", " · not counted: another one is")) +
             " · " + text_at(each, "id") + "\n";
      const std::string reason = text_at(at(each, "reason"), key());
      out += "    " +
             (reason.empty() ? word("Chưa có quy định cho kỳ này.", "No rules for this period yet.")
                             : reason) +
             "\n";
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
      const std::string type = text_at(each, "type");
      const std::string head = text_at(each, "head");
      const std::string code = text_at(each, "code");
      out +=
          "≠ " +
          (head.empty() ? word("hộ không còn ở đây", "its household is not here any more") : head) +
          (code.empty() ? "" : " (" + code + ")") + " · " +
          (type == "household" ? "" : type_word(type) + " · ") + text_at(each, "unit_name") +
          " · " + text_at(each, "id") + "\n";
      if (*at(each, "disputed").boolean()) {
        out += moved_away(each)
                   ? word(
                         "    Đã chuyển đi mà nơi cũ còn sửa: nhập chỗ sửa ở hộ mới, rồi chọn "
                         "--removal remove\n",
                         "    Moved, and still edited here: enter the edit on the new household, "
                         "then choose --removal remove\n")
                   : word("    Nơi đưa ra, nơi sửa: chọn --removal remove hoặc keep\n",
                          "    Removed here, edited there: choose --removal remove or keep\n");
        out += removals(each, "      ");
      }
      for (const JsonValue& field : items_at(each, "fields")) {
        out += "    " + text_at(at(field, "label"), key()) + " (" + text_at(field, "name") + ")\n";
        for (const JsonValue& value : items_at(field, "values")) {
          out += "      " + text_at(value, "value") + " · " + text_at(value, "actor") +
                 word(" · máy số ", " · device ") + text_at(value, "device") + " · " +
                 time(text_at(value, "time")) + "\n";
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
    const std::string machines = copied_lines(*this, reply);
    if (!table.empty()) return table.text() + machines;
    if (!machines.empty()) return machines;
    return word("Không có chỗ nào cần xem lại.\n", "No findings.\n");
  }

  std::string report(const JsonValue& reply) const {
    std::string out = word("Tổng hợp kết quả rà soát, kỳ ", "Results of the review, period ") +
                      period_of(reply) + word(" · địa giới ngày ", " · units of ") +
                      date(text_at(reply, "date")) + "\n";
    Table table({word("Đơn vị", "Unit"), word("Số hộ", "Households"), word("Nhân khẩu", "Persons"),
                 word("Hộ nghèo", "Poor"), "%", word("Hộ cận nghèo", "Near-poor"), "%",
                 word("Hộ NLNN", "Average farm"), "%", word("Khẩu nghèo", "Poor persons"),
                 word("Khẩu cận nghèo", "Near-poor persons"), word("Đã rà soát", "Assessed")});
    for (const JsonValue& row : items_at(reply, "children")) add_row(table, row);
    const JsonValue& own = at(reply, "own");
    if (items_at(reply, "children").empty() == false && text_at(own, "households") != "0") {
      add_row(table, own, word("Ghi tại ", "Written at "));
    }
    add_row(table, at(reply, "total"),
            items_at(reply, "children").empty() ? "" : word("Tổng: ", "Total: "));
    for (const JsonValue& row : items_at(reply, "unplaced")) add_row(table, row);
    out += table.text();
    if (text_at(at(reply, "total"), "assessed") != "0") return out;
    return out + word("Chưa có hộ nào được rà soát trong kỳ này.\n",
                      "No household has been assessed in this period yet.\n");
  }

  std::string reported(const JsonValue& reply) const {
    Table table({word("Đơn vị", "Unit"), word("Số hộ", "Households"),
                 word("Đã rà soát", "Assessed"), word("Số liệu đến lúc", "Newest arrival"),
                 word("Liên lạc cuối", "Last contact")});
    for (const JsonValue& row : items_at(reply, "units")) {
      const std::string newest = time(text_at(row, "newest_arrival"));
      table.add({text_at(row, "name"), number(text_at(row, "households")),
                 number(text_at(row, "assessed")),
                 newest.empty() ? word("⚠ chưa gửi", "⚠ nothing yet") : newest,
                 time(text_at(row, "last_contact"))});
    }
    if (table.empty()) {
      return text_at(reply, "unit_name") +
             word(": không có đơn vị nào ở dưới.\n", ": there is no unit below.\n");
    }
    return word("Kỳ ", "Period ") + period_of(reply) + "\n" + table.text();
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
    const std::size_t bad_count = items_at(reply, "bad").size();
    if (bad_count != 0) {
      out += word("Chỗ có lỗi: ", "Errors: ") + std::to_string(bad_count) +
             word(". Các dòng ấy không được nhập.\n", ". Those rows were not imported.\n");
    }
    const bool dry_run = *at(reply, "dry_run").boolean();
    const bool imported = *at(reply, "imported").boolean();
    out += text_at(reply, "rows") + word(" dòng; ", " rows; ");
    if (!imported && !dry_run) {
      return out + word(
                       "chưa nhập dòng nào. Sửa các chỗ trên rồi nhập lại, hoặc thêm --good để "
                       "nhập các dòng đúng.\n",
                       "nothing was imported. Mend the above and import again, or add --good to "
                       "import the good rows.\n");
    }
    out += text_at(reply, "created") + word(" mục mới, ", " new, ") + text_at(reply, "changed") +
           word(" mục sửa, ", " changed, ") + text_at(reply, "unchanged") +
           word(" mục không đổi. ", " unchanged. ");
    if (imported && text_at(reply, "created") == "0" && text_at(reply, "changed") == "0") {
      return out + word("Không có gì để lưu.\n", "Nothing to save.\n");
    }
    return out + (dry_run
                      ? word("Chỉ kiểm tra: chưa ghi gì.\n", "Only checked: nothing was written.\n")
                      : word("Đã lưu trên máy này.\n", "Saved on this computer.\n"));
  }

  std::string sync(const JsonValue& reply) const {
    if (*at(reply, "equal_at_start").boolean()) {
      return word("Hai bên đã có như nhau, không có gì phải gửi.\n",
                  "Both sides hold the same; nothing to send.\n");
    }
    std::string out = word("Đã gửi ", "Sent ") + text_at(reply, "events_sent") +
                      word(" mục, đã nhận ", " events, received ") +
                      text_at(reply, "events_received") + word(" mục.", " events.") +
                      taken_back(*this, reply);
    if (text_at(reply, "waiting") != "0") {
      out +=
          " ◷ " + text_at(reply, "waiting") + word(" mục đang chờ mục đi trước.", " are waiting.");
    }
    out += "\n";
    for (const JsonValue& refusal : items_at(reply, "refusals")) {
      const std::string stream = text_at(refusal, "stream");
      const bool parent = *at(refusal, "by_parent").boolean();
      out += word("⚠ Đoạn ", "⚠ The segment ") + stream +
             (parent ? word(" bị cấp trên từ chối: ", " was refused by the parent: ")
                     : word(" của cấp trên bị từ chối: ", " of the parent was refused: ")) +
             error_word(text_at(refusal, "error"), stream) + "\n";
    }
    return out;
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

  /// Names of fields, for entering and as columns of a file.
  std::string catalogue(const JsonValue& reply) const {
    std::string out;
    // Households first: the others belong to them.
    std::vector<const JsonValue*> types;
    for (const bool below : {false, true}) {
      for (const JsonValue& type : items_at(reply, "types")) {
        const bool records = text_at(type, "channel") == "records";
        if (records && text_at(type, "parent").empty() != below) types.push_back(&type);
      }
    }
    for (const JsonValue* found : types) {
      const JsonValue& type = *found;
      out += (out.empty() ? "" : "\n") + text_at(at(type, "label"), key()) + " (" +
             text_at(type, "name") + ")\n";
      Table table({word("Tên", "Name"), word("Nghĩa", "Meaning"), word("Giá trị", "Values")});
      for (const JsonValue& field : items_at(type, "fields")) {
        std::string values = kind_word(text_at(field, "kind"));
        if (!items_at(field, "choices").empty()) values = "";
        for (const JsonValue& choice : items_at(field, "choices")) {
          values += (values.empty() ? "" : ", ") + text_at(at(choice, "label"), key()) + " (" +
                    text_at(choice, "code") + ")";
        }
        if (*at(field, "required").boolean()) values += word(", bắt buộc", ", required");
        table.add({text_at(field, "name"), text_at(at(field, "label"), key()), values});
      }
      out += table.text();
    }
    return out;
  }

 private:
  std::string conflicts_of(const JsonValue& entity) const {
    const std::string names = plain(at(entity, "conflicts"));
    return names.empty() ? "" : word("    ≠ chưa khớp: ", "    ≠ to settle: ") + names + "\n";
  }

  void add_row(Table& table, const JsonValue& row, const std::string& before = "") const {
    const auto part = [&](const char* of, const char* name) {
      return number(text_at(at(row, of), name));
    };
    table.add({before + text_at(row, "name"), number(text_at(row, "households")),
               number(text_at(row, "persons")), part("poor", "households"), part("poor", "percent"),
               part("near_poor", "households"), part("near_poor", "percent"),
               part("average_farm", "households"), part("average_farm", "percent"),
               part("poor", "persons"), part("near_poor", "persons"),
               number(text_at(row, "assessed"))});
  }

  std::string period_of(const JsonValue& reply) const {
    const std::string period = text_at(reply, "period");
    return period.empty() ? word("(chưa có)", "(none yet)") : period;
  }

  static bool moved_away(const JsonValue& entity) {
    const JsonValue::Array& all = items_at(entity, "removals");
    return std::any_of(all.begin(), all.end(), [](const JsonValue& removal) {
      return text_at(removal, "reason") == "moved";
    });
  }
  static std::string moved_line(const JsonValue& moved, const std::string& how) {
    return how + text_at(moved, "unit_name") + " · " + text_at(moved, "id") + "\n";
  }
  std::string removed_line(const JsonValue& entity, const std::string& name) const {
    return "  " + name + word(" · đã đưa ra · ", " · removed · ") + text_at(entity, "id") + "\n";
  }
};

}  // namespace

std::string text_of(const std::vector<std::string>& command, const JsonValue& reply,
                    Language language) {
  const Printer printer(language);
  const std::string& first = command.front();
  const std::string second = command.size() > 1 ? command[1] : "";
  if (const auto text = device_text(printer, first, second, reply)) return *text;
  if (first == "household" && second == "list") return printer.households(reply);
  if (first == "household" && second == "show") return printer.household(reply);
  if (first == "conflicts") return printer.conflicts(reply);
  if (first == "findings") return printer.findings(reply);
  if (first == "report") return printer.report(reply);
  if (first == "reported") return printer.reported(reply);
  if (first == "history" || first == "log") return printer.history(reply);
  if (first == "import") return printer.import(reply);
  if (first == "sync") return printer.sync(reply);
  if (first == "bundle" && second == "export") return bundles_written(printer, reply);
  if (first == "bundle") return bundles_read(printer, reply);
  if (first == "status") return status_text(printer, reply);
  if (first == "verify") return verify_text(printer, reply);
  if (first == "backup") return backup_text(printer, reply);
  if (first == "fields") return printer.catalogue(reply);
  if (first == "config") return config_text(printer, reply);
  if (first == "user" && second == "list") return users_listed(printer, reply);
  if (first == "audit") return audit_listed(printer, reply);
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
