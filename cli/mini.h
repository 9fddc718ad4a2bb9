#pragma once

#include "cli/mini_options.h"

namespace ekiden::cli {

// Runs until SIGINT or SIGTERM; tasks and HAProxy go on. The exit code of the process: 0 after a
// signal, 1 when it could not start or had to stop (said on standard error).
int run_mini(const MiniOptions& options);

// Ends every task and the HAProxy that a stopped cluster left running, then removes its state.
int destroy_mini(const MiniOptions& options);

}  // namespace ekiden::cli
