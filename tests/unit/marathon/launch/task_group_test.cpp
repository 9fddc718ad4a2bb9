#include "marathon/launch/task_group.h"

#include "marathon/api/pod_form.h"
#include "marathon/instance/update.h"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

// What Mesos is told about a pod [TB-2].
namespace ekiden::marathon::launch {

namespace {

App pod(const std::string& members) {
  const std::string body = R"({"id":"/shop/cart",)" + members + "}";
  auto form = wire::decode_pod(std::string_view(body));
  EXPECT_TRUE(form) << (form ? ""
                             : form.error().problems[0].path + form.error().problems[0].reason);
  wire::normalise(*form, Settings());
  return wire::pod_to_app(*form);
}

class TaskGroupTest : public testing::Test {
 protected:
  model::Operation build(const std::string& members, HostPorts ports = {}) {
    auto app = std::make_shared<const App>(pod(members));
    const Now now{Time{}, WallTime(std::chrono::hours(1))};
    instance::Launch launch{{"host1", {"a1"}, {}, {}, {}}, {}};
    for (const auto& port : ports) {
      if (port) {
        launch.host_ports.push_back(*port);
      }
    }
    const InstanceId id{"shop_cart.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01"};
    instance_ = instance::provision(instance::schedule(app, id, now), launch, now);
    offer_.agent_id = AgentId{"a1"};
    offer_.hostname = "host1";
    if (resources_.empty()) {
      resources_ = {model::scalar_resource("cpus", app->cpus),
                    model::scalar_resource("mem", app->mem),
                    model::scalar_resource("disk", app->disk)};
    }
    return task_group(
        {instance_, offer_, FrameworkId{"F"}, std::move(ports), resources_, settings_, false});
  }

  static std::map<std::string, std::string> variables(const model::TaskInfo& task) {
    std::map<std::string, std::string> all;
    for (const auto& one : task.command->environment->variables) {
      all[one.name] = one.value.value_or("");
    }
    return all;
  }

  Instance instance_;
  model::Offer offer_;
  Settings settings_;
  std::vector<model::Resource> resources_;
};

const std::string kTwo =
    R"("containers":[{"name":"web","exec":{"command":{"shell":"run"}},"resources":{"cpus":0.5,
       "mem":64}},{"name":"log","exec":{"command":{"argv":["/bin/log","-v"]}},
       "resources":{"cpus":0.5,"mem":32}}])";

TEST_F(TaskGroupTest, IsALaunchGroupWithADefaultExecutor) {
  const model::Operation operation = build(R"("labels":{"tier":"a"},)" + kTwo);
  EXPECT_EQ(operation.type, model::Operation::Type::launch_group);
  const model::ExecutorInfo& executor = *operation.launch_group_executor;
  EXPECT_EQ(executor.type, model::ExecutorInfo::Type::default_);
  EXPECT_EQ(executor.executor_id.value, "instance-shop_cart.0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01");
  EXPECT_EQ(executor.framework_id, FrameworkId{"F"});
  EXPECT_FALSE(executor.command);
  EXPECT_EQ(*executor.labels->find("tier"), "a");
  EXPECT_FALSE(executor.container->linux_info->share_cgroups);
  const model::Resources total(executor.resources);
  EXPECT_EQ(total.scalar("cpus").milli, 100);
  EXPECT_EQ(total.scalar("mem").milli, 32000);
  EXPECT_EQ(total.scalar("disk").milli, 10000);
  ASSERT_EQ(operation.launch_group_tasks.size(), 2u);
  const model::TaskInfo& web = operation.launch_group_tasks[0];
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.task_id.value, instance_.id.value + ".web.1");
  EXPECT_EQ(web.agent_id, AgentId{"a1"});
  EXPECT_TRUE(web.command->shell);
  EXPECT_EQ(web.command->value, "run");
  EXPECT_FALSE(web.labels);
  EXPECT_EQ(web.discovery->name, "cart.shop");
  const model::TaskInfo& log = operation.launch_group_tasks[1];
  EXPECT_FALSE(log.command->shell);
  EXPECT_EQ(log.command->value, "/bin/log");
  EXPECT_EQ(log.command->arguments, (std::vector<std::string>{"/bin/log", "-v"}));
}

