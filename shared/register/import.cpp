#include "shared/register/import.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/catalogue/csv.h"
#include "shared/register/register_ops.h"

namespace lalanh {
namespace {

/// A column that holds a field of a type.
struct Column {
  int index = -1;
  const Field* field = nullptr;
};

std::vector<Column> columns_of(const CsvReader& csv, const EntityType& type) {
  std::vector<Column> out;
  for (const Field& field : type.fields) {
    const int index = csv.column(field.name);
    if (index >= 0) out.push_back({index, &field});
  }
  return out;
}

std::vector<std::string> names_of(std::initializer_list<const EntityType*> types) {
  std::vector<std::string> out;
  for (const EntityType* type : types) {
    for (const Field& field : type->fields) out.push_back(field.name);
  }
  return out;
}

/// A household as the two tables give it, before anything is written.
struct HouseholdRows {
  FieldInputs fields;
  std::vector<FieldInputs> assessments;
  std::vector<FieldInputs> members;
};

const FieldValue* value_of(const FieldInputs& fields, std::string_view name) {
  for (const FieldInput& input : fields) {
    if (input.name == name) return &input.value;
  }
  return nullptr;
}

std::string text_of(const FieldInputs& fields, std::string_view name) {
  const FieldValue* value = value_of(fields, name);
  return value == nullptr ? std::string() : lalanh::to_text(*value);
}

class Import {
 public:
  Import(Store& store, const FieldWords& words, Register& registry, const ImportOptions& options)
      : store_(store), words_(words), registry_(registry), options_(options) {
    const Catalogue& catalogue = words.catalogue();
    household_ = catalogue.type("household");
    assessment_ = catalogue.type("assessment");
    member_ = catalogue.type("member");
  }

  Result<ImportResult> run(std::string_view households, std::string_view members) {
    TRY(find_known());
    TRY(read_households(households));
    if (!members.empty()) TRY(read_members(members));
    if (!result_.bad.empty() && !options_.good_rows) return std::move(result_);
    TRY(write());
    return std::move(result_);
  }

 private:
  void bad(const std::string& file, const CsvReader& csv, std::string column, Error reason) {
    result_.bad.push_back({file, csv.row(), std::move(column), std::move(reason)});
  }

  /// The fields of a row; false where a cell is bad (noted). Empty cells are "not said".
  bool read_row(const std::string& file, const CsvReader& csv, const std::vector<Column>& columns,
                FieldInputs& out) {
    bool good = true;
    for (const Column& column : columns) {
      const std::string_view cell = csv.cell(column.index);
      FieldInput input;
      input.name = column.field->name;
      const auto take = [&](std::string_view text, FieldValue& to) {
        Result<FieldValue> value = check_text(*column.field, text, "");
        if (!value.ok()) {
          bad(file, csv, column.field->name, value.error());
          good = false;
          return;
        }
        to = std::move(*value);
      };
      if (column.field->op == FieldOp::kSet) {
        take(cell, input.value);
        if (std::holds_alternative<std::monostate>(input.value)) continue;
      } else {
        for (const std::string& item : split_items(cell)) take(item, input.items.emplace_back());
        if (input.items.empty()) continue;
      }
      out.push_back(std::move(input));
    }
    return good;
  }

  Result<bool> next_row(const std::string& file, CsvReader& csv) {
    TRY_ASSIGN(const bool row, csv.next());
    if (!row) return false;
    ++result_.rows;
    const Status width = csv.expect_width();
    if (!width.ok()) bad(file, csv, "", width.error());
    return true;
  }

