#include "shared/api/print_users.h"

#include "shared/accounts/roles.h"
#include "shared/api/table.h"

namespace lalanh {
namespace {

std::string role_word(const Words& w, const std::string& name) {
  const Role* role = Roles::builtin().role(name);
  return role == nullptr ? name : role->label.in(w.language());
}

bool is_true(const JsonValue& value) { return value.boolean() != nullptr && *value.boolean(); }

}  // namespace

std::string users_listed(const Words& w, const JsonValue& reply) {
  if (items_at(reply, "users").empty()) {
    return w.word("Máy này chưa có tài khoản nào.\n", "This machine has no accounts.\n");
  }
  Table table({w.word("Đăng nhập", "Login"), w.word("Họ tên", "Name"), w.word("Chức vụ", "Office"),
               w.word("Vai trò", "Role"), w.word("Đơn vị", "Unit"), ""});
  for (const JsonValue& user : items_at(reply, "users")) {
    table.add({text_at(user, "login"), text_at(user, "name"), text_at(user, "office"),
               role_word(w, text_at(user, "role")), text_at(user, "unit_name"),
               is_true(at(user, "disabled")) ? w.word("đã khoá", "disabled") : ""});
  }
  std::string out = table.text();
  if (!is_true(at(reply, "recovery"))) {
    out += w.word("⚠ Chưa đặt khoá khôi phục: quên hết mật khẩu là mất dữ liệu chưa gửi.\n",
                  "⚠ No recovery key is set: where all passwords are forgotten, what was not sent "
                  "is lost.\n");
  }
  return out;
}

std::string audit_listed(const Words& w, const JsonValue& reply) {
  if (items_at(reply, "lines").empty()) {
    return w.word("Chưa có gì được ghi lại.\n", "Nothing has been written down yet.\n");
  }
  Table table({w.word("Lúc", "When"), w.word("Ai", "Who"), w.word("Làm gì", "Did"),
               w.word("Mục, đơn vị, tài khoản", "Entry, unit, account")});
  for (const JsonValue& line : items_at(reply, "lines")) {
    table.add({w.time(text_at(line, "time")), text_at(line, "actor"),
               text_at(at(line, "label"), w.key()), text_at(line, "what")});
  }
  return table.text();
}

}  // namespace lalanh
