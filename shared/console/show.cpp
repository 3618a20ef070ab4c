#include "shared/console/show.h"

#include <cstdio>

#include "shared/api/print.h"
#include "shared/base/printable.h"
#include "shared/catalogue/json.h"

namespace lalanh {
namespace {

constexpr std::string_view kBetween = " · ";
/// The longest reply that is read: every household of a province.
constexpr JsonLimits kReplyLimits{64U << 20U, 20'000'000, 16};

/// False where it could not be written whole: a full disk, a closed pipe.
bool print(std::FILE* to, const std::string& text) {
  bool whole = std::fwrite(text.data(), 1, text.size(), to) == text.size();
  if (!text.empty() && text.back() != '\n') whole = std::fputc('\n', to) != EOF && whole;
  return std::fflush(to) == 0 && whole;
}

/// For people. What others wrote, and names of files on a stick, must not command the terminal.
bool print_text(std::FILE* to, const std::string& text) { return print(to, printable(text, true)); }

Exit output_lost(const Manner& manner) {
  return show({ErrorCode::system_file,
               {{"action", "write"}, {"path", "stdout"}, {"why", "No space left on device"}}},
              manner);
}

bool is_false(const JsonValue& reply, const char* key) {
  const JsonValue* value = reply.find(key);
  return value != nullptr && value->boolean() != nullptr && !*value->boolean();
}

/// What a reply that is no error says about the work.
Exit exit_of_reply(const JsonValue& reply, const std::string& command) {
  if (command == "verify" && is_false(reply, "ok")) return Exit::kDifference;
  if (command == "bundle" && is_false(reply, "ok")) return Exit::kFailed;
  const bool refused = command == "import" && is_false(reply, "imported");
  return refused && is_false(reply, "dry_run") ? Exit::kUsage : Exit::kDone;
}

}  // namespace

std::string Manner::pick(const std::string& text) const {
  const std::size_t at = text.rfind(kBetween);
  if (at == std::string::npos) return text;
  return language == Language::kEnglish ? text.substr(at + kBetween.size()) : text.substr(0, at);
}

Exit show(const ApiReply& reply, const Manner& manner, const std::vector<std::string>& command) {
  const Result<JsonValue> value = parse_json(reply.body, "reply", kReplyLimits);
  if (!value.ok()) return show(value.error(), manner);
  const std::string error = error_name_of(*value);
  if (!error.empty()) {
    if (manner.json) print(stderr, reply.body);
    if (!manner.json) print_text(stderr, message_of(*value, manner.language));
    return exit_of(error);
  }
  const bool whole = manner.json ? print(stdout, reply.body)
                                 : print_text(stdout, text_of(command, *value, manner.language));
  if (!whole) return output_lost(manner);
  return exit_of_reply(*value, command.front());
}

Exit show(const Error& error, const Manner& manner) {
  if (manner.json) print(stderr, error_reply(error).body);
  if (!manner.json) print_text(stderr, error.message(manner.language));
  return exit_of(error.name());
}

void say(const Manner& manner, const std::string& vi, const std::string& en,
         const std::string& json) {
  if (manner.json) print(stdout, json);
  if (!manner.json) print_text(stdout, manner.language == Language::kEnglish ? en : vi);
}

void add_wrong_address(std::string& vi, std::string& en) {
  vi += "\nNếu địa chỉ trong phiếu sai, hãy xin phiếu khác rồi chạy lại 'init'.";
  en += "\nIf the ticket has a wrong address, ask for another one and run 'init' again.";
}

}  // namespace lalanh
