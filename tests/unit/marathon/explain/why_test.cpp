// Every reason of docs/why.md, brought about on the real machine.
#include "marathon/explain/why.h"

#include "core/json/json.h"
#include "tests/unit/marathon/machine/world.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace ekiden::marathon::explain {

namespace {

using namespace std::chrono_literals;
using test::World;

constexpr const char* kAgent = "cpus:4;mem:4000;disk:4000;ports:[31000-31009]";

class WhyTest : public testing::Test {
 protected:
  explicit WhyTest(Settings settings = {}) : settings_(std::move(settings)), world_(settings_) {}

  void deploy(const std::string& body, const std::string& path = "/web") {
    world_.put(path, body);
    world_.run(3s);
  }

  Why why(const std::string& path = "/web") {
    snapshot_ = world_.snapshot();
    const AppPtr app = snapshot_->root.find_app(PathId::parse(path));
    EXPECT_TRUE(app) << path;
    return app ? why_app({*snapshot_, settings_, world_.now()}, *app) : Why{};
  }

  // The reason of that code; an empty one when it is not told.
  static Reason find(const Why& why, Code code) {
    const auto found = std::find_if(
        why.reasons.begin(), why.reasons.end(), [&](const auto& one) { return one.code == code; });
    return found == why.reasons.end() ? Reason{} : *found;
  }

  static std::string all(const Why& why) {
    std::string text;
    for (const Reason& reason : why.reasons) {
      text += std::to_string(static_cast<int>(reason.code)) + ": " + reason.text + "\n";
    }
    return text;
  }

  void fail_with(const std::string& message, model::TaskState state = model::TaskState::failed) {
    deploy(R"({"cmd":"xx","cpus":1,"mem":32,"backoffSeconds":100})");
    ASSERT_EQ(world_.tasks_of("/web").size(), 1u);
    world_.finish_task(world_.tasks_of("/web").front(), state, message);
    world_.run(1s);
  }

  Settings settings_;
  World world_;
  SnapshotPtr snapshot_;
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(WhyTest, NothingIsWrongWithWhatRuns) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":1,"mem":32,"instances":2})");
  const Why answer = why();
  EXPECT_EQ(answer.status, "running");
  EXPECT_EQ(answer.text, "Running 2 of 2");
  EXPECT_TRUE(answer.reasons.empty()) << all(answer);
  EXPECT_TRUE(answer.nodes.empty());
  EXPECT_EQ(answer.type, "app");
}

TEST_F(WhyTest, Reason1NotEnoughOnAnyNode) {
  world_.agent("a1", kAgent);
  world_.agent("a2", "cpus:2;mem:9000;disk:100");
  deploy(R"({"cmd":"xx","cpus":3,"mem":5000,"portDefinitions":[]})");
  const Why answer = why();
  EXPECT_EQ(answer.status, "deploying");
  const Reason reason = find(answer, Code::resources);
  EXPECT_HAS(reason.text, "cpus 3 are asked for, the largest free block is 4 on a1 (6 free on all");
  EXPECT_HAS(reason.text, "mem 5000 MiB are asked for, the largest free block is 9000 MiB on a2");
  EXPECT_HAS(find(answer, Code::resources).fix, "add a node with cpus 3");
  EXPECT_EQ(answer.nodes.front(), (Stage{"all", 2, 0}));
  const auto stage = [&](const std::string& name) {
    return *std::find_if(answer.nodes.begin(), answer.nodes.end(), [&](const Stage& one) {
      return one.name == name;
    });
  };
  EXPECT_EQ(stage("role"), (Stage{"role", 2, 0}));
  EXPECT_EQ(stage("cpus"), (Stage{"cpus", 2, 1}));
  EXPECT_EQ(stage("mem"), (Stage{"mem", 1, 1}));
  EXPECT_EQ(stage("volume"), (Stage{"volume", 0, 0}));
  ASSERT_EQ(answer.nearest.size(), 2u);
  EXPECT_EQ(answer.nearest[0].host, "a1");  // lacks 20 %, the other a third
  ASSERT_EQ(answer.nearest[0].lacks.size(), 1u);
  EXPECT_EQ(answer.nearest[0].lacks[0].what, "mem");
  EXPECT_EQ(answer.nearest[0].lacks[0].wanted, 5000);
  EXPECT_EQ(answer.nearest[0].lacks[0].left, 4000);
  EXPECT_TRUE(answer.since);
}

TEST_F(WhyTest, Reason1SaysWhatWouldFit) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":1,"mem":1000,"portDefinitions":[]})", "/other");
  deploy(R"({"cmd":"xx","cpus":1,"mem":3500,"portDefinitions":[]})");
  EXPECT_HAS(find(why(), Code::resources).fix, "lower mem to 3000 or free 500 MiB on a1");
  // What ends makes room, also before the next offer.
  world_.run(5s);
  world_.finish_task(world_.tasks_of("/other").front(), model::TaskState::finished);
  world_.put("/other", R"({"instances":0})", true);
  world_.run(5s);
  EXPECT_EQ(why().status, "running");
}

