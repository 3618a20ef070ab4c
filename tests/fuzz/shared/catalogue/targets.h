#pragma once

#include "shared/base/check.h"
#include "shared/base/embedded.h"
#include "shared/catalogue/catalogue.h"
#include "shared/catalogue/check_value.h"
#include "shared/catalogue/csv.h"
#include "shared/catalogue/json_writer.h"

/// What must hold for any bytes, for fuzz programs and for tests that alter good ones.
namespace lalanh::fuzz {

inline void write_json(JsonWriter& out, const JsonValue& value) {
  if (const std::string* text = value.text()) {
    out.text(*text);
  } else if (const std::int64_t* number = value.integer()) {
    out.integer(*number);
  } else if (const bool* flag = value.boolean()) {
    out.boolean(*flag);
  } else if (const JsonValue::Array* items = value.array()) {
    out.begin_array();
    for (const JsonValue& item : *items) write_json(out, item);
    out.end_array();
  } else if (const JsonValue::Object* members = value.object()) {
    out.begin_object();
    for (const JsonValue::Member& member : *members) write_json(out.key(member.key), member.value);
    out.end_object();
  } else {
    out.null();
  }
}

/// What is read can be written, and is read again as the same.
inline void any_json(ByteView bytes) {
  const Result<JsonValue> read = parse_json(as_text(bytes), "any.json");
  if (!read.ok()) return;
  std::string text;
  JsonWriter out(text);
  write_json(out, *read);
  const Result<JsonValue> again = parse_json(text, "again.json");
  LALANH_CHECK(again.ok());
  Bytes first;
  Bytes second;
  canonical_bytes(*read, first);
  canonical_bytes(*again, second);
  LALANH_CHECK(first == second);
}

/// Reading ends; rows are counted upward, and every cell lies within the file's size.
inline void any_csv(ByteView bytes) {
  Result<CsvReader> csv = CsvReader::open(as_text(bytes), "any.csv");
  if (!csv.ok()) return;
  std::size_t row = 1;
  for (;;) {
    const Result<bool> more = csv->next();
    if (!more.ok() || !*more) return;
    LALANH_CHECK(csv->row() > row);
    row = csv->row();
    std::size_t size = 0;
    for (std::size_t i = 0; i < csv->width(); ++i) size += csv->cell(static_cast<int>(i)).size();
    LALANH_CHECK(size <= bytes.size());
    LALANH_CHECK(csv->cell(-1).empty() && csv->cell(static_cast<int>(csv->width())).empty());
    LALANH_CHECK(csv->expect_width().ok() == (csv->width() == csv->header().size()));
  }
}

/// A value that was taken from text is taken again from the text that it is written as.
inline void any_field_text(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  for (const EntityType& type : Catalogue::builtin().types()) {
    for (const Field& field : type.fields) {
      const Result<FieldValue> value = check_text(field, text, "");
      if (!value.ok() || std::holds_alternative<std::monostate>(*value)) continue;
      const Result<FieldValue> again = check_text(field, to_text(*value), "");
      LALANH_CHECK(again.ok() && *again == *value);
    }
  }
}

/// A catalogue is whole or refused: its types and fields are found by their names.
inline void any_catalogue(ByteView bytes) {
  const EmbeddedFile files[] = {{"any.json", as_text(bytes)}};
  const Result<Catalogue> read = Catalogue::read(files);
  if (!read.ok()) return;
  for (const EntityType& type : read->types()) {
    LALANH_CHECK(read->type(type.name) == &type);
    for (const Field& field : type.fields) LALANH_CHECK(type.field(field.name) == &field);
  }
}

}  // namespace lalanh::fuzz
