#include "shared/base/error.h"

#include <array>

namespace lalanh {
namespace {

struct Entry {
  std::string_view domain;
  std::string_view code;
  std::string_view vi;
  std::string_view en;
};

constexpr std::array kEntries = {
#define X(domain, code, vi, en) Entry{#domain, #code, vi, en},
#include "shared/base/errors.def"
#undef X
};

const Entry& entry_of(ErrorCode code) { return kEntries[static_cast<std::size_t>(code)]; }

}  // namespace

std::string Error::name() const {
  const Entry& e = entry_of(code);
  return std::string(e.domain) + "." + std::string(e.code);
}

std::string_view Error::domain() const { return entry_of(code).domain; }

std::string_view Error::value(std::string_view key) const {
  for (const auto& [name, text] : context) {
    if (name == key) return text;
  }
  return {};
}

std::string Error::message(Language language) const {
  const std::string_view text = error_template(code, language);
  std::string out;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t close = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
    if (close == std::string_view::npos) {
      out.push_back(text[i++]);
    } else {
      out += value(text.substr(i + 1, close - i - 1));
      i = close + 1;
    }
  }
  return out;
}

std::size_t error_count() { return kEntries.size(); }

std::string_view error_template(ErrorCode code, Language language) {
  const Entry& e = entry_of(code);
  return language == Language::kVietnamese ? e.vi : e.en;
}

}  // namespace lalanh
