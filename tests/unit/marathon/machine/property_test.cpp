// Generated clusters, apps and accidents. Safety: at every step no agent is given more than it has
// (the world checks), no instance runs twice, and a rolling update never goes below its minimum or
// above its maximum by our own action. Liveness: when the accidents stop, what runs is what was
// asked for.
#include "marathon/deployment/advance.h"
#include "tests/unit/marathon/machine/world.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* kAgent = "cpus:100;mem:100000;disk:10000;ports:[31000-31999]";

struct Roll {
  std::int32_t instances;
  double min;
  double max;
  bool checked;
};

std::string body(const Roll& roll, const std::string& cmd) {
  const std::string checks =
      roll.checked ? R"(,"healthChecks":[{"protocol":"HTTP","path":"/","intervalSeconds":2}])" : "";
  return fmt::format(
      R"({{"cmd":"{}","cpus":0.1,"mem":32,"instances":{},)"
      R"("upgradeStrategy":{{"minimumHealthCapacity":{},"maximumOverCapacity":{}}}{}}})",
      cmd,
      roll.instances,
      roll.min,
      roll.max,
      checks);
}

std::int32_t serving(const World& world, bool checked) {
  std::int32_t count = 0;
  for (const InstancePtr& instance : world.instances_of("/web")) {
    count += instance->condition == Condition::running && instance->goal == Goal::running &&
             (!checked || instance->healthy.value_or(false));
  }
  return count;
}

Roll random_roll(Random& random) {
  constexpr double kShares[] = {0, 0.07, 0.15, 0.25, 0.5, 0.75, 0.9, 1};
  return {1 + static_cast<std::int32_t>(random.below(12)),
          kShares[random.below(8)],
          kShares[random.below(8)],
          random.below(2) == 0};
}

TEST(Property, RollingUpdateKeepsItsLimitsAndEnds) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Roll roll = random_roll(random);
    World world({}, seed);
    world.agent("a1", kAgent);
    world.put("/web", body(roll, "v1"));
    world.run(20s);
    ASSERT_EQ(world.tasks_of("/web").size(), static_cast<std::size_t>(roll.instances));
    auto [healthy_min, total_max] = deployment::capacity(roll.instances, {roll.min, roll.max});
    total_max += healthy_min == total_max ? 1 : 0;
    world.after_step = [&world, &roll, healthy_min = healthy_min, total_max = total_max] {
      EXPECT_GE(serving(world, roll.checked), healthy_min);
      EXPECT_LE(world.tasks_of("/web").size(), static_cast<std::size_t>(total_max));
    };
    world.put("/web", body(roll, "v2"));
    if (random.below(2) == 0) {
      world.run(Duration(random.below(3'000'000'000)));
      world.restart();
    }
    world.run(90s);
    EXPECT_TRUE(world.snapshot()->deployments.empty());
    ASSERT_EQ(world.tasks_of("/web").size(), static_cast<std::size_t>(roll.instances));
    for (const TaskId& id : world.tasks_of("/web")) {
      EXPECT_EQ(world.tasks().at(id).info.command->value, "v2");
    }
  }
}

// One accident of many kinds.
void upset(World& world, Random& random) {
  const std::string path = random.below(2) == 0 ? "/web" : "/api";
  const auto tasks = world.tasks_of(path);
  switch (random.below(9)) {
    case 0:
      world.put(path,
                fmt::format(R"({{"cmd":"v{}","cpus":0.1,"mem":32,"instances":{}}})",
                            random.below(3),
                            random.below(6)),
                random.below(2) == 0);
      return;
    case 1:
      world.lose_agent("a" + std::to_string(1 + random.below(3)));
      return;
    case 2:
      world.find_agent("a" + std::to_string(1 + random.below(3)));
      return;
    case 3:
    case 4:
      if (!tasks.empty()) {
        world.finish_task(tasks[random.below(tasks.size())], model::TaskState::failed);
      }
      return;
    case 5:
      world.restart();
      return;
    case 6:
      world.crash_at(
          1 + random.below(5),
          random.below(2) == 0 ? World::Crash::before_commit : World::Crash::after_commit);
      return;
    case 7:
      world.kills_work = !world.kills_work;
      return;
    default:
      if (!world.snapshot()->deployments.empty()) {
        world.cancel(world.snapshot()->deployments.front()->plan->id, random.below(2) == 0);
      }
  }
}

void expect_no_doubles(const World& world) {
  std::set<std::string> seen;
  for (const auto& [id, task] : world.tasks()) {
    const auto instance = instance_of(id);
    ASSERT_TRUE(instance);
    EXPECT_TRUE(seen.insert(instance->value).second) << "two tasks of " << instance->value;
  }
}

TEST(Property, WhateverHappensTheClusterComesToRestAsAsked) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    World world({}, seed);
    for (const char* agent : {"a1", "a2", "a3"}) {
      world.agent(agent, kAgent);
    }
    world.put("/web", R"({"cmd":"v0","cpus":0.1,"mem":32,"instances":3})");
    world.put("/api", R"({"cmd":"v0","cpus":0.1,"mem":32,"instances":2})");
    for (int i = 0; i < 25; ++i) {
      world.run(Duration(random.below(4'000'000'000)));
      upset(world, random);
    }
    world.kills_work = true;
    world.crash_at(1'000'000, World::Crash::after_commit);
    for (const char* agent : {"a1", "a2", "a3"}) {
      world.find_agent(agent);
    }
    world.run(2min);
    world.put("/web", R"({"cmd":"v9","cpus":0.1,"mem":32,"instances":3})", true);
    world.put("/api", R"({"cmd":"v9","cpus":0.1,"mem":32,"instances":2})", true);
    world.run(30min);
    expect_no_doubles(world);
    EXPECT_TRUE(world.snapshot()->deployments.empty());
    EXPECT_EQ(world.tasks_of("/web").size(), 3u);
    EXPECT_EQ(world.tasks_of("/api").size(), 2u);
    for (const auto& [id, task] : world.tasks()) {
      EXPECT_EQ(task.info.command->value, "v9");
    }
    EXPECT_EQ(world.instances_of("/web").size(), 3u);
    EXPECT_TRUE(world.snapshot()->queue.empty());
  }
}

}  // namespace

}  // namespace ekiden::marathon::test
