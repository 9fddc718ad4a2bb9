#pragma once

#include "core/base/result.h"
#include "core/net/message.h"

#include <string>

namespace ekiden::agent {

// The files of sandboxes as the agent's HTTP API shows them [mesos-core 4.7]. Blocking; no path
// leaves <work_dir>/slaves, neither by ".." nor by a symbolic link.
class SandboxFiles {
 public:
  explicit SandboxFiles(std::string work_dir) : work_dir_(std::move(work_dir)) {}

  net::Response browse(const net::Request& request, const std::string& agent_id) const;
  net::Response read(const net::Request& request, const std::string& agent_id) const;
  net::Response download(const net::Request& request, const std::string& agent_id) const;
  // A host path, or /frameworks/<id>/... under the agent's folder.
  Result<std::string> resolve(const std::string& path, const std::string& agent_id) const;

 private:
  std::string work_dir_;
};

}  // namespace ekiden::agent
