#include "tests/unit/marathon/routes/fake_marathon.h"

#include <gtest/gtest.h>

// What reads of /v2 look like [marathon-api 2, 3].
namespace ekiden::marathon::routes {
namespace {

class Reads : public testing::Test {
 protected:
  void post(const std::string& body) {
    const net::Response answer = marathon_.call("POST", "/v2/apps", body);
    ASSERT_EQ(answer.status, 201) << answer.body;
  }

  std::string ids(const std::string& target, const std::string& member = "apps") {
    const json::Value answer = marathon_.json("GET", target);
    std::string all;
    for (const json::Value& app : answer[member].as_array()) {
      all += std::string(app["id"].as_string()) + " ";
    }
    return all;
  }

  // One running task of the app, on agent1.
  InstanceId run_task(const std::string& id) {
    const AppPtr app = marathon_.state().root.find_app(PathId::parse(id));
    auto instance = std::make_shared<Instance>();
    instance->id = make_instance_id(app->id, "0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01");
    instance->app = app;
    instance->condition = Condition::running;
    instance->role = "*";
    instance->place = AgentPlace{"agent1.example", AgentId{"S1"}, {}, "eu", "eu-1"};
    Task& task = instance->task.emplace();
    task.id = make_task_id(instance->id, 1);
    task.condition = Condition::running;
    task.staged_at = FakeMarathon::kStart;
    task.started_at = FakeMarathon::kStart + std::chrono::milliseconds(2300);
    task.host_ports = {31045};
    task.ip_addresses = {{std::nullopt, "10.0.0.7"}};
    task.status.emplace().state = model::TaskState::running;
    auto view = std::make_shared<InstanceView>();
    view->instance = instance;
    HealthResult health;
    health.alive = true;
    health.first_success = health.last_success = FakeMarathon::kStart;
    view->health = {health, HealthResult{}};
    AppInstances all;
    all.all.set(instance->id, view);
    all.running = 1;
    marathon_.state().instances.set(app->id, std::make_shared<const AppInstances>(all));
    marathon_.publish();
    return instance->id;
  }

