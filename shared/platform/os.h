#pragma once

#include <functional>

/// Between the portable part of this folder and its two operating systems; used here alone.
namespace lalanh::os {

/// Calls `asked` in a thread of its own at each request to stop, until unwatch_stop. False where
/// the system refuses. One watch at a time.
bool watch_stop(std::function<void()> asked);
/// No call runs or comes after it has returned.
void unwatch_stop();

}  // namespace lalanh::os
