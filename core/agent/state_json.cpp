#include "core/agent/state_json.h"

#include "core/json/json.h"
#include "core/wire/legacy.h"

#include <fmt/core.h>

namespace ekiden::agent {
namespace {

void write_resources(json::Writer& writer, const model::Resources& resources) {
  writer.begin_object();
  for (const char* name : {"cpus", "gpus", "mem", "disk"}) {
    writer.key(name).number_short(resources.scalar(name).to_double());
  }
  const auto ports = resources.ranges("ports");
  if (!ports.empty()) {
    std::string text;
    for (const model::Range& range : ports) {
      text += fmt::format("{}{}-{}", text.empty() ? "" : ", ", range.begin, range.end);
    }
    writer.member("ports", "[" + text + "]");
  }
  writer.end_object();
}

void write_attributes(json::Writer& writer, const std::vector<model::Attribute>& attributes) {
  writer.begin_object();
  for (const model::Attribute& attribute : attributes) {
    writer.key(attribute.name);
    if (attribute.type == model::Attribute::Type::scalar) {
      writer.number_short(attribute.scalar.to_double());
    } else if (attribute.type == model::Attribute::Type::ranges) {
      std::string text;
      for (const model::Range& range : attribute.ranges) {
        text += fmt::format("{}{}-{}", text.empty() ? "" : ", ", range.begin, range.end);
      }
      writer.string("[" + text + "]");
    } else {
      writer.string(attribute.text);
    }
  }
  writer.end_object();
}

void write_labels(json::Writer& writer, const std::optional<model::Labels>& labels) {
  writer.key("labels").begin_array();
  const model::Labels all = labels.value_or(model::Labels{});
  for (const model::Label& label : all.labels) {
    writer.begin_object().member("key", label.key);
    if (label.value) {
      writer.member("value", *label.value);
    }
    writer.end_object();
  }
  writer.end_array();
}

void write_task(json::Writer& writer, const Agent::Task& task, const std::string& agent_id) {
  writer.begin_object();
  writer.member("id", task.info.task_id.value).member("name", task.info.name);
  writer.member("framework_id", task.framework_id.value);
  writer.member("executor_id", task.info.executor ? task.info.executor->executor_id.value : "");
  writer.member("slave_id", agent_id).member("state", model::to_text(task.state));
  writer.key("resources");
  write_resources(writer, model::Resources(task.info.resources));
  write_labels(writer, task.info.labels);
  writer.key("statuses").begin_array();
  if (task.status) {
    writer.begin_object().member("state", model::to_text(task.status->state));
    writer.key("timestamp").number(task.status->timestamp.value_or(0));
    if (task.status->healthy) {
      writer.key("healthy").boolean(*task.status->healthy);
    }
    if (task.status->container_status) {
      writer.key("container_status");
      json::encode(writer, *task.status->container_status, json::kMesos);
    }
    writer.end_object();
  }
  writer.end_array();
  if (task.info.discovery) {
    writer.key("discovery");
    json::encode(writer, *task.info.discovery, json::kMesos);
  }
  if (task.info.container) {
    writer.key("container");
    json::encode(writer, *task.info.container, json::kMesos);
  }
  writer.end_object();
}

std::string_view list_of(const Agent::Task& task) {
  if (model::is_terminal(task.state)) {
    return "completed_tasks";
  }
  return !task.delivered && !task.status ? "queued_tasks" : "tasks";
}

using Tasks = std::vector<const Agent::Task*>;

struct ShownExecutor {
  const Agent::Executor& executor;
  Tasks tasks;
  std::string sandbox;
};

void write_executor(json::Writer& writer, const ShownExecutor& shown, const std::string& agent_id) {
  const ExecutorRecord& record = shown.executor.record;
  writer.begin_object();
  writer.member("id", record.info.executor_id.value);
  writer.member("name", record.info.name.value_or(""));
  writer.member("source", record.info.source.value_or(""));
  writer.member("container", record.container.value);
  writer.member("directory", shown.sandbox);
  writer.key("resources");
  write_resources(writer, model::Resources(record.info.resources));
  write_labels(writer, record.info.labels);
  if (record.info.type != model::ExecutorInfo::Type::unknown) {
    const bool is_default = record.info.type == model::ExecutorInfo::Type::default_;
    writer.member("type", is_default ? "DEFAULT" : "CUSTOM");
  }
  for (const char* list : {"tasks", "queued_tasks", "completed_tasks"}) {
    writer.key(list).begin_array();
    for (const Agent::Task* task : shown.tasks) {
      if (list_of(*task) == list) {
        write_task(writer, *task, agent_id);
      }
    }
    writer.end_array();
  }
  writer.end_object();
}

ShownExecutor shown(const StateView& view, const Agent::Executor& executor) {
  ShownExecutor result{
      executor, {}, container_spec(view.agent.start_container(executor), view.host).sandbox};
  for (const TaskKey& key : executor.tasks) {
    result.tasks.push_back(&view.agent.tasks().at(key));
  }
  for (const auto& [key, task] : view.history.ended_tasks(executor.record.container)) {
    if (!view.agent.tasks().contains(key)) {
      result.tasks.push_back(&task);
    }
  }
  return result;
}

ShownExecutor shown(const History::Entry& entry) {
  ShownExecutor result{entry.executor, {}, entry.sandbox};
  for (const Agent::Task& task : entry.tasks) {
    result.tasks.push_back(&task);
  }
  return result;
}

void write_executors(json::Writer& writer, const StateView& view, const FrameworkId& id) {
  const std::string agent_id = view.agent.id().value_or(AgentId{}).value;
  writer.key("executors").begin_array();
  for (const auto& [container, executor] : view.agent.executors()) {
    if (executor.record.framework_id == id &&
        executor.state != Agent::Executor::State::terminated) {
      write_executor(writer, shown(view, executor), agent_id);
    }
  }
  writer.end_array().key("completed_executors").begin_array();
  for (const History::Entry& entry : view.history.entries()) {
    if (entry.executor.record.framework_id == id) {
      write_executor(writer, shown(entry), agent_id);
    }
  }
  writer.end_array();
}

void write_framework(json::Writer& writer,
                     const StateView& view,
                     const model::FrameworkInfo& framework) {
  writer.begin_object();
  const FrameworkId id = framework.id.value_or(FrameworkId{});
  writer.member("id", id.value).member("name", framework.name).member("user", framework.user);
  writer.key("failover_timeout").number(framework.failover_timeout);
  writer.key("checkpoint").boolean(framework.checkpoint);
  writer.member("hostname", framework.hostname.value_or(""));
  if (framework.principal) {
    writer.member("principal", *framework.principal);
  }
  if (framework.has(model::FrameworkCapability::multi_role)) {
    writer.key("roles").begin_array();
    for (const std::string& role : framework.roles) {
      writer.string(role);
    }
    writer.end_array();
  } else {
    writer.member("role", framework.role.value_or("*"));
  }
  write_executors(writer, view, id);
  writer.end_object();
}

// Frameworks of which nothing but history is left.
std::map<FrameworkId, const model::FrameworkInfo*> completed_frameworks(const StateView& view) {
  std::map<FrameworkId, const model::FrameworkInfo*> completed;
  for (const History::Entry& entry : view.history.entries()) {
    const FrameworkId& id = entry.executor.record.framework_id;
    if (!view.agent.frameworks().contains(id)) {
      completed[id] = &entry.framework;
    }
  }
  return completed;
}

void write_statistics(json::Writer& writer,
                      const Agent::Executor& executor,
                      const ContainerUsage& usage,
                      const StartContainer& start,
                      WallTime now) {
  writer.member("framework_id", executor.record.framework_id.value);
  writer.member("executor_id", executor.record.info.executor_id.value);
  writer.member("executor_name", executor.record.info.name.value_or(""));
  writer.member("source", executor.record.info.source.value_or(""));
  writer.key("statistics");
  json::encode(writer, resource_statistics(usage, start, now), json::kMesos);
}

std::map<std::string, model::Resources> by_role(const model::Resources& resources) {
  std::map<std::string, model::Resources> roles;
  for (const model::Resource& resource : resources.list()) {
    if (!resource.reservations.empty()) {
      roles[resource.reservations.back().role] += resource;
    }
  }
  return roles;
}

void write_list(json::Writer& writer, const model::Resources& resources) {
  writer.begin_array();
  for (const model::Resource& resource : resources.list()) {
    json::encode(writer, resource, json::kMesos);
  }
  writer.end_array();
}

void write_all_resources(json::Writer& writer, const Agent& agent) {
  const model::Resources& total = agent.total();
  const model::Resources used = agent.used();
  const model::Resources unreserved = total.unreserved();
  writer.key("resources");
  write_resources(writer, total);
  writer.key("reserved_resources").begin_object();
  for (const auto& [role, resources] : by_role(total)) {
    writer.key(role);
    write_resources(writer, resources);
  }
  writer.end_object().key("unreserved_resources");
  write_resources(writer, unreserved);
  writer.key("reserved_resources_full").begin_object();
  for (const auto& [role, resources] : by_role(total)) {
    writer.key(role);
    write_list(writer, resources);
  }
  writer.end_object().key("unreserved_resources_full");
  write_list(writer, unreserved);
  writer.key("reserved_resources_allocated").begin_object();
  for (const auto& [role, resources] : by_role(used)) {
    writer.key(role);
    write_resources(writer, resources);
  }
  writer.end_object().key("unreserved_resources_allocated");
  write_resources(writer, used.unreserved());
  writer.key("resource_providers").begin_array().end_array();
}

std::optional<std::uint64_t> find_number(const std::map<std::string, std::uint64_t>& numbers,
                                         std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto found = numbers.find(name); found != numbers.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

}  // namespace

model::ContainerStatus container_status(const Agent::Executor& executor) {
  model::ContainerStatus status;
  status.container_id = executor.record.container;
  if (executor.pid != 0) {
    status.executor_pid = static_cast<std::uint32_t>(executor.pid);
  }
  return status;
}

// The names of cgroups v1 before those of v2.
api::agent_operator::ResourceStatistics resource_statistics(const ContainerUsage& usage,
                                                            const StartContainer& start,
                                                            WallTime now) {
  constexpr double kNanoseconds = 1e9;
  constexpr double kMicroseconds = 1e6;
  api::agent_operator::ResourceStatistics statistics;
  statistics.timestamp = to_epoch_seconds(now);
  statistics.processes = static_cast<std::uint32_t>(usage.processes);
  statistics.threads = static_cast<std::uint32_t>(usage.threads);
  statistics.cpus_user_time_secs = usage.cpu_user_seconds;
  statistics.cpus_system_time_secs = usage.cpu_system_seconds;
  const auto hard = start.limits.find("cpus");
  statistics.cpus_limit = hard == start.limits.end() ? start.cpus : hard->second;
  statistics.cpus_soft_limit = start.cpus;
  const auto& cpu = usage.cpu_stat;
  if (const auto periods = find_number(cpu, {"nr_periods"}); periods && *periods > 0) {
    statistics.cpus_nr_periods = static_cast<std::uint32_t>(*periods);
    statistics.cpus_nr_throttled =
        static_cast<std::uint32_t>(find_number(cpu, {"nr_throttled"}).value_or(0));
    const auto v1 = find_number(cpu, {"throttled_time"});
    const auto v2 = find_number(cpu, {"throttled_usec"});
    statistics.cpus_throttled_time_secs = v1 ? static_cast<double>(*v1) / kNanoseconds
                                             : static_cast<double>(v2.value_or(0)) / kMicroseconds;
  }
  const auto& memory = usage.memory_stat;
  statistics.mem_total_bytes = usage.memory_bytes;
  statistics.mem_limit_bytes = usage.memory_limit_bytes;
  statistics.mem_soft_limit_bytes = usage.memory_soft_limit_bytes;
  const auto anonymous = find_number(memory, {"total_rss", "anon"});
  const auto file = find_number(memory, {"total_cache", "file"});
  statistics.mem_rss_bytes = anonymous.value_or(usage.memory_bytes);
  statistics.mem_anon_bytes = anonymous;
  statistics.mem_cache_bytes = file;
  statistics.mem_file_bytes = file;
  statistics.mem_mapped_file_bytes = find_number(memory, {"total_mapped_file", "file_mapped"});
  statistics.disk_limit_bytes = usage.disk_limit_bytes;
  statistics.disk_used_bytes = usage.disk_used_bytes;
  statistics.mem_swap_bytes = find_number(memory, {"total_swap"});
  return statistics;
}

std::string state_json(const StateView& view) {
  const Agent& agent = view.agent;
  const wire::BuildInfo& build = wire::build_info();
  json::Writer writer;
  writer.begin_object();
  writer.member("version", agent.config().version).member("build_date", build.date);
  writer.key("build_time").number(build.time).member("build_user", build.user);
  writer.key("start_time").number(to_epoch_seconds(view.started));
  writer.member("id", agent.id().value_or(AgentId{}).value);
  writer.member("pid", fmt::format("slave(1)@{}:{}", view.host.ip, view.host.port));
  writer.member("hostname", agent.config().info.hostname);
  writer.key("capabilities").begin_array();
  for (const char* capability : {"MULTI_ROLE",
                                 "HIERARCHICAL_ROLE",
                                 "RESERVATION_REFINEMENT",
                                 "RESIZE_VOLUME",
                                 "AGENT_OPERATION_FEEDBACK",
                                 "AGENT_DRAINING",
                                 "TASK_RESOURCE_LIMITS"}) {
    writer.string(capability);
  }
  writer.end_array();
  if (agent.config().info.domain) {
    writer.key("domain");
    json::encode(writer, *agent.config().info.domain, json::kMesos);
  }
  if (agent.drain()) {
    writer.key("drain_config");
    json::encode(writer, *agent.drain(), json::kMesos);
  }
  write_all_resources(writer, agent);
  writer.key("attributes");
  write_attributes(writer, agent.config().info.attributes);
  writer.key("flags").begin_object();
  for (const auto& [name, value] : view.flags) {
    writer.member(name, value);
  }
  writer.end_object().key("frameworks").begin_array();
  for (const auto& [id, framework] : agent.frameworks()) {
    write_framework(writer, view, framework);
  }
  writer.end_array().key("completed_frameworks").begin_array();
  for (const auto& [id, framework] : completed_frameworks(view)) {
    write_framework(writer, view, *framework);
  }
  writer.end_array();
  writer.end_object();
  return writer.take();
}

std::string containers_json(const Agent& agent,
                            const UsageOf& usage,
                            WallTime now,
                            const std::string& only) {
  json::Writer writer;
  writer.begin_array();
  for (const auto& [container, executor] : agent.executors()) {
    if (executor.state == Agent::Executor::State::terminated ||
        (!only.empty() && only != container.value)) {
      continue;
    }
    writer.begin_object().member("container_id", container.value);
    writer.key("status");
    json::encode(writer, container_status(executor), json::kMesos);
    write_statistics(writer, executor, usage(container), agent.start_container(executor), now);
    writer.end_object();
  }
  writer.end_array();
  return writer.take();
}

std::string statistics_json(const Agent& agent, const UsageOf& usage, WallTime now) {
  json::Writer writer;
  writer.begin_array();
  for (const auto& [container, executor] : agent.executors()) {
    if (executor.state != Agent::Executor::State::terminated) {
      writer.begin_object();
      write_statistics(writer, executor, usage(container), agent.start_container(executor), now);
      writer.end_object();
    }
  }
  writer.end_array();
  return writer.take();
}

}  // namespace ekiden::agent