  FakeMarathon marathon_;
};

TEST_F(Reads, FilterAppsByCommandIdAndLabel) {
  post(R"({"id":"/prod/web","cmd":"Sleep 1","labels":{"tier":"front","env":"prod"}})");
  post(R"({"id":"/prod/db","cmd":"run","labels":{"tier":"back"}})");
  post(R"({"id":"/x","container":{"docker":{"image":"i"}}})");
  EXPECT_EQ(ids("/v2/apps"), "/prod/db /prod/web /x ");
  EXPECT_EQ(ids("/v2/apps?cmd=sleep"), "/prod/web ");
  EXPECT_EQ(ids("/v2/apps?id=PROD&cmd=run"), "/prod/db ");
  EXPECT_EQ(ids("/v2/apps?label=tier"), "/prod/db /prod/web ");
  EXPECT_EQ(ids("/v2/apps?label=tier%3D%3Dfront"), "/prod/web ");
  EXPECT_EQ(ids("/v2/apps?label=tier!%3Dfront"), "/prod/db ");
  EXPECT_EQ(ids("/v2/apps?label=tier%20notin%20(back),env"), "/prod/web ");
  const net::Response bad = marathon_.call("GET", "/v2/apps?label=a%3Db");
  EXPECT_EQ(bad.status, 422);
  EXPECT_NE(bad.body.find("Can not parse label selector a=b. Reason: "), std::string::npos);
}

TEST_F(Reads, EmbedWhatIsAskedFor) {
  post(R"({"id":"/web","cmd":"sleep 1"})");
  run_task("/web");
  const json::Value plain = marathon_.json("GET", "/v2/apps")["apps"].as_array().at(0);
  EXPECT_EQ(plain["tasksRunning"].as_int(), 1);
  EXPECT_NE(plain.find("deployments"), nullptr);
  EXPECT_EQ(plain.find("tasks"), nullptr);
  const json::Value full =
      marathon_
          .json("GET",
                "/v2/apps?embed=apps.tasks&embed=app.readiness&embed=group.apps.taskStats")["apps"]
          .as_array()
          .at(0);
  EXPECT_EQ(full["tasks"].as_array().size(), 1u);
  EXPECT_NE(full.find("readinessCheckResults"), nullptr);
  EXPECT_EQ(full["taskStats"]["totalSummary"]["stats"]["counts"]["running"].as_int(), 1);
  EXPECT_EQ(full["taskStats"].find("withOutdatedConfig"), nullptr);
}

TEST_F(Reads, WriteTasksAsClientsKnowThem) {
  post(R"({"id":"/prod/web","cmd":"sleep 1"})");
  run_task("/prod/web");
  const json::Value task =
      marathon_.json("GET", "/v2/apps/prod/web/tasks")["tasks"].as_array().at(0);
  EXPECT_EQ(json::to_text(task),
            R"({"ipAddresses":[{"ipAddress":"10.0.0.7","protocol":"IPv4"}],"state":"TASK_RUNNING",)"
            R"("role":"*","stagedAt":"2024-05-01T10:00:00.000Z",)"
            R"("startedAt":"2024-05-01T10:00:02.300Z","version":"2024-05-01T10:00:01.000Z",)"
            R"("id":"prod_web.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01._app.1",)"
            R"("appId":"/prod/web","host":"agent1.example","slaveId":"S1","region":"eu",)"
            R"("zone":"eu-1","ports":[31045],"servicePorts":[],"healthCheckResults":[)"
            R"({"alive":true,"consecutiveFailures":0,"firstSuccess":"2024-05-01T10:00:00.000Z",)"
            R"("lastSuccess":"2024-05-01T10:00:00.000Z",)"
            R"("instanceId":"prod_web.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01"}],)"
            R"("localVolumes":[]})");
  const json::Value listed = marathon_.json("GET", "/v2/tasks?status=running");
  EXPECT_EQ(json::to_text(listed["tasks"].as_array().at(0)["servicePorts"]), "[10000]");
  EXPECT_TRUE(marathon_.json("GET", "/v2/tasks?status[]=staging")["tasks"].as_array().empty());
  EXPECT_EQ(marathon_.json("GET", "/v2/tasks?status=other")["tasks"].as_array().size(), 1u);
  EXPECT_EQ(marathon_.json("GET", "/v2/apps/prod/*/tasks")["tasks"].as_array().size(), 1u);
  EXPECT_EQ(marathon_.call("GET", "/v2/apps/none/*/tasks").status, 404);
}

TEST_F(Reads, ShowOneAppAndAllBelowAGroup) {
  post(R"({"id":"/prod/web","cmd":"sleep 1"})");
  const json::Value one = marathon_.json("GET", "/v2/apps//prod%2Fweb/");
  EXPECT_EQ(one["app"]["id"].as_string(), "/prod/web");
  EXPECT_NE(one["app"].find("tasks"), nullptr);
  EXPECT_EQ(ids("/v2/apps/prod/*", "*"), "/prod/web ");
  EXPECT_EQ(ids("/v2/apps/*", "*"), "/prod/web ");
  const net::Response none = marathon_.call("GET", "/v2/apps/nope");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.body, R"({"message":"App '/nope' does not exist","details":[]})");
  EXPECT_EQ(marathon_.call("GET", "/v2/apps/none/*").body,
            R"({"message":"Group '/none' does not exist","details":[]})");
}

TEST_F(Reads, ShowVersionsNewestFirst) {
  post(R"({"id":"/web","cmd":"sleep 1"})");
  const AppPtr first = marathon_.state().root.find_app(PathId::parse("/web"));
  auto old = std::make_shared<std::map<WallTime, AppPtr>>();
  (*old)[first->version_info.version] = first;
  marathon_.state().versions.set(first->id, old);
  marathon_.call("PUT", "/v2/apps/web", R"({"cmd":"sleep 2"})");
  EXPECT_EQ(marathon_.call("GET", "/v2/apps/web/versions").body,
            R"({"versions":["2024-05-01T10:00:02.000Z","2024-05-01T10:00:01.000Z"]})");
  EXPECT_EQ(
      marathon_.json("GET", "/v2/apps/web/versions/2024-05-01T10:00:01.000Z")["cmd"].as_string(),
      "sleep 1");
  EXPECT_EQ(marathon_.call("GET", "/v2/apps/web/versions/2001-01-01T00:00:00Z").body,
            R"({"message":"App '/web' does not exist in version 2001-01-01T00:00:00.000Z",)"
            R"("details":[]})");
  EXPECT_EQ(marathon_.call("GET", "/v2/apps/web/versions/soon").status, 422);
}

TEST_F(Reads, ShowGroupsAsATree) {
  post(R"({"id":"/prod/db/one","cmd":"sleep 1"})");
  const json::Value root = marathon_.json("GET", "/v2/groups");
  EXPECT_EQ(root.find("enforceRole"), nullptr);
  const json::Value& prod = root["groups"].as_array().at(0);
  EXPECT_EQ(prod["id"].as_string(), "/prod");
  EXPECT_FALSE(prod["enforceRole"].as_bool(true));
  const json::Value& db = prod["groups"].as_array().at(0);
  EXPECT_EQ(db["apps"].as_array().at(0)["id"].as_string(), "/prod/db/one");
  EXPECT_EQ(db.find("enforceRole"), nullptr);
  EXPECT_EQ(marathon_.call("GET", "/v2/groups/prod/db?embed=group.groups").body,
            R"({"id":"/prod/db","apps":[],"pods":[],"groups":[],"dependencies":[],)"
            R"("version":"2024-05-01T10:00:01.000Z"})");
  const json::Value counted =
      marathon_.json("GET", "/v2/groups/prod/db?embed=group.apps&embed=group.apps.counts");
  EXPECT_NE(counted["apps"].as_array().at(0).find("tasksStaged"), nullptr);
  EXPECT_EQ(marathon_.json("GET", "/v2/groups/prod/apps").as_array().size(), 1u);
  EXPECT_EQ(marathon_.call("GET", "/v2/groups/none/apps").body, "[]");
  EXPECT_EQ(marathon_.json("GET", "/v2/groups/versions").as_array().size(), 1u);
  EXPECT_EQ(marathon_.call("GET", "/v2/groups/none").body,
            R"({"message":"Group '/none' does not exist","details":[]})");
}

TEST_F(Reads, ShowGroupsAsTheyWere) {
  post(R"({"id":"/prod/web","cmd":"sleep 1"})");
  ASSERT_EQ(marathon_.call("DELETE", "/v2/apps/prod/web").status, 200);
  const json::Value old =
      marathon_.json("GET", "/v2/groups/prod/versions/2024-05-01T10:00:01.000Z");
  EXPECT_EQ(old["apps"].as_array().at(0)["id"].as_string(), "/prod/web");
  EXPECT_EQ(old["version"].as_string(), "2024-05-01T10:00:01.000Z");
  EXPECT_TRUE(marathon_.json("GET", "/v2/groups/prod/versions/2024-05-01T10:00:02.000Z")["apps"]
                  .as_array()
                  .empty());
  EXPECT_EQ(marathon_.call("GET", "/v2/groups/prod/versions/2001-01-01T00:00:00Z").status, 404);
  EXPECT_EQ(marathon_.call("GET", "/v2/groups/prod/versions/then").status, 422);
}

TEST_F(Reads, ShowDeploymentsAndTheQueue) {
  post(R"({"id":"/web","cmd":"sleep 1"})");
  const AppPtr app = marathon_.state().root.find_app(PathId::parse("/web"));
  auto plan = std::make_shared<DeploymentPlan>();
  plan->id = DeploymentId{"d-1"};
  plan->version = FakeMarathon::kStart;
  const Action scale{Action::Type::scale, app->id, 1, {}};
  plan->steps = {Step{{Action{Action::Type::start, app->id, 0, {}}}}, Step{{scale}}};
  plan->changes = {{app->id, nullptr, app}};
  auto view = std::make_shared<DeploymentView>();
  view->plan = plan;
  view->step = 1;
  view->current_actions = {scale};
  marathon_.state().deployments = {view};
  auto queue = std::make_shared<QueueView>();
  queue->count = 2;
  queue->roles = {{"*", 2}};
  queue->delayed_until = FakeMarathon::kStart + std::chrono::seconds(11);
  queue->last_offers = {{"UnfulfilledRole", 1, 3}};
  marathon_.state().queue.set(app->id, queue);
  marathon_.publish();
  EXPECT_EQ(
      marathon_.call("GET", "/v2/deployments").body,
      R"([{"id":"d-1","version":"2024-05-01T10:00:00.000Z","affectedApps":["/web"],)"
      R"("affectedPods":[],"steps":[{"actions":[{"action":"StartApplication","app":"/web"}]},)"
      R"({"actions":[{"action":"ScaleApplication","app":"/web"}]}],"currentActions":[)"
      R"({"action":"ScaleApplication","app":"/web","readinessCheckResults":[]}],)"
      R"("currentStep":2,"totalSteps":2}])");
  EXPECT_EQ(json::to_text(marathon_.json("GET", "/v2/apps/web")["app"]["deployments"]),
            R"([{"id":"d-1"}])");
  const json::Value item = marathon_.json("GET", "/v2/queue")["queue"].as_array().at(0);
  EXPECT_EQ(json::to_text(item["delay"]), R"({"timeLeftSeconds":10,"overdue":false})");
  EXPECT_EQ(json::to_text(item["processedOffersSummary"]["rejectSummaryLastOffers"]),
            R"([{"reason":"UnfulfilledRole","declined":1,"processed":3}])");
  EXPECT_EQ(item["app"]["id"].as_string(), "/web");
  EXPECT_EQ(item.find("lastUnusedOffers"), nullptr);
}

TEST_F(Reads, OfManyObjectsAreWrittenAwayFromTheLoop) {
  std::string apps;
  for (std::size_t i = 0; i <= kRenderOnLoopMax; ++i) {
    apps += (apps.empty() ? "" : ",") + std::string(R"({"id":"a)") + std::to_string(i) +
            R"(","cmd":"sleep 1"})";
  }
  ASSERT_EQ(marathon_.call("POST", "/v2/groups", R"({"id":"/g","apps":[)" + apps + "]}").status,
            201);
  marathon_.keep_background = true;
  EXPECT_EQ(marathon_.call("GET", "/v2/apps").status, 0);  // not answered yet
  ASSERT_EQ(marathon_.background.size(), 1u);
  marathon_.background.front()();
  EXPECT_EQ(marathon_.call("GET", "/v2/apps/g/a1").status, 200);
  marathon_.background_full = true;
  EXPECT_EQ(marathon_.call("GET", "/v2/apps").status, 503);
}

TEST_F(Reads, OfInfoHaveExactlyTheKnownMembers) {
  const json::Value info = marathon_.json("GET", "/v2/info");
  std::string names;
  for (const auto& [name, value] : info.as_object()) {
    names += name + " ";
  }
  EXPECT_EQ(names,
            "name version buildref elected leader frameworkId marathon_config zookeeper_config "
            "http_config ");
  EXPECT_EQ(info["marathon_config"].as_object().size(), 41u);
  EXPECT_EQ(info["zookeeper_config"].as_object().size(), 8u);
  EXPECT_TRUE(info["frameworkId"].is_null());
  EXPECT_EQ(marathon_.call("GET", "/v2/leader").body, R"({"leader":"here:8080"})");
  EXPECT_EQ(marathon_.call("GET", "/v2/plugins").body, R"({"plugins":[]})");
}

}  // namespace
}  // namespace ekiden::marathon::routes
