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

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Problem resource_problem(const model::Resource& r) {
  if (r.name.empty()) {
    return "a resource has no name";
  }
  if (r.type == model::ValueType::scalar && r.scalar.milli < 0) {
    return fmt::format("resource {} is negative", r.name);
  }
  for (const model::Range& range : r.ranges) {
    if (range.begin > range.end) {
      return fmt::format("resource {} has a range [{}-{}]", r.name, range.begin, range.end);
    }
  }
  if (r.disk && r.name != "disk") {
    return fmt::format("resource {} has disk information", r.name);
  }
  for (const model::Reservation& reservation : r.reservations) {
    if (reservation.role == "*" || role_problem(reservation.role)) {
      return fmt::format(
          "resource {} is reserved to the invalid role '{}'", r.name, reservation.role);
    }
  }
  if (r.shared && !(r.disk && r.disk->persistence)) {
    return fmt::format("resource {} is shared and no persistent volume", r.name);
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
  if (check.delay_seconds < 0 || check.interval_seconds < 0 || check.timeout_seconds < 0) {
    return fmt::format("the {} has a negative time", what);
  }
  return std::nullopt;
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
  return std::nullopt;
}

Problem executor_problem(const model::ExecutorInfo& executor) {
  if (executor.type == model::ExecutorInfo::Type::default_) {
    return "the DEFAULT executor is only for task groups";
  }
  if (!executor.command) {
    return "the executor has no command";
  }
  if (auto problem = id_problem(executor.executor_id.value)) {
    return "the executor id is invalid: " + *problem;
  }
  return executor.resources.empty() ? std::nullopt : resources_problem(executor.resources);
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

Problem role_problem(const std::string& role) {
  if (role == "*") {
    return std::nullopt;
  }
  for (const std::string_view part : split(role, '/')) {
    if (part.empty() || part == "." || part == ".." || part == "*" || part.front() == '-') {
      return fmt::format("invalid role '{}'", role);
    }
    const bool bad = std::any_of(part.begin(), part.end(), [](char c) {
      return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x7f;
    });
    if (bad) {
      return fmt::format("invalid role '{}'", role);
    }
  }
  return std::nullopt;
}

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
  return std::nullopt;
}

Problem resources_problem(const std::vector<model::Resource>& resources) {
  std::set<std::string> volumes;
  std::optional<std::string> role;
  for (const model::Resource& r : resources) {
    if (auto problem = resource_problem(r)) {
      return problem;
    }
    if (r.name == "gpus" && r.scalar.milli % 1000 != 0) {
      return "gpus must be a whole number";
    }
    if (r.disk && r.disk->persistence && !r.shared &&
        !volumes.insert(r.disk->persistence->id).second) {
      return fmt::format("volume {} is used twice", r.disk->persistence->id);
    }
    if (r.allocation_role && role && *role != *r.allocation_role) {
      return fmt::format("resources of two roles: {} and {}", *role, *r.allocation_role);
    }
    role = r.allocation_role ? r.allocation_role : role;
  }
  return std::nullopt;
}

Problem task_problem(const model::TaskInfo& task) {
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
  if (task.container) {
    if (auto problem = container_problem(*task.container)) {
      return problem;
    }
  }
  if (auto problem = limits_problem(task)) {
    return problem;
  }
  if (task.command.has_value() == task.executor.has_value()) {
    return "the task must have exactly one of command and executor";
  }
  return task.executor ? executor_problem(*task.executor) : std::nullopt;
}

}  // namespace ekiden::master
