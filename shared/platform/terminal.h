#pragma once

#include <string>

#include "shared/base/result.h"

/// What needs the person at the machine, or says what the machine is.
namespace lalanh {

/// Asks at the terminal, on standard error, and reads one line without showing it.
/// accounts.no_password where standard input is no terminal, or it ends.
Result<std::string> read_password(const std::string& prompt);

/// A folder of this user's that is gone when he logs off or the machine stops ($XDG_RUNTIME_DIR);
/// "" where the system has none.
std::string runtime_folder();

/// A variable of the environment; "" where it is not set or not UTF-8.
std::string environment_text(const std::string& name);

/// Has the processor instructions for AES? Without them ChaCha20 is the faster cipher.
bool processor_has_aes();

}  // namespace lalanh
