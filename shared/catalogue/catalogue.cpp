#include "shared/catalogue/catalogue.h"

#include <algorithm>

#include "embedded/shared_catalogue.h"
#include "shared/base/cbor.h"
#include "shared/base/check.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/names.h"

namespace lalanh {
namespace {

// Bounds of packs; ours are a tenth of these.
constexpr std::size_t kTypesMax = 256;
constexpr std::size_t kFieldsMax = 512;
constexpr std::size_t kChoicesMax = 512;
constexpr std::size_t kFilesMax = 64;

constexpr Names<FieldKind, 9> kKinds{{{FieldKind::kText, "text"},
                                      {FieldKind::kInteger, "integer"},
                                      {FieldKind::kBoolean, "boolean"},
                                      {FieldKind::kDate, "date"},
                                      {FieldKind::kYearOrDate, "year_or_date"},
                                      {FieldKind::kPeriod, "period"},
                                      {FieldKind::kMoney, "money"},
                                      {FieldKind::kChoice, "choice"},
                                      {FieldKind::kLink, "link"}}};
constexpr Names<FieldOp, 3> kOps{
    {{FieldOp::kSet, "set"}, {FieldOp::kAdd, "add"}, {FieldOp::kAppend, "append"}}};
constexpr Names<Sensitivity, 3> kSensitivities{{{Sensitivity::kNone, "none"},
                                                {Sensitivity::kBasic, "basic"},
                                                {Sensitivity::kSensitive, "sensitive"}}};
constexpr Names<TextFormat, 5> kFormats{{{TextFormat::kLine, "line"},
                                         {TextFormat::kLines, "lines"},
                                         {TextFormat::kCode, "code"},
                                         {TextFormat::kCitizenId, "citizen_id"},
                                         {TextFormat::kPhone, "phone"}}};
constexpr Names<Mark, 3> kMarks{
    {{Mark::kConfirmed, "C"}, {Mark::kInferred, "I"}, {Mark::kUnconfirmed, "UNCONFIRMED"}}};

/// A name of a type or field: a lower-case identifier.
Result<std::string> read_name(const JsonIn& in, std::string_view key) {
  TRY_ASSIGN(const std::string_view name, in.text(key, limits::kNameBytesMax));
  const bool good = !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                    });
  if (!good) return bad_pack(in, "'" + std::string(name) + "' is not a name: a-z, 0-9, _");
  return std::string(name);
}

/// A word of a fixed list, or `value` as it was where the key is absent.
template <class Enum, std::size_t N>
Status read_word(const JsonIn& in, std::string_view key, const Names<Enum, N>& names, Enum& value) {
  TRY_ASSIGN(const std::string_view word, in.text_or(key, name_in(names, value)));
  if (!value_in(names, word, value)) {
    return bad_pack(in, "unknown " + std::string(key) + " '" + std::string(word) + "'");
  }
  return {};
}

Status read_choices(const JsonIn& in, Field& field) {
  if (!in.has("choices")) return {};
  TRY_ASSIGN(const std::vector<JsonIn> items, in.array("choices", kChoicesMax));
  for (const JsonIn& item : items) {
    TRY(item.expect_keys({"code", "label", "valid_from", "valid_to"}));
    Choice choice;
    TRY_ASSIGN(const std::string_view code, item.text("code", limits::kNameBytesMax));
    choice.code = code;
    TRY_ASSIGN(choice.label, read_label(item, "label"));
    TRY_ASSIGN(choice.validity, read_validity(item));
    if (code.empty() || field.choice(code) != nullptr) {
      return bad_pack(item, "choice '" + choice.code + "' is empty or given twice");
    }
    field.choices.push_back(std::move(choice));
  }
  return {};
}

/// What a kind needs and what it does not take.
Status check_field(const JsonIn& in, const Field& field) {
  const bool text = field.kind == FieldKind::kText;
  if ((field.kind == FieldKind::kChoice) == field.choices.empty()) {
    return bad_pack(in, "choices belong to fields of kind choice, and only there");
  }
  if ((field.kind == FieldKind::kLink) == field.link.empty()) {
    return bad_pack(in, "'link' belongs to fields of kind link, and only there");
  }
  if (!text && (in.has("max_length") || in.has("format"))) {
    return bad_pack(in, "max_length and format belong to fields of kind text");
  }
  if (text && (field.max_length == 0 || field.max_length > limits::kTextBytesMax / 4)) {
    return bad_pack(in, "a text needs a max_length of 1 to " +
                            std::to_string(limits::kTextBytesMax / 4) + " characters");
  }
  const bool ranged = field.kind == FieldKind::kInteger || field.kind == FieldKind::kMoney ||
                      field.kind == FieldKind::kYearOrDate;
  if (ranged != (in.has("min") && in.has("max")) || (in.has("min") != in.has("max"))) {
    return bad_pack(in, "min and max belong to integer, money and year_or_date, both of them");
  }
  if (field.min > field.max) return bad_pack(in, "min is greater than max");
  return {};
}

