#include "core/agent/command_executor_info.h"

#include "core/base/time.h"

#include <chrono>

#include <fmt/core.h>

namespace ekiden::agent {
namespace {

constexpr std::size_t kNameCommandChars = 15;
constexpr double kOverheadCpus = 0.1;
constexpr double kOverheadMemMb = 32;

std::string shown_command(const model::CommandInfo& command) {
  const std::string value = command.value.value_or("");
  if (!command.shell) {
    return value;
  }
  const bool cut = value.size() > kNameCommandChars;
  return "sh -c '" + (cut ? value.substr(0, kNameCommandChars - 3) + "..." : value) + "'";
}

}  // namespace

model::ExecutorInfo command_executor_info(const model::FrameworkInfo& framework,
                                          const model::TaskInfo& task) {
  model::ExecutorInfo info;
  info.executor_id = ExecutorId{task.task_id.value};
  info.framework_id = framework.id;
  info.name = fmt::format("Command Executor (Task: {}) (Command: {})",
                          task.task_id.value,
                          shown_command(task.command.value_or(model::CommandInfo{})));
  info.source = task.task_id.value;
  info.resources = {model::scalar_resource("cpus", kOverheadCpus),
                    model::scalar_resource("mem", kOverheadMemMb)};
  model::CommandInfo command;
  command.shell = false;
  command.value = "ekiden-executor";
  if (task.command) {
    command.uris = task.command->uris;
    command.environment = task.command->environment;
    command.user = task.command->user;
  }
  info.command = std::move(command);
  info.container = task.container;
  info.labels = task.labels;
  info.discovery = task.discovery;
  if (task.kill_policy && task.kill_policy->grace_period) {
    info.shutdown_grace_period =
        model::DurationInfo{task.kill_policy->grace_period->nanoseconds +
                            std::chrono::nanoseconds(std::chrono::seconds(2)).count()};
  }
  return info;
}

}  // namespace ekiden::agent
