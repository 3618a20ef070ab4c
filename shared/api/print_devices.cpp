#include "shared/api/print_devices.h"

#include "shared/api/table.h"

namespace lalanh {
namespace {

bool yes(const JsonValue& value, const char* key) {
  const JsonValue& found = at(value, key);
  return found.boolean() != nullptr && *found.boolean();
}

struct Named {
  const char* name;
  const char* vi;
  const char* en;
};

std::string named(const Words& w, const Named* names, std::size_t count, const std::string& name) {
  for (std::size_t i = 0; i < count; ++i) {
    if (name == names[i].name) return w.word(names[i].vi, names[i].en);
  }
  return name;
}

std::string state_word(const Words& w, const std::string& state) {
  static constexpr Named kStates[] = {
      {"open", "chưa dùng", "open"},          {"used", "đã dùng", "used"},
      {"cancelled", "đã huỷ", "cancelled"},   {"expired", "hết hạn", "expired"},
      {"active", "đang dùng", "active"},      {"revoked", "đã thu hồi", "revoked"},
      {"copied", "⚠ bị sao chép", "⚠ copied"}};
  return named(w, kStates, std::size(kStates), state);
}

std::string role_word(const Words& w, const std::string& role) {
  static constexpr Named kRoles[] = {{"village", "máy thôn", "village"},
                                     {"officer", "máy cán bộ", "officer"},
                                     {"server", "máy chủ", "server"}};
  return named(w, kRoles, std::size(kRoles), role);
}

std::string tickets(const Words& w, const JsonValue& reply) {
  Table table({w.word("Máy số", "Device"), w.word("Đơn vị", "Unit"), w.word("Vai trò", "Role"),
               w.word("Tên", "Name"), w.word("Tình trạng", "State"), w.word("Dùng lúc", "Used at"),
               w.word("Hết hạn", "Expires"), ""});
  for (const JsonValue& each : items_at(reply, "tickets")) {
    std::string tried;
    if (text_at(each, "refused") != "0") {
      tried = w.word("⚠ máy khác đã thử dùng: ", "⚠ tried by another machine: ") +
              w.time(text_at(each, "refused_at"));
    }
    table.add({text_at(each, "device"), text_at(each, "unit_name"),
               role_word(w, text_at(each, "role")), text_at(each, "name"),
               state_word(w, text_at(each, "state")), w.time(text_at(each, "used")),
               w.time(text_at(each, "expires")), tried});
  }
  if (table.empty()) return w.word("Chưa làm phiếu nào.\n", "No ticket was made yet.\n");
  return table.text();
}

/// Its number; where another device has it too, the front of its key as well, which names it alone.
std::string device_name(const JsonValue& device, const JsonValue& reply) {
  constexpr std::size_t kDigits = 16;
  const std::string number = text_at(device, "device");
  int same = 0;
  for (const JsonValue& each : items_at(reply, "devices")) {
    same += text_at(each, "device") == number ? 1 : 0;
  }
  return same < 2 ? number : number + " (" + text_at(device, "key").substr(0, kDigits) + ")";
}

std::string devices(const Words& w, const JsonValue& reply) {
  Table table({w.word("Máy số", "Device"), w.word("Đơn vị", "Unit"), w.word("Loại", "Kind"),
               w.word("Tình trạng", "State"), w.word("Liên lạc cuối", "Last contact")});
  for (const JsonValue& each : items_at(reply, "devices")) {
    std::string kind = yes(each, "server") ? w.word("máy chủ", "server") : w.word("máy", "machine");
    if (yes(each, "own")) kind += w.word(" (máy này)", " (this one)");
    table.add({device_name(each, reply), text_at(each, "unit_name"), kind,
               state_word(w, text_at(each, "state")), w.time(text_at(each, "last_contact"))});
  }
  return table.text() + copied_lines(w, reply);
}

std::string revocation(const Words& w, const JsonValue& reply) {
  const std::string machine =
      w.word("Máy số ", "Device ") + text_at(reply, "device") + " · " + text_at(reply, "unit_name");
  const std::string stands = w.number(text_at(reply, "stands"));
  const std::string aside = w.number(text_at(reply, "aside"));
  if (yes(reply, "done")) {
    return machine + w.word(" đã bị thu hồi. Giữ ", " is revoked. ") + stands +
           w.word(" mục nó đã ghi, để riêng ", " of its events stand, ") + aside +
           w.word(
               " mục; mục nào nó ghi thêm cũng để riêng. Máy cán bộ xem bằng 'lalanh "
               "set-aside'.\n",
               " are set aside, as is what comes later. An officer's machine shows them by "
               "'lalanh set-aside'.\n");
  }
  return machine +
         w.word(": chưa làm gì. Nếu thu hồi: giữ ", ": nothing was done. A revocation lets ") +
         stands + w.word(" mục nó đã ghi ở đây, để riêng ", " of its events here stand and sets ") +
         aside +
         w.word(" mục, và máy không đồng bộ được nữa. Muốn thu hồi, thêm --yes.\n",
                " aside, and the machine cannot sync any more. Add --yes to do it.\n");
}

std::string set_aside(const EventWords& w, const JsonValue& reply) {
  if (text_at(reply, "total") == "0") {
    return w.word("Không có gì bị để riêng.\n", "Nothing is set aside.\n");
  }
  std::string out;
  for (const JsonValue& each : items_at(reply, "events")) {
    out += w.event(each) + "    ";
    out += yes(each, "entered") ? w.word("đã nhập lại", "entered again") : text_at(each, "id");
    out += "\n";
  }
  return out + text_at(reply, "open") +
         w.word(" mục chưa nhập lại; nhập lại bằng: set-aside enter MÃ…, hoặc --all\n",
                " not entered again; do so with: set-aside enter ID…, or --all\n");
}

std::string entered(const Words& w, const JsonValue& reply) {
  std::string out = w.word("Đã nhập lại ", "Entered again: ") + text_at(reply, "entered");
  out += w.word(" mục", " events");
  if (text_at(reply, "already") != "0") {
    out += w.word("; đã nhập từ trước ", "; entered before: ") + text_at(reply, "already");
  }
  out += ".\n";
  for (const JsonValue& left : items_at(reply, "left")) {
    out += w.word("Chưa nhập lại ", "Not entered: ") + text_at(left, "id") + ": " +
           text_at(at(left, "reason"), w.key()) + "\n";
  }
  return out;
}

std::string newest(const Words& w, const JsonValue& reply) {
  if (yes(reply, "compared")) {
    return w.word("Máy chủ này cấp giấy và biên nhận như thường.\n",
                  "This server gives out certificates and receipts as usual.\n");
  }
  return w.word(
      "Máy chủ này chưa so sánh số liệu với máy nào từ khi khởi động. Nếu nó không bị "
      "khôi phục từ bản cũ, thêm --yes.\n",
      "This server has compared its data with nobody since it started. If it was not put "
      "back to an older copy, add --yes.\n");
}

}  // namespace

std::string taken_back(const Words& w, const JsonValue& reply) {
  if (!yes(reply, "taken_back")) return "";
  return w.word(
      "\n⚠ Máy chủ cấp trên không còn giữ một phần đã báo nhận (có lẽ vừa khôi phục từ bản cũ): "
      "dấu 'đã gửi' của phần ấy được lấy lại, và đã gửi lại.",
      "\n⚠ The parent's server no longer holds a part that it had confirmed (perhaps it was put "
      "back to an old copy): 'sent' was taken back for it, and it was sent again.");
}

std::string tier_lines(const Words& w, const JsonValue& status) {
  static constexpr Named kTiers[] = {
      {"2", "xã", "the commune"}, {"3", "huyện", "the district"}, {"4", "tỉnh", "the province"}};
  std::string out;
  bool parent = true;
  for (const JsonValue& tier : items_at(status, "tiers")) {
    const std::string name = named(w, kTiers, std::size(kTiers), text_at(tier, "rank"));
    const std::string unsent = text_at(tier, "unsent");
    const std::string time = w.time(text_at(tier, "received"));
    if (!parent && unsent == "0" && !time.empty()) {
      out += w.word("✓ ", "✓ ") + name + w.word(" đã có đủ, lúc ", " has all of it, at ") + time +
             "\n";
    } else if (!parent && unsent != "0") {
      out += "… " + name + w.word(" chưa có ", " lacks ") + w.number(unsent) +
             w.word(" mục\n", " events\n");
    }
    parent = false;
  }
  return out;
}

std::string copied_lines(const Words& w, const JsonValue& reply) {
  std::string out;
  for (const JsonValue& each : items_at(reply, "machines")) {
    out += w.word("⚠ Máy số ", "⚠ Device ") + text_at(each, "device") + " · " +
           text_at(each, "unit_name") +
           (yes(each, "own") ? w.word(" (chính máy này)", " (this very machine)") : "") +
           w.word(" đã bị sao chép hoặc khôi phục từ bản cũ (",
                  " was copied or put back to an old "
                  "copy (") +
           text_at(each, "scope") + "):";
    for (const JsonValue& tip : items_at(each, "tips")) out += " " + plain(tip);
    out += "\n";
  }
  return out;
}

std::optional<std::string> device_text(const EventWords& w, const std::string& first,
                                       const std::string& second, const JsonValue& reply) {
  if (first == "tickets") return tickets(w, reply);
  if (first == "devices") return devices(w, reply);
  if (first == "device") return revocation(w, reply);
  if (first == "set-aside") return second == "enter" ? entered(w, reply) : set_aside(w, reply);
  if (first == "newest") return newest(w, reply);
  return std::nullopt;
}

}  // namespace lalanh
