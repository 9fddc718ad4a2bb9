#include "marathon/instance/update.h"
#include "marathon/model/pod.h"
#include "tests/unit/marathon/routes/fake_marathon.h"

#include <gtest/gtest.h>

// /v2/pods [marathon-api 2.12, 3.14] and where pods show elsewhere.
namespace ekiden::marathon::routes {
namespace {

constexpr const char* kPod =
    R"({"id":"/sleeper","networks":[{"mode":"host"}],"containers":[{"name":"main","exec":
       {"command":{"shell":"sleep 1000"}},"resources":{"cpus":0.1,"mem":32}}],
       "scaling":{"kind":"fixed","instances":2}})";
constexpr const char* kRendered =
    R"({"id":"/sleeper","version":"2024-05-01T10:00:01.000Z","containers":[{"name":"main","exec":)"
    R"({"command":{"shell":"sleep 1000"}},"resources":{"cpus":0.1,"mem":32.0,"disk":0.0,"gpus":0}}],)"
    R"("networks":[{"mode":"host"}],"scaling":{"kind":"fixed","instances":2},"scheduling":{)"
    R"("backoff":{"backoff":1.0,"backoffFactor":1.15,"maxLaunchDelay":300.0},"upgrade":{)"
    R"("minimumHealthCapacity":1.0,"maximumOverCapacity":1.0},"placement":{},)"
    R"("killSelection":"YOUNGEST_FIRST","unreachableStrategy":{"inactiveAfterSeconds":0,)"
    R"("expungeAfterSeconds":0}},"executorResources":{"cpus":0.1,"mem":32.0,"disk":10.0},)"
    R"("role":"*"})";
constexpr const char* kInstance = "sleeper.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01";

class PodsTest : public testing::Test {
 protected:
  // An instance of the pod whose containers run.
  void run_one(std::optional<bool> healthy = {}) {
    const Now now{Time{}, FakeMarathon::kStart};
    const AppPtr pod = marathon_.state().root.find_pod(PathId::parse("/sleeper"));
    Instance instance = instance::schedule(pod, InstanceId{kInstance}, now);
    instance = instance::provision(instance, {{"agent1.example", {"S1"}, {}, {}, {}}, {}}, now);
    model::TaskStatus status;
    status.task_id = instance.containers.front().id;
    status.state = model::TaskState::running;
    status.healthy = healthy;
    auto view = std::make_shared<InstanceView>();
    view->instance = std::make_shared<const Instance>(*instance::update(instance, status, now));
    auto all = std::make_shared<AppInstances>();
    all->all.set(view->instance->id, view);
    marathon_.state().instances.set(pod->id, all);
    marathon_.publish();
  }

  FakeMarathon marathon_;
};

TEST_F(PodsTest, AreCreatedReadReplacedAndDeleted) {
  const net::Response created = marathon_.call("POST", "/v2/pods", kPod);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.body, kRendered);
  EXPECT_EQ(created.headers.get("Location"), "http://here:8080/sleeper");
  EXPECT_EQ(created.headers.get("Marathon-Deployment-Id"), "deployment-1");
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/sleeper").body, kRendered);
  EXPECT_EQ(marathon_.call("GET", "/v2/pods").body, "[" + std::string(kRendered) + "]");
  EXPECT_EQ(marathon_.call("HEAD", "/v2/pods").status, 200);
  const net::Response again = marathon_.call("POST", "/v2/pods", kPod);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.body, R"({"message":"A pod with id [/sleeper] already exists."})");

  const net::Response put = marathon_.call("PUT", "/v2/pods/sleeper", kPod);
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body, kRendered);  // nothing changed: the version is kept
  EXPECT_EQ(put.headers.get("Location"), std::nullopt);
  EXPECT_EQ(marathon_.call("PUT", "/v2/pods/other", kPod).body,
            R"x({"message":"'/other' does not match definition's id ('/sleeper')"})x");
  EXPECT_EQ(marathon_.call("PUT", "/v2/pods/other", kPod).status, 400);

  const net::Response deleted = marathon_.call("DELETE", "/v2/pods/sleeper");
  EXPECT_EQ(deleted.status, 202);
  EXPECT_EQ(deleted.body, "");
  EXPECT_EQ(deleted.headers.get("Location"),
            "http://here:8080/" + std::string(*deleted.headers.get("Marathon-Deployment-Id")));
  const net::Response gone = marathon_.call("GET", "/v2/pods/sleeper");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.body,
            R"({"message":"{\"message\": \"pod with /sleeper does not exist\"}","details":[]})");
  EXPECT_EQ(marathon_.call("DELETE", "/v2/pods/sleeper").status, 404);
  EXPECT_EQ(marathon_.call("PUT", "/v2/pods/sleeper", kPod).status, 200);
}