  Status read_households(std::string_view bytes) {
    TRY_ASSIGN(CsvReader csv, CsvReader::open(bytes, options_.households_file));
    TRY(csv.expect_columns(std::vector<std::string>{"code", "head"},
                           names_of({household_, assessment_})));
    const std::vector<Column> own = columns_of(csv, *household_);
    const std::vector<Column> assessed = columns_of(csv, *assessment_);
    // Without a period, answers would belong to none.
    if (!assessed.empty()) {
      TRY(csv.expect_columns(std::vector<std::string>{"code", "head", "period"},
                             names_of({household_, assessment_})));
    }
    for (;;) {
      TRY_ASSIGN(const bool row, next_row(options_.households_file, csv));
      if (!row) return {};
      if (!csv.expect_width().ok()) continue;
      FieldInputs fields;
      FieldInputs assessment;
      const bool good = read_row(options_.households_file, csv, own, fields);
      // A household that is not assessed yet leaves all of that empty.
      const bool says = std::any_of(assessed.begin(), assessed.end(),
                                    [&](const Column& c) { return !csv.cell(c.index).empty(); });
      const bool good_too = !says || read_row(options_.households_file, csv, assessed, assessment);
      if (!good || !good_too) continue;
      // Households are told apart by code, so it is needed here, and one row is one period.
      const std::string code = text_of(fields, "code");
      if (code.empty()) {
        bad(options_.households_file, csv, "code",
            {ErrorCode::input_missing, {{"field", "code"}, {"where", csv.where()}}});
        continue;
      }
      if (is_gone(options_.households_file, csv, "code", code)) continue;
      if (!seen_.emplace(code, text_of(assessment, "period")).second) {
        bad(options_.households_file, csv, "code",
            {ErrorCode::register_duplicate, {{"what", code}}});
        continue;
      }
      const auto [at, added] = rows_.try_emplace(code);
      if (added) order_.push_back(code);
      if (!merge(csv, code, std::move(fields), at->second.fields)) continue;
      if (says) at->second.assessments.push_back(std::move(assessment));
    }
  }

  /// Adds what a row says of a household to what its earlier rows said, of other periods; false
  /// where it says another value (noted).
  bool merge(const CsvReader& csv, const std::string& code, FieldInputs&& more, FieldInputs& to) {
    FieldInputs fresh;
    for (FieldInput& input : more) {
      const auto said = std::find_if(to.begin(), to.end(), [&](const FieldInput& earlier) {
        return earlier.name == input.name;
      });
      if (said == to.end()) {
        fresh.push_back(std::move(input));
      } else if (said->value != input.value || said->items != input.items) {
        const std::string value = code + ": " + input.name + " = " + lalanh::to_text(said->value);
        bad(options_.households_file, csv, input.name,
            {ErrorCode::register_duplicate, {{"what", value}}});
        return false;
      }
    }
    std::move(fresh.begin(), fresh.end(), std::back_inserter(to));
    return true;
  }

  Status read_members(std::string_view bytes) {
    TRY_ASSIGN(CsvReader csv, CsvReader::open(bytes, options_.members_file));
    std::vector<std::string> optional = names_of({member_});
    TRY(csv.expect_columns(std::vector<std::string>{"household_code", "name"}, optional));
    const std::vector<Column> columns = columns_of(csv, *member_);
    for (;;) {
      TRY_ASSIGN(const bool row, next_row(options_.members_file, csv));
      if (!row) return {};
      if (!csv.expect_width().ok()) continue;
      FieldInputs fields;
      if (!read_row(options_.members_file, csv, columns, fields)) continue;
      const std::string code = household_code(csv);
      if (is_gone(options_.members_file, csv, "household_code", code)) continue;
      const auto at = rows_.find(code);
      if (at == rows_.end()) {
        bad(options_.members_file, csv, "household_code",
            {ErrorCode::register_not_found, {{"what", code}}});
        continue;
      }
      at->second.members.push_back(std::move(fields));
    }
  }

  /// As check_value tidies a code, so that it is found among the rows.
  std::string household_code(const CsvReader& csv) const {
    const std::string_view cell = csv.cell(csv.column("household_code"));
    const Result<FieldValue> value = check_text(*household_->field("code"), cell, csv.where());
    return value.ok() ? lalanh::to_text(*value) : std::string(cell);
  }

  Status write() {
    store_.new_epoch();
    {
      TRY_ASSIGN(WriteBatch batch, store_.begin_write());
      for (const std::string& code : order_) TRY(write_household(batch, code, rows_.at(code)));
      const bool nothing = result_.created + result_.changed == 0;
      if (!options_.dry_run && !nothing) TRY(batch.commit());
      result_.imported = !options_.dry_run;
    }
    store_.new_epoch();
    return {};
  }

  /// Households of the scope by code, and the codes of those that are there no more: one pass, not
  /// a search a row.
  Status find_known() {
    RegisterQueries queries(store_);
    HouseholdQuery query;
    query.units = {options_.scope.unit};
    query.removed_too = true;
    query.limit = limits::kCsvRowsMax;
    std::int64_t total = 1;
    for (; static_cast<std::int64_t>(query.offset) < total; query.offset += query.limit) {
      TRY_ASSIGN(const HouseholdPage page, queries.households(query));
      TRY_ASSIGN(const ScopeStreams* streams, store_.core().scope(options_.scope));
      total = page.total;
      for (const HouseholdLine& line : page.lines) {
        std::string code(shown_text(line.state, words_.field("code"), *streams));
        if (line.counted) {
          known_[std::move(code)] = line.id.create;
        } else {
          gone_[std::move(code)] |= line.moved || removed_as_moved(line.state);
        }
      }
    }
    return {};
  }