Result<Field> read_field(const JsonIn& in) {
  TRY(in.expect_keys({"name", "label",  "help",   "kind",       "format",   "op",     "sensitivity",
                      "unit", "min",    "max",    "max_length", "choices",  "link",   "required",
                      "list", "search", "person", "valid_from", "valid_to", "source", "mark"}));
  Field field;
  TRY_ASSIGN(field.name, read_name(in, "name"));
  TRY_ASSIGN(field.label, read_label(in, "label"));
  if (in.has("help")) {
    TRY_ASSIGN(field.help, read_label(in, "help"));
  }
  TRY_ASSIGN([[maybe_unused]] const std::string_view kind, in.text("kind"));
  TRY(read_word(in, "kind", kKinds, field.kind));
  TRY(read_word(in, "format", kFormats, field.format));
  TRY_ASSIGN([[maybe_unused]] const std::string_view op, in.text("op"));
  TRY(read_word(in, "op", kOps, field.op));
  TRY_ASSIGN([[maybe_unused]] const std::string_view sensitivity, in.text("sensitivity"));
  TRY(read_word(in, "sensitivity", kSensitivities, field.sensitivity));
  TRY_ASSIGN(const std::string_view unit, in.text_or("unit", ""));
  field.unit = unit;
  TRY_ASSIGN(field.min, in.integer_or("min", INT64_MIN, INT64_MAX, INT64_MIN));
  TRY_ASSIGN(field.max, in.integer_or("max", INT64_MIN, INT64_MAX, INT64_MAX));
  TRY_ASSIGN(const std::int64_t length, in.integer_or("max_length", 0, INT32_MAX, 0));
  field.max_length = static_cast<std::size_t>(length);
  if (in.has("link")) {
    TRY_ASSIGN(field.link, read_name(in, "link"));
  }
  TRY(read_choices(in, field));
  TRY_ASSIGN(field.required, in.boolean_or("required", false));
  TRY_ASSIGN(field.list, in.boolean_or("list", false));
  TRY_ASSIGN(field.search, in.boolean_or("search", false));
  TRY_ASSIGN(field.person, in.boolean_or("person", false));
  TRY_ASSIGN(field.validity, read_validity(in));
  TRY_ASSIGN(field.source, read_source(in));
  TRY(check_field(in, field));
  return field;
}

Result<EntityType> read_type(const JsonIn& in) {
  TRY(in.expect_keys({"name", "label", "channel", "parent", "fields", "valid_from", "valid_to",
                      "source", "mark"}));
  EntityType type;
  TRY_ASSIGN(type.name, read_name(in, "name"));
  TRY_ASSIGN(type.label, read_label(in, "label"));
  TRY_ASSIGN(const std::string_view channel, in.text("channel"));
  if (channel != "records" && channel != "reference") {
    return bad_pack(in, "unknown channel '" + std::string(channel) + "'");
  }
  type.channel = channel == "records" ? Channel::kRecords : Channel::kReference;
  if (in.has("parent")) {
    TRY_ASSIGN(type.parent, read_name(in, "parent"));
  }
  TRY_ASSIGN(type.validity, read_validity(in));
  TRY_ASSIGN(type.source, read_source(in));
  TRY_ASSIGN(const std::vector<JsonIn> fields, in.array("fields", kFieldsMax));
  for (const JsonIn& item : fields) {
    TRY_ASSIGN(Field field, read_field(item));
    if (type.field(field.name) != nullptr) {
      return bad_pack(item, "the field '" + field.name + "' is given twice");
    }
    type.fields.push_back(std::move(field));
  }
  return type;
}

}  // namespace

bool Validity::covers(const Date& day) const {
  const std::int64_t at = days_of(day);
  return (!from.has_value() || days_of(*from) <= at) && (!to.has_value() || at <= days_of(*to));
}

Error bad_pack(const JsonIn& in, std::string why) {
  return Error(ErrorCode::input_bad_pack, {{"where", in.where()}, {"why", std::move(why)}});
}

Result<Label> read_label(const JsonIn& in, std::string_view key) {
  TRY_ASSIGN(const JsonIn label, in.member(key));
  TRY(label.expect_keys({"vi", "en"}));
  Label out;
  TRY_ASSIGN(const std::string_view vi, label.text("vi"));
  TRY_ASSIGN(const std::string_view en, label.text("en"));
  if (vi.empty() || en.empty()) return bad_pack(label, "an empty label");
  out.vi = vi;
  out.en = en;
  return out;
}

