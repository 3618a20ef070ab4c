#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "shared/api/http.h"
#include "shared/base/ports.h"
#include "shared/console/show.h"

namespace CLI {
class App;
}  // namespace CLI

/// The commands of backups that both programs have: `backup`, `restore`, `rebuild`, and the
/// commune's recovery key, which opens backups.
namespace lalanh {

/// What they say, as typed.
struct RestoreCommand {
  std::string file;          ///< backup: folder or file to write; restore: the backup
  std::string recovery_key;  ///< restore: file recovery.key
  std::string login;         ///< restore: whose password opens it
  bool yes = false;          ///< restore, rebuild: do it, not only say it
  bool stick = false;        ///< rebuild: what the parent holds comes by stick, not by the network
};

/// Adds the three to a program; `out` outlives the parsing.
void add_restore_commands(CLI::App& app, RestoreCommand& out);

/// The call of the API whose right `restore` takes where a folder has users.
inline constexpr const char* kRestoreCall = "POST /api/backup";

/// What a program makes sure of before a backup takes the place of what a folder holds.
struct RestoreRules {
  bool server = false;  ///< the program is a server's; backups of the other kind are not its own
  /// Whoever asks may have this folder's data put aside; `others`: the password that was given is
  /// of another machine's backup. None: whoever has the folder may.
  std::function<Status(bool others)> may;
};

/// `restore`: says what it will do to `folder`, and with `yes` does it. Opened by the first of
/// these: the recovery key, the password of the user who is named, the folder's own key, a
/// password, which is asked for where `password_file` is "". What a folder of users holds is put
/// aside only for the recovery key, or for one who may back it up: by the password that opened the
/// backup, else signed in. A backup of another unit than the folder's is refused.
Exit run_restore(Files& files, const std::string& folder, const RestoreCommand& command,
                 const std::string& password_file, const Manner& manner, const RestoreRules& rules);

/// What `rebuild` finds before it begins.
struct RebuildPlan {
  std::string folder, parent;
  bool database = false;                ///< there is one
  std::optional<std::uint64_t> unsent;  ///< events that the parent has not confirmed; nothing:
                                        ///< the database cannot be read
};
/// Has the API answer, by the database that a folder has now, if that opens.
using AskNode = std::function<Result<ApiReply>(const ApiRequest&)>;
/// What `rebuild` would do to a folder. system.file.
Result<RebuildPlan> plan_rebuild(Files& files, const std::string& folder, const AskNode& ask);
/// How `rebuild` gets to the parent.
struct RebuildWay {
  AskNode ask_old;                ///< as for the plan: by the database that is to go
  std::function<Status()> reach;  ///< does it answer? Changes nothing.
  /// Has a new database answer, and shows it as the answer of a command of that name.
  std::function<Exit(const ApiRequest&, const char* shown_as)> ask;
};
/// `rebuild`: says what it will do. With `yes` it syncs first, where the database can be read: what
/// was not sent is sent, and a parent that lets this machine in no more leaves all as it is. Else
/// the parent must answer. Then it puts the database aside and syncs; with `stick` it puts it aside
/// at once and begins an empty one.
Exit run_rebuild(Files& files, const RebuildPlan& found, const RestoreCommand& command,
                 const Manner& manner, const RebuildWay& way);

/// `recovery new`: makes recovery.key and recovery.pub in an existing folder.
Exit make_recovery_key(Files& files, Random& random, const std::string& folder,
                       const Manner& manner);

}  // namespace lalanh
