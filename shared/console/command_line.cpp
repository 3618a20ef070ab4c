#include "shared/console/command_line.h"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace lalanh {
namespace {

constexpr const char* kCommands = "Lệnh · Commands";
constexpr const char* kOptions = "Tuỳ chọn · Options";

/// Every help text below `app` in the language of `manner`.
void speak(CLI::App& app, const Manner& manner) {
  app.description(manner.pick(app.get_description()));
  const auto formatter = std::make_shared<CLI::Formatter>();
  formatter->label("Usage", manner.pick("Cách dùng · Usage"));
  formatter->label("OPTIONS", manner.pick("tuỳ chọn · options"));
  formatter->label("SUBCOMMAND", manner.pick("lệnh · command"));
  formatter->label("SUBCOMMANDS", manner.pick("lệnh · commands"));
  formatter->label("Positionals", manner.pick("Phần sau tên lệnh · After the command"));
  formatter->label("REQUIRED", manner.pick("(bắt buộc) · (required)"));
  for (const char* type : {"TEXT", "INT", "UINT"}) formatter->label(type, "");
  app.formatter(formatter);
  if (app.get_help_ptr() != nullptr) {
    app.get_help_ptr()->description(manner.pick("In phần giúp đỡ này · Print this help"));
  }
  if (app.get_version_ptr() != nullptr) {
    app.get_version_ptr()->description(manner.pick("In số bản · Print the version"));
  }
  for (CLI::Option* option : app.get_options()) {
    option->description(manner.pick(option->get_description()));
    option->group(manner.pick(kOptions));
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    command->group(manner.pick(kCommands));
    speak(*command, manner);
  }
}

/// The commands that were understood, outermost first.
std::vector<CLI::App*> used_of(CLI::App& app) {
  std::vector<CLI::App*> out{&app};
  while (!out.back()->get_subcommands().empty()) {
    out.push_back(out.back()->get_subcommands().front());
  }
  return out;
}

std::string names_of(const std::vector<CLI::App*>& used) {
  std::string out;
  for (const CLI::App* app : used) out += (out.empty() ? "" : " ") + app->get_name();
  return out;
}

/// The first option that CLI11's sentence names: "--port: 1 required INT missing".
std::string option_in(const std::string& text) {
  const std::size_t at = text.find("--");
  if (at == std::string::npos) return text.substr(0, text.find_first_of(": "));
  const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
  return text.substr(at, end == std::string::npos ? end : end - at);
}

/// How a person knows what is missing: an option by its name, what has no name by its help.
std::string named(const std::vector<CLI::App*>& used, const std::string& name) {
  if (name.rfind("--", 0) == 0) return name;
  for (CLI::App* app : used) {
    const CLI::Option* option = app->get_option_no_throw(name);
    if (option != nullptr && !option->get_description().empty()) return option->get_description();
  }
  return "a command";
}

Error usage_error(CLI::App& app, const CLI::ParseError& failure) {
  const std::vector<CLI::App*> used = used_of(app);
  const std::string help = names_of(used) + " --help";
  const std::string said = failure.what();
  const std::vector<std::string> rest = app.remaining(true);
  const bool lacks = dynamic_cast<const CLI::RequiredError*>(&failure) != nullptr;
  if (!rest.empty() && (lacks || dynamic_cast<const CLI::ExtrasError*>(&failure) != nullptr)) {
    return {ErrorCode::input_unknown_word, {{"word", rest.front()}, {"help", help}}};
  }
  if (lacks) {
    const std::string name = said.substr(0, said.find(' '));
    return {ErrorCode::input_missing_word, {{"what", named(used, name)}, {"help", help}}};
  }
  if (dynamic_cast<const CLI::ExcludesError*>(&failure) != nullptr) {
    const std::string option = said.substr(0, said.find(' '));
    const std::string other = said.substr(said.rfind(' ') + 1);
    return {ErrorCode::input_not_together, {{"option", option}, {"other", other}, {"help", help}}};
  }
  return {ErrorCode::input_bad_option, {{"option", option_in(said)}, {"help", help}}};
}

}  // namespace

Manner manner_of(const std::vector<std::string>& arguments) {
  Manner out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const bool apart = word == "--lang" && i + 1 < arguments.size();
    if ((apart && arguments[i + 1] == "en") || word == "--lang=en") {
      out.language = Language::kEnglish;
    }
    if (word == "--json") out.json = true;
  }
  return out;
}

void add_manner(CLI::App& app) {
  app.add_option("--lang", "Ngôn ngữ: vi hoặc en · Language: vi or en")
      ->check(CLI::IsMember({"vi", "en"}));
  app.add_flag_function(
      "--json", [](std::int64_t) {}, "In JSON, một dòng · Print JSON on one line");
}

Result<std::string> parse_command_line(CLI::App& app, const std::vector<std::string>& arguments,
                                       const Manner& manner) {
  speak(app, manner);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const std::vector<CLI::App*> used = used_of(app);
    return used.back()->help(names_of({used.begin(), used.end() - 1}));
  } catch (const CLI::CallForVersion& version) {
    return version.what() + std::string("\n");
  } catch (const CLI::ParseError& failure) {
    return usage_error(app, failure);
  }
  return std::string();
}

}  // namespace lalanh
