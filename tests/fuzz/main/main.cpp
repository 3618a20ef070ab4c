// The main function of fuzz targets without libFuzzer, in every build: plays files, or a corpus and
// a fixed number of mutations of it.
//
//   fuzz_x FILE...                                              plays these
//   fuzz_x --corpus FOLDER [--dictionary FILE] [--mutations N] [--from N] [--keep PREFIX]
//   fuzz_x --make-corpus FOLDER DICTIONARY                      writes what the target makes itself
//
// An input that ends the program is written to PREFIX-<number>; a number makes it again. An input
// is given so many seconds of the processor, and no more.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sys/time.h>
#include <unistd.h>

#include "tests/fuzz/main/corpus.h"
#include "tests/fuzz/main/mutations.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// Of the sanitizers, where they are there: they end the program without a signal.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using namespace lalanh;
namespace fs = std::filesystem;

constexpr int kSecondsMax = 20;

/// The input under way, for the handler of signals: plain data.
struct Now {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  char keep[512] = "";   ///< where to write it; "": it is a file already
  char about[640] = "";  ///< which it is, and how to play it again
};
Now now;

void say(const char* text) { (void)!write(STDERR_FILENO, text, std::strlen(text)); }

/// Only what a handler of signals may call.
void keep_input() {
  if (now.about[0] == '\0') return;
  if (now.keep[0] != '\0') {
    const int file = open(now.keep, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file >= 0) {
      (void)!write(file, now.data, now.size);
      (void)close(file);
    }
  }
  say(now.about);
  now.about[0] = '\0';
}

void on_signal(int number) {
  if (number == SIGPROF) say("fuzz: the input takes too long\n");
  keep_input();
  std::signal(number == SIGPROF ? SIGABRT : number, SIG_DFL);
  raise(number == SIGPROF ? SIGABRT : number);
}

void watch() {
  std::signal(SIGABRT, on_signal);
  std::signal(SIGPROF, on_signal);
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(keep_input);
    return;  // their own reports of the other signals say more
  }
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(number, on_signal);
}

void play(ByteView bytes, const std::string& keep, const std::string& about) {
  // A copy of its own, so that a sanitizer sees a read beyond the end.
  const auto copy = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  now.data = copy.get();
  now.size = bytes.size();
  std::strncpy(now.keep, keep.c_str(), sizeof now.keep - 1);
  std::strncpy(now.about, about.c_str(), sizeof now.about - 1);
  const itimerval limit{{0, 0}, {kSecondsMax, 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
  LLVMFuzzerTestOneInput(now.data, now.size);
  now.about[0] = '\0';
}

Bytes read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::cerr << "fuzz: cannot read " << path.string() << "\n";
    std::exit(2);
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

void write_file(const fs::path& path, ByteView bytes) {
  std::ofstream(path, std::ios::binary) << as_text(bytes);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  if (!fs::is_directory(folder)) return out;
  for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

struct Plan {
  std::string program, corpus, dictionary, keep = "fuzz-failed";
  std::uint64_t mutations = 0;
  std::uint64_t from = 1;
};

int play_plan(const Plan& plan) {
  std::vector<Bytes> corpus;
  for (const fs::path& path : files_in(plan.corpus)) {
    corpus.push_back(read_file(path));
    const std::string name = path.string();
    play(corpus.back(), "",
         "fuzz: it fails at " + name + "; again: " + plan.program + " " + name + "\n");
  }
  const std::size_t files = corpus.size();
  std::vector<Bytes> words;
  if (!plan.dictionary.empty() && fs::exists(plan.dictionary)) {
    auto read = fuzz::read_dictionary(as_text(read_file(plan.dictionary)));
    if (!read) {
      std::cerr << "fuzz: " << plan.dictionary << " is malformed\n";
      return 2;
    }
    words = std::move(*read);
  }
  const fuzz::Mutations mutations(std::move(corpus), std::move(words));
  for (std::uint64_t number = plan.from; number < plan.from + plan.mutations; ++number) {
    const std::string keep = plan.keep + "-" + std::to_string(number);
    play(mutations.make(number), keep,
         "fuzz: it fails at mutation " + std::to_string(number) + "; again: " + plan.program + " " +
             keep + "\n");
  }
  std::cout << plan.program << ": " << files << " files, " << plan.mutations << " mutations\n";
  return 0;
}

class Folder final : public fuzz::Corpus {
 public:
  explicit Folder(fs::path path) : path_(std::move(path)) {}
  void file(const std::string& name, ByteView bytes) override { write_file(path_ / name, bytes); }
  void word(ByteView token) override { words_.emplace_back(token.begin(), token.end()); }
  const std::vector<Bytes>& words() const { return words_; }

 private:
  fs::path path_;
  std::vector<Bytes> words_;
};

int make(const std::string& folder, const std::string& dictionary) {
  if (fuzz::make_corpus == nullptr) {
    std::cout << "nothing that the target makes itself\n";
    return 0;
  }
  fs::create_directories(folder);
  Folder corpus(folder);
  fuzz::make_corpus(corpus);
  if (!corpus.words().empty())
    write_file(dictionary, as_bytes(fuzz::write_dictionary(corpus.words())));
  return 0;
}

int usage() {
  std::cerr << "FILE... | --corpus FOLDER [--dictionary FILE] [--mutations N] [--from N]"
               " [--keep PREFIX] | --make-corpus FOLDER DICTIONARY\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  if (given.empty()) return usage();
  if (given[0] == "--make-corpus") return given.size() == 3 ? make(given[1], given[2]) : usage();
  watch();
  if (!given[0].starts_with("--")) {
    for (const std::string& path : given) {
      play(read_file(path), "", "fuzz: it fails at " + path + "\n");
      std::cout << path << ": nothing found\n";
    }
    return 0;
  }
  Plan plan;
  plan.program = argv[0];
  for (std::size_t i = 0; i < given.size(); i += 2) {
    if (i + 1 == given.size()) return usage();
    const std::string& value = given[i + 1];
    if (given[i] == "--corpus") {
      plan.corpus = value;
    } else if (given[i] == "--dictionary") {
      plan.dictionary = value;
    } else if (given[i] == "--keep") {
      plan.keep = value;
    } else if (given[i] == "--mutations") {
      plan.mutations = std::strtoull(value.c_str(), nullptr, 10);
    } else if (given[i] == "--from") {
      plan.from = std::strtoull(value.c_str(), nullptr, 10);
    } else {
      return usage();
    }
  }
  return play_plan(plan);
}
