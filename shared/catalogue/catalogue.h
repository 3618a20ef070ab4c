#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/calendar.h"
#include "shared/base/embedded.h"
#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace lalanh {

class JsonIn;

/// What a person reads, in the two languages of the product.
struct Label {
  std::string vi;
  std::string en;
  const std::string& in(Language language) const {
    return language == Language::kVietnamese ? vi : en;
  }
};

/// How well a fact of law is known: `docs/ARCHITECTURE.md`, "Law is data". C: a public source was
/// read; I: inferred from such; UNCONFIRMED: likely, still to be checked.
enum class Mark : std::uint8_t { kConfirmed, kInferred, kUnconfirmed };

/// A fact's origin: the decree or page, and its mark. Empty source: the fact states no law.
struct Source {
  std::string text;
  Mark mark = Mark::kConfirmed;
};

/// Days on which something is in force, both ends included; none: open.
struct Validity {
  std::optional<Date> from;
  std::optional<Date> to;
  bool covers(const Date& day) const;
};

enum class FieldKind : std::uint8_t {
  kText,        ///< a string; `format` may say more
  kInteger,     ///< 64 bits within min and max
  kBoolean,     ///
  kDate,        ///< "2023-10-09", a string
  kYearOrDate,  ///< a year as an integer (1960) or a date as a string ("1960-05-01")
  kPeriod,      ///< "2023" or "2023-10", a string
  kMoney,       ///< whole dong, an integer
  kChoice,      ///< a code of `choices`, a string
  kLink         ///< the dot of an entity of type `link` in the same scope; not entered as text
};

/// What a text must look like beyond its length.
enum class TextFormat : std::uint8_t { kLine, kLines, kCode, kCitizenId, kPhone };

/// The op that writes a field, and so its merge class, for ever (`sync.md`, The event).
enum class FieldOp : std::uint8_t { kSet, kAdd, kAppend };

/// Personal data: none, basic (name, birth, address), sensitive (health, income, identity number).
enum class Sensitivity : std::uint8_t { kNone, kBasic, kSensitive };

struct Choice {
  std::string code;
  Label label;
  Validity validity;
};

/// One field of a type. A value; never changed after loading.
struct Field {
  std::string name;
  Label label;
  Label help;  ///< may be empty
  FieldKind kind = FieldKind::kText;
  TextFormat format = TextFormat::kLine;
  FieldOp op = FieldOp::kSet;
  Sensitivity sensitivity = Sensitivity::kNone;
  std::string unit;              ///< "đồng/người/tháng"; may be empty
  std::int64_t min = INT64_MIN;  ///< integer, money; of a year or date its year
  std::int64_t max = INT64_MAX;
  std::size_t max_length = 0;  ///< characters of a text
  std::vector<Choice> choices;
  std::string link;       ///< type that a link names
  bool required = false;  ///< must have a value when the entity is entered
  bool list = false;      ///< a column of the list of its type
  bool search = false;    ///< searched, without case and diacritics
  bool person = false;    ///< a person's name: sorted as such
  Validity validity;
  Source source;

  const Choice* choice(std::string_view code) const;
};

struct EntityType {
  std::string name;
  Label label;
  Channel channel = Channel::kRecords;
  std::string parent;  ///< type of the parent entity; "": none
  std::vector<Field> fields;
  Validity validity;
  Source source;

  /// nullptr where there is none.
  const Field* field(std::string_view name) const;
};

/// The types and fields that this version of the program knows. The merge knows none of them.
/// Immutable; safe from any thread.
class Catalogue {
 public:
  /// Reads packs of types, in any order of files. Errors: those of `parse_json`, and
  /// input.unknown_key, input.missing, input.wrong_kind, input.out_of_range, input.bad_pack with
  /// file and line.
  static Result<Catalogue> read(std::span<const EmbeddedFile> files);
  /// The catalogue that is compiled into the program.
  static const Catalogue& builtin();

  const std::vector<EntityType>& types() const { return types_; }
  /// nullptr where there is none. Owned by the catalogue.
  const EntityType* type(std::string_view name) const;
  const Field* field(std::string_view type, std::string_view name) const;
  /// Deterministic bytes of all files: their digest names the catalogue; layout does not count.
  ByteView canonical_bytes() const { return canonical_; }

 private:
  Catalogue() = default;
  Status check_references() const;
  std::vector<EntityType> types_;
  Bytes canonical_;
};

/// Parts of packs that rule packs share: {"vi": …, "en": …}; "valid_from" and "valid_to";
/// "source" and "mark". The caller lists these keys among its own.
Result<Label> read_label(const JsonIn& in, std::string_view key);
Result<Validity> read_validity(const JsonIn& in);
Result<Source> read_source(const JsonIn& in);
/// input.bad_pack with where and why.
Error bad_pack(const JsonIn& in, std::string why);

/// The words of the packs: "text", "set", "sensitive", …
std::string_view to_text(FieldKind kind);
std::string_view to_text(FieldOp op);
std::string_view to_text(Sensitivity sensitivity);
std::string_view to_text(TextFormat format);
std::string_view to_text(Mark mark);

}  // namespace lalanh
