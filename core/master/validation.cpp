#include "core/master/validation.h"

#include "core/base/strings.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

constexpr std::size_t kIdBytesMax = 255;       // NAME_MAX
constexpr double kSecondsMax = 9'223'372'036;  // what fits in 64-bit nanoseconds
constexpr model::Scalar kExecutorCpusMin{10};
constexpr model::Scalar kExecutorMemMin{32'000};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Problem environment_problem(const model::EnvironmentVariable& variable) {
  using Type = model::EnvironmentVariable::Type;
  const bool is_value = variable.type == Type::value;
  if (variable.type == Type::unknown) {
    return fmt::format("environment variable '{}' has an unknown type", variable.name);
  }
  if (variable.value.has_value() != is_value || variable.secret.has_value() == is_value) {
    return fmt::format("environment variable '{}' of type {} must have {} set and nothing else",
                       variable.name,
                       is_value ? "VALUE" : "SECRET",
                       is_value ? "a value" : "a secret");
  }
  const bool has_nul = variable.secret && variable.secret->value &&
                       variable.secret->value->find('\0') != std::string::npos;
  return has_nul ? Problem(fmt::format("environment variable '{}' has a secret with a NUL byte",
                                       variable.name))
                 : std::nullopt;
}

Problem command_problem(const model::CommandInfo& command) {
  if (command.environment) {
    for (const model::EnvironmentVariable& variable : command.environment->variables) {
      if (auto problem = environment_problem(variable)) {
        return problem;
      }
    }
  }
  return std::nullopt;
}

template <class Check>
Problem check_problem(const Check& check, std::string_view what) {
  using Type = typename Check::Type;
  const bool has_body = (check.type == Type::command && check.command) ||
                        (check.type == Type::http && check.http) ||
                        (check.type == Type::tcp && check.tcp);
  if (!has_body) {
    return fmt::format("the {} has no type with its own description", what);
  }
  if (check.type == Type::command && !check.command->value && check.command->arguments.empty()) {
    return fmt::format("the {}'s command is empty", what);
  }
  if (check.type == Type::http && check.http->path && !check.http->path->starts_with('/')) {
    return fmt::format("the {}'s path '{}' does not start with '/'", what, *check.http->path);
  }
  if (check.type == Type::command) {
    if (auto problem = command_problem(*check.command)) {
      return problem;
    }
  }
  if (check.type == Type::http && check.http->scheme && *check.http->scheme != "http" &&
      *check.http->scheme != "https") {
    return fmt::format("the {}'s scheme '{}' is neither http nor https", what, *check.http->scheme);
  }
  if (!(check.delay_seconds >= 0 && check.interval_seconds >= 0 && check.timeout_seconds >= 0)) {
    return fmt::format("the {} has a negative time", what);
  }
  return std::nullopt;
}

Problem volume_problem(const model::VolumeRef& volume) {
  using Type = model::VolumeSource::Type;
  if (volume.host_path.has_value() == volume.source.has_value()) {
    return fmt::format("volume '{}' must have exactly one of host_path, image and source",
                       volume.container_path);
  }
  if (!volume.source) {
    return std::nullopt;
  }
  const model::VolumeSource& source = *volume.source;
  const bool fits = source.type == Type::docker_volume  ? source.docker_volume.has_value()
                    : source.type == Type::host_path    ? source.host_path.has_value()
                    : source.type == Type::sandbox_path ? source.sandbox_path.has_value()
                    : source.type == Type::secret       ? source.secret.has_value()
                                                        : source.type == Type::csi_volume;
  return fits ? std::nullopt
              : Problem(fmt::format("the source of volume '{}' does not match its type",
                                    volume.container_path));
}

Problem container_problem(const model::ContainerInfo& container) {
  if (container.type == model::ContainerInfo::Type::docker && !container.docker) {
    return "a DOCKER container has no docker information";
  }
  if (container.docker) {
    for (const model::Parameter& parameter : container.docker->parameters) {
      if (parameter.key == "name") {
        return "the docker parameter 'name' cannot be set";
      }
    }
  }
  for (const model::VolumeRef& volume : container.volumes) {
    if (auto problem = volume_problem(volume)) {
      return problem;
    }
  }
  return std::nullopt;
}

