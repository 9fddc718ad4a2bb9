#pragma once

#include "cli/mini_options.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

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

// What the k-th of `count` agents offers when the user names nothing. All share one network stack,
// so their port ranges are disjoint and outside the kernel's ephemeral ports. CPU is a weight and
// not a limit: the machine's cores are offered four times over, so that a laptop can try things
// out.
std::string agent_resources(const Machine& machine, int number, int count);

// Beside the running binary: ekiden-executor, and what it serves (share/ekiden/FOLDER beside bin,
// or FOLDER of the source tree the binary was built in).
std::filesystem::path own_folder();
Result<std::filesystem::path> find_executor();
// A folder of files that the binary serves, recognised by one of them.
Result<std::filesystem::path> find_shared(const std::string& folder, const std::string& file);

// Raises the limit of open files of this process to what it may have, and tells it.
long open_files_max();
// HAProxy wants two files a connection and some of its own.
int haproxy_connections_max(long open_files);

// How many agents a data folder has had, by their numbered work folders.
int agents_of(const std::filesystem::path& data_dir);
// Name of an agent's cgroups: its own for every data folder, the same after a restart.
std::string cgroups_root(const std::filesystem::path& data_dir, int number);

}  // namespace ekiden::cli
