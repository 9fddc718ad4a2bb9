#include "core/json/json.h"
#include "tests/integration/agent/fixture.h"

#include <cstdlib>

namespace ekiden::agent {
namespace {

constexpr const char* kImage = "ekiden-test-busybox:latest";

// With a real engine: EKIDEN_TEST_DOCKER_SOCKET names its socket; the image must be there
// (docker import of busybox-static).
struct Docker : AgentTest {
  void SetUp() override {
    const char* socket = std::getenv("EKIDEN_TEST_DOCKER_SOCKET");
    if (socket == nullptr) {
      GTEST_SKIP() << "no Docker engine given in EKIDEN_TEST_DOCKER_SOCKET";
    }
    options.docker_socket = socket;
    start();
  }

  static model::TaskInfo docker_task(const std::string& id, const std::string& command) {
    model::TaskInfo task = command_task(id, command);
    task.container.emplace().type = model::ContainerInfo::Type::docker;
    task.container->docker.emplace().image = kImage;
    return task;
  }

  std::string container_name(const std::string& task) const {
    return "mesos-" + status(task, TaskState::running)->container_status->container_id->value;
  }

  net::Response engine(const std::string& path) {
    net::Call call;
    call.url = "http://docker" + path;
    call.unix_socket = options.docker_socket;
    return send(std::move(call));
  }
};

TEST_F(Docker, TaskRunsLogsAndEnds) {
  model::TaskInfo task =
      docker_task("t", "echo out $X $MESOS_SANDBOX; echo err >&2; exit 3");
  task.command->environment.emplace().variables = {{"X", "y"}};
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::failed, 30s));
  ASSERT_TRUE(status("t", TaskState::running));
  const auto inspected = json::parse(*status("t", TaskState::running)->data);
  ASSERT_TRUE(inspected);
  EXPECT_FALSE(inspected->as_array().at(0)["Id"].as_string().empty());
  EXPECT_EQ(status("t", TaskState::failed)->message, "Container exited with status 3");
  EXPECT_EQ(file("t", "stdout"), "out y /mnt/mesos/sandbox\n");
  EXPECT_EQ(file("t", "stderr"), "err\n");
  EXPECT_TRUE(run_until(
      [&] { return engine("/containers/" + container_name("t") + "/json").status == 404; }));
}

TEST_F(Docker, BridgeHasItsOwnAddress) {
  model::TaskInfo task = docker_task("t", "sleep 1000");
  task.container->docker->network = model::DockerInfo::Network::bridge;
  task.container->docker->port_mappings = {{31050, 9001, "tcp"}};
  master.run(task);
  if (!wait_for("t", TaskState::running, 30s)) {
    GTEST_SKIP() << "this engine has no bridge: " << *status("t", TaskState::failed)->message;
  }
  const auto& networks = status("t", TaskState::running)->container_status->network_infos;
  EXPECT_NE(networks.at(0).ip_addresses.at(0).ip_address, "127.0.0.1");
  master.kill("t");
  EXPECT_TRUE(wait_for("t", TaskState::killed, 30s));
}

TEST_F(Docker, RestartOfTheAgentAdoptsTheContainer) {
  master.run(docker_task("t", "trap 'exit 0' TERM; while :; do sleep 0.1; done"));
  ASSERT_TRUE(wait_for("t", TaskState::running, 30s));
  const std::string path = "/containers/" + container_name("t") + "/json";
  const std::string before((*json::parse(engine(path).body))["State"]["StartedAt"].as_string());
  daemon.reset();
  start();
  run_for(300ms);
  EXPECT_EQ((*json::parse(engine(path).body))["State"]["StartedAt"].as_string(), before);
  master.kill("t");
  ASSERT_TRUE(wait_for("t", TaskState::killed, 30s));
  EXPECT_EQ(status("t", TaskState::killed)->message, "Container exited with status 0");
}

TEST_F(Docker, MemoryLimitIsTheReason) {
  master.run(docker_task("t", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"));
  ASSERT_TRUE(wait_for("t", TaskState::failed, 30s));
  EXPECT_EQ(status("t", TaskState::failed)->reason, StatusReason::container_limitation_memory)
      << *status("t", TaskState::failed)->message;
}

TEST_F(Docker, CommandHealthCheckRunsInTheContainer) {
  model::TaskInfo task = docker_task("t", "touch /inside; sleep 1000");
  model::HealthCheck& check = task.health_check.emplace();
  check.type = model::HealthCheck::Type::command;
  check.command.emplace().value = "test -e /inside";
  check.delay_seconds = 0.2;
  check.interval_seconds = 0.2;
  master.run(task);
  EXPECT_TRUE(run_until(
      [&] { return !master.updates.empty() && master.updates.back().healthy == true; }, 30s));
}

TEST_F(Docker, ImageThatCannotBePulledFailsWithItsName) {
  model::TaskInfo task = docker_task("t", "true");
  task.container->docker->image = "127.0.0.1:1/none:latest";
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::failed, 60s));
  EXPECT_NE(status("t", TaskState::failed)->message->find("127.0.0.1:1/none"), std::string::npos);
}

TEST_F(AgentTest, WithoutAnEngineDockerTasksFailAndSayWhy) {
  start();
  master.run(Docker::docker_task("t", "true"));
  ASSERT_TRUE(wait_for("t", TaskState::failed));
  EXPECT_EQ(status("t", TaskState::failed)
                ->message->rfind(
                    "no Docker engine at " + options.docker_socket + ": command tasks only", 0),
            0U);
  ASSERT_FALSE(daemon->limitations().empty());
  EXPECT_EQ(daemon->limitations().back(),
            "no Docker engine at " + options.docker_socket + ": command tasks only");
}

}  // namespace
}  // namespace ekiden::agent
