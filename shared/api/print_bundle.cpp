#include "shared/api/print_bundle.h"

namespace lalanh {
namespace {

bool yes(const JsonValue& value, const char* key) {
  const JsonValue& found = at(value, key);
  return found.boolean() != nullptr && *found.boolean();
}

std::string name_of(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

/// From whom, for whom, when, which part.
std::string about(const Words& w, const JsonValue& file) {
  if (text_at(file, "direction").empty()) return "";
  const bool up = text_at(file, "direction") == "up";
  std::string out = w.word("  của ", "  from ") + text_at(file, "from_name");
  const std::string device = text_at(file, "device");
  if (!device.empty()) out += w.word(", máy số ", ", device ") + device;
  out += up ? w.word(" · gửi lên cấp trên", " · for the servers above")
            : w.word(" · gửi các máy của ", " · for the devices of ") + text_at(file, "to_name");
  out += " · " + w.time(text_at(file, "time"));
  if (text_at(file, "parts") != "1") {
    out += w.word(" · phần ", " · part ") + text_at(file, "part") + "/" + text_at(file, "parts");
  }
  return out + "\n";
}

std::string contents(const Words& w, const JsonValue& file) {
  if (text_at(file, "segments").empty()) return "";
  return w.word("  gói nguyên vẹn: ", "  whole: ") + w.number(text_at(file, "events")) +
         w.word(" mục, ", " events, ") + w.number(text_at(file, "segments")) +
         w.word(" đoạn, ", " segments, ") + w.number(text_at(file, "bytes")) + " byte\n";
}

/// Nothing to tell of: a stick carries its old bundles for years.
bool is_done(const JsonValue& file) {
  if (yes(file, "own")) return true;
  return yes(file, "late") && text_at(file, "events_received") == "0" &&
         text_at(file, "aside") == "0" && text_at(file, "refused") == "0";
}

std::string taken(const Words& w, const JsonValue& file) {
  if (at(file, "own").boolean() == nullptr) return "";
  std::string out = w.word("  đã nhận ", "  took ") + w.number(text_at(file, "events_received")) +
                    w.word(" mục mới", " new events");
  if (text_at(file, "aside") != "0") {
    out += w.word("; đoạn chờ phần đi trước: ", "; segments that wait for what comes before: ") +
           w.number(text_at(file, "aside"));
  }
  if (yes(file, "late")) {
    out += w.word("; gói cũ, biên nhận trong đó không tính nữa",
                  "; an older bundle: its receipts count no more");
  }
  out += "\n";
  for (const JsonValue& refusal : items_at(file, "refusals")) {
    const std::string where = text_at(refusal, "scope");
    out += w.word("  ⚠ một đoạn bị từ chối: ", "  ⚠ a segment was refused: ") +
           w.error_word(text_at(refusal, "error"), where) + "\n";
  }
  return out;
}

}  // namespace

std::string bundles_written(const Words& w, const JsonValue& reply) {
  const bool up = text_at(reply, "direction") == "up";
  const JsonValue::Array& files = items_at(reply, "files");
  if (files.empty()) {
    return w.word("Thẻ đã có đủ, không phải ghi gì thêm.\n",
                  "The stick has everything already; nothing was written.\n");
  }
  std::string out;
  for (const JsonValue& file : files) out += plain(file) + "\n";
  out += w.word("Đã ghi ", "Wrote ") + w.number(text_at(reply, "events")) +
         w.word(" mục, ", " events, ") + w.number(text_at(reply, "bytes")) + " byte; ";
  out += up ? w.word("chỉ cấp trên mở được.", "only the servers above can open it.")
            : w.word("chỉ các máy của ", "only the devices of ") + text_at(reply, "unit_name") +
                  w.word(" mở được.", " can open it.");
  if (text_at(reply, "on_stick") != "0") {
    out += w.word(" Trên thẻ đã có sẵn ", " There before: ") +
           w.number(text_at(reply, "on_stick")) + w.word(" đoạn.", " segments.");
  }
  out += up ? w.word("\nKhi cấp trên đã nhận, hãy mang thẻ về nhận lại để thấy \"đã gửi\".\n",
                     "\nBring the stick back once the parent has read it, to see \"sent\".\n")
            : "\n";
  return out;
}

std::string bundles_read(const Words& w, const JsonValue& reply) {
  const char* key = w.key();
  std::string out;
  std::size_t bad = 0;
  std::size_t done = 0;
  for (const JsonValue& file : items_at(reply, "files")) {
    if (is_done(file)) {
      ++done;
      continue;
    }
    out +=
        name_of(text_at(file, "path")) + "\n" + about(w, file) + contents(w, file) + taken(w, file);
    const JsonValue& error = at(file, "error");
    if (error.object() == nullptr) continue;
    ++bad;
    out += "  ⚠ " + text_at(at(error, "message"), key) + "\n";
  }
  if (done > 0) {
    out += w.word("Gói đã nhận trước hoặc do máy này ghi: ",
                  "Bundles read before, or written here: ") +
           std::to_string(done) + "\n";
  }
  for (const JsonValue& request : items_at(reply, "requests")) {
    const JsonValue& error = at(request, "error");
    out += name_of(text_at(request, "path"));
    out += error.object() == nullptr
               ? w.word(": đã trả lời, tệp ở bên cạnh\n", ": answered, the file lies beside it\n")
               : ": ⚠ " + text_at(at(error, "message"), key) + "\n";
  }
  const std::string received = text_at(reply, "events_received");
  if (!received.empty()) {
    out += w.word("Đã nhận ", "Took ") + w.number(received) + w.word(" mục.", " events.");
    if (text_at(reply, "waiting") != "0") {
      out += " ◷ " + text_at(reply, "waiting") +
             w.word(" mục đang chờ mục đi trước.", " are waiting.");
    }
    out += "\n";
  }
  if (bad > 0) {
    out += w.word("Gói không đọc được: ", "Bundles that could not be read: ") +
           std::to_string(bad) + "\n";
  }
  return out;
}

}  // namespace lalanh
