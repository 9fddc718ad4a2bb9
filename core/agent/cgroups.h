#pragma once

#include "core/agent/cgroup_spares.h"
#include "core/base/id.h"
#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::agent {

struct CgroupLimits {
  double cpus = 0;
  double mem_mb = 0;
  std::map<std::string, double> limits;  // TaskInfo.limits: hard ones, may be infinite
};

struct ContainerUsage {
  double cpu_user_seconds = 0;
  double cpu_system_seconds = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_limit_bytes = 0;
  std::uint64_t processes = 0;
  std::uint64_t threads = 0;
  // By the kernel's names, what cpu.stat and memory.stat of the cgroup say.
  std::map<std::string, std::uint64_t> cpu_stat;
  std::map<std::string, std::uint64_t> memory_stat;
  std::uint64_t memory_soft_limit_bytes = 0;
  // Not of the cgroup.
  std::optional<std::uint64_t> disk_used_bytes;
  std::optional<std::uint64_t> disk_limit_bytes;
};

// The cgroups of containers, v1 or v2, whichever the host has and we may write to: one directory
// per hierarchy, <mount>/<root>/<container id>, below it mesos/<nested id> [mesos-core 6.4].
// Immutable after detect(); any thread.
class Cgroups {
 public:
  // Never fails: what cannot be limited is told by limitations().
  enum class Quota { limits_only, always };  // always: also where a task names no limit
  static Cgroups detect(const std::string& root, Quota quota = Quota::limits_only);

  bool available() const { return !parents_.empty(); }

  // Whether this container can have its own. With v2 a cgroup that has processes has no limited
  // cgroups below it, so nested containers share their parent's there.
  bool can_hold(const ContainerId& container) const {
    return available() &&
           (version_ == Version::v1 || container.value.find('.') == std::string::npos);
  }

  const std::vector<std::string>& limitations() const { return limitations_; }

  std::vector<std::string> directories(const ContainerId& container) const;
  Result<void> create(const ContainerId& container, const CgroupLimits& limits) const;
  void set_limits(const ContainerId& container, const CgroupLimits& limits) const;
  // SIGKILL to everything in it, again until it is empty or a bound is reached. True: empty.
  bool kill_all(const ContainerId& container) const;
  void remove(const ContainerId& container) const;
  // The directories above the containers, when no container is left in them.
  void remove_root_if_empty() const;
  // Makes the next containers' in advance, where the kernel lets us. Blocks.
  void prepare_next() const;
  std::optional<std::string> memory_limit(const ContainerId& container) const;
  ContainerUsage usage(const ContainerId& container) const;

 private:
  enum class Version { v1, v2 };
  bool use_v2(const std::string& mount, const std::string& root);
  void use_v1(const std::string& root);

  Version version_ = Version::v1;
  Quota quota_ = Quota::limits_only;
  std::vector<std::string> parents_;  // <mount>/<root>
  std::string cpu_;                   // the parent that has the cpu controller; may be empty
  std::string memory_;
  std::vector<std::string> limitations_;
  std::shared_ptr<CgroupSpares> spares_;  // v1 only
};

}  // namespace ekiden::agent
