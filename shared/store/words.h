#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#include "shared/merge/names.h"
#include "shared/store/database.h"

namespace lalanh {

/// The word table, held in memory (some hundred rows). New words are written in the transaction
/// that is open; after a rollback, reload().
class StoredWords : public Words {
 public:
  explicit StoredWords(Database& db) : db_(db) {}
  Status reload();

  Word word(std::string_view text) override;
  const std::string& text(Word word) override;
  /// 0 where the word was never met.
  Word find(std::string_view text) const;
  /// The same for any thread beside the one that writes: it may be undone by a rollback.
  Word hint(std::string_view text) const;
  std::size_t size() const { return texts_.size(); }
  /// The first failure to write a new word; asked before a commit.
  Status failure() const { return failure_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      return std::hash<std::string_view>()(s);
    }
  };
  static std::size_t place(std::string_view text);

  Database& db_;
  /// Held by hint(), and where the writer changes what it reads.
  mutable std::mutex mutex_;
  std::deque<std::string> texts_{""};  ///< index is the number; stable addresses
  /// The last word found at each place: nearly every look-up is one of a few dozen fields.
  mutable std::array<Word, 256> recent_{};
  std::unordered_map<std::string_view, Word, Hash, std::equal_to<>> numbers_;
  Status failure_;
};

}  // namespace lalanh
