#include "server/app/show.h"

#include <algorithm>
#include <cstdio>

#include "server/app/local_api.h"
#include "shared/catalogue/json_writer.h"

namespace lalanh::server {
namespace {

/// Letters of UTF-8, so that columns of Vietnamese names stand straight.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

bool is_plain(const JsonValue& value) { return value.array() == nullptr && !value.object(); }

std::string plain_text(const JsonValue& value) {
  if (const std::string* text = value.text()) return *text;
  if (value.is_null()) return "-";
  std::string out;
  JsonWriter(out).value(value);
  return out;
}

/// Are these objects of plain values, with the keys of the first?
bool is_table(const JsonValue::Array& rows) {
  return !rows.empty() && std::ranges::all_of(rows, [](const JsonValue& row) {
    return row.object() != nullptr &&
           std::ranges::all_of(*row.object(), [](const auto& m) { return is_plain(m.value); });
  });
}

void append_table(std::string& out, const JsonValue::Array& rows, const std::string& indent) {
  std::vector<std::vector<std::string>> cells(1);
  for (const auto& member : *rows.front().object()) cells[0].push_back(member.key);
  for (const JsonValue& row : rows) {
    cells.emplace_back();
    for (const std::string& key : cells[0]) {
      const JsonValue* value = row.find(key);
      cells.back().push_back(value != nullptr ? plain_text(*value) : "");
    }
  }
  std::vector<std::size_t> widths(cells[0].size(), 0);
  for (const auto& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : cells) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
}

void append_value(std::string& out, const JsonValue& value, const std::string& indent) {
  if (const auto* array = value.array()) {
    if (is_table(*array)) {
      append_table(out, *array, indent);
      return;
    }
    for (const JsonValue& item : *array) append_value(out, item, indent);
  } else if (const auto* object = value.object()) {
    for (const auto& member : *object) {
      if (is_plain(member.value)) {
        out += indent + member.key + ": " + plain_text(member.value) + "\n";
      } else {
        out += indent + member.key + ":\n";
        append_value(out, member.value, indent + "  ");
      }
    }
  } else {
    out += indent + plain_text(value) + "\n";
  }
}

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  if (!text.empty() && text.back() != '\n') std::fputc('\n', to);
  std::fflush(to);
}

/// The message of an error reply in the user's language, "" where it has none.
std::string message_of(const ApiReply& reply, Language language) {
  const auto value = parse_json(reply.body, "reply");
  const JsonValue* at = value.ok() ? value->find("error") : nullptr;
  at = at != nullptr ? at->find("message") : nullptr;
  at = at != nullptr ? at->find(language == Language::kEnglish ? "en" : "vi") : nullptr;
  return at != nullptr && at->text() != nullptr ? *at->text() : "";
}

}  // namespace

std::string text_of(const JsonValue& value) {
  std::string out;
  append_value(out, value, "");
  return out;
}

Exit show(const ApiReply& reply, const Manner& manner) {
  const std::string error = error_name_of(reply);
  if (!error.empty()) {
    const std::string message = message_of(reply, manner.language);
    print(stderr, manner.json || message.empty() ? reply.body : message);
    return exit_of(error);
  }
  const auto value = parse_json(reply.body, "reply");
  print(stdout, manner.json || !value.ok() ? reply.body : text_of(*value));
  return Exit::kDone;
}

Exit show(const Error& error, const Manner& manner) {
  print(stderr, manner.json ? error_reply(error).body : error.message(manner.language));
  return exit_of(error.name());
}

void say(const Manner& manner, const std::string& vi, const std::string& en,
         const std::string& json) {
  if (manner.json) {
    print(stdout, json);
  } else {
    print(stdout, manner.language == Language::kEnglish ? en : vi);
  }
}

}  // namespace lalanh::server