TEST_F(WhyTest, Reason2ConstraintsExcludeNodes) {
  world_.agent("a1", kAgent);
  world_.agent("a2", kAgent);
  deploy(R"({"cmd":"xx","cpus":1,"mem":32,"instances":3,"constraints":[["hostname","UNIQUE"]]})");
  const Reason reason = find(why(), Code::constraint);
  EXPECT_HAS(reason.text, "exclude 2 of 2 nodes: [hostname, UNIQUE] (2 of 2 nodes)");
  EXPECT_HAS(reason.fix, "loosen");
}

TEST_F(WhyTest, Reason3RolesDoNotMatch) {
  world_.agent("a1", "cpus(prod):4;mem(prod):4000");
  deploy(R"({"cmd":"xx","cpus":1,"mem":32,"portDefinitions":[]})");
  const Reason reason = find(why(), Code::role);
  EXPECT_HAS(reason.text, "accepted are *, offered are prod");
}

TEST_F(WhyTest, Reason4HostPortIsTaken) {
  world_.agent("a1", kAgent);
  const std::string body =
      R"({"cmd":"xx","cpus":1,"mem":32,"requirePorts":true,"portDefinitions":[{"port":31005}]})";
  deploy(body, "/first");
  deploy(body);
  const Reason reason = find(why(), Code::host_port);
  EXPECT_HAS(reason.text, "host port 31005 is taken by first.instance-");
  EXPECT_HAS(reason.text, " on a1");
}

TEST_F(WhyTest, Reason4TooFewPorts) {
  world_.agent("a1", "cpus:4;mem:4000;ports:[31000-31001]");
  deploy(R"({"cmd":"xx","cpus":1,"mem":32,"portDefinitions":[{"port":0},{"port":0},{"port":0}]})");
  EXPECT_HAS(find(why(), Code::host_port).text, "3 host ports are asked for");
}

TEST_F(WhyTest, Reason5ServicePortBelongsToAnother) {
  world_.agent("a1", kAgent);
  const std::string body = R"({"cmd":"xx","cpus":1,"mem":32,"portDefinitions":[{"port":10777}]})";
  deploy(body, "/first");
  deploy(body);
  EXPECT_HAS(find(why(), Code::service_port).text, "service port 10777 is also that of /first");
}

class ResidentWhyTest : public WhyTest {
 protected:
  static Settings dev() {
    Settings settings;
    settings.mesos_role = "dev";
    return settings;
  }

  ResidentWhyTest() : WhyTest(dev()) {}
};

TEST_F(ResidentWhyTest, Reason6TheVolumesNodeIsAway) {
  world_.agent("a1", kAgent);
  deploy(
      R"({"cmd":"xx","cpus":1,"mem":32,"portDefinitions":[],"container":{"type":"MESOS","volumes":
             [{"containerPath":"data","mode":"RW","persistent":{"size":10}}]}})");
  ASSERT_EQ(world_.tasks_of("/web").size(), 1u);
  world_.lose_agent("a1");
  world_.run(1min);
  const Why away = why();
  EXPECT_EQ(away.status, "unreachable");
  EXPECT_HAS(find(away, Code::volume_away).text, "lie on a1");
  EXPECT_HAS(find(away, Code::node_away).text, "waited for without end");
  // The same when its task is known to have ended.
  world_.finish_task(world_.tasks_of("/web").front(), model::TaskState::failed);
  world_.run(1min);
  const Why waiting = why();
  EXPECT_EQ(waiting.status, "waiting");
  EXPECT_HAS(find(waiting, Code::volume_away).fix, "wipe=true");
}

TEST_F(WhyTest, Reason7NothingIsOffered) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":1,"mem":32})", "/first");
  world_.offers_come = false;
  deploy(R"({"cmd":"xx","cpus":1,"mem":32})");
  EXPECT_EQ(find(why(), Code::quota), Reason{});  // it may still come
  world_.run(20s);
  EXPECT_HAS(find(why(), Code::quota).text, "the master offers nothing to role *");
}

TEST_F(WhyTest, Reason8WaitsForADependency) {
  world_.agent("a1", kAgent);
  world_.slow.insert("/g/db");
  world_.put_group("/g",
                   R"({"apps":[{"id":"db","cmd":"xx","cpus":1,"mem":32},
                       {"id":"web","cmd":"xx","cpus":1,"mem":32,"dependencies":["/g/db"]}]})");
  world_.run(3s);
  const Reason reason = find(why("/g/web"), Code::dependency);
  EXPECT_HAS(reason.text, "waits for /g/db");
  EXPECT_EQ(find(why("/g/db"), Code::dependency), Reason{});
}

