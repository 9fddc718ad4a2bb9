#include "core/net/chunk_shared.h"
#include "tests/unit/marathon/routes/fake_marathon.h"

#include <gtest/gtest.h>

// The event stream [marathon-api 5].
namespace ekiden::marathon::routes {
namespace {

std::string taken(const net::Response& response) {
  std::string all;
  for (const auto& chunk : response.chunks->shared()->take().chunks) {
    all += *chunk;
  }
  return all;
}

net::Response attach(FakeMarathon& marathon, const std::string& query = "") {
  net::Headers headers;
  headers.set("Accept", "text/event-stream");
  return marathon.call("GET", "/v2/events" + query, "", headers);
}

std::shared_ptr<const Instance> instance() {
  auto app = std::make_shared<App>();
  app->id = PathId::parse("/web");
  app->version_info.version = FakeMarathon::kStart;
  app->health_checks.emplace_back();
  auto one = std::make_shared<Instance>();
  one->app = app;
  one->id = make_instance_id(app->id, "0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01");
  one->condition = Condition::running;
  one->place = AgentPlace{"agent1", AgentId{"S1"}, {}, {}, {}};
  Task& task = one->task.emplace();
  task.id = make_task_id(one->id, 1);
  task.host_ports = {31045};
  task.ip_addresses = {{"IPv4", "10.0.0.7"}};
  return one;
}

std::string event_text(decltype(Notice::body) body) {
  const auto events = to_events({FakeMarathon::kStart, std::move(body)});
  return events.empty() ? "" : events.at(0).type + " " + events.at(0).data;
}

TEST(Events, TellANewcomerAboutItself) {
  FakeMarathon marathon;
  const net::Response response = attach(marathon);
  EXPECT_EQ(response.headers.get("Content-Type"), "text/event-stream;charset=utf-8");
  EXPECT_EQ(taken(response),
            "event: event_stream_attached\r\n"
            "data: {\"remoteAddress\":\"10.0.0.9\",\"eventType\":\"event_stream_attached\","
            "\"timestamp\":\"2024-05-01T10:00:00.000Z\"}\r\n\r\n");
}

TEST(Events, AreFilteredByType) {
  FakeMarathon marathon;
  const net::Response all = attach(marathon);
  const net::Response some = attach(marathon, "?event_type=api_post_event&event_type=x");
  taken(all);
  marathon.call("POST", "/v2/apps", R"({"id":"/web","cmd":"sleep 1"})");
  marathon.api().publish({{FakeMarathon::kStart, AppTerminated{PathId::parse("/web")}}});
  const std::string filtered = taken(some);
  EXPECT_TRUE(
      filtered.starts_with("event: api_post_event\r\ndata: {\"clientIp\":\"10.0.0.9\","
                           "\"uri\":\"/v2/apps\",\"appDefinition\":{\"id\":\"/web\""))
      << filtered;
  EXPECT_NE(filtered.find("\"port\":10000"), std::string::npos);
  EXPECT_EQ(filtered.find("app_terminated_event"), std::string::npos);
  EXPECT_NE(taken(all).find("event: app_terminated_event\r\n"), std::string::npos);
}

std::string last_id(const std::string& frames) {
  const std::size_t begin = frames.rfind("id: ") + 4;
  return frames.substr(begin, frames.find("\r\n", begin) - begin);
}

net::Response come_back(FakeMarathon& marathon, const std::string& id) {
  net::Headers headers;
  headers.set("Accept", "text/event-stream");
  headers.set("Last-Event-ID", id);
  return marathon.call("GET", "/v2/events", "", headers);
}

TEST(Events, AReaderThatComesBackGetsWhatItMissed) {
  FakeMarathon marathon;
  const net::Response first = attach(marathon, "?ids");
  marathon.api().events().publish({{"a", "{1}"}});
  const std::string seen = taken(first);
  marathon.api().events().publish({{"b", "{2}"}, {"c", "{3}"}});
  const std::string missed = taken(come_back(marathon, last_id(seen)));
  EXPECT_EQ(missed.find("event: a"), std::string::npos);
  EXPECT_NE(missed.find("event: b\r\ndata: {2}"), std::string::npos);
  EXPECT_NE(missed.find("event: c\r\ndata: {3}"), std::string::npos);
  EXPECT_NE(missed.find("event_stream_attached"), std::string::npos);
}

TEST(Events, AReaderThatWasAwayTooLongIsToldSo) {
  FakeMarathon marathon;
  const std::string seen = taken(attach(marathon, "?ids"));
  marathon.api().events().publish(
      std::vector<StreamEvent>(EventStream::kReplayMax + 1, StreamEvent{"a", "{}"}));
  EXPECT_TRUE(taken(come_back(marathon, last_id(seen))).starts_with("event: events_lost\r\n"));
  EXPECT_TRUE(taken(come_back(marathon, "1-1")).starts_with("event: events_lost\r\n"));
  EXPECT_TRUE(taken(come_back(marathon, "what")).starts_with("event: events_lost\r\n"));
}

TEST(Events, HaveNoIdsForThoseWhoDidNotAsk) {
  FakeMarathon marathon;
  const net::Response plain = attach(marathon);
  marathon.api().events().publish({{"a", "{}"}});
  EXPECT_EQ(taken(plain).find("id: "), std::string::npos);
}

TEST(Events, CutOffAReaderThatIsTooSlow) {
  FakeMarathon marathon;
  const net::Response slow = attach(marathon);
  const std::string big(EventStream::kQueuedBytesMax, 'x');
  marathon.api().events().publish({{"big", big}});
  EXPECT_TRUE(slow.chunks->closed());
}

TEST(Events, SayWhatTheClientsExpect) {
  EXPECT_EQ(event_text(StatusChanged{instance(), "", "TASK_RUNNING"}),
            R"(status_update_event {"slaveId":"S1","taskId":)"
            R"("web.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01._app.1","taskStatus":)"
            R"("TASK_RUNNING","message":"","appId":"/web","host":"agent1","ipAddresses":[)"
            R"({"ipAddress":"10.0.0.7","protocol":"IPv4"}],"ports":[31045],"version":)"
            R"("2024-05-01T10:00:00.000Z","eventType":"status_update_event",)"
            R"("timestamp":"2024-05-01T10:00:00.000Z"})");
  auto scheduled = std::make_shared<Instance>(*instance());
  scheduled->place.reset();
  scheduled->condition = Condition::scheduled;
  EXPECT_EQ(event_text(InstanceChanged{scheduled}),
            R"(instance_changed_event {"instanceId":)"
            R"("web.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01","condition":"Scheduled",)"
            R"("runSpecId":"/web","agentId":null,"host":null,"runSpecVersion":)"
            R"("2024-05-01T10:00:00.000Z","eventType":"instance_changed_event",)"
            R"("timestamp":"2024-05-01T10:00:00.000Z"})");
  EXPECT_NE(event_text(InstanceHealthChanged{instance()}).find("\"healthy\":null"),
            std::string::npos);
  EXPECT_NE(event_text(FrameworkMessageReceived{AgentId{"S1"}, ExecutorId{"e"}, "a\xff"})
                .find("\"message\":[97,-1]"),
            std::string::npos);
  EXPECT_NE(event_text(HealthCheckFailed{instance(), 0}).find("\"healthCheck\":{"),
            std::string::npos);
  EXPECT_EQ(event_text(SchedulerDisconnected{}),
            R"(scheduler_disconnected_event {"eventType":"scheduler_disconnected_event",)"
            R"("timestamp":"2024-05-01T10:00:00.000Z"})");
}

TEST(Events, ShowPlansInTheLightForm) {
  auto plan = std::make_shared<DeploymentPlan>();
  plan->id = DeploymentId{"d-1"};
  plan->version = FakeMarathon::kStart;
  plan->steps = {Step{{Action{Action::Type::scale, PathId::parse("/web"), 1, {}}}}};
  const std::string shown =
      R"("plan":{"id":"d-1","steps":[{"actions":[{"action":"ScaleApplication","app":"/web"}]}],)"
      R"("version":"2024-05-01T10:00:00.000Z"})";
  const std::string end = R"(","timestamp":"2024-05-01T10:00:00.000Z"})";
  EXPECT_EQ(event_text(DeploymentStepStarted{plan, 0}),
            "deployment_info {" + shown +
                R"(,"currentStep":{"actions":[{"action":"ScaleApplication","app":"/web"}]},)"
                R"("eventType":"deployment_info)" +
                end);
  EXPECT_EQ(event_text(DeploymentEnded{plan, false, "The upgrade has been cancelled"}),
            R"(deployment_failed {"id":"d-1",)" + shown +
                R"(,"reason":"The upgrade has been cancelled","eventType":"deployment_failed)" +
                end);
}

TEST(Events, LeaveTheirLineInTheLog) {
  EXPECT_EQ(to_log_line({FakeMarathon::kStart, LogNotice{"nothing to do", false}}),
            "nothing to do");
  EXPECT_EQ(event_text(LogNotice{"nothing to do", false}), "");
}

}  // namespace
}  // namespace ekiden::marathon::routes
