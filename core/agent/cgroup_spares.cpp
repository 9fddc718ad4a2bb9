#include "core/agent/cgroup_spares.h"

#include <cstdio>
#include <filesystem>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

constexpr const char* kPrefix = "spare-";

}  // namespace

CgroupSpares::CgroupSpares(std::vector<std::string> parents) {
  for (std::string& parent : parents) {
    Hierarchy hierarchy{std::move(parent), {}};
    std::error_code error;
    for (std::filesystem::directory_iterator at(hierarchy.parent, error), end; !error && at != end;
         at.increment(error)) {
      if (at->path().filename().string().starts_with(kPrefix)) {
        hierarchy.free.push_back(at->path().string());
      }
    }
    hierarchies_.push_back(std::move(hierarchy));
  }
}

bool CgroupSpares::take(const std::string& parent, const std::string& path) {
  std::string spare;
  {
    const std::lock_guard lock(mutex_);
    for (Hierarchy& hierarchy : hierarchies_) {
      if (hierarchy.parent == parent && !hierarchy.free.empty()) {
        spare = std::move(hierarchy.free.back());
        hierarchy.free.pop_back();
      }
    }
  }
  return !spare.empty() && std::rename(spare.c_str(), path.c_str()) == 0;
}

// Never holds the lock while the kernel works.
void CgroupSpares::refill() {
  for (std::size_t i = 0; i < hierarchies_.size(); ++i) {
    for (std::size_t tries = 0; tries < 2 * kMax; ++tries) {
      std::string path;
      {
        const std::lock_guard lock(mutex_);
        if (hierarchies_[i].free.size() >= kMax) {
          break;
        }
        path = hierarchies_[i].parent + "/" + kPrefix + std::to_string(::getpid()) + "-" +
               std::to_string(next_++);
      }
      if (::mkdir(path.c_str(), 0755) == 0) {
        const std::lock_guard lock(mutex_);
        hierarchies_[i].free.push_back(std::move(path));
      }
    }
  }
}

void CgroupSpares::remove_all() {
  const std::lock_guard lock(mutex_);
  for (Hierarchy& hierarchy : hierarchies_) {
    for (const std::string& path : std::exchange(hierarchy.free, {})) {
      ::rmdir(path.c_str());
    }
  }
}

}  // namespace ekiden::agent
