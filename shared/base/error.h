#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lalanh {

/// Every error, by "domain_code" of errors.def; the numbers are not stable, the names are.
enum class ErrorCode : std::uint16_t {
#define X(domain, code, vi, en) domain##_##code,
#include "shared/base/errors.def"
#undef X
};

enum class Language : std::uint8_t { kVietnamese, kEnglish };

/// An expected failure. A value: copied freely, owns its context.
struct Error {
  ErrorCode code;
  /// Names and values that fill the message: {"field","income"}. Small, few.
  std::vector<std::pair<std::string, std::string>> context;

  Error(ErrorCode c, std::vector<std::pair<std::string, std::string>> ctx = {})
      : code(c), context(std::move(ctx)) {}

  /// The stable name, "domain.code".
  std::string name() const;
  /// The part of the name before the dot.
  std::string_view domain() const;
  /// The message for a person, with the context filled in; a name that the context lacks stays
  /// empty. Where "why", "action", "expected", "what" or "where" is a phrase of phrases.def, it is
  /// said in `language`; words that the context gives for one language ("field_vi", "field_en") go
  /// before those for both.
  std::string message(Language language) const;
  /// The first part of the message: what is wrong, without what was kept and what to do.
  std::string reason(Language language) const;
  /// The value of a context name, or "".
  std::string_view value(std::string_view key) const;
};

/// A phrase of phrases.def in `language`; any other text as it is.
std::string_view in_language(std::string_view english, Language language);
/// The error of this stable name, without context; nothing where there is none.
std::optional<Error> error_of_name(std::string_view name);
/// The number of errors in errors.def (for tests that read all messages).
std::size_t error_count();
/// The raw texts of an error, for tests and documents.
std::string_view error_template(ErrorCode code, Language language);

}  // namespace lalanh
