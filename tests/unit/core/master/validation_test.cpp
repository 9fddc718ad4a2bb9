#include "core/master/validation.h"

#include "core/master/refuse_seconds.h"

#include <gtest/gtest.h>

namespace ekiden::master {
namespace {

model::TaskInfo good_task() {
  model::TaskInfo task;
  task.name = "web";
  task.task_id = {"web.1"};
  task.agent_id = {"S0"};
  task.resources = {model::scalar_resource("cpus", 1)};
  task.command = model::CommandInfo{};
  task.command->value = "true";
  return task;
}

TEST(Validation, IdsAreShortVisibleAndNoPaths) {
  EXPECT_FALSE(id_problem("web.1_a-b:c"));
  for (const std::string& id : {std::string(),
                                std::string("."),
                                std::string(".."),
                                std::string("a/b"),
                                std::string("a\\b"),
                                std::string("a\nb"),
                                std::string(256, 'a')}) {
    EXPECT_TRUE(id_problem(id)) << id;
  }
}

TEST(Validation, RolesAreCleanPaths) {
  for (const char* role : {"*", "web", "eng/web", "a.b"}) {
    EXPECT_FALSE(role_problem(role)) << role;
  }
  for (const char* role : {"", "/a", "a/", "a//b", "a/*", "-a", "a/..", "a b", "."}) {
    EXPECT_TRUE(role_problem(role)) << role;
  }
}

TEST(Validation, FrameworkInfoMustAgreeWithItsCapabilities) {
  model::FrameworkInfo info;
  EXPECT_FALSE(framework_problem(info));
  info.roles = {"a"};
  EXPECT_TRUE(framework_problem(info));
  info.capabilities = {model::FrameworkCapability::multi_role};
  EXPECT_FALSE(framework_problem(info));
  info.roles = {"a", "a"};
  EXPECT_TRUE(framework_problem(info));
  info.roles = {"a"};
  info.role = "a";
  EXPECT_TRUE(framework_problem(info));
  info.role.reset();
  for (const double timeout : {-1.0, 1e12, 0.0 / 0.0}) {
    info.failover_timeout = timeout;
    EXPECT_TRUE(framework_problem(info)) << timeout;
  }
}

TEST(Validation, TasksNeedOneWayToRunAndSomeResources) {
  EXPECT_FALSE(task_problem(good_task()));
  model::TaskInfo task = good_task();
  task.command.reset();
  EXPECT_TRUE(task_problem(task));
  task = good_task();
  task.executor = model::ExecutorInfo{};
  EXPECT_TRUE(task_problem(task));
  task = good_task();
  task.resources.clear();
  EXPECT_TRUE(task_problem(task));
  task.resources = {model::scalar_resource("gpus", 0.5)};
  EXPECT_TRUE(task_problem(task));
  task.resources = {model::scalar_resource("cpus", -1)};
  EXPECT_TRUE(task_problem(task));
}

TEST(Validation, ChecksMustBeComplete) {
  model::TaskInfo task = good_task();
  task.health_check = model::HealthCheck{};
  EXPECT_TRUE(task_problem(task));
  task.health_check->type = model::HealthCheck::Type::http;
  EXPECT_TRUE(task_problem(task));
  task.health_check->http = model::HttpCheck{};
  EXPECT_FALSE(task_problem(task));
  task.health_check->http->path = "no-slash";
  EXPECT_TRUE(task_problem(task));
}

TEST(Validation, LimitsAreAtLeastTheRequest) {
  model::TaskInfo task = good_task();
  task.limits = {{"cpus", 2}};
  EXPECT_FALSE(task_problem(task));
  task.limits = {{"cpus", 0.5}};
  EXPECT_TRUE(task_problem(task));
  task.limits = {{"mem", 64}};
  EXPECT_TRUE(task_problem(task));
  task.limits = {{"disk", 64}};
  EXPECT_TRUE(task_problem(task));
}

TEST(RefuseSeconds, DefaultsAndBounds) {
  using namespace std::chrono_literals;
  EXPECT_EQ(refusal(std::nullopt), 5s);
  EXPECT_EQ(refusal(model::Filters{-1}), 5s);
  EXPECT_EQ(refusal(model::Filters{0.0 / 0.0}), 5s);
  EXPECT_EQ(refusal(model::Filters{0}), std::nullopt);
  EXPECT_EQ(refusal(model::Filters{1e300}), 31'536'000s);
}

}  // namespace
}  // namespace ekiden::master
