#include "tests/unit/marathon/routes/fake_marathon.h"

#include <gtest/gtest.h>

// Changes, errors and the things that all answers share [marathon-api 1, 2].
namespace ekiden::marathon::routes {
namespace {

net::Headers header(std::string_view name, std::string_view value) {
  net::Headers headers;
  headers.set(name, value);
  return headers;
}

constexpr const char* kApp = R"({"id":"/web","cmd":"sleep 1"})";

TEST(Writes, CreateAnAppWithPortsStillOpen) {
  FakeMarathon marathon;
  const net::Response answer = marathon.call("POST", "/v2/apps", kApp);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.headers.get("Location"), "http://here:8080/web");
  EXPECT_EQ(answer.headers.get("Marathon-Deployment-Id"), "deployment-1");
  const json::Value app = json::parse(answer.body).value();
  EXPECT_EQ(app["portDefinitions"].as_array().at(0)["port"].as_int(), 0);
  EXPECT_EQ(app["version"].as_string(), "2024-05-01T10:00:01.000Z");
  EXPECT_EQ(app.find("versionInfo"), nullptr);
  EXPECT_EQ(json::to_text(app["deployments"]), R"([{"id":"deployment-1"}])");
  EXPECT_EQ(app["tasksRunning"].as_int(-1), 0);
  EXPECT_EQ(marathon.json("GET", "/v2/apps/web")["app"]["portDefinitions"]
                .as_array()
                .at(0)["port"]
                .as_int(),
            10000);
  const net::Response again = marathon.call("POST", "/v2/apps", kApp);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.body, R"({"message":"An app with id [/web] already exists."})");
}

TEST(Writes, AnswerUpdatesWithTheDeployment) {
  FakeMarathon marathon;
  const net::Response created = marathon.call("PUT", "/v2/apps/web", R"({"cmd":"sleep 1"})");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.headers.get("Location"), "http://here:8080/web");
  const net::Response scaled = marathon.call("PUT", "/v2/apps/web", R"({"instances":3})");
  EXPECT_EQ(scaled.status, 200);
  EXPECT_EQ(scaled.body, R"({"version":"2024-05-01T10:00:02.000Z","deploymentId":"deployment-2"})");
  EXPECT_EQ(
      marathon.call("PUT", "/v2/apps", R"([{"id":"/a","cmd":"sleep 1"},{"id":"b","cmd":"xx"}])")
          .status,
      200);
  EXPECT_EQ(marathon.call("PUT", "/v2/apps", R"([{"cmd":"sleep 1"}])").body,
            R"({"message":"requirement failed: App Update must have app id set"})");
  EXPECT_EQ(marathon.call("PATCH", "/v2/apps", R"([{"id":"/none","cmd":"sleep 1"}])").status, 404);
  EXPECT_EQ(marathon.call("PUT", "/v2/apps", "{}").status, 422);
  EXPECT_EQ(marathon.call("POST", "/v2/apps/web/restart").status, 200);
  EXPECT_EQ(marathon.call("DELETE", "/v2/apps/web").status, 200);
}

TEST(Writes, ForceOnlyDeletionsByDefault) {
  FakeMarathon marathon;
  marathon.call("POST", "/v2/apps", kApp);
  EXPECT_FALSE(std::get<ChangeRoot>(*marathon.last_command).force);
  marathon.call("PUT", "/v2/apps/web?force=TRUE", "{}");
  EXPECT_TRUE(std::get<ChangeRoot>(*marathon.last_command).force);
  marathon.call("DELETE", "/v2/apps/web");
  EXPECT_TRUE(std::get<ChangeRoot>(*marathon.last_command).force);
  marathon.call("DELETE", "/v2/apps/web?force=false");
  EXPECT_FALSE(std::get<ChangeRoot>(*marathon.last_command).force);
}

TEST(Writes, TellWhichDeploymentsLock) {
  FakeMarathon marathon;
  marathon.next_reply = Reply{0, Locked{{DeploymentId{"d-1"}}}};
  const net::Response answer = marathon.call("POST", "/v2/apps", kApp);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.body,
            R"({"message":"App is locked by one or more deployments. Override with the option )"
            R"('?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",)"
            R"("deployments":[{"id":"d-1"}]})");
}

TEST(Writes, ExplainBadBodies) {
  FakeMarathon marathon;
  const net::Response broken = marathon.call("POST", "/v2/apps", "{,}");
  EXPECT_EQ(broken.status, 400);
  const json::Value answer = json::parse(broken.body).value();
  EXPECT_EQ(answer["message"].as_string(), "Invalid JSON");
  EXPECT_TRUE(answer["details"].is_string());
  const net::Response empty = marathon.call("PUT", "/v2/apps/web", "");
  EXPECT_EQ(empty.status, 400);
  EXPECT_EQ(json::parse(empty.body).value()["message"].as_string(),
            "Please specify data in JSON format");
  const net::Response no_id = marathon.call("POST", "/v2/apps", R"({"cmd":"sleep 1"})");
  EXPECT_EQ(no_id.status, 422);
  EXPECT_EQ(no_id.body,
            R"({"message":"Invalid JSON","details":[{"path":"/id","errors":["'id' is undefined on )"
            R"(object: {\"cmd\":\"sleep 1\"}"]}]})");
}

TEST(Writes, GroupProblemsByPath) {
  FakeMarathon marathon;
  const net::Response answer = marathon.call(
      "POST", "/v2/apps", R"({"id":"/a","cmd":"sleep 1","constraints":[["","UNIQUE","x"]]})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(
      answer.body,
      R"x({"message":"Object is not valid","details":[{"path":"/constraints(0)",)x"
      R"x("errors":["illegal constraint specification","UNIQUE does not accept a value"]}]})x");
}

