#include "core/executor/docker_config.h"

#include <gtest/gtest.h>

namespace ekiden::executor {
namespace {

const DockerContext kContext{
    "/w/sandbox", "mesos-c", {"MESOS_SANDBOX=/mnt/mesos/sandbox", "A=context"}};

model::TaskInfo a_task() {
  model::TaskInfo task;
  task.task_id = TaskId{"t"};
  task.resources = {model::scalar_resource("cpus", 0.5), model::scalar_resource("mem", 128)};
  task.container.emplace().type = model::ContainerInfo::Type::docker;
  task.container->docker.emplace().image = "hello_world:latest";
  task.command.emplace().shell = false;
  return task;
}

std::string body_text(const model::TaskInfo& task) {
  const auto body = docker_create_body(task, kContext);
  return body ? json::to_text(*body) : body.error().message;
}

TEST(DockerConfig, LimitsSandboxAndHostNetwork) {
  const auto body = *docker_create_body(a_task(), kContext);
  EXPECT_EQ(body["HostConfig"]["Memory"].as_int(), 128 * 1024 * 1024);
  EXPECT_EQ(body["HostConfig"]["CpuShares"].as_int(), 512);
  EXPECT_EQ(body["HostConfig"]["NetworkMode"].as_string(), "host");
  EXPECT_EQ(body["HostConfig"]["Binds"].as_array()[0].as_string(), "/w/sandbox:/mnt/mesos/sandbox");
  EXPECT_TRUE(body["Cmd"].is_null());  // the image's own
}

TEST(DockerConfig, BridgeMapsPorts) {
  model::TaskInfo task = a_task();
  task.container->docker->network = model::DockerInfo::Network::bridge;
  task.container->docker->port_mappings = {{31005, 9001, "tcp"}, {31006, 53, "udp"}};
  const auto body = *docker_create_body(task, kContext);
  const auto& bindings = body["HostConfig"]["PortBindings"];
  EXPECT_EQ(bindings["9001/tcp"].as_array()[0]["HostPort"].as_string(), "31005");
  EXPECT_EQ(bindings["53/udp"].as_array()[0]["HostPort"].as_string(), "31006");
  EXPECT_TRUE(body["ExposedPorts"]["9001/tcp"].is_object());
}

TEST(DockerConfig, ShellCommandsReplaceTheEntrypointAndOthersDoNot) {
  model::TaskInfo task = a_task();
  task.command->shell = true;
  task.command->value = "echo $X";
  EXPECT_NE(body_text(task).find(R"("Entrypoint":["/bin/sh"],"Cmd":["-c","echo $X"])"),
            std::string::npos);
  task.command->shell = false;
  task.command->value = std::nullopt;
  task.command->arguments = {"a", "b"};
  EXPECT_NE(body_text(task).find(R"("Cmd":["a","b"])"), std::string::npos);
  EXPECT_EQ(body_text(task).find("Entrypoint"), std::string::npos);
}

TEST(DockerConfig, TaskEnvironmentWins) {
  model::TaskInfo task = a_task();
  task.command->environment.emplace().variables = {{"A", "task"}};
  EXPECT_NE(body_text(task).find(R"("A=task")"), std::string::npos);
  EXPECT_EQ(body_text(task).find("A=context"), std::string::npos);
}

TEST(DockerConfig, ParametersAreDockerRunFlags) {
  model::TaskInfo task = a_task();
  task.container->docker->parameters = {{"label", "k=v"},
                                        {"add-host", "h:1.2.3.4"},
                                        {"cap-add", "NET_RAW"},
                                        {"user", "nobody"},
                                        {"memory", "64m"},
                                        {"ulimit", "nofile=10:20"},
                                        {"entrypoint", "/e"},
                                        {"hostname", "x"}};
  const auto body = *docker_create_body(task, kContext);
  EXPECT_EQ(body["Labels"]["k"].as_string(), "v");
  EXPECT_EQ(body["HostConfig"]["ExtraHosts"].as_array()[0].as_string(), "h:1.2.3.4");
  EXPECT_EQ(body["HostConfig"]["CapAdd"].as_array()[0].as_string(), "NET_RAW");
  EXPECT_EQ(body["User"].as_string(), "nobody");
  EXPECT_EQ(body["HostConfig"]["Memory"].as_int(), 64 * 1024 * 1024);
  EXPECT_EQ(body["HostConfig"]["Ulimits"].as_array()[0]["Hard"].as_int(), 20);
  EXPECT_EQ(body["Entrypoint"].as_array()[0].as_string(), "/e");
}

TEST(DockerConfig, UnknownParameterIsNamed) {
  model::TaskInfo task = a_task();
  task.container->docker->parameters = {{"frobnicate", "1"}};
  EXPECT_NE(body_text(task).find("'frobnicate' is not supported"), std::string::npos);
}

TEST(DockerConfig, VolumesMayBeRelativeToTheSandbox) {
  model::TaskInfo task = a_task();
  model::VolumeRef volume;
  volume.container_path = "/data";
  volume.host_path = "sub";
  volume.mode = model::VolumeRef::Mode::ro;
  task.container->volumes = {volume};
  EXPECT_NE(body_text(task).find("/w/sandbox/sub:/data:ro"), std::string::npos);
  task.container->volumes[0].container_path = "data";
  EXPECT_NE(body_text(task).find("both be relative"), std::string::npos);
}

TEST(DockerConfig, UserNetworkNeedsAName) {
  model::TaskInfo task = a_task();
  task.container->docker->network = model::DockerInfo::Network::user;
  EXPECT_NE(body_text(task).find("needs network_infos"), std::string::npos);
  task.container->network_infos.emplace_back().name = "blue";
  EXPECT_NE(body_text(task).find(R"("NetworkMode":"blue")"), std::string::npos);
}

TEST(ParseImage, FindsTheTag) {
  EXPECT_EQ(parse_image("a").tag, "latest");
  EXPECT_EQ(parse_image("reg:5000/a").repository, "reg:5000/a");
  EXPECT_EQ(parse_image("reg:5000/a:1.2").tag, "1.2");
  EXPECT_EQ(parse_image("a@sha256:ff").tag, "");
}

TEST(DockerNetworks, AreReadOffTheInspectDocument) {
  const auto inspected = *json::parse(
      R"({"NetworkSettings":{"Networks":{"bridge":{"IPAddress":"172.17.0.2"},"host":{"IPAddress":""}}}})");
  ASSERT_EQ(docker_networks(inspected).size(), 1U);
  EXPECT_EQ(docker_address(inspected), "172.17.0.2");
  EXPECT_EQ(docker_address(json::Value()), "");
}

TEST(DockerLogDecoder, SeparatesTheStreamsAcrossPieces) {
  DockerLogDecoder decoder;
  const std::string frame = std::string("\x02\0\0\0\0\0\0\x03", 8) + "err" +
                            std::string("\x01\0\0\0\0\0\0\x02", 8) + "ok";
  std::string out;
  std::string err;
  for (const char byte : frame) {
    for (const auto& piece : decoder.feed(std::string_view(&byte, 1))) {
      (piece.fd == 2 ? err : out) += piece.text;
    }
  }
  EXPECT_EQ(out, "ok");
  EXPECT_EQ(err, "err");
}

}  // namespace
}  // namespace ekiden::executor
