#pragma once

#include "core/base/result.h"
#include "core/executor/user.h"
#include "core/model/task.h"

#include <optional>
#include <string>

namespace ekiden::executor {

// The secrets of a task, whose values the agent put into it: variables become plain ones, volumes
// become files in the sandbox that only the task's user can read. Fails for one without a value.
Result<void> place_secrets(model::TaskInfo& task,
                           const std::string& sandbox,
                           const std::optional<User>& owner);

}  // namespace ekiden::executor
