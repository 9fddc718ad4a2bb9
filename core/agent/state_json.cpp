#include "core/agent/state_json.h"

#include "core/json/json.h"

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

void write_executor(json::Writer& writer,
                    const Agent& agent,
                    const Agent::Executor& executor,
                    const ContainerHost& host) {
  const std::string agent_id = agent.id().value_or(AgentId{}).value;
  writer.begin_object();
  writer.member("id", executor.record.info.executor_id.value);
  writer.member("name", executor.record.info.name.value_or(""));
  writer.member("source", executor.record.info.source.value_or(""));
  writer.member("container", executor.record.container.value);
  writer.member("directory", container_spec(agent.start_container(executor), host).sandbox);
  writer.key("resources");
  write_resources(writer, model::Resources(executor.record.info.resources));
  write_labels(writer, executor.record.info.labels);
  for (const bool queued : {false, true}) {
    writer.key(queued ? "queued_tasks" : "tasks").begin_array();
    for (const TaskKey& key : executor.tasks) {
      const Agent::Task& task = agent.tasks().at(key);
      const bool waits = !task.delivered && !task.status;
      if (waits == queued) {
        write_task(writer, task, agent_id);
      }
    }
    writer.end_array();
  }
  writer.key("completed_tasks").begin_array().end_array();
  writer.end_object();
}

void write_framework(json::Writer& writer,
                     const Agent& agent,
                     const model::FrameworkInfo& framework,
                     const ContainerHost& host) {
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
  writer.key("executors").begin_array();
  for (const auto& [container, executor] : agent.executors()) {
    if (executor.record.framework_id == id) {
      write_executor(writer, agent, executor, host);
    }
  }
  writer.end_array();
  writer.key("completed_executors").begin_array().end_array();
  writer.end_object();
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
  writer.key("statistics").begin_object();
  writer.key("timestamp").number(to_epoch_seconds(now));
  writer.key("cpus_limit").number(start.cpus);
  writer.key("cpus_user_time_secs").number(usage.cpu_user_seconds);
  writer.key("cpus_system_time_secs").number(usage.cpu_system_seconds);
  writer.key("mem_rss_bytes").integer(static_cast<std::int64_t>(usage.memory_bytes));
  writer.key("mem_total_bytes").integer(static_cast<std::int64_t>(usage.memory_bytes));
  writer.key("mem_limit_bytes").integer(static_cast<std::int64_t>(usage.memory_limit_bytes));
  writer.key("processes").integer(static_cast<std::int64_t>(usage.processes));
  writer.key("threads").integer(static_cast<std::int64_t>(usage.threads));
  writer.end_object();
}

}  // namespace

std::string version_json() {
  json::Writer writer;
  writer.begin_object().member("version", "1.11.0").member("build_user", "ekiden");
  writer.member("build_date", "").key("build_time").number(0);
  writer.end_object();
  return writer.take();
}

std::string state_json(const Agent& agent, const ContainerHost& host, WallTime started) {
  json::Writer writer;
  writer.begin_object();
  writer.member("version", agent.config().version);
  writer.key("start_time").number(to_epoch_seconds(started));
  writer.member("id", agent.id().value_or(AgentId{}).value);
  writer.member("pid", fmt::format("slave(1)@{}:{}", host.ip, host.port));
  writer.member("hostname", agent.config().info.hostname);
  writer.key("capabilities").begin_array().string("MULTI_ROLE").end_array();
  const model::Resources unreserved = agent.total().unreserved();
  const model::Resources used = agent.used();
  writer.key("resources");
  write_resources(writer, agent.total());
  writer.key("reserved_resources").begin_object().end_object();
  writer.key("unreserved_resources");
  write_resources(writer, unreserved);
  writer.key("reserved_resources_full").begin_object().end_object();
  writer.key("unreserved_resources_full").begin_array();
  for (const model::Resource& resource : unreserved.list()) {
    json::encode(writer, resource, json::kMesos);
  }
  writer.end_array();
  writer.key("reserved_resources_allocated").begin_object().end_object();
  writer.key("unreserved_resources_allocated");
  write_resources(writer, used);
  writer.key("attributes");
  write_attributes(writer, agent.config().info.attributes);
  writer.key("flags").begin_object().member("work_dir", host.work_dir);
  writer.member("ip", host.ip).member("port", std::to_string(host.port)).end_object();
  writer.key("frameworks").begin_array();
  for (const auto& [id, framework] : agent.frameworks()) {
    write_framework(writer, agent, framework, host);
  }
  writer.end_array();
  writer.key("completed_frameworks").begin_array().end_array();
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
    writer.key("status").begin_object();
    writer.key("container_id").begin_object().member("value", container.value).end_object();
    if (executor.pid != 0) {
      writer.key("executor_pid").integer(executor.pid);
    }
    writer.end_object();
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
