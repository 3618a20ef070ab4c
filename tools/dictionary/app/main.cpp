// lalanh-dictionary: trains the dictionary of segments on invented data, and measures segments.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "tools/dictionary/measure.h"
#include "tools/dictionary/train.h"

namespace {

using lalanh::dictionary::Form;

constexpr const char* kAbout =
    "Trains the dictionary and the word list of segments (shared/event/dict) on invented data, "
    "and\n"
    "measures segments. Input: folders written by lalanh-gen --format ndjson.\n"
    "Exit: 0 done, 2 wrong use or a disk error.";

struct Arguments {
  std::string from;
  std::string out;
  unsigned version = 1;
  std::size_t bytes = 32 * 1024;
  std::vector<std::string> texts;
};

int failed(const lalanh::Error& error) {
  std::cerr << error.message(lalanh::Language::kVietnamese) << "\n"
            << error.message(lalanh::Language::kEnglish) << "\n";
  return 2;
}

bool write_file(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return out.good();
}

std::vector<std::string> lines_of(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      for (char& c : line)
        c = std::string_view(",\"[]{}():;.").find(c) == std::string_view::npos ? c : ' ';
      out.push_back(line);
    }
  }
  return out;
}

int train(const Arguments& given, const Form& form) {
  const std::string words = lalanh::dictionary::train_words(form, lines_of(given.texts));
  const auto dictionary = lalanh::dictionary::train_dictionary(
      form, lalanh::segment_parts::WordList(words), given.bytes);
  if (!dictionary) return failed(dictionary.error());
  const std::string base = given.out + "/" + std::to_string(given.version);
  if (!write_file(base + ".words", words) ||
      !write_file(base + ".zdict", lalanh::as_text(*dictionary))) {
    return failed(lalanh::Error(lalanh::ErrorCode::system_file,
                                {{"action", "write"}, {"path", base}, {"why", "disk"}}));
  }
  std::cout << base << ".zdict: " << dictionary->size() << " bytes, " << base
            << ".words: " << words.size() << " bytes\n";
  return 0;
}

int run_main(int argc, char** argv) {
  Arguments given;
  CLI::App app(kAbout, "lalanh-dictionary");
  app.require_subcommand(1);
  app.add_option("--from", given.from, "folder with households.ndjson and updates.ndjson")
      ->required();
  CLI::App* training = app.add_subcommand("train", "writes N.words and N.zdict");
  training->add_option("--out", given.out, "folder to write")->required();
  training->add_option("--version", given.version, "N")->capture_default_str();
  training->add_option("--bytes", given.bytes, "of the dictionary, at most")->capture_default_str();
  training->add_option("--texts", given.texts, "files whose words the list should know too");
  app.add_subcommand("measure", "prints bytes and speed of segments with the newest dictionary");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (const auto started = lalanh::start_crypto(); !started) return failed(started.error());
  const auto form = lalanh::dictionary::read_form(given.from);
  if (!form) return failed(form.error());
  if (training->parsed()) return train(given, *form);
  lalanh::dictionary::measure(*form);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lalanh-dictionary: %s\n", error.what());
    return 2;
  }
}
