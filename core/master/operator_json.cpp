#include "core/master/operator_json.h"

#include "core/base/overloaded.h"
#include "core/json/json.h"
#include "core/master/state_json.h"

#include <fmt/core.h>

namespace ekiden::master {
namespace {

using json::Writer;

struct CallName {
  OperatorCall call;
  std::string_view type;
  std::string_view member;
};

constexpr CallName kCalls[] = {{OperatorCall::get_health, "GET_HEALTH", "get_health"},
                               {OperatorCall::get_version, "GET_VERSION", "get_version"},
                               {OperatorCall::get_state, "GET_STATE", "get_state"},
                               {OperatorCall::get_agents, "GET_AGENTS", "get_agents"},
                               {OperatorCall::get_frameworks, "GET_FRAMEWORKS", "get_frameworks"},
                               {OperatorCall::get_tasks, "GET_TASKS", "get_tasks"},
                               {OperatorCall::get_executors, "GET_EXECUTORS", "get_executors"},
                               {OperatorCall::get_master, "GET_MASTER", "get_master"},
                               {OperatorCall::subscribe, "SUBSCRIBE", "subscribe"}};

template <class T>
Writer& put(Writer& w, std::string_view name, const T& value) {
  w.key(name);
  json::encode(w, value, json::kMesos);
  return w;
}

template <class T>
Writer& put_list(Writer& w, std::string_view name, const std::vector<T>& list) {
  w.key(name).begin_array();
  for (const T& value : list) {
    json::encode(w, value, json::kMesos);
  }
  return w.end_array();
}

void put_time(Writer& w, std::string_view name, WallTime time) {
  w.key(name).begin_object().key("nanoseconds").integer(time.time_since_epoch().count());
  w.end_object();
}

void put_id(Writer& w, std::string_view name, const std::string& id) {
  w.key(name).begin_object().member("value", id).end_object();
}

void write_task(Writer& w, const Task& task) {
  const model::TaskInfo& info = task.info;
  w.begin_object().member("name", info.name);
  put_id(w, "task_id", info.task_id.value);
  put_id(w, "framework_id", task.framework_id.value);
  if (task.executor_id) {
    put_id(w, "executor_id", task.executor_id->value);
  }
  put_id(w, "agent_id", info.agent_id.value);
  w.member("state", model::to_text(task.state));
  put_list(w, "resources", info.resources);
  put_list(w, "statuses", task.statuses);
  w.member("status_update_state", model::to_text(task.status_state));
  if (info.labels) {
    put(w, "labels", *info.labels);
  }
  if (info.discovery) {
    put(w, "discovery", *info.discovery);
  }
  if (info.container) {
    put(w, "container", *info.container);
  }
  if (info.health_check) {
    put(w, "health_check", *info.health_check);
  }
  if (info.kill_policy) {
    put(w, "kill_policy", *info.kill_policy);
  }
  if (info.command && info.command->user) {
    w.member("user", *info.command->user);
  }
  w.end_object();
}

void write_agent(Writer& w, const AgentView& agent) {
  w.begin_object();
  put(w, "agent_info", agent.info);
  w.key("active").boolean(agent.active).key("deactivated").boolean(false);
  w.member("version", agent.version).member("pid", agent.pid);
  put_time(w, "registered_time", agent.registered);
  if (agent.reregistered) {
    put_time(w, "reregistered_time", *agent.reregistered);
  }
  put_list(w, "total_resources", agent.total.list());
  put_list(w, "allocated_resources", agent.used.list());
  put_list(w, "offered_resources", agent.offered.list());
  w.key("capabilities").begin_array().end_array();
  w.key("resource_providers").begin_array().end_array().end_object();
}

void write_framework(Writer& w, const FrameworkView& framework) {
  w.begin_object();
  put(w, "framework_info", framework.info);
  w.key("active").boolean(framework.active).key("connected").boolean(framework.connected);
  w.key("recovered").boolean(framework.recovered);
  put_time(w, "registered_time", framework.registered);
  if (framework.reregistered) {
    put_time(w, "reregistered_time", *framework.reregistered);
  }
  if (framework.unregistered) {
    put_time(w, "unregistered_time", *framework.unregistered);
  }
  put_list(w, "offers", framework.offers);
  w.key("inverse_offers").begin_array().end_array();
  put_list(w, "allocated_resources", framework.used.list());
  put_list(w, "offered_resources", framework.offered.list()).end_object();
}

using TaskList = std::vector<TaskPtr> FrameworkView::*;

void put_tasks(Writer& w, std::string_view name, const Snapshot& snapshot, TaskList list) {
  w.key(name).begin_array();
  for (const auto* frameworks : {&snapshot.frameworks, &snapshot.completed_frameworks}) {
    for (const FrameworkView& framework : *frameworks) {
      for (const TaskPtr& task : framework.*list) {
        write_task(w, *task);
      }
    }
  }
  w.end_array();
}

void write_get_tasks(Writer& w, const Snapshot& snapshot) {
  w.begin_object().key("pending_tasks").begin_array().end_array();
  put_tasks(w, "tasks", snapshot, &FrameworkView::tasks);
  put_tasks(w, "unreachable_tasks", snapshot, &FrameworkView::unreachable);
  put_tasks(w, "completed_tasks", snapshot, &FrameworkView::completed);
  w.end_object();
}

void write_get_agents(Writer& w, const Snapshot& snapshot) {
  w.begin_object().key("agents").begin_array();
  for (const AgentView& agent : snapshot.agents) {
    write_agent(w, agent);
  }
  w.end_array().key("recovered_agents").begin_array();
  for (const AgentView& agent : snapshot.recovered_agents) {
    json::encode(w, agent.info, json::kMesos);
  }
  w.end_array().end_object();
}

void write_get_frameworks(Writer& w, const Snapshot& snapshot) {
  w.begin_object().key("frameworks").begin_array();
  for (const FrameworkView& framework : snapshot.frameworks) {
    write_framework(w, framework);
  }
  w.end_array().key("completed_frameworks").begin_array();
  for (const FrameworkView& framework : snapshot.completed_frameworks) {
    write_framework(w, framework);
  }
  w.end_array().end_object();
}

void write_get_executors(Writer& w, const Snapshot& snapshot) {
  w.begin_object().key("executors").begin_array();
  for (const FrameworkView& framework : snapshot.frameworks) {
    for (const ExecutorView& executor : framework.executors) {
      w.begin_object();
      put(w, "executor_info", executor.info);
      put_id(w, "agent_id", executor.agent_id.value);
      w.end_object();
    }
  }
  w.end_array().end_object();
}

void write_get_state(Writer& w, const Snapshot& snapshot) {
  w.begin_object().key("get_tasks");
  write_get_tasks(w, snapshot);
  w.key("get_executors");
  write_get_executors(w, snapshot);
  w.key("get_frameworks");
  write_get_frameworks(w, snapshot);
  w.key("get_agents");
  write_get_agents(w, snapshot);
  w.end_object();
}

void write_body(Writer& w, OperatorCall call, const Snapshot& snapshot) {
  switch (call) {
    case OperatorCall::get_health:
      w.begin_object().key("healthy").boolean(true).end_object();
      break;
    case OperatorCall::get_version:
      w.begin_object().key("version_info").raw(version_json(snapshot.facts)).end_object();
      break;
    case OperatorCall::get_state:
      write_get_state(w, snapshot);
      break;
    case OperatorCall::get_agents:
      write_get_agents(w, snapshot);
      break;
    case OperatorCall::get_frameworks:
      write_get_frameworks(w, snapshot);
      break;
    case OperatorCall::get_tasks:
      write_get_tasks(w, snapshot);
      break;
    case OperatorCall::get_executors:
      write_get_executors(w, snapshot);
      break;
    case OperatorCall::get_master: {
      const double started = to_epoch_seconds(snapshot.facts.started);
      w.begin_object();
      put(w, "master_info", snapshot.facts.info());
      w.key("start_time").number(started).key("elected_time").number(started).end_object();
      break;
    }
    case OperatorCall::subscribe:
      w.begin_object().end_object();
      break;
  }
}

Writer& begin_event(Writer& w, std::string_view type, std::string_view member) {
  return w.begin_object().member("type", type).key(member);
}

}  // namespace

Result<OperatorCall> parse_operator_call(std::string_view body) {
  const auto value = json::parse(body);
  if (!value) {
    return fail(ErrorCode::malformed, "Failed to parse body into JSON: " + value.error().message);
  }
  const std::string_view type = (*value)["type"].as_string();
  if (type.empty()) {
    return fail(ErrorCode::malformed,
                "Failed to validate master::Call: Expecting 'type' to be present");
  }
  for (const CallName& name : kCalls) {
    if (name.type == type) {
      return name.call;
    }
  }
  return fail(ErrorCode::unsupported,
              fmt::format("the call {} is not supported by this master", type));
}

std::string operator_answer(OperatorCall call, const Snapshot& snapshot) {
  Writer w;
  for (const CallName& name : kCalls) {
    if (name.call == call) {
      w.begin_object().member("type", name.type).key(name.member);
      write_body(w, call, snapshot);
      w.end_object();
    }
  }
  return w.take();
}

std::string subscribed_event(const Snapshot& snapshot, Duration heartbeat) {
  Writer w;
  begin_event(w, "SUBSCRIBED", "subscribed").begin_object().key("get_state");
  write_get_state(w, snapshot);
  w.key("heartbeat_interval_seconds").number(to_seconds(heartbeat)).end_object().end_object();
  return w.take();
}

std::string heartbeat_event() {
  return R"({"type":"HEARTBEAT"})";
}

std::string operator_event(const Notice& notice) {
  Writer w;
  std::visit(
      Overloaded{
          [&](const TaskAdded& added) {
            begin_event(w, "TASK_ADDED", "task_added").begin_object().key("task");
            write_task(w, *added.task);
            w.end_object().end_object();
          },
          [&](const TaskUpdated& updated) {
            begin_event(w, "TASK_UPDATED", "task_updated").begin_object();
            put_id(w, "framework_id", updated.task->framework_id.value);
            put(w, "status", updated.status);
            w.member("state", model::to_text(updated.task->state)).end_object().end_object();
          },
          [&](const AgentAdded& added) {
            begin_event(w, "AGENT_ADDED", "agent_added").begin_object().key("agent");
            write_agent(w, added.agent);
            w.end_object().end_object();
          },
          [&](const AgentRemoved& removed) {
            begin_event(w, "AGENT_REMOVED", "agent_removed").begin_object();
            put_id(w, "agent_id", removed.id.value);
            w.end_object().end_object();
          },
          [&](const FrameworkAdded& added) {
            begin_event(w, "FRAMEWORK_ADDED", "framework_added").begin_object().key("framework");
            write_framework(w, added.framework);
            w.end_object().end_object();
          },
          [&](const FrameworkUpdated& updated) {
            begin_event(w, "FRAMEWORK_UPDATED", "framework_updated").begin_object();
            w.key("framework");
            write_framework(w, updated.framework);
            w.end_object().end_object();
          },
          [&](const FrameworkRemoved& removed) {
            begin_event(w, "FRAMEWORK_REMOVED", "framework_removed").begin_object();
            put(w, "framework_info", removed.info);
            w.end_object().end_object();
          },
          [](const auto&) {}},
      notice);
  return w.take();
}

}  // namespace ekiden::master