  /// A household that moved away or was removed is not entered a second time (noted).
  bool is_gone(const std::string& file, const CsvReader& csv, const char* column,
               const std::string& code) {
    const auto at = gone_.find(code);
    if (at == gone_.end() || known_.count(code) != 0) return false;
    bad(file, csv, column,
        {at->second ? ErrorCode::register_moved : ErrorCode::register_removed, {{"what", code}}});
    return true;
  }

  Status count(Result<bool> changed) {
    if (!changed.ok()) return changed.error();
    ++(*changed ? result_.changed : result_.unchanged);
    return {};
  }

  Status write_household(WriteBatch& batch, const std::string& code, const HouseholdRows& rows) {
    const auto known = known_.find(code);
    Dot household;
    if (known == known_.end()) {
      TRY_ASSIGN(household, create(batch, "household", {}, rows.fields));
    } else {
      household = known->second;
      TRY(count(registry_.correct_in(batch, {options_.scope, household}, rows.fields,
                                     options_.actor, "import")));
    }
    std::multimap<std::string, Dot> children;
    if (known != known_.end()) TRY(find_children(batch, household, children));
    for (const FieldInputs& assessment : rows.assessments) {
      TRY(write_child(batch, "assessment", household, assessment, {"period"}, children));
    }
    for (const FieldInputs& member : rows.members) {
      TRY(write_child(batch, "member", household, member, {"name", "birth"}, children));
    }
    return {};
  }

  Result<Dot> create(WriteBatch& batch, const char* type, const Dot& parent,
                     const FieldInputs& fields) {
    ++result_.created;
    return registry_.create_in(batch, options_.scope, type, parent, fields, options_.actor,
                               "import");
  }

  /// What tells one child from another: its type and the values of some fields.
  static std::string key_of(std::string_view type, std::initializer_list<const char*> names,
                            const FieldInputs& fields) {
    std::string key(type);
    for (const char* name : names) {
      key += "\n" + text_of(fields, name);
    }
    return key;
  }

  Status find_children(WriteBatch& batch, const Dot& household,
                       std::multimap<std::string, Dot>& out) {
    TRY_ASSIGN(const ScopeStreams* streams, batch.streams(options_.scope));
    TRY_ASSIGN(const std::vector<Ref> children,
               store_.core().entities.children(streams->ref(household)));
    for (const Ref child : children) {
      const Dot dot = streams->dot(child);
      TRY_ASSIGN(const EntityState* state, batch.state(options_.scope, dot));
      if (state == nullptr || !counts(*state, *streams)) continue;
      FieldInputs fields;
      for (const char* name : {"period", "name", "birth"}) {
        const Value& value = shown_value(*state, words_.field(name), *streams);
        fields.push_back({name, to_field_value(value), {}});
      }
      const bool member = state->type == words_.type("member");
      out.emplace(member ? key_of("member", {"name", "birth"}, fields)
                         : key_of("assessment", {"period"}, fields),
                  dot);
    }
    return {};
  }

  Status write_child(WriteBatch& batch, const char* type, const Dot& household,
                     const FieldInputs& fields, std::initializer_list<const char*> names,
                     std::multimap<std::string, Dot>& children) {
    const auto at = children.find(key_of(type, names, fields));
    if (at == children.end()) {
      TRY(create(batch, type, household, fields));
      return {};
    }
    const Dot dot = at->second;
    children.erase(at);  // two members may share name and year of birth: each row takes one
    return count(
        registry_.correct_in(batch, {options_.scope, dot}, fields, options_.actor, "import"));
  }

  Store& store_;
  const FieldWords& words_;
  Register& registry_;
  const ImportOptions& options_;
  const EntityType* household_;
  const EntityType* assessment_;
  const EntityType* member_;
  std::map<std::string, HouseholdRows> rows_;
  std::set<std::pair<std::string, std::string>> seen_;  ///< code and period of a row
  std::vector<std::string> order_;
  std::map<std::string, Dot> known_;
  std::map<std::string, bool> gone_;  ///< codes of those that are there no more: did one move?
  ImportResult result_;
};

}  // namespace

Result<ImportResult> import_tables(Store& store, const FieldWords& words, Register& registry,
                                   std::string_view households, std::string_view members,
                                   const ImportOptions& options) {
  return Import(store, words, registry, options).run(households, members);
}

}  // namespace lalanh
