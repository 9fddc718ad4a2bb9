#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <string>
#include <vector>

#include <sys/types.h>

namespace ekiden::lb {

// Child processes without fork: posix_spawn in a session of their own, so that neither Ctrl-C nor
// our death reaches them, and with none of our descriptors (a listener that lived on in a child
// would block its port for our successor).
struct Child {
  std::vector<std::string> arguments;  // [0] is looked up in PATH
  std::string folder;
  std::string output_file;  // stdout and stderr are appended
};

Result<pid_t> spawn(const Child& child);
// Runs to the end: the exit status, 128 + signal when it was killed; killed itself after `limit`.
Result<int> run(const Child& child, Duration limit);

// Clock ticks since boot at which the process started: with the pid it names one process for ever.
// Empty when there is none (zombies count as none).
std::string start_time_of(pid_t pid);
// Arguments, each ended by a NUL.
std::string command_line_of(pid_t pid);

}  // namespace ekiden::lb
