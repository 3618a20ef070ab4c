#pragma once

#include "shared/base/check.h"
#include "shared/base/embedded.h"
#include "shared/rules/rule_pack.h"

namespace lalanh::fuzz {

/// Packs are whole or refused; the one in force at a period is one of them, and always the same.
inline void any_rule_pack(ByteView bytes) {
  const EmbeddedFile files[] = {{"any.json", as_text(bytes)}};
  const Result<RulePacks> read = RulePacks::read(files);
  if (!read.ok()) return;
  for (const char* period : {"", "2021", "2022", "2023-10", "2026", "9999"}) {
    LALANH_CHECK(read->in_force(period) == read->in_force(period));
  }
}

}  // namespace lalanh::fuzz
