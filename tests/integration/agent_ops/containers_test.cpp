#include "core/agent/container_state.h"
#include "tests/integration/agent_ops/operator_fixture.h"

#include <fstream>

#include <sys/stat.h>

namespace ekiden::agent {
namespace {

TEST_F(OperatorTest, nestedContainerRunsInItsParentsSandbox) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "child");
  EXPECT_EQ(post(about("LAUNCH_NESTED_CONTAINER",
                       id,
                       command("echo out; echo err >&2; pwd > where; exit 3")))
                .status,
            200);
  EXPECT_EQ(post(about("LAUNCH_NESTED_CONTAINER", id, command("true"))).status, 202);
  const json::Value end = ask(about("WAIT_NESTED_CONTAINER", id));
  EXPECT_EQ(end["type"].as_string(), "WAIT_NESTED_CONTAINER");
  EXPECT_EQ(end["wait_nested_container"]["exit_status"].as_int(), 3 << 8);
  const std::string inner = sandbox("t") + "/containers/child/";
  EXPECT_EQ(slurp(inner + "stdout"), "out\n");
  EXPECT_EQ(slurp(inner + "stderr"), "err\n");
  EXPECT_NE(slurp(inner + "where").find("/containers/child"), std::string::npos);
  EXPECT_EQ(wait_status(id), 3 << 8) << "the end is kept";
  EXPECT_EQ(post(about("KILL_NESTED_CONTAINER", id)).status, 404);
  EXPECT_EQ(post(about("REMOVE_NESTED_CONTAINER", id)).status, 200);
  EXPECT_EQ(post(about("WAIT_NESTED_CONTAINER", id)).status, 404);
  EXPECT_EQ(post(about("REMOVE_NESTED_CONTAINER", id)).status, 500);
  EXPECT_TRUE(run_until([&] { return !std::filesystem::exists(inner); }));
}

TEST_F(OperatorTest, killSendsTheSignalOfItsCaller) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "child");
  ASSERT_EQ(post(about("LAUNCH_CONTAINER",
                       id,
                       command("trap 'exit 7' TERM; touch ready; "
                               "while :; do sleep 0.05; done")))
                .status,
            200);
  ASSERT_TRUE(
      run_until([&] { return std::filesystem::exists(sandbox("t") + "/containers/child/ready"); }));
  EXPECT_EQ(post(about("REMOVE_CONTAINER", id)).status, 500) << "it runs";
  EXPECT_EQ(post(about("KILL_CONTAINER", id, R"("signal":99)")).status, 400);
  EXPECT_EQ(post(about("KILL_CONTAINER", id, R"("signal":15)")).status, 200);
  EXPECT_EQ(wait_status(id), 7 << 8);
}

TEST_F(OperatorTest, killWithoutSignalEndsEverythingInTheContainer) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "child");
  const std::string below = fmt::format(R"({{"value":"below","parent":{}}})", id);
  ASSERT_EQ(post(about("LAUNCH_CONTAINER", id, command("setsid sleep 1000 & echo $! > pid; wait")))
                .status,
            200);
  ASSERT_EQ(post(about("LAUNCH_CONTAINER", below, command("sleep 1000"))).status, 200);
  const std::string file = sandbox("t") + "/containers/child/pid";
  ASSERT_TRUE(run_until([&] { return !slurp(file).empty(); }));
  const int pid = std::stoi(slurp(file));
  EXPECT_EQ(post(about("KILL_CONTAINER", id)).status, 200);
  EXPECT_EQ(wait_status(id), SIGKILL);
  EXPECT_EQ(wait_status(below), SIGKILL);
  EXPECT_TRUE(run_until([&] { return !alive(pid); }));
}

