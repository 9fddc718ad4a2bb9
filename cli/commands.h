#pragma once

namespace ekiden::cli {

// Parses the command line and runs the command; the exit code of the process. The only place that
// knows CLI11.
int run(int argc, const char* const* argv);

}  // namespace ekiden::cli
