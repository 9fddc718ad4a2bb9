#include "marathon/launch/task_info.h"

#include "marathon/launch/container_info.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::launch {

namespace {

class TaskInfoTest : public testing::Test {
 protected:
  TaskInfoTest() {
    app_.id = PathId::parse("/prod/web/api");
    app_.cmd = "run";
    offer_.agent_id = AgentId{"a1"};
    offer_.hostname = "host1";
  }

  model::TaskInfo build(HostPorts ports = {}) {
    Random random(1);
    return task_info({app_, offer_, {"t1"}, std::move(ports), {}, settings_}, random);
  }

  void use_container(Engine engine) {
    app_.container = Container{};
    app_.container->type = engine;
    app_.container->docker = DockerContainer{};
    app_.container->docker->image = "nginx";
  }

  App app_;
  model::Offer offer_;
  Settings settings_;
};

TEST_F(TaskInfoTest, NamesAreReversedPaths) {
  const model::TaskInfo task = build();
  EXPECT_EQ(task.name, "api.web.prod");
  EXPECT_EQ(task.discovery->name, "api.web.prod");
  EXPECT_EQ(task.agent_id, offer_.agent_id);
  EXPECT_FALSE(task.container);
  EXPECT_FALSE(task.labels);
  EXPECT_FALSE(task.kill_policy);
}

TEST_F(TaskInfoTest, CommandIsAShellLineOrArguments) {
  EXPECT_TRUE(build().command->shell);
  EXPECT_EQ(build().command->value, "run");
  app_.cmd.reset();
  app_.args = {"/bin/x", "-v"};
  EXPECT_FALSE(build().command->shell);
  EXPECT_EQ(build().command->value, "/bin/x");
  EXPECT_EQ(build().command->arguments, app_.args);
  use_container(Engine::docker);
  EXPECT_FALSE(build().command->value);
}

TEST_F(TaskInfoTest, CarriesFetchUserLabelsLimitsAndGrace) {
  app_.fetch.push_back({"http://x/y.tgz", false, true, true, "z"});
  app_.user = "nobody";
  app_.labels["a"] = "b";
  app_.resource_limits = ResourceLimits{2.0, 64.0};
  app_.task_kill_grace_period_seconds = 7;
  const model::TaskInfo task = build();
  EXPECT_EQ(task.command->uris.front(),
            (model::FetchUri{"http://x/y.tgz", true, false, true, "z"}));
  EXPECT_EQ(task.command->user, "nobody");
  EXPECT_EQ(*task.labels->find("a"), "b");
  EXPECT_EQ(task.limits.at("cpus"), 2.0);
  EXPECT_EQ(task.kill_policy->grace_period->nanoseconds, 7'000'000'000);
}

TEST_F(TaskInfoTest, DockerOnTheHostNetwork) {
  use_container(Engine::docker);
  const model::TaskInfo task = build();
  const model::DockerInfo& docker = *task.container->docker;
  EXPECT_EQ(docker.network, model::DockerInfo::Network::host);
  EXPECT_TRUE(docker.port_mappings.empty());
  EXPECT_EQ(docker.parameters.back(), (model::Parameter{"label", "MESOS_TASK_ID=t1"}));
}

TEST_F(TaskInfoTest, DockerBridgeMapsPortsPerProtocol) {
  use_container(Engine::docker);
  app_.networks = {Network{NetworkMode::bridge, {}, {}}};
  PortMapping mapping;
  mapping.container_port = 80;
  mapping.host_port = 0;
  mapping.protocol = "udp,tcp";
  app_.container->port_mappings = {mapping};
  const model::TaskInfo task = build({31005});
  EXPECT_EQ(task.container->docker->network, model::DockerInfo::Network::bridge);
  EXPECT_EQ(task.container->docker->port_mappings,
            (std::vector<model::PortMapping>{{31005, 80, "udp"}, {31005, 80, "tcp"}}));
  ASSERT_EQ(task.discovery->ports.size(), 2u);
  EXPECT_EQ(task.discovery->ports[0].number, 31005u);
  EXPECT_EQ(*task.discovery->ports[0].labels->find("network-scope"), "host");
}

TEST_F(TaskInfoTest, MesosContainerWithNetworkAndVolume) {
  use_container(Engine::mesos);
  app_.networks = {Network{NetworkMode::container, "net1", {{"k", "v"}}}};
  app_.container->port_mappings.resize(1);
  app_.container->port_mappings[0].container_port = 80;
  app_.container->port_mappings[0].name = "web";
  app_.container->volumes.push_back({"/data", "RO", "/host", {}, {}, {}});
  const model::TaskInfo task = build({std::nullopt});
  EXPECT_EQ(task.container->type, model::ContainerInfo::Type::mesos);
  EXPECT_EQ(task.container->mesos_image->docker_name, "nginx");
  EXPECT_EQ(task.container->mesos_image->cached, true);
  ASSERT_EQ(task.container->network_infos.size(), 1u);
  EXPECT_EQ(task.container->network_infos[0].name, "net1");
  EXPECT_EQ(task.container->network_infos[0].ip_addresses.size(), 1u);
  EXPECT_EQ(task.container->volumes[0].mode, model::VolumeRef::Mode::ro);
  ASSERT_EQ(task.discovery->ports.size(), 1u);
  EXPECT_EQ(task.discovery->ports[0].number, 80u);
  EXPECT_EQ(*task.discovery->ports[0].labels->find("network-name"), "net1");
}

// Defect 32: the Mesos containerizer gets one mapping per protocol, as Docker does.
TEST_F(TaskInfoTest, Defect32MesosMappingsAreSplitByProtocol) {
  use_container(Engine::mesos);
  app_.networks = {Network{NetworkMode::bridge, {}, {}}};
  PortMapping mapping;
  mapping.container_port = 53;
  mapping.host_port = 0;
  mapping.protocol = "udp,tcp";
  app_.container->port_mappings = {mapping};
  const model::NetworkInfo network = build({31053}).container->network_infos.at(0);
  EXPECT_EQ(network.name, "mesos-bridge");
  EXPECT_EQ(network.port_mappings,
            (std::vector<model::PortMapping>{{31053, 53, "udp"}, {31053, 53, "tcp"}}));
}

TEST_F(TaskInfoTest, MesosContainerWithEverythingOfLinux) {
  use_container(Engine::mesos);
  app_.secrets["pull"] = "registry/login";
  app_.container->docker->pull_config = Secret{"pull"};
  app_.container->linux_info = json::parse(R"({"seccomp":{"profileName":"p","unconfined":false},
                      "ipcInfo":{"mode":"PRIVATE","shmSize":64}})")
                                   .value();
  app_.tty = true;
  const model::ContainerInfo container = *build().container;
  EXPECT_EQ(container.mesos_image->docker_config->reference->name, "registry/login");
  EXPECT_EQ(container.linux_info->seccomp->profile_name, "p");
  EXPECT_EQ(container.linux_info->ipc_mode, model::LinuxInfo::IpcMode::private_);
  EXPECT_EQ(container.linux_info->shm_size, 64u);
  EXPECT_TRUE(container.tty_info);
  EXPECT_FALSE(container.mesos);
  app_.container->docker.reset();
  EXPECT_TRUE(build().container->mesos);
}

TEST_F(TaskInfoTest, ExternalAndSecretVolumesHaveASource) {
  use_container(Engine::mesos);
  app_.secrets["key"] = "vault/key";
  Volume external;
  external.container_path = "data";
  external.external = json::parse(R"({"name":"v","provider":"dvdi","size":5,"options":
      {"dvdi/driver":"rexray","dvdi/iops":"100","other":"x"}})")
                          .value();
  Volume secret;
  secret.container_path = "key";
  secret.secret = "key";
  Volume persistent;
  persistent.persistent = PersistentVolume();
  app_.container->volumes = {external, secret, persistent};
  const model::ContainerInfo container = *build().container;
  ASSERT_EQ(container.volumes.size(), 2u);  // the persistent one comes with its resource
  const model::VolumeSource& driver = *container.volumes[0].source;
  EXPECT_EQ(driver.type, model::VolumeSource::Type::docker_volume);
  EXPECT_EQ(driver.docker_volume->driver, "rexray");
  EXPECT_EQ(driver.docker_volume->name, "v");
  EXPECT_EQ(driver.docker_volume->driver_options,
            (std::vector<model::Parameter>{{"iops", "100"}, {"size", "5"}}));
  const model::VolumeSource& file = *container.volumes[1].source;
  EXPECT_EQ(file.type, model::VolumeSource::Type::secret);
  EXPECT_EQ(file.secret->reference->name, "vault/key");
}

