#include "shared/api/print_node.h"

#include "shared/api/print_devices.h"
#include "shared/api/table.h"

namespace lalanh {
namespace {

std::string backup_line(const Words& w, const JsonValue& reply) {
  const JsonValue& backup = at(reply, "backup");
  const std::string time = w.time(text_at(backup, "time"));
  if (time.empty()) return w.word("Chưa có bản sao lưu tự động\n", "No automatic backup yet\n");
  return w.word("Bản sao lưu mới nhất: ", "Newest backup: ") + time + "\n";
}

}  // namespace

std::string waiting_line(const Words& w, const JsonValue& reply) {
  const std::string waiting = text_at(reply, "waiting");
  if (waiting == "0") return "";
  return "◷ " + waiting +
         w.word(" mục đang chờ mục đi trước: vẫn giữ, chưa tính\n",
                " events wait for what comes before: kept, not counted\n");
}

/// Whoever keeps the machine should learn it without syncing.
std::string refused_line(const Words& w, const JsonValue& reply) {
  const std::string since = w.time(text_at(reply, "refused"));
  if (since.empty()) return "";
  return w.word("⚠ Máy này đã bị thu hồi quyền: cấp trên không nhận gì nữa từ ",
                "⚠ This machine was revoked: the parent takes nothing any more since ") +
         since +
         w.word(". Mọi thứ vẫn lưu ở đây; hãy liên hệ cấp trên.\n",
                ". Everything is kept here; ask the parent.\n");
}

std::string status_text(const Words& w, const JsonValue& reply) {
  std::string out = "Lá Lành " + text_at(reply, "version") + " · " + text_at(reply, "unit_name") +
                    w.word(" · máy số ", " · device ") + text_at(reply, "device") + "\n";
  out += text_at(reply, "households") + w.word(" hộ trên máy này; ", " households here; ");
  out += text_at(reply, "conflicts") + w.word(" chỗ chưa khớp\n", " to settle\n");
  const std::string backup = backup_line(w, reply);
  if (*at(reply, "top").boolean()) {
    return out + waiting_line(w, reply) + w.word("Máy chủ cao nhất\n", "The topmost server\n") +
           backup;
  }
  out += text_at(reply, "unsent") + w.word(" mục đang chờ gửi", " events waiting to be sent");
  const std::string received = w.time(text_at(reply, "received_by_parent"));
  if (!received.empty()) {
    out += w.word("; cấp trên đã nhận đủ đến ", "; the parent has all up to ") + received;
  }
  return out + "\n" + refused_line(w, reply) + tier_lines(w, reply) + waiting_line(w, reply) +
         w.word("Cấp trên: ", "Parent: ") + text_at(reply, "parent") + "\n" + backup;
}

std::string verify_text(const Words& w, const JsonValue& reply) {
  std::string out;
  for (const JsonValue& each : items_at(reply, "differences")) out += "⚠ " + plain(each) + "\n";
  out += text_at(reply, "events") + w.word(" mục, ", " events, ") + text_at(reply, "segments") +
         w.word(" đoạn, ", " segments, ") + text_at(reply, "entities") +
         w.word(" đối tượng đã tính lại từ nhật ký: ", " entities recomputed from the log: ");
  out += *at(reply, "ok").boolean() ? w.word("khớp hết.", "all agree.")
                                    : w.word("CÓ CHỖ KHÁC.", "THERE ARE DIFFERENCES.");
  return out + "\n" + text_at(reply, "digest") + "\n";
}

std::string config_text(const Words& w, const JsonValue& reply) {
  return w.word("Người làm (actor): ", "Who acts (actor): ") + text_at(reply, "actor") +
         w.word("\nCấp trên (parent): ", "\nParent (parent): ") + text_at(reply, "parent") + "\n";
}

std::string backup_text(const Words& w, const JsonValue& reply) {
  const std::int64_t bytes = *at(reply, "bytes").integer();
  std::string out = w.word("Đã sao lưu và đọc lại: ", "Backed up and read back: ") +
                    text_at(reply, "path") + " (" +
                    w.number(std::to_string((bytes + 1'023) / 1'024)) + " KiB)\n";
  if (*at(reply, "elsewhere").boolean()) return out;
  return out + w.word(
                   "⚠ Chỉ mở được bằng device.key của chính máy này. Muốn khôi phục trên máy khác, "
                   "hãy đặt "
                   "khoá khôi phục ('recovery set') rồi sao lưu lại.\n",
                   "⚠ It opens with this machine's own device.key alone. To restore it on another "
                   "machine, "
                   "set a recovery key ('recovery set') and back up again.\n");
}

}  // namespace lalanh