TEST_F(PodsTest, KeepTheirVersions) {
  marathon_.call("POST", "/v2/pods", kPod);
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/sleeper::versions").body,
            R"(["2024-05-01T10:00:01.000Z"])");
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/sleeper::versions/2024-05-01T10:00:01.000Z").body,
            kRendered);
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/sleeper::versions/2020-05-01T10:00:01.000Z").status,
            404);
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/sleeper::versions/monday").status, 422);
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/nobody::versions").status, 404);
}

TEST_F(PodsTest, TellHowTheyAre) {
  marathon_.call("POST", "/v2/pods", kPod);
  json::Value status = marathon_.json("GET", "/v2/pods/sleeper::status");
  EXPECT_EQ(status["status"].as_string(), "DEGRADED");
  EXPECT_EQ(json::to_text(status["instances"]), "[]");
  EXPECT_EQ(json::to_text(status["terminationHistory"]), "[]");
  EXPECT_EQ(status["spec"]["scheduling"].find("placement"), nullptr);
  run_one();
  status = marathon_.json("GET", "/v2/pods/sleeper::status");
  EXPECT_EQ(status["status"].as_string(), "DEGRADED");  // one of two
  EXPECT_EQ(
      json::to_text(status["instances"].as_array().at(0)),
      R"({"id":"sleeper.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01","status":"STABLE",)"
      R"("statusSince":"2024-05-01T10:00:00.000Z","agentHostname":"agent1.example","agentId":"S1",)"
      R"("resources":{"cpus":0.2,"mem":64,"disk":10,"gpus":0},"networks":[],"containers":[{)"
      R"("name":"main","status":"TASK_RUNNING","statusSince":"2024-05-01T10:00:00.000Z",)"
      R"("containerId":"sleeper.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01.main.1",)"
      R"("conditions":[],"endpoints":[],"resources":{"cpus":0.1,"mem":32,"disk":0,"gpus":0},)"
      R"("lastUpdated":"2024-05-01T10:00:00.000Z","lastChanged":"2024-05-01T10:00:00.000Z"}],)"
      R"("specReference":"/v2/pods/sleeper::versions/2024-05-01T10:00:01.000Z","localVolumes":[],)"
      R"("lastUpdated":"2024-05-01T10:00:00.000Z","lastChanged":"2024-05-01T10:00:00.000Z",)"
      R"("role":"*"})");
  run_one(false);
  const json::Value all = marathon_.json("GET", "/v2/pods/::status");
  const json::Value& ill = all.as_array().at(0)["instances"].as_array().at(0);
  EXPECT_EQ(ill["status"].as_string(), "DEGRADED");
  EXPECT_EQ(ill["message"].as_string(), "at least one container is not healthy");
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/nobody::status").body,
            R"({"message":"Pod '/nobody' does not exist"})");
}

