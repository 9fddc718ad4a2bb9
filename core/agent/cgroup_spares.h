#pragma once

#include <mutex>
#include <string>
#include <vector>

namespace ekiden::agent {

// Empty cgroups made in advance: making one costs the kernel as much as starting a process, giving
// one another name costs nothing (cgroups v1 only; v2 has no renaming). Any thread.
class CgroupSpares {
 public:
  static constexpr std::size_t kMax = 8;  // of each hierarchy

  // Also finds those that an earlier life left.
  explicit CgroupSpares(std::vector<std::string> parents);

  // Gives a spare one this path, which lies directly below its parent. False: make it yourself.
  bool take(const std::string& parent, const std::string& path);
  void refill();      // blocks; call it where nobody waits
  void remove_all();  // before the parent goes

 private:
  struct Hierarchy {
    std::string parent;
    std::vector<std::string> free;
  };

  std::mutex mutex_;
  std::vector<Hierarchy> hierarchies_;
  std::size_t next_ = 0;
};

}  // namespace ekiden::agent