TEST_F(OperatorTest, badContainersAreRefused) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const auto launch = [&](const std::string& id) {
    return post(about("LAUNCH_NESTED_CONTAINER", id, command("true"))).status;
  };
  EXPECT_EQ(launch(R"({"value":"alone"})"), 400) << "a nested one needs a parent";
  EXPECT_EQ(launch(nested("nobody", "x")), 400);
  EXPECT_EQ(launch(nested(parent, "a.b")), 400);
  EXPECT_EQ(launch(nested(parent, "a/b")), 400);
  EXPECT_EQ(launch(nested(parent, "")), 400);
  EXPECT_EQ(launch(nested(parent, std::string(300, 'x'))), 400);
  EXPECT_EQ(post(about("LAUNCH_CONTAINER", nested(parent, "x"))).status, 400) << "no command";
  EXPECT_EQ(post(about("LAUNCH_CONTAINER",
                       nested(parent, "x"),
                       R"("command":{"value":"true"},"container":{"type":"MESOS","mesos":
                          {"image":{"type":"DOCKER","docker":{"name":"busybox"}}}})"))
                .status,
            400);
  EXPECT_EQ(post(about("WAIT_CONTAINER", nested(parent, "x"))).status, 404);
  EXPECT_EQ(post(about("KILL_CONTAINER", nested(parent, "x"))).status, 404);
  EXPECT_EQ(post(about("REMOVE_CONTAINER", nested(parent, "x"))).status, 500);
}

TEST_F(OperatorTest, commandThatCannotStartEndsWith127) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "child");
  ASSERT_EQ(
      post(about("LAUNCH_CONTAINER", id, R"("command":{"shell":false,"value":"/no/such/program"})"))
          .status,
      200);
  const json::Value end = ask(about("WAIT_CONTAINER", id));
  EXPECT_EQ(end["wait_container"]["exit_status"].as_int(), 127 << 8);
  EXPECT_NE(end["wait_container"]["message"].as_string().find("/no/such/program"),
            std::string_view::npos);
}

TEST_F(OperatorTest, urisAndVolumesAreThereBeforeTheCommand) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  std::ofstream(folder.path() + "/data.txt") << "fetched";
  const std::string id = nested(parent, "child");
  ASSERT_EQ(post(about("LAUNCH_CONTAINER",
                       id,
                       R"("command":{"value":"cat data.txt; echo shared > common/file","uris":
                          [{"value":")" +
                           folder.path() + R"(/data.txt"}]},"container":{"type":
                          "MESOS","volumes":[{"mode":"RW","container_path":"common","source":
                          {"type":"SANDBOX_PATH","sandbox_path":{"type":"PARENT","path":"pool"}}}]})"))
                .status,
            200);
  EXPECT_EQ(wait_status(id), 0);
  EXPECT_EQ(slurp(sandbox("t") + "/containers/child/stdout"), "fetched");
  EXPECT_EQ(slurp(sandbox("t") + "/pool/file"), "shared\n");
  const net::Response failed = post(about("LAUNCH_CONTAINER",
                                          nested(parent, "other"),
                                          R"("command":{"value":"true","uris":
                                             [{"value":"/no/such/file"}]})"));
  EXPECT_EQ(failed.status, 503);
  EXPECT_NE(failed.body.find("/no/such/file"), std::string::npos);
}

TEST_F(OperatorTest, standaloneContainerHasItsOwnSandbox) {
  start();
  const std::string id = R"({"value":"alone"})";
  ASSERT_EQ(
      post(about("LAUNCH_CONTAINER",
                 id,
                 command("echo hi; sleep 100") +
                     R"(,"resources":[{"name":"mem","type":"SCALAR","scalar":{"value":64}}])"))
          .status,
      200);
  const std::string file = options.work_dir + "/containers/alone/stdout";
  ASSERT_TRUE(run_until([&] { return slurp(file) == "hi\n"; }));
  EXPECT_EQ(get("/files/read?path=" + file + "&offset=0").body, R"({"offset":0,"data":"hi\n"})");
  EXPECT_TRUE(
      ask(R"({"type":"GET_CONTAINERS"})")["get_containers"]["containers"].as_array().empty());
  const json::Value shown =
      ask(R"({"type":"GET_CONTAINERS","get_containers":{"show_standalone":true}})");
  const json::Value& container = shown["get_containers"]["containers"].as_array().at(0);
  EXPECT_EQ(container["container_id"]["value"].as_string(), "alone");
  if (Cgroups::detect(options.cgroups_root).available()) {
    EXPECT_EQ(container["resource_statistics"]["mem_limit_bytes"].as_int(), 64 << 20);
  }
  EXPECT_EQ(post(about("KILL_CONTAINER", id)).status, 200);
  EXPECT_EQ(wait_status(id), SIGKILL);
  EXPECT_EQ(post(about("REMOVE_CONTAINER", id)).status, 200);
}

