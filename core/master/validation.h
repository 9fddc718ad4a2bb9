#pragma once

#include "core/model/framework.h"
#include "core/model/task.h"

#include <optional>
#include <string>
#include <vector>

// Pure checks of what frameworks ask for [mesos-core 2.2, 2.7, 2.8, 5.4]. An answer is the text
// for the person who reads the TASK_ERROR or ERROR; nothing means fine.
namespace ekiden::master {

using Problem = std::optional<std::string>;

Problem id_problem(const std::string& id);
Problem role_problem(const std::string& role);
Problem framework_problem(const model::FrameworkInfo& info);
Problem resources_problem(const std::vector<model::Resource>& resources);
// All that can be said about a task alone; ids in use and room are the master's to check.
Problem task_problem(const model::TaskInfo& task);
// The same about a group [mesos-core 2.9].
Problem task_group_problem(const model::ExecutorInfo& executor,
                           const std::vector<model::TaskInfo>& tasks);
// Whether two of the lists have ports or set items in common.
bool overlap(const std::vector<const std::vector<model::Resource>*>& lists);

}  // namespace ekiden::master
