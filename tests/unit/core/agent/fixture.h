#pragma once

#include "core/agent/agent.h"
#include "core/base/overloaded.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace ekiden::agent {

namespace link = api::agent_link;
namespace exec = api::executor;

inline model::FrameworkInfo a_framework() {
  model::FrameworkInfo info;
  info.id = FrameworkId{"F"};
  info.name = "marathon";
  info.checkpoint = true;
  info.capabilities = {model::FrameworkCapability::partition_aware};
  return info;
}

inline model::TaskInfo a_task(const std::string& id, double cpus = 1) {
  model::TaskInfo task;
  task.task_id = TaskId{id};
  task.name = id;
  task.resources = {model::scalar_resource("cpus", cpus), model::scalar_resource("mem", 64)};
  task.command.emplace().value = "sleep 100";
  return task;
}

// An agent, the records it has committed, and everything it let out.
struct World {
  explicit World(std::optional<AgentConfig> with = std::nullopt) {
    if (with) {
      config = std::move(*with);
    } else {
      config.info.hostname = "h";
      config.info.resources = {model::scalar_resource("cpus", 4),
                               model::scalar_resource("mem", 1024),
                               model::ranges_resource("ports", {{31000, 31010}})};
    }
    load();
  }

  void load() {
    StoredRecords records;
    const auto entries = [&](const char* kind) {
      return StoredRecords::Entries(stored[kind].begin(), stored[kind].end());
    };
    records.agent = entries(kAgentKind);
    records.frameworks = entries(kFrameworkKind);
    records.executors = entries(kExecutorKind);
    records.tasks = entries(kTaskKind);
    records.updates = entries(kUpdateKind);
    auto loaded = Agent::load(config, Random(7), records);
    ASSERT_TRUE(loaded) << loaded.error().message;
    agent.emplace(std::move(*loaded));
  }

  void keep(Effects fx) {
    for (const Record& record : fx.persist) {
      if (record.value) {
        stored[record.kind][record.key] = *record.value;
      } else {
        stored[record.kind].erase(record.key);
      }
    }
    last = std::move(fx);
  }

  Effects& step(const Input& input) {
    keep(agent->step(input, now));
    return last;
  }

  Effects& tick() {
    keep(agent->tick(now));
    return last;
  }

  Effects& advance(Duration by) {
    now.time += by;
    now.wall += by;
    return tick();
  }

  template <class T>
  std::vector<T> sent() const {
    std::vector<T> found;
    for (const link::ToMaster& message : last.to_master) {
      if (const T* one = std::get_if<T>(&message.body)) {
        found.push_back(*one);
      }
    }
    return found;
  }

  template <class T>
  std::vector<T> events() const {
    std::vector<T> found;
    for (const StreamEvent& event : last.stream) {
      if (const T* one = std::get_if<T>(&event.event)) {
        found.push_back(*one);
      }
    }
    return found;
  }

  void register_agent() {
    tick();
    ASSERT_TRUE(last.connect);
    ASSERT_EQ(sent<link::Register>().size(), 1U);
    step(MasterMessage{link::Registered{
        sent<link::Register>()[0].attempt, AgentId{"A"}, std::chrono::seconds(75)}});
    ASSERT_TRUE(agent->registered());
  }

  ContainerId run(const std::string& id, double cpus = 1) {
    step(MasterMessage{link::RunTask{a_framework(), a_task(id, cpus)}});
    return last.start.empty() ? ContainerId{} : last.start[0].container;
  }

  Effects& subscribe(const std::string& id, RequestId request, exec::Subscribe body = {}) {
    return step(ExecutorRequest{request, {FrameworkId{"F"}, ExecutorId{id}, std::move(body)}});
  }

  static model::TaskStatus status(const std::string& id, model::TaskState state, char uuid) {
    model::TaskStatus one;
    one.task_id = TaskId{id};
    one.state = state;
    one.source = model::StatusSource::executor;
    one.uuid = std::string(16, uuid);
    return one;
  }

  Effects& update(const std::string& id, model::TaskState state, char uuid) {
    return step(ExecutorRequest{
        99, {FrameworkId{"F"}, ExecutorId{id}, exec::Update{status(id, state, uuid)}}});
  }

  Effects& acknowledge(const std::string& id, char uuid) {
    return step(MasterMessage{
        link::AcknowledgeUpdate{FrameworkId{"F"}, TaskId{id}, std::string(16, uuid)}});
  }

  // A task whose executor runs it.
  ContainerId running(const std::string& id) {
    const ContainerId container = run(id);
    step(ContainerStarted{container, 100});
    subscribe(id, 1);
    update(id, model::TaskState::running, 'r');
    return container;
  }

  model::TaskState state(const std::string& id) const {
    const auto found = agent->tasks().find({FrameworkId{"F"}, TaskId{id}});
    return found == agent->tasks().end() ? model::TaskState::unknown : found->second.state;
  }

  AgentConfig config;
  std::map<std::string, std::map<std::string, std::string>> stored;
  std::optional<Agent> agent;
  Now now{Time(std::chrono::seconds(1000)), WallTime(std::chrono::seconds(1700000000))};
  Effects last;
};

}  // namespace ekiden::agent