// What custom and default executors have in common.
Problem executor_basics_problem(const model::ExecutorInfo& executor) {
  if (auto problem = id_problem(executor.executor_id.value)) {
    return "the executor id is invalid: " + *problem;
  }
  if (executor.command) {
    if (auto problem = command_problem(*executor.command)) {
      return problem;
    }
  }
  if (executor.container) {
    if (auto problem = container_problem(*executor.container)) {
      return problem;
    }
  }
  for (const model::Resource& resource : executor.resources) {
    if (resource.shared) {
      return "executors cannot use shared resources";
    }
  }
  if (executor.shutdown_grace_period && executor.shutdown_grace_period->nanoseconds < 0) {
    return "the executor's shutdown_grace_period is negative";
  }
  return executor.resources.empty() ? std::nullopt : resources_problem(executor.resources);
}

Problem executor_problem(const model::ExecutorInfo& executor) {
  if (executor.type == model::ExecutorInfo::Type::default_) {
    return "the DEFAULT executor is only for task groups";
  }
  if (!executor.command) {
    return "the executor has no command";
  }
  return executor_basics_problem(executor);
}

Problem group_executor_problem(const model::ExecutorInfo& executor) {
  using Type = model::ExecutorInfo::Type;
  if (executor.type == Type::unknown) {
    return "'ExecutorInfo.type' must be set to DEFAULT or CUSTOM for a task group";
  }
  if (executor.type == Type::default_ && executor.command) {
    return "'ExecutorInfo.command' must not be set for the DEFAULT executor";
  }
  if (executor.type == Type::custom && !executor.command) {
    return "'ExecutorInfo.command' must be set for a CUSTOM executor";
  }
  if (executor.container && executor.container->type == model::ContainerInfo::Type::docker) {
    return "Docker ContainerInfo is not supported on the executor of a task group";
  }
  if (executor.type == Type::default_ && executor.container && executor.container->mesos_image) {
    return "the container of the DEFAULT executor must not have an image";
  }
  const model::Resources resources(executor.resources);
  if (resources.scalar("cpus") < kExecutorCpusMin) {
    return "the executor of a task group needs at least 0.01 cpus";
  }
  if (resources.scalar("mem") < kExecutorMemMin) {
    return "the executor of a task group needs at least 32 MB of mem";
  }
  if (resources.scalar("disk").milli <= 0) {
    return "the executor of a task group needs some disk";
  }
  return executor_basics_problem(executor);
}

bool shares_cgroups(const model::TaskInfo& task) {
  return !task.container || !task.container->linux_info ||
         task.container->linux_info->share_cgroups;
}

Problem group_task_problem(const model::TaskInfo& task, const model::ExecutorInfo& executor) {
  if (task.executor && *task.executor != executor) {
    return "'TaskInfo.executor' is not the executor of the group";
  }
  if (task.container && task.container->type == model::ContainerInfo::Type::docker) {
    return "Docker ContainerInfo is not supported on the task";
  }
  const bool own_network = task.container && !task.container->network_infos.empty();
  if (own_network && task.health_check && (task.health_check->http || task.health_check->tcp)) {
    return "HTTP and TCP health checks are not supported for nested containers not joining the "
           "parent's network";
  }
  if (!task.limits.empty() && shares_cgroups(task)) {
    return "resource limits need 'share_cgroups' to be false";
  }
  return std::nullopt;
}

Problem limits_problem(const model::TaskInfo& task) {
  const model::Resources resources(task.resources);
  for (const auto& [name, limit] : task.limits) {
    if (name != "cpus" && name != "mem") {
      return fmt::format("a limit on '{}' is not supported, only cpus and mem", name);
    }
    const double request = resources.scalar(name).to_double();
    if (request <= 0 || std::isnan(limit) || limit < request) {
      return fmt::format("the limit {} of {} is below the request of {}", limit, name, request);
    }
  }
  return std::nullopt;
}

}  // namespace

Problem id_problem(const std::string& id) {
  if (id.empty() || id.size() > kIdBytesMax) {
    return fmt::format("ids have 1 to {} bytes", kIdBytesMax);
  }
  if (id == "." || id == "..") {
    return fmt::format("'{}' is not allowed", id);
  }
  const bool bad = std::any_of(
      id.begin(), id.end(), [](char c) { return is_control(c) || c == '/' || c == '\\'; });
  return bad ? Problem("control characters, '/' and '\\' are not allowed") : std::nullopt;
}

