#pragma once

#include "core/model/framework.h"
#include "core/model/task.h"

namespace ekiden::agent {

// The ExecutorInfo of a task that brings none [mesos-core 3.7].
model::ExecutorInfo command_executor_info(const model::FrameworkInfo& framework,
                                          const model::TaskInfo& task);

}  // namespace ekiden::agent
