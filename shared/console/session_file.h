#pragma once

#include <optional>
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh {

/// Who is signed in at the command line, and the data key: kept for the next commands of the same
/// person, in a file that only he may read, until it has lain unused for the idle time, the machine
/// was started again, or he signs out. Whoever can read it can open the database meanwhile.
struct SessionFile {
  std::string login;
  Hash key{};
};

/// Where it lies: in the system's folder for what must not outlive the log-in, where there is one
/// (`runtime_folder`, memory), else in the node's folder. The same one however the folder is
/// spelled.
std::string session_path(const std::string& folder);

/// Nothing where there is none or it has ended; it is removed then. In use from now: it is written
/// anew where that is a minute old.
Result<std::optional<SessionFile>> read_session(Files& files, Clock& clock,
                                                const std::string& folder);
Status write_session(Files& files, Clock& clock, const std::string& folder,
                     const SessionFile& session);
Status remove_session(Files& files, const std::string& folder);

}  // namespace lalanh
