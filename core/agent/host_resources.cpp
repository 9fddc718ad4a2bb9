#include "core/agent/host_resources.h"

#include <cmath>

#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

constexpr double kMb = 1024.0 * 1024.0;
constexpr double kGbInMb = 1024;
constexpr model::Range kPorts{31000, 32000};

// "cpus:0" counts as given, though nothing of it remains.
bool given(const std::string& text, const std::string& name) {
  return text.find(name + ":") != std::string::npos || text.find(name + "(") != std::string::npos;
}

double memory_mb() {
  struct sysinfo info {};

  if (::sysinfo(&info) != 0) {
    return kGbInMb;
  }
  const double total = static_cast<double>(info.totalram) * info.mem_unit / kMb;
  return std::floor(total >= 2 * kGbInMb ? total - kGbInMb : total / 2);
}

double disk_mb(const std::string& folder) {
  struct statvfs info {};

  if (::statvfs(folder.c_str(), &info) != 0) {
    return 10 * kGbInMb;
  }
  const double total =
      static_cast<double>(info.f_blocks) * static_cast<double>(info.f_frsize) / kMb;
  return std::floor(total >= 10 * kGbInMb ? total - 5 * kGbInMb : total / 2);
}

}  // namespace

Result<model::Resources> host_resources(const std::string& text, const std::string& work_dir) {
  Result<model::Resources> resources =
      text.empty() ? Result<model::Resources>(model::Resources()) : model::parse_resources(text);
  if (!resources) {
    return resources;
  }
  if (!given(text, "cpus")) {
    *resources +=
        model::scalar_resource("cpus", static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN)));
  }
  if (!given(text, "mem")) {
    *resources += model::scalar_resource("mem", memory_mb());
  }
  if (!given(text, "disk")) {
    *resources += model::scalar_resource("disk", disk_mb(work_dir));
  }
  if (!given(text, "ports")) {
    *resources += model::ranges_resource("ports", {kPorts});
  }
  return resources;
}

}  // namespace ekiden::agent
