#pragma once

#include "core/base/result.h"
#include "core/wire/files.h"

#include <string>

namespace ekiden::agent {

// The files of sandboxes as the agent's HTTP APIs show them [mesos-core 4.7]. Blocking; no path
// leaves <work_dir>/slaves and <work_dir>/containers, neither by ".." nor by a symbolic link.
class SandboxFiles {
 public:
  static constexpr const char* kLog = "/slave/log";

  explicit SandboxFiles(std::string work_dir, std::string log_file = "")
      : work_dir_(std::move(work_dir)), log_file_(std::move(log_file)) {}

  // A host path, /frameworks/<id>/... under the agent's folder, or the agent's log.
  Result<std::string> resolve(const std::string& path, const std::string& agent_id) const;
  wire::ResolvePath resolver(const std::string& agent_id) const;

 private:
  std::string work_dir_;
  std::string log_file_;
};

}  // namespace ekiden::agent