// Defect 30: containers that ask for equal amounts share what came from two roles.
TEST_F(TaskGroupTest, Defect30EachContainerTakesFromOnePool) {
  model::Resource reserved = model::scalar_resource("cpus", 0.6);
  reserved.reservations.push_back({model::Reservation::Type::static_, "web", {}, {}});
  resources_ = {reserved,
                model::scalar_resource("cpus", 0.5),
                model::scalar_resource("mem", 128),
                model::scalar_resource("disk", 10)};
  const model::Operation operation = build(kTwo);
  model::Resources all(operation.launch_group_executor->resources);
  for (const model::TaskInfo& task : operation.launch_group_tasks) {
    EXPECT_EQ(model::Resources(task.resources).scalar("cpus").milli, 500) << task.name;
    all += model::Resources(task.resources);
  }
  EXPECT_EQ(all, model::Resources(resources_));
}

// Defect 30: five containers, relaunched: each under its own name.
TEST_F(TaskGroupTest, Defect30TaskIdsFollowTheContainersNames) {
  std::string members = R"("containers":[)";
  for (const char* name : {"e", "d", "c", "b", "a"}) {
    members += std::string(members.back() == '[' ? "" : ",") + R"({"name":")" + name +
               R"(","resources":{"cpus":0.1,"mem":32}})";
  }
  build(members + "]");
  const Instance again =
      instance::provision(instance_, {*instance_.place, {}}, {Time{}, WallTime{}});
  ASSERT_EQ(again.containers.size(), 5u);
  resources_ = {model::scalar_resource("cpus", 1)};
  const model::Operation operation =
      task_group({again, offer_, FrameworkId{"F"}, {}, resources_, settings_, false});
  for (std::size_t i = 0; i < 5; ++i) {
    const model::TaskInfo& task = operation.launch_group_tasks[i];
    EXPECT_EQ(task.task_id.value, again.id.value + "." + task.name + ".2");
    EXPECT_EQ(task.task_id, again.containers[i].id);
  }
}

TEST_F(TaskGroupTest, TheSystemsVariablesWinAndEndpointsAreEverywhere) {
  settings_.env_vars_prefix = "x_";
  const model::Operation operation = build(
      R"("networks":[{"mode":"container/bridge"}],"environment":{"A":"pod","B":"pod","HOST":"no"},
         "labels":{"k":"pod","only.pod":"1"},
         "containers":[{"name":"web","environment":{"B":"web"},"labels":{"k":"web"},
         "resources":{"cpus":1,"mem":128},"endpoints":[{"name":"http-api","containerPort":80,
         "hostPort":0,"labels":{"VIP_0":"/cart:80"}}]},{"name":"log","resources":{"cpus":1}}])",
      {31005});
  const auto web = variables(operation.launch_group_tasks[0]);
  EXPECT_EQ(web.at("A"), "pod");
  EXPECT_EQ(web.at("B"), "web");
  EXPECT_EQ(web.at("HOST"), "host1");
  EXPECT_EQ(web.at("MARATHON_CONTAINER_ID"), "web");
  EXPECT_EQ(web.at("MARATHON_CONTAINER_RESOURCE_CPUS"), "1.0");
  EXPECT_EQ(web.at("MARATHON_APP_LABEL_K"), "web");
  EXPECT_EQ(web.at("MARATHON_APP_LABELS"), "K ONLY_POD");
  EXPECT_EQ(web.at("MESOS_EXECUTOR_ID"), operation.launch_group_executor->executor_id.value);
  EXPECT_FALSE(web.contains("PORT0"));
  EXPECT_FALSE(web.contains("MARATHON_APP_RESOURCE_CPUS"));
  const auto log = variables(operation.launch_group_tasks[1]);
  EXPECT_EQ(log.at("X_ENDPOINT_HTTP_API"), "80");
  EXPECT_EQ(log.at("X_EP_HOST_HTTP_API"), "31005");
  EXPECT_EQ(log.at("X_EP_CONTAINER_HTTP_API"), "80");

  const model::DiscoveryInfo& discovery = *operation.launch_group_tasks[0].discovery;
  ASSERT_EQ(discovery.ports.size(), 1u);
  EXPECT_EQ(discovery.ports[0].number, 31005u);
  EXPECT_EQ(discovery.ports[0].name, "http-api");
  EXPECT_EQ(*discovery.ports[0].labels->find("VIP_0"), "/cart:80");
  EXPECT_TRUE(operation.launch_group_tasks[1].discovery->ports.empty());
  const model::NetworkInfo& network =
      operation.launch_group_executor->container->network_infos.at(0);
  EXPECT_EQ(network.name, "mesos-bridge");
  ASSERT_EQ(network.port_mappings.size(), 1u);
  EXPECT_EQ(network.port_mappings[0].container_port, 80u);
}

