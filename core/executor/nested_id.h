#pragma once

#include "core/base/id.h"

namespace ekiden::executor {

// The container of one task of a task group, below its executor's. The same task has the same one
// in the agent and in the default executor, so neither need tell the other [mesos-core 3.9].
ContainerId nested_container(const ContainerId& executor, const TaskId& task);

// The last part: the name of the task's folder in the executor's sandbox.
std::string own_part(const ContainerId& container);

}  // namespace ekiden::executor