TEST_F(WhyTest, Reason9BackOff) {
  world_.agent("a1", kAgent);
  fail_with("Command exited with status 1");
  const Why answer = why();
  const Reason reason = find(answer, Code::backoff);
  EXPECT_HAS(reason.text, "the next one starts in 99 s");
  EXPECT_HAS(reason.fix, "DELETE /v2/queue/web/delay");
  EXPECT_EQ(answer.status, "delayed");
}

TEST_F(WhyTest, Reason10ImageCannotBePulled) {
  world_.agent("a1", kAgent);
  fail_with("Failed to pull image 'nowhere/x': manifest unknown");
  const Reason reason = find(why(), Code::image);
  EXPECT_HAS(reason.text, "nowhere/x': manifest unknown");  // verbatim
  EXPECT_HAS(reason.fix, "credentials");
}

TEST_F(WhyTest, Reason10ImageIsBeingPulled) {
  world_.agent("a1", kAgent);
  world_.slow.insert("/web");
  deploy(
      R"({"cmd":"xx","cpus":1,"mem":32,"container":{"type":"DOCKER","docker":{"image":"big"}}})");
  world_.run(1min);
  EXPECT_HAS(find(why(), Code::image).text, "image big is probably being pulled");
}

TEST_F(WhyTest, Reason11FetchFailed) {
  world_.agent("a1", kAgent);
  fail_with("Failed to fetch 'http://x/y.tgz': HTTP status 404");
  EXPECT_HAS(find(why(), Code::fetch).text, "HTTP status 404");
}

TEST_F(WhyTest, Reason12ExitsAtOnce) {
  world_.agent("a1", kAgent);
  fail_with("Command exited with status 3");
  const Reason reason = find(why(), Code::exits);
  EXPECT_HAS(reason.text, "on a1 with TASK_FAILED: Command exited with status 3");
  EXPECT_HAS(reason.fix, "stderr");
}

TEST_F(WhyTest, Reason13KilledForMemory) {
  world_.agent("a1", kAgent);
  fail_with("Memory limit exceeded: Requested: 32.0MB");
  EXPECT_HAS(find(why(), Code::out_of_memory).fix, "raise mem");
}

TEST_F(WhyTest, Reason14HealthCheckFails) {
  world_.agent("a1", kAgent);
  world_.sick.insert("/web");
  deploy(R"({"cmd":"xx","cpus":1,"mem":32,"portDefinitions":[{"port":0}],"healthChecks":[
             {"protocol":"HTTP","intervalSeconds":5,"timeoutSeconds":2,"gracePeriodSeconds":0,
              "maxConsecutiveFailures":0}]})");
  world_.run(30s);
  const Reason reason = find(why(), Code::unhealthy);
  EXPECT_HAS(reason.text, "HTTP status 500");
  EXPECT_HAS(reason.fix, "portIndex");
  EXPECT_EQ(why().instances->running, 1);
}

TEST_F(WhyTest, Reason15NotReady) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"v1","cpus":1,"mem":32,"portDefinitions":[{"port":0,"name":"http-api"}],
             "readinessChecks":[{"intervalSeconds":5,"timeoutSeconds":2}]})");
  ASSERT_EQ(world_.readiness.size(), 1u);
  const ReadinessOrder order = world_.readiness[0];
  ReadinessResult result{
      "readinessCheck", order.task, false, ReadinessResult::LastResponse{503, "", ""}};
  world_.input(ReadinessProbeResult{order.instance, order.task, result});
  world_.run(1s);
  EXPECT_HAS(find(why(), Code::not_ready).text, "answers 503");
}

TEST_F(WhyTest, Reason16PausedDeployment) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":99,"mem":32})");
  SteerDeployment pause;
  pause.id = world_.snapshot()->deployments.at(0)->plan->id;
  pause.actor = "ana";
  world_.command(pause);
  world_.run(1s);
  const Why answer = why();
  EXPECT_EQ(answer.status, "paused");
  EXPECT_HAS(find(answer, Code::paused).fix, "/resume");
}

TEST_F(WhyTest, Reason17SupersededChange) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":99,"mem":32})");
  world_.put("/web", R"({"cpus":98})", true);
  world_.run(1s);
  world_.cancel(world_.snapshot()->deployments.at(0)->plan->id, true);
  world_.run(1s);
  EXPECT_HAS(find(why(), Code::superseded).text, "did not finish");
  world_.run(2h);
  EXPECT_EQ(find(why(), Code::superseded), Reason{});
}

TEST_F(WhyTest, Reason18NodeIsOutOfReach) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":1,"mem":32,
             "unreachableStrategy":{"inactiveAfterSeconds":300,"expungeAfterSeconds":600}})");
  world_.lose_agent("a1");
  world_.run(10s);
  const Reason reason = find(why(), Code::node_away);
  EXPECT_HAS(reason.text, "out of reach on a1; it is replaced after 300 s");
  EXPECT_TRUE(reason.since);
}