TEST_F(OperatorTest, containersAndTheirEndsSurviveARestartOfTheAgent) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string running = nested(parent, "running");
  const std::string ended = nested(parent, "ended");
  const std::string during = nested(parent, "during");
  ASSERT_EQ(post(about("LAUNCH_CONTAINER", running, command("sleep 1000"))).status, 200);
  ASSERT_EQ(post(about("LAUNCH_CONTAINER", ended, command("exit 4"))).status, 200);
  ASSERT_EQ(post(about("LAUNCH_CONTAINER",
                       during,
                       command("while [ ! -f go ]; do sleep 0.05; done; exit 5")))
                .status,
            200);
  EXPECT_EQ(wait_status(ended), 4 << 8);
  daemon.reset();
  std::ofstream(sandbox("t") + "/containers/during/go") << "now";
  const std::string status = options.work_dir + "/meta/containers/" + parent + ".during/status";
  ASSERT_TRUE(run_until([&] { return std::filesystem::exists(status); }));
  start();
  EXPECT_EQ(wait_status(ended), 4 << 8);
  EXPECT_EQ(wait_status(during), 5 << 8);
  EXPECT_EQ(post(about("KILL_CONTAINER", running)).status, 200);
  EXPECT_EQ(wait_status(running), SIGKILL);
}

// Docker's client is asked to run it; here a program that tells what it was asked.
TEST_F(OperatorTest, sessionInADockerContainerIsRunByItsClient) {
  const std::string client = folder.path() + "/client";
  std::ofstream(client) << "#!/bin/sh\nfor word in \"$@\"; do echo \"$word\"; done\n";
  ::chmod(client.c_str(), 0755);
  const ContainerState state(folder.path());
  ContainerPlan plan;
  plan.launch.container_id = ContainerId{"root.s"};
  plan.launch.command.emplace().value = "echo hi";
  plan.launch.command->environment.emplace().variables.push_back({"A", "b"});
  plan.sandbox = folder.path();
  plan.parent_sandbox = folder.path();
  plan.docker = "mesos-root";
  plan.docker_program = client;
  plan.docker_socket = "/run/engine.sock";
  ASSERT_TRUE(state.write_plan(plan));
  ASSERT_TRUE(state.spawn(plan, {}, EKIDEN_EXECUTOR));
  ASSERT_TRUE(run_until([&] { return state.read_end(plan.launch.container_id).has_value(); }));
  EXPECT_EQ(slurp(folder.path() + "/stdout"),
            "--host\nunix:///run/engine.sock\nexec\n--interactive\n--env\nA=b\nmesos-root\n"
            "/bin/sh\n-c\necho hi\n");
}

TEST_F(OperatorTest, nestedContainersEndWithTheTaskTheyAreBelow) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "child");
  ASSERT_EQ(post(about("LAUNCH_CONTAINER", id, command("echo $$ > pid; exec sleep 1000"))).status,
            200);
  const std::string file = sandbox("t") + "/containers/child/pid";
  ASSERT_TRUE(run_until([&] { return !slurp(file).empty(); }));
  const int pid = std::stoi(slurp(file));
  master.kill("t");
  ASSERT_TRUE(wait_for("t", TaskState::killed));
  EXPECT_TRUE(run_until([&] { return !alive(pid); }));
  EXPECT_TRUE(run_until([&] { return post(about("WAIT_CONTAINER", id)).status == 404; }));
}

}  // namespace
}  // namespace ekiden::agent
