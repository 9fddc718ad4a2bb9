#include "dns/records.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ekiden::dns {
namespace {

ClusterState two_agents() {
  ClusterState state;
  state.leader = HostPort{"127.0.0.7", 5050};
  state.agents["x-S0"] = {"x-S0", {"127.9.0.1", 5051}};
  state.agents["x-S1"] = {"x-S1", {"127.9.0.2", 5051}};
  state.frameworks["f1"] = {"f1", "marathon", "", "127.0.0.8"};
  return state;
}

Task plain_task(const std::string& id, const std::string& agent) {
  Task task;
  task.id = id;
  task.framework_id = "f1";
  task.agent_id = agent;
  task.name = "plain";
  task.state = Task::State::running;
  task.ports = {{31005, 31005}, {31009, 31009}};
  return task;
}

Task shop_task() {
  Task task = plain_task("shop.1", "x-S0");
  task.discovery_name = "web.shop";
  task.discovery_ports = {{31005, "http", "tcp"}, {9, "", "udp"}};
  return task;
}

std::vector<std::string> lines_of(const RecordSet& set, const std::string& name) {
  std::vector<std::string> lines;
  const Node* node = set.find(name);
  if (node == nullptr) {
    return {"none"};
  }
  for (const auto& held : node->a) {
    lines.push_back("A " + to_text(held.value));
  }
  for (const auto& held : node->aaaa) {
    lines.push_back("AAAA " + to_text(held.value));
  }
  for (const auto& held : node->srv) {
    lines.push_back(fmt::format("SRV {}:{}", held.value.target->name, held.value.port));
  }
  return lines;
}

using Lines = std::vector<std::string>;

Zone zone_with(ClusterState state, RecordOptions options = {}) {
  Zone zone(std::move(options));
  zone.apply(std::move(state));
  return zone;
}

TEST(Records, OfAPlainTask) {
  Zone zone = zone_with(two_agents());
  zone.apply(plain_task("plain.1", "x-S0"));
  zone.apply(plain_task("plain.2", "x-S1"));
  const RecordSet& set = zone.records();
  EXPECT_EQ(lines_of(set, "plain.marathon.mesos"), (Lines{"A 127.9.0.1", "A 127.9.0.2"}));
  EXPECT_EQ(lines_of(set, "plain-b3wdi-s1.marathon.mesos"), (Lines{"A 127.9.0.2"}));
  EXPECT_EQ(lines_of(set, "plain.marathon.slave.mesos"), (Lines{"A 127.9.0.1", "A 127.9.0.2"}));
  const Lines ports{"SRV plain-b3wdi-s1.marathon.slave.mesos:31005",
                    "SRV plain-b3wdi-s1.marathon.slave.mesos:31009",
                    "SRV plain-khsdw-s0.marathon.slave.mesos:31005",
                    "SRV plain-khsdw-s0.marathon.slave.mesos:31009"};
  for (const char* name : {"_plain._tcp.marathon.slave.mesos",
                           "_plain._udp.marathon.slave.mesos",
                           "_plain._tcp.marathon.mesos",
                           "_plain._udp.marathon.mesos"}) {
    EXPECT_EQ(lines_of(set, name), ports) << name;
  }
}

TEST(Records, OfADiscoveryTaskExistRawAndMangled) {
  Zone zone = zone_with(two_agents());
  zone.apply(shop_task());
  const RecordSet& set = zone.records();
  EXPECT_EQ(lines_of(set, "web.shop.marathon.mesos"), (Lines{"A 127.9.0.1"}));
  EXPECT_EQ(lines_of(set, "web-shop.marathon.mesos"), (Lines{"A 127.9.0.1"}));
  const std::string suffix = "-" + task_hash("shop.1") + "-s0";
  EXPECT_EQ(lines_of(set, "_web-shop._tcp.marathon.mesos"),
            (Lines{"SRV web-shop" + suffix + ".marathon.mesos:31005"}));
  EXPECT_EQ(lines_of(set, "_web.shop._tcp.marathon.mesos"),
            (Lines{"SRV web.shop" + suffix + ".marathon.mesos:31005"}));
  EXPECT_EQ(lines_of(set, "_http._web-shop._tcp.marathon.mesos"),
            (Lines{"SRV web-shop" + suffix + ".marathon.mesos:31005"}));
  EXPECT_EQ(lines_of(set, "_web-shop._udp.marathon.mesos"),
            (Lines{"SRV web-shop" + suffix + ".marathon.mesos:9"}));
  EXPECT_EQ(lines_of(set, "_web-shop._udp.marathon.slave.mesos").size(), 2u);
}

TEST(Records, OfTheClusterItself) {
  RecordOptions options;
  options.masters = {{"127.0.0.9", 5050}, {"127.0.0.7", 5050}, {"127.0.0.9", 5050}};
  options.server_addresses = {*parse_address("127.0.0.1")};
  ClusterState state = two_agents();
  state.frameworks["f2"] = {"f2", "Chronos", "sched-1@127.0.0.6:4040", "ignored"};
  const Zone zone = zone_with(std::move(state), options);
  const RecordSet& set = zone.records();
  EXPECT_EQ(lines_of(set, "leader.mesos"), (Lines{"A 127.0.0.7"}));
  EXPECT_EQ(lines_of(set, "_leader._udp.mesos"), (Lines{"SRV leader.mesos:5050"}));
  EXPECT_EQ(lines_of(set, "master.mesos"), (Lines{"A 127.0.0.7", "A 127.0.0.9"}));
  EXPECT_EQ(lines_of(set, "master0.mesos"), (Lines{"A 127.0.0.9"}));
  EXPECT_EQ(lines_of(set, "master1.mesos"), (Lines{"A 127.0.0.7"}));
  EXPECT_EQ(lines_of(set, "master2.mesos"), (Lines{"none"}));
  EXPECT_EQ(lines_of(set, "slave.mesos"), (Lines{"A 127.9.0.1", "A 127.9.0.2"}));
  EXPECT_EQ(lines_of(set, "_slave._tcp.mesos"), (Lines{"SRV slave.mesos:5051"}));
  EXPECT_EQ(lines_of(set, "marathon.mesos"), (Lines{"A 127.0.0.8"}));
  EXPECT_EQ(lines_of(set, "_framework._tcp.marathon.mesos"), (Lines{"none"}));
  EXPECT_EQ(lines_of(set, "_framework._tcp.chronos.mesos"), (Lines{"SRV chronos.mesos:4040"}));
  EXPECT_EQ(lines_of(set, "ns1.mesos"), (Lines{"A 127.0.0.1"}));
}

TEST(Records, LeaveWhenTheTaskDoes) {
  Zone zone = zone_with(two_agents());
  const std::size_t before = zone.records().size();
  for (const Task::State state : {Task::State::killing, Task::State::ended, Task::State::waiting}) {
    zone.apply(shop_task());
    EXPECT_GT(zone.records().size(), before);
    zone.apply(StatusUpdate{{"f1", "shop.1"}, state, {}, 5, {}});
    EXPECT_EQ(zone.records().size(), before);
  }
}

TEST(Records, LeaveWhileTheTaskIsUnhealthy) {
  Zone zone = zone_with(two_agents());
  zone.apply(plain_task("plain.1", "x-S0"));
  zone.apply(StatusUpdate{{"f1", "plain.1"}, Task::State::running, {}, 5, false});
  EXPECT_EQ(lines_of(zone.records(), "plain.marathon.mesos"), (Lines{"none"}));
  zone.apply(StatusUpdate{{"f1", "plain.1"}, Task::State::running, {}, 6, true});
  EXPECT_EQ(lines_of(zone.records(), "plain.marathon.mesos"), (Lines{"A 127.9.0.1"}));
  RecordOptions ignore;
  ignore.health = HealthPolicy::ignore;
  Zone old = zone_with(two_agents(), ignore);
  Task sick = plain_task("plain.1", "x-S0");
  sick.healthy = false;
  old.apply(sick);
  EXPECT_EQ(lines_of(old.records(), "plain.marathon.mesos"), (Lines{"A 127.9.0.1"}));
}

TEST(Records, UseTheFirstSourceWithAnAddress) {
  Task task = plain_task("plain.1", "x-S0");
  task.status = RunningStatus{9, {"10.0.0.1", "fd00::1", "10.0.0.2"}, "10.0.1.1", "10.0.2.1"};
  const auto addresses = [&](std::vector<IpSource> sources) {
    RecordOptions options;
    options.ip_sources = std::move(sources);
    Zone zone = zone_with(two_agents(), options);
    zone.apply(task);
    return lines_of(zone.records(), "plain.marathon.mesos");
  };
  EXPECT_EQ(addresses({IpSource::netinfo, IpSource::host}),
            (Lines{"A 10.0.0.1", "A 10.0.0.2", "AAAA fd00::1"}));
  EXPECT_EQ(addresses({IpSource::docker}), (Lines{"A 10.0.1.1"}));
  EXPECT_EQ(addresses({IpSource::mesos}), (Lines{"A 10.0.2.1"}));
  task.status->netinfo = {"nonsense"};
  EXPECT_EQ(addresses({IpSource::netinfo, IpSource::host}), (Lines{"A 127.9.0.1"}));
  EXPECT_EQ(addresses({IpSource::netinfo}), (Lines{}));  // the name exists, without a record
  task.status->netinfo = {"172.17.0.2"};
  task.discovery_name = "plain";
  task.discovery_ports = {{31005, "", "tcp"}};
  EXPECT_EQ(addresses({IpSource::automatic}), (Lines{"A 127.9.0.1"}));
  task.discovery_ports = {{80, "", "tcp"}};
  EXPECT_EQ(addresses({IpSource::automatic}), (Lines{"A 172.17.0.2"}));
}

TEST(Records, FollowTheirAgentsAddress) {
  ClusterState state = two_agents();
  state.agents["x-S0"].address.host = "node.example";
  Zone zone = zone_with(std::move(state));
  zone.apply(plain_task("plain.1", "x-S0"));
  EXPECT_EQ(zone.host_names(), (std::set<std::string>{"node.example"}));
  EXPECT_EQ(lines_of(zone.records(), "plain.marathon.mesos"), (Lines{}));
  zone.resolved("node.example", {*parse_address("10.1.1.1")});
  EXPECT_EQ(lines_of(zone.records(), "plain.marathon.mesos"), (Lines{"A 10.1.1.1"}));
  EXPECT_EQ(lines_of(zone.records(), "slave.mesos"), (Lines{"A 10.1.1.1", "A 127.9.0.2"}));
  zone.apply(AgentRemoved{"x-S0"});
  EXPECT_EQ(lines_of(zone.records(), "plain.marathon.mesos"), (Lines{"none"}));
  EXPECT_EQ(lines_of(zone.records(), "slave.mesos"), (Lines{"A 127.9.0.2"}));
  zone.apply(Agent{"x-S0", {"127.9.0.5", 5051}});
  EXPECT_EQ(lines_of(zone.records(), "plain.marathon.mesos"), (Lines{"A 127.9.0.5"}));
}

TEST(Records, OfAWholeStateAreTheSameAsOfItsChanges) {
  ClusterState state = two_agents();
  state.tasks[{"f1", "shop.1"}] = shop_task();
  state.tasks[{"f1", "plain.1"}] = plain_task("plain.1", "x-S1");
  Zone at_once = zone_with(state);
  Zone step_by_step = zone_with(two_agents());
  step_by_step.apply(plain_task("gone", "x-S0"));
  step_by_step.apply(Framework{"f9", "other", "", "127.0.0.1"});
  step_by_step.apply(state);
  ASSERT_EQ(at_once.records().size(), step_by_step.records().size());
  at_once.records().for_each([&](const Node& node) {
    EXPECT_EQ(lines_of(at_once.records(), node.name), lines_of(step_by_step.records(), node.name));
  });
  const std::uint64_t version = at_once.version();
  at_once.apply(state);
  EXPECT_EQ(at_once.version(), version);
}

TEST(RecordSet, PublishedSetsNeverChange) {
  Zone zone = zone_with(two_agents());
  zone.apply(plain_task("plain.1", "x-S0"));
  const auto first = zone.publish(1);
  zone.apply(plain_task("plain.2", "x-S1"));
  const auto second = zone.publish(2);
  zone.apply(FrameworkRemoved{"f1"});
  EXPECT_EQ(lines_of(*first, "plain.marathon.mesos"), (Lines{"A 127.9.0.1"}));
  EXPECT_EQ(lines_of(*second, "plain.marathon.mesos"), (Lines{"A 127.9.0.1", "A 127.9.0.2"}));
  EXPECT_EQ(lines_of(zone.records(), "plain.marathon.mesos"), (Lines{"none"}));
}

TEST(RecordSet, SharesEverythingThatDidNotChange) {
  Zone zone = zone_with(two_agents());
  for (int i = 0; i < 1000; ++i) {
    Task task = plain_task("t." + std::to_string(i), "x-S0");
    task.name = "app" + std::to_string(i);
    zone.apply(task);
  }
  const auto first = zone.publish(1);
  Task task = plain_task("new", "x-S1");
  task.name = "app7";
  zone.apply(task);
  const auto second = zone.publish(2);
  std::size_t differ = 0;
  second->for_each([&](const Node& node) { differ += first->find(node.name) != &node; });
  EXPECT_LE(differ, 10u);  // the names of one task
}

}  // namespace
}  // namespace ekiden::dns
