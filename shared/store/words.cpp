#include "shared/store/words.h"

namespace lalanh {

Status StoredWords::reload() {
  const std::lock_guard lock(mutex_);
  texts_.assign(1, "");
  numbers_.clear();
  recent_.fill(0);
  failure_ = {};
  TRY_ASSIGN(Statement select, db_.prepare("SELECT no, text FROM word ORDER BY no"));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return {};
    if (select.integer(0) != static_cast<std::int64_t>(texts_.size())) {
      return Error{ErrorCode::store_corrupt, {{"path", db_.path()}, {"why", "table word"}}};
    }
    texts_.emplace_back(select.text(1));
    numbers_.emplace(texts_.back(), static_cast<Word>(texts_.size() - 1));
  }
}

/// A cheap spread of the names that fields have: by length and both ends.
std::size_t StoredWords::place(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const auto last = static_cast<unsigned char>(text.back());
  return (text.size() * 37 + first * 5 + last * 11) % 256;
}

Word StoredWords::find(std::string_view text) const {
  if (text.empty()) return 0;
  Word& recent = recent_[place(text)];
  if (texts_[recent] == text) return recent;
  const auto at = numbers_.find(text);
  if (at == numbers_.end()) return 0;
  recent = at->second;
  return recent;
}

Word StoredWords::hint(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  const auto at = numbers_.find(text);
  return at == numbers_.end() ? 0 : at->second;
}

Word StoredWords::word(std::string_view text) {
  const Word known = find(text);
  if (known != 0 || text.empty()) return known;
  const auto number = static_cast<Word>(texts_.size());
  {
    const std::lock_guard lock(mutex_);
    texts_.emplace_back(text);
    numbers_.emplace(texts_.back(), number);
  }
  const auto insert = [&]() -> Status {
    TRY_ASSIGN(Statement statement, db_.prepare("INSERT INTO word (no, text) VALUES (?, ?)"));
    statement.bind(1, number).bind_text(2, text);
    return statement.run();
  };
  // After a failure nothing more is written: numbers have no gaps, and the commit is refused.
  if (failure_.ok()) failure_ = insert();
  return number;
}

const std::string& StoredWords::text(Word word) {
  CHECK(word < texts_.size());
  return texts_[word];
}

}  // namespace lalanh
