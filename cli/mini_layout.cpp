#include "cli/mini_layout.h"

#include "core/base/strings.h"

#include <algorithm>
#include <functional>

#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace ekiden::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kMemKeptMb = 1024;  // for everything that is not a task
constexpr double kCpuOffersPerCore = 4;
constexpr double kCpusMin = 8;
constexpr long kHaproxyOwnFiles = 500;
constexpr long kHaproxyConnectionsMin = 100;
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
    machine.disk_mb =
        static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / (1024 * 1024);
  }
  return machine;
}

std::string agent_ip(int number) {
  return fmt::format("127.0.0.{}", number);
}

std::string agent_resources(const Machine& machine, int number, int count) {
  const double cpus = std::max(kCpusMin, machine.cpus * kCpuOffersPerCore);
  const double mem =
      machine.mem_mb > 2 * kMemKeptMb ? machine.mem_mb - kMemKeptMb : machine.mem_mb / 2;
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

Result<fs::path> find_shared(const std::string& folder, const std::string& file) {
  const auto own = own_folder();
  for (const auto& candidate : {own / "../share/ekiden" / folder, own / "../../.." / folder}) {
    std::error_code ignored;
    if (fs::exists(candidate / file, ignored)) {
      return fs::weakly_canonical(candidate, ignored);
    }
  }
  return fail(
      ErrorCode::not_found,
      fmt::format("cannot find the folder {} near {}: looked in ../share/ekiden and ../../..",
                  folder,
                  own.string()));
}

long open_files_max() {
  struct rlimit limit {};

  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<long>(std::min<rlim_t>(limit.rlim_max, 1L << 20));
}

int haproxy_connections_max(long open_files) {
  return static_cast<int>(std::max(kHaproxyConnectionsMin, (open_files - kHaproxyOwnFiles) / 2));
}

int agents_of(const fs::path& data_dir) {
  int count = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(data_dir / "agents", ignored)) {
    count =
        std::max(count, static_cast<int>(parse_int(entry.path().filename().string()).value_or(0)));
  }
  return count;
}

std::string cgroups_root(const fs::path& data_dir, int number) {
  std::error_code ignored;
  const auto place = std::hash<std::string>{}(fs::weakly_canonical(data_dir, ignored).string());
  return fmt::format(
      "ekiden-{:08x}-{}", static_cast<std::uint32_t>(place ^ (place >> 32U)), number);
}

}  // namespace ekiden::cli