namespace {

Problem offer_filters_problem(const model::FrameworkInfo& info) {
  for (const auto& [role, filters] : info.offer_filters) {
    if (!filters.min_allocatable_resources) {
      continue;
    }
    for (const auto& set : filters.min_allocatable_resources->quantities) {
      if (set.quantities.empty()) {
        return fmt::format("'offer_filters' of role '{}' has an empty set of quantities", role);
      }
      for (const auto& [name, amount] : set.quantities) {
        if (!std::isfinite(amount) || amount < 0 || std::fpclassify(amount) == FP_SUBNORMAL) {
          return fmt::format(
              "'offer_filters' of role '{}' has the invalid quantity {} of {}", role, amount, name);
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Problem framework_problem(const model::FrameworkInfo& info) {
  const bool multi_role = info.has(model::FrameworkCapability::multi_role);
  if (multi_role && info.role) {
    return "'role' must not be set together with MULTI_ROLE, use 'roles'";
  }
  if (!multi_role && !info.roles.empty()) {
    return "'roles' needs the capability MULTI_ROLE";
  }
  std::set<std::string> roles;
  for (const std::string& role : info.all_roles()) {
    if (auto problem = role_problem(role)) {
      return problem;
    }
    if (!roles.insert(role).second) {
      return fmt::format("role '{}' is given twice", role);
    }
  }
  if (info.id && !info.id->empty()) {
    if (auto problem = id_problem(info.id->value)) {
      return "the framework id is invalid: " + *problem;
    }
  }
  if (!(info.failover_timeout >= 0 && info.failover_timeout < kSecondsMax)) {
    return fmt::format("'failover_timeout' of {} seconds is out of range", info.failover_timeout);
  }
  return offer_filters_problem(info);
}

namespace {

// What is checked of a task before it is known how it runs.
Problem common_task_problem(const model::TaskInfo& task) {
  if (auto problem = id_problem(task.task_id.value)) {
    return "the task id is invalid: " + *problem;
  }
  if (task.kill_policy && task.kill_policy->grace_period &&
      task.kill_policy->grace_period->nanoseconds < 0) {
    return "the grace period of the kill policy is negative";
  }
  if (task.max_completion_time && task.max_completion_time->nanoseconds < 0) {
    return "max_completion_time is negative";
  }
  if (task.check) {
    if (auto problem = check_problem(*task.check, "check")) {
      return problem;
    }
  }
  if (task.health_check) {
    if (auto problem = check_problem(*task.health_check, "health check")) {
      return problem;
    }
  }
  if (model::Resources(task.resources).empty()) {
    return "the task uses no resources";
  }
  if (auto problem = resources_problem(task.resources)) {
    return problem;
  }
  if (task.command) {
    if (auto problem = command_problem(*task.command)) {
      return problem;
    }
  }
  if (task.container) {
    if (auto problem = container_problem(*task.container)) {
      return problem;
    }
  }
  return limits_problem(task);
}

}  // namespace

Problem task_problem(const model::TaskInfo& task) {
  if (auto problem = common_task_problem(task)) {
    return problem;
  }
  if (task.command.has_value() == task.executor.has_value()) {
    return "the task must have exactly one of command and executor";
  }
  if (!shares_cgroups(task)) {
    return "'share_cgroups' must not be false for a task outside of a group";
  }
  if (!task.executor) {
    return std::nullopt;
  }
  if (overlap({&task.resources, &task.executor->resources})) {
    return "the task and its executor use the same ports or items";
  }
  return executor_problem(*task.executor);
}

Problem task_group_problem(const model::ExecutorInfo& executor,
                           const std::vector<model::TaskInfo>& tasks) {
  if (tasks.empty()) {
    return "the task group is empty";
  }
  if (auto problem = group_executor_problem(executor)) {
    return problem;
  }
  std::set<TaskId> ids;
  std::vector<const std::vector<model::Resource>*> used{&executor.resources};
  for (const model::TaskInfo& task : tasks) {
    auto problem = common_task_problem(task);
    problem = problem ? problem : group_task_problem(task, executor);
    if (!problem && !ids.insert(task.task_id).second) {
      problem = "the task id is used twice in the group";
    }
    if (!problem && shares_cgroups(task) != shares_cgroups(tasks.front())) {
      problem = "all tasks of a group must have the same 'share_cgroups'";
    }
    if (problem) {
      return fmt::format("Task '{}' is invalid: {}", task.task_id.value, *problem);
    }
    used.push_back(&task.resources);
  }
  return overlap(used) ? Problem("tasks and executor use the same ports or items") : std::nullopt;
}

}  // namespace ekiden::master
