#pragma once

#include <string>

#include "shared/event/word_list.h"
#include "tools/dictionary/form.h"

namespace lalanh::dictionary {

/// Chooses the pieces of a word list (`shared/event/dict/N.words`) from the texts that the form's
/// events carry and from other files' words, the commonest first. Same input, same bytes.
std::string train_words(const Form& form, const std::vector<std::string>& other_texts);

/// Trains a zstd dictionary of at most `bytes_max` on the columns of segments of 1 to 1,000 events.
/// Same input and same libzstd, same bytes. input.usage where zstd finds too little to learn from.
Result<Bytes> train_dictionary(const Form& form, const segment_parts::WordList& words,
                               std::size_t bytes_max);

}  // namespace lalanh::dictionary