TEST_F(TaskInfoTest, ChecksRunShellLinesAndArguments) {
  app_.check = json::parse(R"({"exec":{"command":{"shell":"ok"}},"intervalSeconds":7})").value();
  EXPECT_EQ(build().check->command->value, "ok");
  EXPECT_TRUE(build().check->command->shell);
  EXPECT_EQ(build().check->interval_seconds, 7);
  app_.check = json::parse(R"({"exec":{"command":{"argv":["/ok","-v"]}}})").value();
  EXPECT_FALSE(build().check->command->shell);
  EXPECT_EQ(build().check->command->value, "/ok");
  EXPECT_EQ(build().check->command->arguments, (std::vector<std::string>{"/ok", "-v"}));
}

TEST_F(TaskInfoTest, FirstMesosCheckProbesTheContainerPort) {
  use_container(Engine::docker);
  app_.networks = {Network{NetworkMode::bridge, {}, {}}};
  app_.container->port_mappings.resize(1);
  app_.container->port_mappings[0].container_port = 80;
  app_.container->port_mappings[0].host_port = 0;
  app_.health_checks.resize(2);
  app_.health_checks[1].protocol = HealthProtocol::mesos_http;
  app_.health_checks[1].path = "/ok";
  const model::TaskInfo task = build({31005});
  ASSERT_TRUE(task.health_check);
  EXPECT_EQ(task.health_check->type, model::HealthCheck::Type::http);
  EXPECT_EQ(task.health_check->http->port, 80u);
  EXPECT_EQ(task.health_check->http->path, "/ok");
  EXPECT_EQ(task.health_check->consecutive_failures, 3u);
}

TEST_F(TaskInfoTest, CommandCheckIsCarried) {
  app_.health_checks.resize(1);
  app_.health_checks[0].protocol = HealthProtocol::command;
  app_.health_checks[0].command = "true";
  EXPECT_EQ(build().health_check->command->value, "true");
}

TEST_F(TaskInfoTest, CheckWithoutAnyPortIsLeftOut) {
  app_.health_checks.resize(1);
  app_.health_checks[0].protocol = HealthProtocol::mesos_tcp;
  EXPECT_FALSE(build().health_check);
}

TEST_F(TaskInfoTest, CustomExecutorGetsTheCommandLine) {
  app_.executor = "/opt/x";
  const model::TaskInfo task = build();
  EXPECT_FALSE(task.command);
  EXPECT_EQ(task.executor->executor_id.value, "marathon-t1");
  EXPECT_EQ(task.executor->command->value, "chmod ug+rx '/opt/x' && exec '/opt/x' run");
}

TEST(Protocols, AreSplitAtCommas) {
  EXPECT_EQ(protocols("udp,tcp"), (std::vector<std::string>{"udp", "tcp"}));
}

}  // namespace

}  // namespace ekiden::marathon::launch
