#include "core/master/validation.h"

#include <functional>

#include <gtest/gtest.h>

// The rules of [mesos-core 2.9], one broken at a time.
namespace ekiden::master {
namespace {

struct Group {
  model::ExecutorInfo executor;
  std::vector<model::TaskInfo> tasks;
};

Group good_group() {
  Group group;
  group.executor.type = model::ExecutorInfo::Type::default_;
  group.executor.executor_id = {"e"};
  group.executor.resources = {model::scalar_resource("cpus", 0.01),
                              model::scalar_resource("mem", 32),
                              model::scalar_resource("disk", 1)};
  for (const char* id : {"a", "b"}) {
    model::TaskInfo task;
    task.task_id = {id};
    task.resources = {model::scalar_resource("cpus", 1)};
    task.command = model::CommandInfo{};
    task.command->value = "true";
    group.tasks.push_back(std::move(task));
  }
  return group;
}

bool is_good(const std::function<void(Group&)>& change) {
  Group group = good_group();
  change(group);
  return !task_group_problem(group.executor, group.tasks);
}

TEST(GroupValidation, AGoodGroupIsGood) {
  EXPECT_TRUE(is_good([](Group&) {}));
}

TEST(GroupValidation, ExecutorsSayWhatTheyAre) {
  using Type = model::ExecutorInfo::Type;
  EXPECT_FALSE(is_good([](Group& g) { g.executor.type = Type::unknown; }));
  EXPECT_FALSE(is_good([](Group& g) { g.executor.command = model::CommandInfo{}; }));
  EXPECT_FALSE(is_good([](Group& g) { g.executor.type = Type::custom; }));
  EXPECT_TRUE(is_good([](Group& g) {
    g.executor.type = Type::custom;
    g.executor.command = model::CommandInfo{};
  }));
  EXPECT_FALSE(is_good([](Group& g) {
    g.executor.container = model::ContainerInfo{};
    g.executor.container->mesos_image = model::MesosImage{};
  }));
  EXPECT_TRUE(is_good([](Group& g) { g.executor.container = model::ContainerInfo{}; }));
  EXPECT_FALSE(is_good([](Group& g) { g.executor.executor_id = {"a/b"}; }));
}

TEST(GroupValidation, ExecutorsHaveSomethingToLiveOn) {
  for (const std::size_t missing : {0, 1, 2}) {
    EXPECT_FALSE(is_good([&](Group& g) {
      g.executor.resources.erase(g.executor.resources.begin() +
                                 static_cast<std::ptrdiff_t>(missing));
    })) << missing;
  }
}

TEST(GroupValidation, TasksAreOfOneExecutorWithoutDocker) {
  EXPECT_FALSE(is_good([](Group& g) { g.tasks.clear(); }));
  EXPECT_TRUE(is_good([](Group& g) { g.tasks[0].executor = g.executor; }));
  EXPECT_FALSE(is_good([](Group& g) { g.tasks[0].executor = model::ExecutorInfo{}; }));
  EXPECT_FALSE(is_good([](Group& g) { g.tasks[0].task_id = g.tasks[1].task_id; }));
  EXPECT_FALSE(is_good([](Group& g) {
    g.tasks[0].container = model::ContainerInfo{};
    g.tasks[0].container->type = model::ContainerInfo::Type::docker;
    g.tasks[0].container->docker = model::DockerInfo{};
  }));
}

TEST(GroupValidation, NetworkChecksNeedTheGroupsNetwork) {
  const auto with_check = [](Group& g) {
    g.tasks[0].health_check = model::HealthCheck{};
    g.tasks[0].health_check->type = model::HealthCheck::Type::tcp;
    g.tasks[0].health_check->tcp = model::TcpCheck{};
  };
  EXPECT_TRUE(is_good(with_check));
  EXPECT_FALSE(is_good([&](Group& g) {
    with_check(g);
    g.tasks[0].container = model::ContainerInfo{};
    g.tasks[0].container->network_infos.emplace_back();
  }));
}

TEST(GroupValidation, PortsAreUsedOnce) {
  const auto ports = model::ranges_resource("ports", {{31000, 31001}});
  EXPECT_TRUE(is_good([&](Group& g) { g.tasks[0].resources.push_back(ports); }));
  EXPECT_FALSE(is_good([&](Group& g) {
    g.tasks[0].resources.push_back(ports);
    g.tasks[1].resources.push_back(model::ranges_resource("ports", {{31001, 31005}}));
  }));
  EXPECT_FALSE(is_good([&](Group& g) {
    g.tasks[0].resources.push_back(ports);
    g.executor.resources.push_back(ports);
  }));
}

TEST(GroupValidation, LimitsNeedOwnCgroupsAndAllTasksAgree) {
  const auto own_cgroups = [](model::TaskInfo& task) {
    task.container = model::ContainerInfo{};
    task.container->linux_info = model::LinuxInfo{};
    task.container->linux_info->share_cgroups = false;
  };
  EXPECT_FALSE(is_good([](Group& g) { g.tasks[0].limits = {{"cpus", 2}}; }));
  EXPECT_FALSE(is_good([&](Group& g) { own_cgroups(g.tasks[0]); }));
  EXPECT_TRUE(is_good([&](Group& g) {
    own_cgroups(g.tasks[0]);
    own_cgroups(g.tasks[1]);
    g.tasks[0].limits = {{"cpus", 2}};
  }));
}

TEST(TaskValidation, EnvironmentVariablesAreValuesOrSecrets) {
  using Type = model::EnvironmentVariable::Type;
  const auto with = [](const model::EnvironmentVariable& variable) {
    return is_good([&](Group& g) {
      g.tasks[0].command->environment = model::Environment{{variable}};
    });
  };
  const model::Secret secret{model::Secret::Type::value, std::nullopt, "x"};
  EXPECT_TRUE(with({"A", "1", Type::value, std::nullopt}));
  EXPECT_FALSE(with({"A", std::nullopt, Type::value, std::nullopt}));
  EXPECT_FALSE(with({"A", "1", Type::value, secret}));
  EXPECT_TRUE(with({"A", std::nullopt, Type::secret, secret}));
  EXPECT_FALSE(with({"A", "1", Type::secret, secret}));
  EXPECT_FALSE(with({"A", "1", Type::unknown, std::nullopt}));
  model::Secret nul = secret;
  nul.value = std::string("a\0b", 3);
  EXPECT_FALSE(with({"A", std::nullopt, Type::secret, nul}));
}

TEST(TaskValidation, VolumesComeFromOnePlace) {
  const auto with = [](const model::VolumeRef& volume) {
    return is_good([&](Group& g) {
      g.tasks[0].container = model::ContainerInfo{};
      g.tasks[0].container->volumes = {volume};
    });
  };
  model::VolumeRef volume;
  volume.container_path = "data";
  EXPECT_FALSE(with(volume));
  volume.host_path = "/data";
  EXPECT_TRUE(with(volume));
  volume.source = model::VolumeSource{};
  EXPECT_FALSE(with(volume));
  volume.host_path.reset();
  volume.source->type = model::VolumeSource::Type::sandbox_path;
  EXPECT_FALSE(with(volume));
  volume.source->sandbox_path = model::VolumeSource::SandboxPath{};
  EXPECT_TRUE(with(volume));
}

}  // namespace
}  // namespace ekiden::master
