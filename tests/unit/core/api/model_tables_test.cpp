#include "core/json/json.h"
#include "core/model/agent.h"
#include "core/model/framework.h"
#include "core/model/offer.h"
#include "core/model/status.h"

#include <limits>

#include <gtest/gtest.h>

namespace ekiden::model {
namespace {

using json::kMesos;
using json::kRecord;

template <class T>
void expect_round_trip(const T& value) {
  for (const json::Dialect* dialect : {&kMesos, &kRecord}) {
    const std::string text = json::encode(value, *dialect);
    const auto back = json::decode<T>(text, *dialect);
    ASSERT_TRUE(back) << back.error().message << "\n" << text;
    EXPECT_EQ(*back, value) << text;
  }
}

Resource reserved(Reservation::Type type) {
  Resource r = scalar_resource("disk", 1.5);
  r.reservations = {{type, "web", "me", Labels{{{"k", "v"}}}}};
  r.allocation_role = "web";
  r.disk = DiskInfo{Persistence{"id", "me"},
                    VolumeRef{VolumeRef::Mode::rw, "data", {}},
                    DiskSource{DiskSource::Type::path, DiskSource::Root{"/d"}, {}, {}, {}}};
  r.shared = true;
  r.revocable = true;
  return r;
}

TaskInfo full_task() {
  TaskInfo task;
  task.name = "web";
  task.task_id = {"web.1"};
  task.agent_id = {"S0"};
  task.resources = {scalar_resource("cpus", 0.1), ranges_resource("ports", {{31000, 31001}})};
  task.limits = {{"cpus", 2.0}, {"mem", std::numeric_limits<double>::infinity()}};
  task.executor = ExecutorInfo{};
  task.executor->type = ExecutorInfo::Type::custom;
  task.executor->executor_id = {"e1"};
  task.executor->data = std::string("\0\1", 2);
  task.command = CommandInfo{};
  task.command->uris = {{"http://x/a.tgz", true, false, true, "out"}};
  task.command->environment = Environment{{{"A", "1"}, {"B", std::nullopt}}};
  task.command->shell = false;
  task.command->arguments = {"a", "b"};
  task.container = ContainerInfo{};
  task.container->type = ContainerInfo::Type::docker;
  task.container->docker = DockerInfo{
      "img", DockerInfo::Network::bridge, {{31000, 80, "tcp"}}, true, {{"k", "v"}}, false};
  task.container->mesos_image = MesosImage{MesosImage::Type::docker, "alpine", true};
  task.container->network_infos = {{{{"IPv4", "10.0.0.1"}}, "net", {"g"}, {}, {}}};
  task.health_check = HealthCheck{};
  task.health_check->type = HealthCheck::Type::http;
  task.health_check->http = HttpCheck{"http", 80, "/", {}};
  task.check = CheckInfo{};
  task.check->type = CheckInfo::Type::command;
  task.check->command = CommandInfo{};
  task.kill_policy = KillPolicy{DurationInfo{3'000'000'000}};
  task.data = "bytes";
  task.labels = Labels{{{"a", "b"}, {"c", std::nullopt}}};
  task.discovery = DiscoveryInfo{};
  task.discovery->ports = {{80, "http", "tcp", Labels{{{"x", "y"}}}}};
  task.max_completion_time = DurationInfo{1};
  return task;
}

TEST(ModelTables, EveryMemberSurvivesARoundTrip) {
  expect_round_trip(full_task());
  expect_round_trip(reserved(Reservation::Type::dynamic));
  expect_round_trip(reserved(Reservation::Type::static_));

  TaskStatus status;
  status.task_id = {"web.1"};
  status.state = TaskState::running;
  status.message = "m";
  status.source = StatusSource::executor;
  status.reason = StatusReason::task_health_check_status_updated;
  status.data = "d";
  status.agent_id = AgentId{"S0"};
  status.executor_id = ExecutorId{"e"};
  status.timestamp = 1.25;
  status.uuid = std::string(16, '\x7f');
  status.healthy = false;
  status.check_status = CheckStatusInfo{CheckInfo::Type::http, {}, 200, {}};
  status.labels = Labels{{{"a", "b"}}};
  status.container_status =
      ContainerStatus{ContainerId{"c"}, {{{{"IPv4", "1.2.3.4"}}, {}, {}, {}, {}}}, 42};
  status.unreachable_time = TimeInfo{5};
  expect_round_trip(status);

  FrameworkInfo framework;
  framework.user = "root";
  framework.name = "marathon";
  framework.id = FrameworkId{"F-0000"};
  framework.failover_timeout = 604800;
  framework.checkpoint = true;
  framework.roles = {"a", "b"};
  framework.capabilities = {FrameworkCapability::multi_role, FrameworkCapability::partition_aware};
  framework.labels = Labels{{{"a", "b"}}};
  expect_round_trip(framework);

  AgentInfo agent;
  agent.hostname = "h";
  agent.resources = {scalar_resource("cpus", 4)};
  agent.attributes = *parse_attributes("rack:r1;n:1.5;p:[1-2]");
  agent.id = AgentId{"S1"};
  agent.domain = DomainInfo{DomainInfo::FaultDomain{{"r"}, {"z"}}};
  expect_round_trip(agent);

  Operation group;
  group.type = Operation::Type::launch_group;
  group.launch_group_executor = *full_task().executor;
  group.launch_group_tasks = {full_task()};
  expect_round_trip(group);
}

TEST(ModelTables, ResourcesHaveTheShapesOfTheV1Api) {
  EXPECT_EQ(json::encode(scalar_resource("cpus", 1), kMesos),
            R"({"name":"cpus","type":"SCALAR","scalar":{"value":1.0},"role":"*"})");
  EXPECT_EQ(
      json::encode(ranges_resource("ports", {{1, 2}}), kMesos),
      R"({"name":"ports","type":"RANGES","ranges":{"range":[{"begin":1,"end":2}]},"role":"*"})");
}

TEST(ModelTables, OldReservationFormIsUnderstoodInAnyOrder) {
  const std::string name = R"("name":"cpus","type":"SCALAR","scalar":{"value":1})";
  const std::string old = R"("reservation":{"principal":"p"})";
  for (const std::string& text : {"{" + name + R"(,"role":"web",)" + old + "}",
                                  "{" + old + R"(,"role":"web",)" + name + "}"}) {
    const auto r = json::decode<Resource>(text, kMesos);
    ASSERT_TRUE(r);
    ASSERT_EQ(r->reservations.size(), 1u);
    EXPECT_EQ(r->reservations[0],
              (Reservation{Reservation::Type::dynamic, "web", "p", std::nullopt}));
  }
  const auto fixed = json::decode<Resource>(
      R"({"name":"cpus","type":"SCALAR","scalar":{"value":1},"role":"web"})", kMesos);
  EXPECT_EQ(fixed->reservations[0].type, Reservation::Type::static_);
}

TEST(ModelTables, OfferCarriesUrlAndAllocation) {
  Offer offer;
  offer.id = {"O1"};
  offer.framework_id = {"F"};
  offer.agent_id = {"S"};
  offer.hostname = "h";
  offer.agent_url_address_ip = "127.0.0.1";
  offer.agent_url_address_port = 5051;
  offer.allocation_role = "web";
  const std::string text = json::encode(offer, kMesos);
  const std::string url = R"x("url":{"scheme":"http","address":{"hostname":"h","ip":"127.0.0.1",)x"
                          R"x("port":5051},"path":"/slave(1)"})x";
  EXPECT_NE(text.find(url), std::string::npos) << text;
  EXPECT_NE(text.find(R"("allocation_info":{"role":"web"})"), std::string::npos);
  EXPECT_EQ(*json::decode<Offer>(text, kMesos), offer);
}

TEST(ModelTables, UnknownReasonsAndCapabilitiesStayUnset) {
  EXPECT_EQ(json::decode<TaskStatus>(
                R"({"task_id":{"value":"t"},"state":"TASK_RUNNING","reason":"REASON_NEW"})", kMesos)
                ->reason,
            StatusReason::none);
  EXPECT_FALSE(json::decode<TaskStatus>(R"({"task_id":{"value":"t"},"state":"TASK_NEW"})", kMesos));
  EXPECT_EQ(
      json::decode<FrameworkInfo>(
          R"({"user":"","name":"","capabilities":[{"type":"X"},{"type":"MULTI_ROLE"}]})", kMesos)
          ->capabilities,
      (std::vector{FrameworkCapability::unknown, FrameworkCapability::multi_role}));
}

TEST(ModelTables, DefaultsOfTheSchemaAreWritten) {
  EXPECT_EQ(json::encode(FrameworkInfo{}, kMesos),
            R"({"user":"","name":"","failover_timeout":0.0,"checkpoint":false})");
  EXPECT_EQ(json::encode(Filters{}, kMesos), R"({"refuse_seconds":5.0})");
  EXPECT_EQ(json::encode(CommandInfo{}, kMesos), R"({"shell":true})");
}

}  // namespace
}  // namespace ekiden::model
