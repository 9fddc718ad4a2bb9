#include "marathon/model/pod.h"

#include "marathon/instance/update.h"

#include <gtest/gtest.h>

// Instances with several tasks: what they make together [LC-1, LC-2].
namespace ekiden::marathon::instance {

namespace {

using namespace std::chrono_literals;
using model::TaskState;

Now at(Duration time) {
  return {Time(time), WallTime(time)};
}

class PodInstanceTest : public testing::Test {
 protected:
  PodInstanceTest() {
    auto pod = std::make_shared<Pod>();
    for (const char* name : {"web", "log"}) {
      pod->containers.emplace_back().name = name;
    }
    PodEndpoint endpoint;
    endpoint.host_port = 0;
    pod->containers[0].endpoints = {PodEndpoint{}, endpoint};
    pod->containers[1].endpoints = {endpoint};
    App app;
    app.id = PathId::parse("/p");
    static_cast<std::shared_ptr<const Pod>&>(app.pod) = pod;
    complete_pod(app);
    const InstanceId id{"p.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01"};
    instance_ = provision(schedule(std::make_shared<const App>(app), id, at(1h)),
                          {{"h1", {"a1"}, {}, {}, {}}, {31000, 31001}},
                          at(2h));
  }

  // Container 0 or 1 reports.
  bool tell(std::size_t index, TaskState state, std::optional<bool> healthy = {}) {
    model::TaskStatus status;
    status.task_id = instance_.containers[index].id;
    status.state = state;
    status.healthy = healthy;
    auto next = update(instance_, status, at(clock_ += 1h));
    if (next) {
      instance_ = std::move(*next);
    }
    return next.has_value();
  }

  Condition condition() const { return instance_.condition; }

  Instance instance_;
  Duration clock_ = 2h;
};

TEST_F(PodInstanceTest, HasATaskPerContainerWithItsOwnPorts) {
  ASSERT_EQ(instance_.containers.size(), 2u);
  EXPECT_EQ(instance_.containers[0].id.value, instance_.id.value + ".web.1");
  EXPECT_EQ(instance_.containers[1].id.value, instance_.id.value + ".log.1");
  EXPECT_EQ(instance_.containers[0].host_ports, (std::vector<std::int32_t>{31000}));
  EXPECT_EQ(instance_.containers[1].host_ports, (std::vector<std::int32_t>{31001}));
  EXPECT_EQ(instance_.task->host_ports.size(), 2u);
  EXPECT_EQ(condition(), Condition::provisioned);
  EXPECT_EQ(tasks_of(instance_).size(), 2u);
}

TEST_F(PodInstanceTest, RunsWhenAllRun) {
  tell(0, TaskState::running);
  EXPECT_EQ(condition(), Condition::provisioned);
  EXPECT_EQ(instance_.active_since, WallTime(3h));
  tell(1, TaskState::starting);
  EXPECT_EQ(condition(), Condition::starting);
  tell(1, TaskState::running);
  EXPECT_EQ(condition(), Condition::running);
  EXPECT_EQ(instance_.active_since, WallTime(3h));
  EXPECT_FALSE(tell(1, TaskState::running));
}

TEST_F(PodInstanceTest, GoesOnWhileOneOfItsContainersFinished) {
  tell(0, TaskState::running);
  tell(1, TaskState::finished);
  EXPECT_EQ(condition(), Condition::running);
  tell(0, TaskState::finished);
  EXPECT_EQ(condition(), Condition::finished);
  EXPECT_TRUE(instance_.is_scheduled());
}

TEST_F(PodInstanceTest, IsNotLaunchedAgainBeforeAllOfItEnded) {
  tell(0, TaskState::running);
  tell(1, TaskState::running);
  tell(0, TaskState::failed);
  EXPECT_EQ(condition(), Condition::killing);
  EXPECT_FALSE(instance_.is_scheduled());
  tell(1, TaskState::killed);
  EXPECT_EQ(condition(), Condition::failed);
  EXPECT_TRUE(instance_.is_scheduled());
  const Instance again = provision(instance_, {*instance_.place, {}}, at(9h));
  EXPECT_EQ(again.containers[1].id.value, instance_.id.value + ".log.2");
  EXPECT_EQ(again.condition, Condition::provisioned);
}

TEST_F(PodInstanceTest, IsUnreachableAsSoonAsOneContainerIs) {
  tell(0, TaskState::running);
  tell(1, TaskState::running);
  tell(1, TaskState::unreachable);
  EXPECT_EQ(condition(), Condition::unreachable);
  tell(1, TaskState::running);
  EXPECT_EQ(condition(), Condition::running);
}

TEST_F(PodInstanceTest, OneUnhealthyContainerMakesItUnhealthy) {
  tell(0, TaskState::running, true);
  tell(1, TaskState::starting);
  EXPECT_FALSE(instance_.healthy);
  tell(1, TaskState::running);
  EXPECT_EQ(instance_.healthy, true);
  tell(1, TaskState::running, false);
  EXPECT_EQ(instance_.healthy, false);
  tell(1, TaskState::running, true);
  EXPECT_EQ(instance_.healthy, true);
}

TEST_F(PodInstanceTest, IsSeenFromOneOfItsTasks) {
  const Instance seen = seen_from(instance_, instance_.containers[1].id);
  EXPECT_EQ(seen.task->id, instance_.containers[1].id);
  EXPECT_EQ(seen.task->host_ports, (std::vector<std::int32_t>{31001}));
}

}  // namespace

}  // namespace ekiden::marathon::instance
