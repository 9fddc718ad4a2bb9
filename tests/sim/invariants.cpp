// Invariants 1 to 5 of design.md section 7, looked at after every event.
#include "tests/sim/world.h"

#include <fmt/core.h>

namespace ekiden::sim {

void World::violation(const std::string& text) {
  if (!violation_) {
    violation_ = fmt::format(
        "at {:.3f} s: {}", to_seconds(queue_.now().time - Time(std::chrono::hours(1))), text);
    queue_.trace("VIOLATION " + text);
  }
}

void World::check() {
  // 1. Never more than its resources; every resource in exactly one place.
  if (master_->up()) {
    if (const auto broken = master_->machine().broken_invariant()) {
      violation(*broken);
    }
  }
  check_agents();
}

void World::check_agents() {
  static const model::Resources total = model::parse_resources(kAgentResources)->quantities();
  std::map<TaskId, std::size_t> homes;
  for (std::size_t i = 0; i < kAgents; ++i) {
    const model::Resources used = agents_[i].executors->used().quantities();
    if (!total.contains(used)) {
      violation(fmt::format("agent{} runs {} of {}", i + 1, to_text(used), to_text(total)));
    }
    if (agents_[i].node->up()) {
      const model::Resources has = agents_[i].node->machine().total().quantities();
      if (has != total) {
        violation(fmt::format("agent{} has {} of {}", i + 1, to_text(has), to_text(total)));
      }
    }
    // 3. Nothing is started twice.
    for (const auto& [task, starts] : agents_[i].executors->starts()) {
      if (starts > 1) {
        violation(fmt::format("task {} was started {} times", task.value, starts));
      }
      if (const auto [home, is_new] = homes.emplace(task, i); !is_new) {
        violation(fmt::format(
            "task {} was started on agent{} and agent{}", task.value, home->second + 1, i + 1));
      }
    }
  }
}

// When all is quiet everybody believes the same: the framework, the master and the agents.
void World::check_end() {
  std::map<std::string, AgentId> on_disk;
  for (std::size_t i = 0; i < kAgents; ++i) {
    const agent::Agent& agent = agents_[i].node->machine();
    for (const model::Resource& resource : agent.total().list()) {
      if (resource.disk && resource.disk->persistence) {
        on_disk[resource.disk->persistence->id] = *agent.id();
      }
    }
    for (const master::AgentView& view : master_->machine().snapshot()->agents) {
      if (view.info.id == agent.id() && view.total != agent.total()) {
        violation(fmt::format("the master believes that agent{} has {}, it has {}",
                              i + 1,
                              to_text(view.total),
                              to_text(agent.total())));
      }
    }
  }
  for (const auto& [id, agent] : test_framework_->volumes()) {
    const auto found = on_disk.find(id);
    if (found == on_disk.end() || found->second != agent) {
      violation("a volume is lost: " + id);
    }
  }
}

// 2. A durable record precedes every launch: the instance's id is on Marathon's disk.
void World::check_launch(const api::scheduler::Call& call) {
  const auto* accept = std::get_if<api::scheduler::Accept>(&call.body);
  if (accept == nullptr) {
    return;
  }
  for (const auto& operation : accept->operations) {
    for (const auto& task : operation.launch_task_infos) {
      const std::string& id = task.task_id.value;  // "<instance id>._app.<incarnation>"
      if (!marathon_->disk().mentions("instance", id.substr(0, id.find("._app")))) {
        violation(fmt::format("task {} is launched before it is durable", id));
      }
      queue_.trace("marathon launches " + id);
    }
  }
}

// 4. Our own decisions never take an app below minimumHealthCapacity (1.0 in these apps): in one
// step Marathon gives up running instances only while enough others run.
void World::check_marathon_step() {
  const marathon::SnapshotPtr snapshot = marathon_->machine().snapshot();
  std::map<std::string, AppRunning> current;
  std::map<std::string, std::map<std::string, marathon::Goal>> goals;
  snapshot->instances.for_each([&](const marathon::PathId& app, const auto& list) {
    list->all.for_each([&](const marathon::InstanceId& id, const auto& view) {
      const marathon::Instance& instance = *view->instance;
      goals[app.text()][id.value] = instance.goal;
      if (instance.condition == marathon::Condition::running && instance.task &&
          instance.goal == marathon::Goal::running) {
        current[app.text()].instances[id.value] = instance.task->id.value;
      }
    });
  });
  if (marathon_life_ == marathon_->life()) {
    for (const auto& [app, before] : previous_) {
      std::size_t given_up = 0;
      for (const auto& [id, task] : before.instances) {
        const auto goal = goals[app].find(id);
        if (killed_by_people_.contains(task)) {
          continue;
        }
        given_up += goal != goals[app].end() && goal->second != marathon::Goal::running ? 1 : 0;
      }
      const auto definition = snapshot->root.find_app(marathon::PathId::parse(app));
      const std::size_t wanted =
          definition == nullptr ? 0 : static_cast<std::size_t>(definition->instances);
      if (given_up > 0 && current[app].instances.size() < wanted) {
        violation(fmt::format("{} of app {} are given up while {} of {} would go on running",
                              given_up,
                              app,
                              current[app].instances.size(),
                              wanted));
      }
    }
  }
  marathon_life_ = marathon_->life();
  previous_ = std::move(current);
}

}  // namespace ekiden::sim
