#include "server/app/show.h"

#include <cstdio>

#include "shared/api/print.h"

namespace lalanh::server {
namespace {

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  if (!text.empty() && text.back() != '\n') std::fputc('\n', to);
  std::fflush(to);
}

}  // namespace

Exit show(const ApiReply& reply, const Manner& manner, const std::string& command) {
  const auto value = parse_json(reply.body, "reply");
  const std::string error = value.ok() ? error_name_of(*value) : "";
  if (!error.empty()) {
    const std::string message = message_of(*value, manner.language);
    print(stderr, manner.json || message.empty() ? reply.body : message);
    return exit_of(error);
  }
  print(stdout,
        manner.json || !value.ok() ? reply.body : text_of({command}, *value, manner.language));
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
