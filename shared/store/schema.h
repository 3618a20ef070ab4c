#pragma once

#include "shared/store/database.h"

namespace lalanh {

/// Brings an empty or older database to this program's version, file by file, each in one
/// transaction. store.newer where the database is newer than the program; nothing changes then.
Status migrate(Database& db);

}  // namespace lalanh
