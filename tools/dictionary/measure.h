#pragma once

#include "tools/dictionary/form.h"

namespace lalanh::dictionary {

/// Prints bytes an event and the speed of sealing and reading, for the batches of `wire.*`
/// (docs: the table of goals). Takes the form's households as those of one scope.
void measure(const Form& form);

}  // namespace lalanh::dictionary