TEST_F(PodsTest, InstancesAreKilled) {
  marathon_.call("POST", "/v2/pods", kPod);
  run_one();
  const std::string path = "/v2/pods/sleeper::instances";
  const net::Response one = marathon_.call("DELETE", path + "/" + kInstance + "?wipe=true");
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(one.body,
            R"({"instanceId":"sleeper.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01","state":{)"
            R"("condition":"Running","since":"2024-05-01T10:00:00.000Z",)"
            R"("activeSince":"2024-05-01T10:00:00.000Z","goal":"Running"},"agentInfo":{)"
            R"("host":"agent1.example","agentId":"S1","attributes":[]},)"
            R"("runSpecVersion":"2024-05-01T10:00:01.000Z","unreachableStrategy":{)"
            R"("inactiveAfterSeconds":0,"expungeAfterSeconds":0}})");
  EXPECT_TRUE(std::get<KillInstances>(*marathon_.last_command).wipe);
  const std::string unknown = "sleeper.instance-0d3a1b2e-0f7c-11ef-8a5e-000000000000";
  const net::Response several =
      marathon_.call("DELETE", path, "[\"" + std::string(kInstance) + "\",\"" + unknown + "\"]");
  EXPECT_EQ(json::parse(several.body).value().as_array().size(), 1u);
  EXPECT_EQ(marathon_.call("DELETE", path + "/" + unknown).body,
            R"({"message":"Task ')" + unknown + R"(' does not exist"})");
  EXPECT_EQ(marathon_.call("DELETE", path + "/odd").status, 422);
  EXPECT_EQ(marathon_.json("DELETE", path, R"(["odd"])")["details"].as_array().at(0)["path"],
            json::Value("(0)"));
  EXPECT_EQ(marathon_.call("DELETE", "/v2/pods/no::instances/" + unknown).body,
            R"({"message":"Path '/no' does not exist"})");
}

TEST_F(PodsTest, AreNoApps) {
  marathon_.call("POST", "/v2/pods", kPod);
  EXPECT_EQ(marathon_.call("GET", "/v2/apps").body, R"({"apps":[]})");
  EXPECT_EQ(marathon_.call("GET", "/v2/apps/sleeper").status, 404);
  EXPECT_EQ(marathon_.call("DELETE", "/v2/apps/sleeper").status, 404);
  const net::Response app =
      marathon_.call("POST", "/v2/apps", R"({"id":"/sleeper","cmd":"sleep 1"})");
  EXPECT_EQ(app.status, 422);
  EXPECT_NE(app.body.find("Applications and Pods may not share the same id"), std::string::npos);
  marathon_.call("POST", "/v2/apps", R"({"id":"/web","cmd":"sleep 1"})");
  std::string pod = kPod;
  pod.replace(pod.find("/sleeper"), 8, "/web");
  EXPECT_EQ(marathon_.call("POST", "/v2/pods", pod).status, 422);
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/web").status, 404);
}

TEST_F(PodsTest, ShowInTheirGroupAndSurviveItsUpdates) {
  std::string pod = kPod;
  pod.replace(pod.find("/sleeper"), 8, "/g/p");
  EXPECT_EQ(marathon_.call("POST", "/v2/pods", pod).status, 201);
  const json::Value group = marathon_.json("GET", "/v2/groups/g");
  EXPECT_EQ(group["pods"].as_array().at(0)["id"].as_string(), "/g/p");
  EXPECT_EQ(json::to_text(group["apps"]), "[]");
  EXPECT_EQ(marathon_.call("PUT", "/v2/groups/g", R"({"apps":[{"id":"a","cmd":"xx"}]})").status,
            200);
  EXPECT_EQ(marathon_.call("PUT", "/v2/groups/g", R"({"scaleBy":2})").status, 200);
  EXPECT_EQ(marathon_.json("GET", "/v2/pods/g/p")["scaling"]["instances"].as_int(), 2);
  EXPECT_EQ(json::to_text(marathon_.json("GET", "/v2/groups/g?embed=group.apps")["pods"]), "[]");
  const net::Response clash =
      marathon_.call("PUT", "/v2/groups/g", R"({"apps":[{"id":"p","cmd":"xx"}]})");
  EXPECT_EQ(clash.status, 422);
  EXPECT_EQ(marathon_.call("DELETE", "/v2/groups/g").status, 200);
  EXPECT_EQ(marathon_.call("GET", "/v2/pods/g/p").status, 404);
}

TEST_F(PodsTest, ChangeTheirVersionWithAnyMember) {
  marathon_.call("POST", "/v2/pods", kPod);
  std::string pod = kPod;
  pod.insert(1, R"("executorResources":{"cpus":0.2},)");  // defect 16
  EXPECT_EQ(marathon_.json("PUT", "/v2/pods/sleeper", pod)["version"].as_string(),
            "2024-05-01T10:00:02.000Z");
}

}  // namespace
}  // namespace ekiden::marathon::routes
