#include "core/agent/container_spec.h"

#include "core/agent/command_executor_info.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace ekiden::agent {
namespace {

StartContainer a_start() {
  StartContainer start;
  start.container = ContainerId{"c1"};
  start.agent_id = AgentId{"A"};
  start.framework.id = FrameworkId{"F"};
  start.framework.checkpoint = true;
  start.framework.user = "root";
  model::TaskInfo task;
  task.task_id = TaskId{"web.1"};
  task.command.emplace().value = "sleep 100000000000";
  task.command->environment.emplace().variables = {{"PORT0", "31000"}, {"MESOS_SANDBOX", "mine"}};
  task.kill_policy.emplace().grace_period = model::DurationInfo{10'000'000'000};
  start.executor = command_executor_info(start.framework, task);
  start.task = task;
  return start;
}

const ContainerHost kHost{
    "/w", "/bin/ekiden-executor", "/s.sock", "/w/meta/agent_endpoint", "127.0.0.1", 5051};

std::string value(const ContainerSpec& spec, const std::string& name) {
  for (const std::string& variable : spec.environment) {
    if (variable.rfind(name + "=", 0) == 0) {
      return variable.substr(name.size() + 1);
    }
  }
  return "absent";
}

TEST(ContainerSpec, PathsAreThoseOfMesos) {
  const ContainerSpec spec = container_spec(a_start(), kHost);
  EXPECT_EQ(spec.sandbox, "/w/slaves/A/frameworks/F/executors/web.1/runs/c1");
  EXPECT_EQ(spec.latest, "/w/slaves/A/frameworks/F/executors/web.1/runs/latest");
}

TEST(ContainerSpec, EnvironmentIsThatOfMesosWithTheTasksOnTop) {
  const ContainerSpec spec = container_spec(a_start(), kHost);
  EXPECT_EQ(value(spec, "MESOS_FRAMEWORK_ID"), "F");
  EXPECT_EQ(value(spec, "MESOS_EXECUTOR_ID"), "web.1");
  EXPECT_EQ(value(spec, "MESOS_SLAVE_ID"), "A");
  EXPECT_EQ(value(spec, "MESOS_SLAVE_PID"), "slave(1)@127.0.0.1:5051");
  EXPECT_EQ(value(spec, "MESOS_AGENT_ENDPOINT"), "127.0.0.1:5051");
  EXPECT_EQ(value(spec, "MESOS_DIRECTORY"), spec.sandbox);
  EXPECT_EQ(value(spec, "MESOS_CHECKPOINT"), "1");
  EXPECT_EQ(value(spec, "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"), "12secs");
  EXPECT_EQ(value(spec, "PORT0"), "31000");
  EXPECT_EQ(value(spec, "MESOS_SANDBOX"), "mine");
}

TEST(ContainerSpec, DockerTasksKeepTheirEnvironmentForTheContainer) {
  StartContainer start = a_start();
  start.task->container.emplace().type = model::ContainerInfo::Type::docker;
  start.executor = command_executor_info(start.framework, *start.task);
  const ContainerSpec spec = container_spec(start, kHost);
  EXPECT_TRUE(spec.docker);
  EXPECT_EQ(value(spec, "PORT0"), "absent");
  EXPECT_EQ(value(spec, "MESOS_SANDBOX"), "/mnt/mesos/sandbox");
  EXPECT_EQ(value(spec, "MESOS_CONTAINER_NAME"), "mesos-c1");
  EXPECT_NE(std::find(spec.options.begin(), spec.options.end(), "/s.sock"), spec.options.end());
}

TEST(ContainerSpec, CustomExecutorIsRunByItsCommand) {
  StartContainer start = a_start();
  start.kind = ExecutorKind::custom;
  start.executor.command.emplace().value = "./my-executor --x";
  const ContainerSpec spec = container_spec(start, kHost);
  EXPECT_EQ(spec.command, (std::vector<std::string>{"/bin/sh", "-c", "./my-executor --x"}));
  EXPECT_EQ(value(spec, "MESOS_HTTP_COMMAND_EXECUTOR"), "0");
}

TEST(CommandExecutorInfo, NamesTheTaskAndItsCommand) {
  const auto info = a_start().executor;
  EXPECT_EQ(info.executor_id.value, "web.1");
  EXPECT_EQ(info.name, "Command Executor (Task: web.1) (Command: sh -c 'sleep 100000...')");
  EXPECT_EQ(model::Resources(info.resources).scalar("mem").to_double(), 32);
}

}  // namespace
}  // namespace ekiden::agent
