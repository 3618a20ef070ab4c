#include "shared/base/error.h"

#include <array>

#include "shared/base/printable.h"

namespace lalanh {
namespace {

struct Entry {
  std::string_view domain;
  std::string_view code;
  std::string_view vi;
  std::string_view en;
};

/// Parts what is wrong from what was kept.
constexpr char kPartMark = '|';

constexpr std::array kEntries = {
#define X(domain, code, vi, en) Entry{#domain, #code, vi, en},
#include "shared/base/errors.def"
#undef X
};

struct Phrase {
  std::string_view en;
  std::string_view vi;
};

constexpr std::array kPhrases = {
#define X(en, vi) Phrase{en, vi},
#include "shared/base/phrases.def"
#undef X
};

const Entry& entry_of(ErrorCode code) { return kEntries[static_cast<std::size_t>(code)]; }

}  // namespace

std::string Error::name() const {
  const Entry& e = entry_of(code);
  return std::string(e.domain) + "." + std::string(e.code);
}

std::optional<Error> error_of_name(std::string_view name) {
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    const Error each(static_cast<ErrorCode>(i));
    if (each.name() == name) return each;
  }
  return std::nullopt;
}

std::string_view Error::domain() const { return entry_of(code).domain; }

std::string_view Error::value(std::string_view key) const {
  for (const auto& [name, text] : context) {
    if (name == key) return text;
  }
  return {};
}

namespace {

/// Names whose values the code words; others hold what a person or a file wrote.
bool says_words(std::string_view name) {
  return name == "why" || name == "action" || name == "expected" || name == "what" ||
         name == "where";
}

/// The value of a name in a language: its own words for it ("field_vi"), or the same for both.
std::string said(const Error& error, std::string_view name, Language language) {
  const std::string own = std::string(name) + (language == Language::kEnglish ? "_en" : "_vi");
  if (const std::string_view words = error.value(own); !words.empty()) return std::string(words);
  const std::string_view value = error.value(name);
  return std::string(says_words(name) ? in_language(value, language) : value);
}

std::string filled(const Error& error, std::string_view text, Language language) {
  std::string out;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t close = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
    if (close == std::string_view::npos) {
      if (text[i] != kPartMark) out.push_back(text[i]);
      ++i;
    } else {
      out += printable(said(error, text.substr(i + 1, close - i - 1), language), false);
      i = close + 1;
    }
  }
  // A place that nobody named leaves nothing behind.
  constexpr std::string_view kNowhere = " ()";
  const std::size_t nowhere = out.find(kNowhere);
  if (nowhere != std::string::npos) out.erase(nowhere, kNowhere.size());
  return out;
}

}  // namespace

std::string Error::message(Language language) const {
  return filled(*this, error_template(code, language), language);
}

std::string Error::reason(Language language) const {
  const std::string_view text = error_template(code, language);
  return filled(*this, text.substr(0, text.find(kPartMark)), language);
}

std::string_view in_language(std::string_view english, Language language) {
  if (language == Language::kEnglish) return english;
  for (const Phrase& phrase : kPhrases) {
    if (phrase.en == english) return phrase.vi;
  }
  return english;
}

std::size_t error_count() { return kEntries.size(); }

std::string_view error_template(ErrorCode code, Language language) {
  const Entry& e = entry_of(code);
  return language == Language::kVietnamese ? e.vi : e.en;
}

}  // namespace lalanh
