#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/ports.h"
#include "shared/base/result.h"

/// The ports for real, and what programs need of the operating system. Everything that differs
/// between Linux and Windows stands in this folder: platform_posix.cpp, platform_win.cpp.
namespace lalanh {

/// The computer's clock. `steady_ms` goes on while the computer sleeps and starts anew at boot.
std::unique_ptr<Clock> make_system_clock();

/// libsodium's generator, seeded by the operating system. system.internal where it cannot start.
Result<std::unique_ptr<Random>> make_system_random();

/// The files of this computer. Beyond the contract of the port:
/// - folders are made with everything above them, readable by their owner alone;
/// - a path that is not UTF-8, is empty or holds a NUL is system.file;
/// - store.full where the disk or the quota is full, store.read_only on a read-only disk;
/// - a lock belongs to the object that was returned and ends with it or with the process; its file
///   stays behind, empty. The same lock taken twice in one process is store.locked as well;
/// - removing what is not there is success: afterwards it is not there.
std::unique_ptr<Files> make_system_files();

/// Bytes that this user may still write in the file system of an existing folder. system.file.
Result<std::uint64_t> free_bytes(const std::string& folder);

/// The path from the root, for another program that has another current folder; not looked at,
/// links are left as they are. The path itself where the current folder is gone.
std::string absolute_path(const std::string& path);

/// The path from the root by which a folder or file is known to the system, whichever way it was
/// spelled, through links too (on Windows links are left as they are); absolute_path where there is
/// nothing of that name.
std::string real_path(const std::string& path);

/// Where a program keeps its data unless told otherwise: $XDG_DATA_HOME/<program>, else
/// ~/.local/share/<program>; %LOCALAPPDATA%\<program> on Windows. Not created. "" where neither is
/// known: the user must name a folder then.
std::string default_data_folder(const std::string& program);

/// From here on, files that this process makes are their owner's alone (POSIX; on Windows the
/// user's folder says so already). Once, at the start of a program.
void keep_files_private();

/// The command line in UTF-8, the program's name first. On Windows `argv` is ignored (it is in the
/// code page) and the console is switched to UTF-8. May hold bytes that are not UTF-8 on Linux.
std::vector<std::string> utf8_arguments(int argc, char** argv);

/// Is standard output (standard error) a terminal, so that a progress bar makes sense?
bool stdout_is_terminal();
bool stderr_is_terminal();

/// The number of this process, and whether a process of that number runs now (it may be another
/// program by then; where it cannot be known, true).
std::int64_t process_id();
bool process_runs(std::int64_t id);

/// From here on a write to a closed pipe or socket is an error of that write, not the end of the
/// program. Call once, first thing in main.
void ignore_broken_pipes();

/// To be called on a TCP socket between opening and binding it: nobody else may then bind the same
/// port, while a restart may take it again at once. `socket` is the native handle. False where
/// the system refuses.
bool claim_port(std::uintptr_t socket);

}  // namespace lalanh
