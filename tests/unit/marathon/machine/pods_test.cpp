#include "core/json/json.h"
#include "tests/unit/marathon/machine/world.h"

#include <algorithm>

#include <gtest/gtest.h>

// Pods in the machine: deployed, rolled, scaled, relaunched and kept over restarts like apps.
namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

std::string pod_body(int instances, const std::string& line = "run") {
  return R"({"id":"/p","containers":[{"name":"web","exec":{"command":{"shell":")" + line +
         R"("}},"resources":{"cpus":0.1,"mem":32},"endpoints":[{"name":"http","hostPort":0}]},
         {"name":"log","resources":{"cpus":0.1,"mem":32}}],
         "scheduling":{"backoff":{"backoff":0}},
         "scaling":{"kind":"fixed","instances":)" +
         std::to_string(instances) + "}}";
}

class PodMachineTest : public testing::Test {
 protected:
  PodMachineTest() { world_.agent("a1", "cpus:10;mem:10000;disk:10000;ports:[31000-31999]"); }

  void change(Change change) {
    ChangeRoot command;
    command.request = 1;
    command.change = std::move(change);
    world_.command(std::move(command));
    world_.run(3s);
    EXPECT_TRUE(std::holds_alternative<Applied>(world_.replies().back().body));
  }

  void deploy(const std::string& body) {
    change(PutPod{PathId::parse("/p"), json::parse(body).value(), PutPod::When::always});
  }

  bool has_deployments() const { return !world_.snapshot()->deployments.empty(); }

  std::vector<TaskId> tasks() const { return world_.tasks_of("/p"); }

  World world_;
};

TEST_F(PodMachineTest, EveryContainerRuns) {
  deploy(pod_body(2));
  EXPECT_EQ(tasks().size(), 4u);
  EXPECT_FALSE(has_deployments());
  for (const InstancePtr& instance : world_.instances_of("/p")) {
    EXPECT_EQ(instance->condition, Condition::running);
    EXPECT_EQ(instance->containers.size(), 2u);
    EXPECT_EQ(instance->task->host_ports.size(), 1u);
  }
  const auto view = world_.snapshot()->instances.find(PathId::parse("/p"));
  EXPECT_EQ((*view)->running, 2);
}

TEST_F(PodMachineTest, ARestartKeepsWhatRuns) {
  deploy(pod_body(2));
  const std::vector<TaskId> before = tasks();
  world_.restart();
  world_.run(30s);
  EXPECT_EQ(tasks(), before);
  EXPECT_EQ(world_.launches, 4u);
  for (const InstancePtr& instance : world_.instances_of("/p")) {
    EXPECT_EQ(instance->condition, Condition::running);
    ASSERT_EQ(instance->containers.size(), 2u);
    EXPECT_EQ(instance->containers[1].condition, Condition::running);
    EXPECT_EQ(instance->containers[0].host_ports.size(), 1u);
    EXPECT_TRUE(instance->app->pod);
  }
}

TEST_F(PodMachineTest, AFailedContainerTakesTheInstanceWithItAndAllOfItComesBack) {
  deploy(pod_body(1));
  const InstancePtr before = world_.instances_of("/p").front();
  world_.finish_task(before->containers[1].id, model::TaskState::failed, "boom");
  world_.run(10s);
  const InstancePtr after = world_.instances_of("/p").front();
  EXPECT_EQ(after->id, before->id);
  EXPECT_EQ(after->incarnation, 2u);
  EXPECT_EQ(after->condition, Condition::running);
  EXPECT_EQ(tasks().size(), 2u);
  const auto* failure = world_.snapshot()->failures.find(PathId::parse("/p"));
  ASSERT_TRUE(failure);
  EXPECT_EQ((*failure)->task_id, before->containers[1].id);
}

TEST_F(PodMachineTest, AnUpdateRollsAndAScaleKeeps) {
  deploy(pod_body(2));
  const std::vector<TaskId> old = tasks();
  deploy(pod_body(2, "other"));
  world_.run(10s);
  EXPECT_FALSE(has_deployments());
  EXPECT_EQ(tasks().size(), 4u);
  for (const TaskId& id : tasks()) {
    EXPECT_EQ(std::count(old.begin(), old.end(), id), 0) << id.value;
  }
  const std::vector<TaskId> rolled = tasks();
  deploy(pod_body(3, "other"));
  EXPECT_EQ(tasks().size(), 6u);
  for (const TaskId& id : rolled) {
    const auto now = tasks();
    EXPECT_EQ(std::count(now.begin(), now.end(), id), 1) << id.value;
  }
  change(DeletePod{PathId::parse("/p")});
  world_.run(5s);
  EXPECT_TRUE(tasks().empty());
  EXPECT_FALSE(has_deployments());
  EXPECT_TRUE(world_.instances_of("/p").empty());
}

TEST_F(PodMachineTest, AKilledInstanceIsReplacedByItsNextIncarnation) {
  deploy(pod_body(1));
  KillInstances command;
  command.instances = {world_.instances_of("/p").front()->id};
  world_.command(command);
  world_.run(10s);
  EXPECT_EQ(world_.instances_of("/p").front()->incarnation, 2u);
  EXPECT_EQ(tasks().size(), 2u);
}

TEST_F(PodMachineTest, ReconciliationAsksForEveryContainer) {
  deploy(pod_body(2));
  world_.take_log();
  world_.restart();
  world_.run(1s);
  const std::vector<std::string> log = world_.take_log();
  EXPECT_NE(std::find(log.begin(), log.end(), "  -> RECONCILE 4"), log.end());
}

}  // namespace

}  // namespace ekiden::marathon::test
