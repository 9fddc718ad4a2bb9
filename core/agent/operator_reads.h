#pragma once

#include "core/agent/agent.h"
#include "core/agent/operator_containers.h"
#include "core/agent/state_json.h"
#include "core/api/agent_operator.h"

// What the reads of the operator API answer [mesos-core 4.3], from the machine. Loop thread.
namespace ekiden::agent {

api::op::Task operator_task(const Agent::Task& task, const AgentId& agent_id);
api::agent_operator::TaskList task_list(const Agent& agent, const History& history);
api::agent_operator::ExecutorList executor_list(const Agent& agent, const History& history);
api::agent_operator::FrameworkList framework_list(const Agent& agent, const History& history);
api::agent_operator::State state_of(const Agent& agent, const History& history);

api::op::Operations operation_list(const Agent& agent);

// What a container below an executor's stands on: the executor's own, or (a longer id) one of its
// nested tasks. Error: no such task.
Result<OperatorContainers::Above> executor_above(const Agent& agent,
                                                 const Agent::Executor& executor,
                                                 const ContainerId& parent,
                                                 const ContainerHost& host);

struct ContainersView {
  const Agent& agent;
  const OperatorContainers& containers;
  UsageOf usage;
  WallTime now;
};

api::agent_operator::ContainerList container_list(const ContainersView& view,
                                                  const api::agent_operator::GetContainers& which);

}  // namespace ekiden::agent
