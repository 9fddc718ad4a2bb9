#include "tests/integration/agent_ops/operator_fixture.h"

#include <fstream>

namespace ekiden::agent {
namespace {

TEST_F(OperatorTest, oldPathsAnswerWithAndWithoutPrefixAndSuffix) {
  start();
  for (const char* path : {"/state",
                           "/state.json",
                           "/slave(1)/state",
                           "/slave%281%29/state.json",
                           "/flags",
                           "/slave(1)/flags",
                           "/version",
                           "/containers",
                           "/monitor/statistics",
                           "/monitor/statistics.json",
                           "/metrics/snapshot",
                           "/system/stats.json",
                           "/files/debug",
                           "/containerizer/debug"}) {
    const net::Response response = get(path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_TRUE(json::parse(response.body)) << path << ": " << response.body;
  }
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_EQ(get("/logging/toggle").status, 200);
  EXPECT_EQ(get("/no/such/path").status, 404);
  EXPECT_EQ(get("/state?jsonp=show").body.substr(0, 5), "show(");
  EXPECT_EQ(get("/state?jsonp=a%3Cb").status, 400);
}

TEST_F(OperatorTest, stateTellsReservationsAttributesAndDomain) {
  options.resources = "cpus:4;cpus(web):2;mem:1024;disk:10;ports:[31000-31100]";
  options.attributes = "rack:r1;level:7";
  options.domain = R"({"fault_domain":{"region":{"name":"north"},"zone":{"name":"z1"}}})";
  start();
  const json::Value state = json::parse(get("/state").body).value();
  EXPECT_EQ(state["resources"]["cpus"].as_double(), 6);
  EXPECT_EQ(state["unreserved_resources"]["cpus"].as_double(), 4);
  EXPECT_EQ(state["reserved_resources"]["web"]["cpus"].as_double(), 2);
  EXPECT_EQ(state["reserved_resources_full"]["web"].as_array().size(), 1U);
  EXPECT_EQ(state["attributes"]["rack"].as_string(), "r1");
  EXPECT_EQ(state["attributes"]["level"].as_double(), 7);
  EXPECT_EQ(state["domain"]["fault_domain"]["region"]["name"].as_string(), "north");
  EXPECT_EQ(state["flags"]["attributes"].as_string(), options.attributes);
}

TEST_F(OperatorTest, resourcesMayBeJsonInAFile) {
  const std::string file = folder.path() + "/resources.json";
  std::ofstream(file) << R"([{"name":"cpus","type":"SCALAR","scalar":{"value":3}},
      {"name":"mem","type":"SCALAR","scalar":{"value":512}},
      {"name":"disk","type":"SCALAR","scalar":{"value":100},"disk":{"source":{"type":"MOUNT",
       "mount":{"root":"/mnt/data"}}}}])";
  options.resources = "file://" + file;
  options.default_role = "web";
  start();
  const json::Value state = json::parse(get("/state").body).value();
  EXPECT_EQ(state["reserved_resources"]["web"]["cpus"].as_double(), 3);
  EXPECT_EQ(state["resources"]["disk"].as_double(), 100) << "the root disk is not detected then";
}

TEST_F(OperatorTest, resourcesThatCannotBeConfiguredAreRefused) {
  for (const char* text :
       {R"([{"name":"cpus","type":"SCALAR","scalar":{"value":1},"revocable":{}}])",
        R"([{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":
            [{"type":"DYNAMIC","role":"a"}]}])",
        "[{]",
        "file:///no/such/file",
        "cpus:4;cpus:{a}",
        "nonsense"}) {
    options.resources = text;
    EXPECT_FALSE(Daemon::start(loop, clock, store, options, master.connect(), [](const Error&) {}))
        << text;
  }
}

TEST_F(OperatorTest, metricsThatDashboardsReadAreThere) {
  start();
  run_task("t", "sleep 100");
  const json::Value metrics = json::parse(get("/metrics/snapshot").body).value();
  EXPECT_EQ(metrics["slave/registered"].as_double(), 1);
  EXPECT_EQ(metrics["slave/tasks_running"].as_double(), 1);
  EXPECT_EQ(metrics["slave/executors_running"].as_double(), 1);
  EXPECT_EQ(metrics["slave/valid_status_updates"].as_double(), 2) << "STARTING and RUNNING";
  EXPECT_EQ(metrics["slave/cpus_total"].as_double(), 8);
  EXPECT_GT(metrics["slave/cpus_used"].as_double(), 0);
  for (const char* name : {"slave/uptime_secs",
                           "slave/mem_percent",
                           "slave/executors_terminated",
                           "slave/invalid_status_updates",
                           "slave/valid_framework_messages",
                           "slave/container_launch_errors",
                           "slave/cpus_revocable_total",
                           "slave/executor_directory_max_allowed_age_secs",
                           "containerizer/fetcher/cache_size_total_bytes",
                           "gc/path_removals_pending",
                           "system/load_1min",
                           "system/mem_free_bytes"}) {
    EXPECT_NE(metrics.find(name), nullptr) << name;
  }
}

TEST_F(OperatorTest, largeAnswersArePackedForThoseWhoTakeIt) {
  start();
  net::Call call;
  call.url = url("/metrics/snapshot");
  call.headers.set("Accept-Encoding", "gzip");
  const net::Response response = send(std::move(call));
  EXPECT_EQ(response.headers.get("Content-Encoding"), "gzip");
}

TEST_F(OperatorTest, authenticationGuardsReadsAndChanges) {
  const std::string file = folder.path() + "/credentials";
  std::ofstream(file) << R"({"credentials":[{"principal":"op","secret":"se:cret"}]})";
  options.http_credentials = file;
  options.authenticate_readonly = true;
  options.authenticate_readwrite = true;
  start();
  EXPECT_EQ(get("/health").status, 200);
  const net::Response refused = get("/state");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.get("WWW-Authenticate"), "Basic realm=\"mesos-agent-readonly\"");
  const net::Response change = post(R"({"type":"GET_HEALTH"})");
  EXPECT_EQ(change.status, 401);
  EXPECT_EQ(change.headers.get("WWW-Authenticate"), "Basic realm=\"mesos-agent-readwrite\"");
  net::Call call;
  call.url = url("/state");
  call.headers.set("Authorization", "Basic " + base64_encode("op:se:cret"));
  const net::Response allowed = send(std::move(call));
  EXPECT_EQ(allowed.status, 200);
  EXPECT_EQ(allowed.body.find("se:cret"), std::string::npos);
  master.run(command_task("t", "sleep 100"));
  EXPECT_TRUE(wait_for("t", TaskState::running)) << "executors need no principal";
}

TEST_F(OperatorTest, everyExecutorHasTheVariablesOfTheAgent) {
  options.executor_environment = R"({"FROM_AGENT":"yes","GREETING":"agent"})";
  start();
  run_task("t", "echo $FROM_AGENT $GREETING; sleep 100");
  EXPECT_TRUE(run_until([&] { return file("t", "stdout") == "yes hello\n"; }))
      << "the task's own variables win: " << file("t", "stdout");
}

}  // namespace
}  // namespace ekiden::agent
