#pragma once

#include <string>

#include "shared/base/error.h"

namespace lalanh {

/// The words of what is printed, in one language. Texts come from replies of the JSON API; what is
/// not known (a newer program wrote it) is said as it is.
class Words {
 public:
  explicit Words(Language language) : vi_(language == Language::kVietnamese) {}

  std::string word(const char* vi, const char* en) const { return vi_ ? vi : en; }
  /// Of a reply's {"vi": …, "en": …}.
  const char* key() const { return vi_ ? "vi" : "en"; }
  Language language() const { return vi_ ? Language::kVietnamese : Language::kEnglish; }
  /// "2026-11-28T16:44:36+07:00" as people write it.
  std::string time(const std::string& text) const;
  /// "2026-11-28" as people write it.
  std::string date(const std::string& text) const;
  /// "20006" and "5.48" as people of the language write them: "20.006" and "5,48".
  std::string number(const std::string& text) const;
  std::string class_word(const std::string& value) const;
  std::string finding_word(const std::string& kind) const;
  /// What may be written into a field of this kind.
  std::string kind_word(const std::string& kind) const;
  std::string verb_word(const std::string& verb) const;
  /// Why something was taken out: what a person typed, or a word of the program's own.
  std::string reason_word(const std::string& reason) const;
  /// What is wrong, of an error that came by its name alone, at a place.
  std::string error_word(const std::string& name, const std::string& where) const;

 private:
  bool vi_;
};

}  // namespace lalanh
