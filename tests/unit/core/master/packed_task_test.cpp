#include "core/master/packed_task.h"

#include <gtest/gtest.h>

namespace ekiden::master {
namespace {

model::TaskInfo task(const std::string& id, const std::string& port) {
  model::TaskInfo task;
  task.task_id = {id};
  task.agent_id = {"agent of " + id};
  task.name = "web";
  task.resources = {model::scalar_resource("cpus", 0.1),
                    model::ranges_resource("ports", {{std::stoul(port), std::stoul(port)}})};
  task.command.emplace().value = "serve";
  task.command->environment.emplace().variables = {{"PORT0", port}, {"HOST", "h"}};
  task.labels.emplace().labels = {{"a", "1"}, {"b", std::nullopt}};
  task.discovery.emplace().name = "web";
  task.discovery->ports = {{static_cast<std::uint32_t>(std::stoul(port)), "http", "tcp", {}}};
  return task;
}

TEST(PackedTaskInfo, UnpacksToWhatWasPacked) {
  for (const model::TaskInfo& info : {task("t", "31000"), model::TaskInfo{}}) {
    EXPECT_EQ(PackedTaskInfo(info).unpack(), info);
    EXPECT_EQ(PackedTaskInfo(info).resources(), info.resources);
  }
  EXPECT_EQ(PackedTaskInfo().unpack(), model::TaskInfo{});
  model::TaskInfo bare = task("t", "1");
  bare.command->environment.emplace();  // there, and empty
  EXPECT_EQ(PackedTaskInfo(bare).unpack(), bare);
  bare.command->environment.reset();
  EXPECT_EQ(PackedTaskInfo(bare).unpack(), bare);
}

TEST(PackedTaskInfo, KeepsOnceWhatTasksOfAnAppHaveInCommon) {
  CommonParts parts;
  PackedTaskInfo one = task("1", "31000");
  PackedTaskInfo two = task("2", "31000");
  PackedTaskInfo other_port = task("3", "31001");
  for (PackedTaskInfo* packed : {&one, &two, &other_port}) {
    packed->share(parts);
  }
  EXPECT_EQ(parts.size(), 3u);  // the app, and two places
  EXPECT_EQ(one.unpack(), task("1", "31000"));
  EXPECT_EQ(two.unpack(), task("2", "31000"));
  EXPECT_EQ(other_port.unpack(), task("3", "31001"));
}

TEST(PackedTaskInfo, ForgetsPartsThatNobodyHas) {
  CommonParts parts;
  for (int i = 0; i < 5000; ++i) {
    PackedTaskInfo packed = task("t", std::to_string(i + 1));
    packed.share(parts);
  }
  EXPECT_LT(parts.size(), 2100u);
}

TEST(TaskInfoReader, ReadsManyInARow) {
  CommonParts parts;
  TaskInfoReader reader;
  for (const char* port : {"31000", "31000", "31001", "31002", "31002"}) {
    PackedTaskInfo packed = task(std::string("t-") + port, port);
    packed.share(parts);
    EXPECT_EQ(reader.read(packed), task(std::string("t-") + port, port));
    model::TaskInfo other = task("o", port);
    other.name = "other";
    other.command.reset();
    EXPECT_EQ(reader.read(PackedTaskInfo(other)), other);
    EXPECT_EQ(reader.read(packed), task(std::string("t-") + port, port));
  }
}

TEST(PackedStatuses, KeepsOnePerStateTheLatestLast) {
  const PackedTaskInfo of = task("t", "1");
  PackedStatuses statuses;
  EXPECT_TRUE(statuses.empty());
  model::TaskStatus status;
  status.task_id = of.task_id;
  status.agent_id = of.agent_id;
  for (const auto state : {model::TaskState::starting, model::TaskState::running}) {
    for (const double time : {1.0, 2.0}) {
      status.state = state;
      status.timestamp = time;
      status.data = "not kept";
      statuses.add(status);
    }
  }
  status.data.reset();
  const auto all = statuses.unpack(of);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1], status);
  EXPECT_EQ(statuses.latest(of), status);
  EXPECT_EQ(all[0].state, model::TaskState::starting);
  EXPECT_EQ(all[0].timestamp, 2.0);
  for (int i = 0; i < 50; ++i) {
    status.state = i % 2 == 0 ? model::TaskState::killing : model::TaskState::running;
    statuses.add(status);
  }
  EXPECT_EQ(statuses.unpack(of).size(), PackedStatuses::kMax);
}

}  // namespace
}  // namespace ekiden::master
