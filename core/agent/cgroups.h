#pragma once

#include "core/base/id.h"
#include "core/base/result.h"

#include <cstdint>
#include <map>
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
};

// The cgroups of containers, v1 or v2, whichever the host has and we may write to: one directory
// per hierarchy, <mount>/<root>/<container id> [mesos-core 6.4]. Immutable after detect(); any
// thread.
class Cgroups {
 public:
  // Never fails: what cannot be limited is told by limitations().
  static Cgroups detect(const std::string& root);

  bool available() const { return !parents_.empty(); }

  const std::vector<std::string>& limitations() const { return limitations_; }

  std::vector<std::string> directories(const ContainerId& container) const;
  Result<void> create(const ContainerId& container, const CgroupLimits& limits) const;
  void set_limits(const ContainerId& container, const CgroupLimits& limits) const;
  // SIGKILL to everything in it, again until it is empty or a bound is reached. True: empty.
  bool kill_all(const ContainerId& container) const;
  void remove(const ContainerId& container) const;
  // The directories above the containers, when no container is left in them.
  void remove_root_if_empty() const;
  std::optional<std::string> memory_limit(const ContainerId& container) const;
  ContainerUsage usage(const ContainerId& container) const;

 private:
  enum class Version { v1, v2 };
  bool use_v2(const std::string& mount, const std::string& root);
  void use_v1(const std::string& root);

  Version version_ = Version::v1;
  std::vector<std::string> parents_;  // <mount>/<root>
  std::string cpu_;                   // the parent that has the cpu controller; may be empty
  std::string memory_;
  std::vector<std::string> limitations_;
};

}  // namespace ekiden::agent
