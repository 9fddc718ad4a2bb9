#include "cli/mini_layout.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include <fmt/core.h>

namespace ekiden::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kMemKeptMb = 1024;     // for everything that is not a task
constexpr double kCpuOffersPerCore = 4;
constexpr double kCpusMin = 8;
constexpr int kSinglePortFirst = 31000;  // Mesos' own default range
constexpr int kSinglePortLast = 32000;
constexpr int kSharedPortFirst = 20100;  // above Marathon's service ports, below ephemeral ones
constexpr int kSharedPortLast = 32700;

}  // namespace

Machine look_at_machine(const fs::path& data_dir) {
  Machine machine;
  machine.cpus = static_cast<double>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  machine.mem_mb = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * page / (1024 * 1024);
  struct statvfs disk {};
  if (statvfs(data_dir.c_str(), &disk) == 0) {
    machine.disk_mb = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) /
                      (1024 * 1024);
  }
  return machine;
}

std::string agent_ip(int number) {
  return fmt::format("127.0.0.{}", number);
}

std::string agent_resources(const Machine& machine, int number, int count) {
  const double cpus = std::max(kCpusMin, machine.cpus * kCpuOffersPerCore);
  const double mem = machine.mem_mb > 2 * kMemKeptMb ? machine.mem_mb - kMemKeptMb
                                                     : machine.mem_mb / 2;
  int first = kSinglePortFirst;
  int last = kSinglePortLast;
  if (count > 1) {
    const int share = (kSharedPortLast - kSharedPortFirst + 1) / count;
    first = kSharedPortFirst + (number - 1) * share;
    last = first + share - 1;
  }
  return fmt::format("cpus:{};mem:{};disk:{};ports:[{}-{}]",
                     cpus,
                     static_cast<long>(mem / count),
                     static_cast<long>(machine.disk_mb / 2 / count),
                     first,
                     last);
}

fs::path own_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

Result<fs::path> find_executor() {
  const auto path = own_folder() / "ekiden-executor";
  if (access(path.c_str(), X_OK) != 0) {
    return fail(ErrorCode::not_found,
                fmt::format("cannot find the executor at {}: build the target ekiden-executor, it "
                            "belongs beside the ekiden binary",
                            path.string()));
  }
  return path;
}

Result<fs::path> find_ui() {
  const auto own = own_folder();
  for (const auto& candidate : {own / "../share/ekiden/ui_static", own / "../../../ui_static"}) {
    std::error_code ignored;
    if (fs::exists(candidate / "index.html", ignored)) {
      return fs::weakly_canonical(candidate, ignored);
    }
  }
  return fail(ErrorCode::not_found,
              fmt::format("cannot find the page's files near {}: looked for ../share/ekiden/"
                          "ui_static and ../../../ui_static",
                          own.string()));
}

}  // namespace ekiden::cli