Result<Validity> read_validity(const JsonIn& in) {
  Validity out;
  for (const std::string_view key :
       {std::string_view("valid_from"), std::string_view("valid_to")}) {
    TRY_ASSIGN(const std::string_view text, in.text_or(key, ""));
    if (text.empty()) continue;
    Date day;
    if (!date_from_text(text, day)) {
      return Error(
          ErrorCode::input_not_a_date,
          {{"field", std::string(key)}, {"value", std::string(text)}, {"where", in.where()}});
    }
    (key == "valid_from" ? out.from : out.to) = day;
  }
  if (out.from.has_value() && out.to.has_value() && days_of(*out.to) < days_of(*out.from)) {
    return bad_pack(in, "valid_to is before valid_from");
  }
  return out;
}

Result<Source> read_source(const JsonIn& in) {
  Source out;
  if (in.has("source") != in.has("mark")) {
    return bad_pack(in, "a source needs a mark (C, I, UNCONFIRMED), and a mark a source");
  }
  if (!in.has("source")) return out;
  TRY_ASSIGN(const std::string_view text, in.text("source"));
  if (text.empty()) return bad_pack(in, "an empty source");
  out.text = text;
  TRY(read_word(in, "mark", kMarks, out.mark));
  return out;
}

const Choice* Field::choice(std::string_view code) const {
  for (const Choice& held : choices) {
    if (held.code == code) return &held;
  }
  return nullptr;
}

const Field* EntityType::field(std::string_view name_of_field) const {
  for (const Field& held : fields) {
    if (held.name == name_of_field) return &held;
  }
  return nullptr;
}

Result<Catalogue> Catalogue::read(std::span<const EmbeddedFile> files) {
  if (files.size() > kFilesMax) {
    return Error(ErrorCode::input_too_large, {{"max", std::to_string(kFilesMax)}});
  }
  std::vector<EmbeddedFile> sorted(files.begin(), files.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const EmbeddedFile& a, const EmbeddedFile& b) { return a.name < b.name; });
  Catalogue out;
  cbor::Writer(out.canonical_).array(sorted.size());
  for (const EmbeddedFile& file : sorted) {
    TRY_ASSIGN(const JsonValue root, parse_json(file.bytes, file.name));
    const JsonIn in(root, file.name);
    TRY(in.expect_keys({"format", "types"}));
    TRY_ASSIGN([[maybe_unused]] const std::int64_t format, in.integer("format", 1, 1));
    TRY_ASSIGN(const std::vector<JsonIn> types, in.array("types", kTypesMax));
    for (const JsonIn& item : types) {
      TRY_ASSIGN(EntityType type, read_type(item));
      if (out.type(type.name) != nullptr) {
        return bad_pack(item, "the type '" + type.name + "' is given twice");
      }
      out.types_.push_back(std::move(type));
    }
    lalanh::canonical_bytes(root, out.canonical_);
  }
  TRY(out.check_references());
  return out;
}

Status Catalogue::check_references() const {
  const auto missing = [this](const std::string& name) {
    return !name.empty() && type(name) == nullptr;
  };
  for (const EntityType& held : types_) {
    bool bad = missing(held.parent);
    for (const Field& field : held.fields) bad = bad || missing(field.link);
    if (!bad) continue;
    return Error(ErrorCode::input_bad_pack,
                 {{"where", held.name}, {"why", "it names a type that does not exist"}});
  }
  return {};
}

const Catalogue& Catalogue::builtin() {
  static const Catalogue catalogue = [] {
    Result<Catalogue> read_ones = Catalogue::read(embedded::shared_catalogue());
    CHECK(read_ones.ok());  // tests read the same bytes first
    return std::move(read_ones).value();
  }();
  return catalogue;
}

const EntityType* Catalogue::type(std::string_view name) const {
  for (const EntityType& held : types_) {
    if (held.name == name) return &held;
  }
  return nullptr;
}

const Field* Catalogue::field(std::string_view type_name, std::string_view name) const {
  const EntityType* held = type(type_name);
  return held == nullptr ? nullptr : held->field(name);
}

std::string_view to_text(FieldKind kind) { return name_in(kKinds, kind); }
std::string_view to_text(FieldOp op) { return name_in(kOps, op); }
std::string_view to_text(Sensitivity sensitivity) { return name_in(kSensitivities, sensitivity); }
std::string_view to_text(TextFormat format) { return name_in(kFormats, format); }
std::string_view to_text(Mark mark) { return name_in(kMarks, mark); }

}  // namespace lalanh
