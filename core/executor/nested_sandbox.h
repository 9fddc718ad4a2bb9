#pragma once

#include "core/base/result.h"
#include "core/executor/user.h"
#include "core/model/task.h"

#include <optional>
#include <string>
#include <vector>

// The folders and volumes of tasks [mesos-core 3.9, 6.1, 6.9].
namespace ekiden::executor {

// <executor sandbox>/containers/<own part>, with a link tasks/<task id> to it. Made already is
// fine: the agent fetches into it.
Result<std::string> make_nested_sandbox(const std::string& executor_sandbox,
                                        const ContainerId& container,
                                        const TaskId& task,
                                        const std::optional<User>& owner);

// A path that stays inside the folder it is relative to.
Result<std::string> inside(const std::string& folder, const std::string& path);

struct ResolvedVolume {
  std::string host_path;
  std::string container_path;
  bool read_only = false;
};

// Where the container's volumes are on this host; folders of sandboxes are made. `parent` is the
// executor's sandbox, empty when the task is not nested.
Result<std::vector<ResolvedVolume>> resolve_volumes(const model::ContainerInfo& container,
                                                    const std::string& sandbox,
                                                    const std::string& parent,
                                                    const std::optional<User>& owner);

// Without file system isolation a volume is a link in the sandbox.
Result<void> link_volumes(const std::vector<ResolvedVolume>& volumes, const std::string& sandbox);

}  // namespace ekiden::executor
