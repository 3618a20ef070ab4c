#pragma once

#include <functional>

#include "shared/store/database.h"

namespace lalanh {

/// Brings an empty or older database to this program's version, file by file, each in one
/// transaction. `before_upgrade` is called first where there is something to lose; its error is the
/// result then. store.newer where the database is newer than the program; nothing changes then.
Status migrate(Database& db, const std::function<Status()>& before_upgrade);

}  // namespace lalanh