TEST_F(TaskGroupTest, HealthChecksVolumesKillPolicyAndLimits) {
  const model::Operation operation = build(
      R"("networks":[{"mode":"host"}],"secrets":{"s":{"source":"vault/s"}},
         "volumes":[{"name":"tmp"},{"name":"etc","host":"/etc"},{"name":"key","secret":"s"}],
         "containers":[{"name":"web","user":"nobody","tty":true,"resources":{"cpus":1},
         "resourceLimits":{"cpus":"unlimited","mem":256},
         "linuxInfo":{"seccomp":{"unconfined":true},"ipcInfo":{"mode":"PRIVATE","shmSize":16}},
         "image":{"kind":"DOCKER","id":"nginx","forcePull":true,"pullConfig":{"secret":"s"}},
         "lifecycle":{"killGracePeriodSeconds":2.5},
         "artifacts":[{"uri":"http://x/y.tgz","destPath":"z"}],
         "endpoints":[{"name":"http"}],
         "healthCheck":{"http":{"endpoint":"http","scheme":"HTTPS"},"intervalSeconds":30},
         "volumeMounts":[{"name":"tmp","mountPath":"t"},{"name":"etc","mountPath":"/e",
         "readOnly":true},{"name":"key","mountPath":"k"}]}])",
      {31007});
  const model::TaskInfo& web = operation.launch_group_tasks[0];
  EXPECT_EQ(web.command->user, "nobody");
  EXPECT_EQ(web.command->uris[0].output_file, "z");
  EXPECT_EQ(web.kill_policy->grace_period->nanoseconds, 2'500'000'000);
  EXPECT_TRUE(std::isinf(web.limits.at("cpus")));
  EXPECT_EQ(web.limits.at("mem"), 256);
  EXPECT_EQ(web.health_check->http->port, 31007u);
  EXPECT_EQ(web.health_check->http->scheme, "https");
  EXPECT_EQ(web.health_check->interval_seconds, 30);
  const model::ContainerInfo& container = *web.container;
  EXPECT_EQ(container.mesos_image->docker_name, "nginx");
  EXPECT_EQ(container.mesos_image->cached, false);
  EXPECT_EQ(container.mesos_image->docker_config->reference->name, "vault/s");
  EXPECT_TRUE(container.tty_info);
  EXPECT_EQ(container.linux_info->ipc_mode, model::LinuxInfo::IpcMode::private_);
  EXPECT_EQ(container.linux_info->shm_size, 16u);
  EXPECT_EQ(container.linux_info->seccomp->unconfined, true);
  ASSERT_EQ(container.volumes.size(), 3u);
  EXPECT_EQ(container.volumes[0].source->sandbox_path->path, "volumes/tmp");
  EXPECT_EQ(container.volumes[0].source->sandbox_path->type,
            model::VolumeSource::SandboxPath::Type::parent);
  EXPECT_EQ(container.volumes[1].host_path, "/etc");
  EXPECT_EQ(container.volumes[1].mode, model::VolumeRef::Mode::ro);
  EXPECT_EQ(container.volumes[2].source->secret->reference->name, "vault/s");
}

TEST_F(TaskGroupTest, SecretsOfContainersAreReferences) {
  const model::Operation operation =
      build(R"("secrets":{"s":{"source":"vault/s"}},"environment":{"P":{"secret":"s"}},
               "containers":[{"name":"a","resources":{"cpus":1}},{"name":"b",
               "environment":{"P":"plain"},"resources":{"cpus":1}}])");
  const auto& first = operation.launch_group_tasks[0].command->environment->variables.back();
  EXPECT_EQ(first.name, "P");
  EXPECT_EQ(first.secret->reference->name, "vault/s");
  EXPECT_EQ(variables(operation.launch_group_tasks[1]).at("P"), "plain");
}

}  // namespace

}  // namespace ekiden::marathon::launch