TEST(Writes, ChangeGroups) {
  FakeMarathon marathon;
  const net::Response created = marathon.call("POST", "/v2/groups/a", R"({"id":"b"})");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.headers.get("Location"), "http://here:8080/a/b");
  EXPECT_EQ(marathon.call("PUT", "/v2/groups/a?dryRun=true", R"({"apps":[]})").body,
            R"({"steps":[]})");
  const net::Response patched = marathon.call("PATCH", "/v2/groups/a", R"({"enforceRole":true})");
  EXPECT_EQ(patched.status, 200);
  EXPECT_EQ(patched.body, "");
  EXPECT_TRUE(marathon.json("GET", "/v2/groups/a")["enforceRole"].as_bool());
  EXPECT_EQ(marathon.call("DELETE", "/v2/groups/a").status, 200);
  EXPECT_EQ(marathon.call("DELETE", "/v2/groups/a").status, 404);
}

TEST(Writes, KillNothingThatIsNotThere) {
  FakeMarathon marathon;
  marathon.call("POST", "/v2/apps", kApp);
  EXPECT_EQ(marathon.call("DELETE", "/v2/apps/web/tasks").body, R"({"tasks":[]})");
  EXPECT_EQ(marathon.call("DELETE", "/v2/apps/web/tasks?scale=true&wipe=true").status, 400);
  EXPECT_EQ(marathon.call("DELETE", "/v2/apps/web/tasks?scale=true").body,
            R"({"message":"Path '/web' does not exist"})");
  EXPECT_EQ(marathon.call("DELETE", "/v2/apps/web/tasks/x").body,
            R"({"message":"Task 'x' does not exist"})");
  const net::Response bad = marathon.call("POST", "/v2/tasks/delete", R"({"ids":["x"]})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.body,
            R"({"message":"Invalid task id 'x'. [taskId x no valid identifier (of class )"
            R"(java.lang.String)]"})");
  EXPECT_EQ(marathon.call("POST", "/v2/tasks/delete", "{}").status, 422);
  EXPECT_EQ(marathon
                .call("POST",
                      "/v2/tasks/delete",
                      R"({"ids":["web.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01._app.1"]})")
                .body,
            R"({"tasks":[]})");
  EXPECT_EQ(marathon.call("DELETE", "/v2/deployments/none").body,
            R"({"message":"DeploymentPlan none does not exist","details":[]})");
}

TEST(Surface, ChecksMediaTypesAndMethods) {
  FakeMarathon marathon;
  const auto form = header("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(marathon.call("POST", "/v2/apps", kApp, form).status, 415);
  EXPECT_EQ(marathon.call("POST", "/v2/groups", R"({"id":"/g"})", form).status, 201);
  EXPECT_EQ(
      marathon.call("GET", "/v2/apps", "", header("Content-Type", "application/json;charset=utf-8"))
          .status,
      200);
  EXPECT_EQ(marathon.call("GET", "/v2/apps", "", header("Accept", "text/plain")).status, 406);
  EXPECT_EQ(marathon.call("GET", "/v2/apps", "", header("Accept", "text/plain, */*;q=0.1")).status,
            200);
  EXPECT_EQ(marathon.call("PUT", "/v2/deployments").body, R"({"message":"Method Not Allowed"})");
  EXPECT_EQ(marathon.call("GET", "/v2/apps/web/restart").status, 405);
  EXPECT_EQ(marathon.call("GET", "/v2/apps/web/tasks/x").status, 405);
  EXPECT_EQ(marathon.call("GET", "/nowhere").body, R"({"message":"URI not found"})");
}

TEST(Surface, SendsMarathonsHeaders) {
  FakeMarathon marathon;
  const net::Response answer = marathon.call("GET", "/v2/apps");
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(answer.headers.get("X-Marathon-Leader"), "http://here:8080");
  EXPECT_EQ(answer.headers.get("X-Frame-Options"), "DENY");
  EXPECT_EQ(answer.headers.get("Cache-Control"), "no-cache, no-store, must-revalidate");
  EXPECT_EQ(answer.headers.get("Expires"), "0");
}

TEST(Surface, Pings) {
  FakeMarathon marathon;
  EXPECT_EQ(marathon.call("GET", "/ping").body, "pong");
  EXPECT_EQ(marathon.call("GET", "/ping", "", header("Accept", "application/json")).body,
            "\"pong\"");
  EXPECT_EQ(
      marathon.call("GET", "/ping", "", header("Accept", "text/html")).headers.get("Content-Type"),
      "text/html");
  EXPECT_EQ(marathon.call("GET", "/ping", "", header("Accept", "image/png")).status, 204);
  EXPECT_EQ(marathon.call("GET", "/").headers.get("Location"), "http://here:8080/ui/");
  EXPECT_EQ(marathon.json("GET", "/metrics")["version"].as_string(), "4.0.0");
}

TEST(Surface, RemembersLoadBalancersForAWhile) {
  FakeMarathon marathon;
  EXPECT_EQ(marathon.call("POST", "/v2/ekiden/lbs", R"({"url":"ftp://x"})").status, 422);
  EXPECT_EQ(marathon.call("POST", "/v2/ekiden/lbs", R"({"url":"http://lb:1"})").body,
            R"({"url":"http://lb:1","ttlSeconds":30})");
  EXPECT_EQ(marathon.call("GET", "/v2/ekiden/lbs").body, R"([{"url":"http://lb:1"}])");
  LoadBalancers& lbs = marathon.api().load_balancers();
  EXPECT_EQ(lbs.next_deadline(), Time{} + LoadBalancers::kTimeToLive);
  lbs.expire(Time{} + LoadBalancers::kTimeToLive);
  EXPECT_EQ(lbs.count(), 0u);
}

}  // namespace
}  // namespace ekiden::marathon::routes