TEST_F(WhyTest, Reason18NodesInMaintenance) {
  world_.agent("a1", kAgent);
  world_.take_down("a1");
  deploy(R"({"cmd":"xx","cpus":1,"mem":32})");
  EXPECT_HAS(find(why(), Code::node_away).text, "nodes in maintenance take no new tasks: a1");
}

TEST_F(WhyTest, Reason19NoAgents) {
  deploy(R"({"cmd":"xx","cpus":1,"mem":32})");
  EXPECT_EQ(find(why(), Code::starting).code, Code::starting);
  world_.run(20s);
  EXPECT_HAS(find(why(), Code::missing).text, "no agent has been offered");
}

TEST_F(WhyTest, Reason19SomethingIsMissingOnTheNode) {
  world_.agent("a1", kAgent);
  fail_with("Failed to execute '/no/such': No such file or directory");
  EXPECT_HAS(find(why(), Code::missing).text, "/no/such");
}

TEST_F(WhyTest, Reason20NoMaster) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":1,"mem":32})");
  world_.input(LinkClosed{});
  world_.run(1s);
  const Reason reason = find(why(), Code::degraded);
  EXPECT_HAS(reason.text, "running tasks go on");
  EXPECT_TRUE(reason.since);
}

// ---- instances, groups, deployments
TEST_F(WhyTest, OneInstanceIsExplainedAlone) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":1,"mem":32,
             "unreachableStrategy":{"inactiveAfterSeconds":300,"expungeAfterSeconds":600}})");
  world_.lose_agent("a1");
  world_.run(10s);
  const SnapshotPtr snapshot = world_.snapshot();
  const auto* instances = snapshot->instances.find(PathId::parse("/web"));
  ASSERT_TRUE(instances);
  const InstanceId id = world_.instances_of("/web").front()->id;
  const Why answer =
      why_instance({*snapshot, settings_, world_.now()}, **(*instances)->all.find(id));
  EXPECT_EQ(answer.type, "instance");
  EXPECT_EQ(answer.status, "Unreachable");
  EXPECT_HAS(answer.text, "out of reach on a1");
}

TEST_F(WhyTest, AWaitingInstanceHasAFunnel) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":99,"mem":32})");
  const SnapshotPtr snapshot = world_.snapshot();
  const auto* instances = snapshot->instances.find(PathId::parse("/web"));
  const InstanceId id = world_.instances_of("/web").front()->id;
  const Why answer =
      why_instance({*snapshot, settings_, world_.now()}, **(*instances)->all.find(id));
  EXPECT_EQ(find(answer, Code::resources).code, Code::resources);
  EXPECT_FALSE(answer.nodes.empty());
}

TEST_F(WhyTest, AGroupListsWhatNeedsAttention) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":1,"mem":32})", "/g/good");
  deploy(R"({"cmd":"xx","cpus":99,"mem":32})", "/g/bad");
  const SnapshotPtr snapshot = world_.snapshot();
  const WhyMany answer = why_group({*snapshot, settings_, world_.now()}, PathId::parse("/g"));
  EXPECT_EQ(answer.total, 1);
  ASSERT_EQ(answer.members.size(), 1u);
  EXPECT_EQ(answer.members[0].id, "/g/bad");
  EXPECT_EQ(answer.text, "1 of 2 services need attention");
}

TEST_F(WhyTest, ADeploymentNamesWhatItWaitsFor) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":99,"mem":32})");
  const SnapshotPtr snapshot = world_.snapshot();
  const WhyMany answer =
      why_deployment({*snapshot, settings_, world_.now()}, *snapshot->deployments.at(0));
  EXPECT_EQ(answer.text, "step 2 of 2 waits for /web");
  ASSERT_EQ(answer.members.size(), 1u);
  EXPECT_EQ(find(answer.members[0], Code::resources).code, Code::resources);
}

TEST_F(WhyTest, TheAnswerIsWrittenByItsTable) {
  world_.agent("a1", kAgent);
  deploy(R"({"cmd":"xx","cpus":99,"mem":32})");
  const json::Value answer = json::parse(json::encode(why(), json::kMarathon)).value();
  EXPECT_EQ(answer["reasons"].as_array().at(0)["code"].as_string(), "insufficientResources");
  EXPECT_EQ(answer["nodes"].as_array().at(0)["stage"].as_string(), "all");
  EXPECT_EQ(answer["nearest"].as_array().at(0)["lacks"].as_array().at(0)["what"].as_string(),
            "cpus");
  EXPECT_EQ(answer["instances"]["waiting"].as_int(), 1);
}

}  // namespace

}  // namespace ekiden::marathon::explain
