#pragma once

#include "core/base/result.h"
#include "core/net/loop.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::cli {

// What every process of a single daemon has.
struct ProcessOptions {
  std::string name;  // "master"
  std::filesystem::path ready_file;
  bool verbose = false;
};

// A daemon that has started, with everything it stands on.
struct Started {
  std::shared_ptr<void> owner;  // destroyed before the loop; tasks go on
  std::string url;              // http://127.0.0.1:5050
  std::string ready_path;       // answers once the daemon does
  std::vector<std::string> limitations;
};

using OnFailure = std::function<void(Error)>;
using StartDaemon = std::function<Result<Started>(net::Loop&, OnFailure)>;

// Runs until SIGINT or SIGTERM. Tells where it listens, on standard output and in the ready file,
// once the daemon answers. The exit code of the process: 0 after a signal, 1 when it could not
// start or had to stop (said on standard error).
int run_process(const ProcessOptions& options, const StartDaemon& start);

}  // namespace ekiden::cli
