#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/mini_options.h"
#include "core/base/result.h"

// Where things of `ekiden mini` are and what its agents offer; pure but for looking at the machine.
namespace ekiden::cli {

struct Machine {
  double cpus = 1;
  double mem_mb = 1024;
  double disk_mb = 10 * 1024;
};

Machine look_at_machine(const std::filesystem::path& data_dir);

// "127.0.0.k" for the k-th agent, from 1.
std::string agent_ip(int number);

// What the k-th of `count` agents offers when the user names nothing. All share one network stack, so
// their port ranges are disjoint and outside the kernel's ephemeral ports. CPU is a weight and not a
// limit: the machine's cores are offered four times over, so that a laptop can try things out.
std::string agent_resources(const Machine& machine, int number, int count);

// Beside the running binary: ekiden-executor, and the page's files (share/ekiden/ui_static beside
// bin, or ui_static of the source tree the binary was built in).
std::filesystem::path own_folder();
Result<std::filesystem::path> find_executor();
Result<std::filesystem::path> find_ui();

}  // namespace ekiden::cli
