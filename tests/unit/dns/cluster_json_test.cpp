#include "dns/cluster_json.h"

#include <gtest/gtest.h>

namespace ekiden::dns {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << value.error().message;
  return value ? *value : json::Value();
}

constexpr std::string_view kLegacy = R"({
  "leader": "master@127.0.0.7:5050",
  "slaves": [
    {"id": "x-S0", "hostname": "a", "pid": "slave(1)@127.9.0.1:5051"},
    {"id": "x-S1", "pid": "slave(1)@[fd00::1]:5052"},
    {"id": "bad-1", "pid": ""}, {"id": "bad-2"}, {"id": "bad-3", "pid": "slave@nowhere"}],
  "frameworks": [{"id": "f1", "name": "marathon", "hostname": "h", "tasks": [
    {"id": "t.1", "name": "t", "framework_id": "f1", "slave_id": "x-S0", "state": "TASK_RUNNING",
     "resources": {"cpus": 1, "ports": "[31000-31001, 31005-31005]"},
     "labels": [{"key": "EKIDEN_DNS_TTL", "value": "7"}],
     "statuses": [
       {"state": "TASK_RUNNING", "timestamp": 5, "healthy": true},
       {"state": "TASK_RUNNING", "timestamp": 9, "healthy": false,
        "labels": [{"key": "Docker.NetworkSettings.IPAddress", "value": "172.17.0.2"}],
        "container_status": {"network_infos": [
          {"ip_addresses": [{"ip_address": "10.0.0.1"}, {"ip_address": "fd00::2"}]},
          {"ip_address": "10.0.0.9"}]}},
       {"state": "TASK_FAILED", "timestamp": 99}],
     "discovery": {"name": "web.shop", "ports": {"ports": [
       {"number": 80, "name": "http", "protocol": "tcp"}, {"number": 99999}]}}},
    {"id": "t.2", "name": "t", "framework_id": "f1", "slave_id": "x-S0", "state": "TASK_FINISHED"}
  ]}]})";

TEST(LegacyState, BecomesClusterState) {
  const auto state = from_legacy_state(parsed(kLegacy));
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->leader, (HostPort{"127.0.0.7", 5050}));
  ASSERT_EQ(state->agents.size(), 2u);
  EXPECT_EQ(state->agents.at("x-S1").address, (HostPort{"fd00::1", 5052}));
  ASSERT_EQ(state->tasks.size(), 1u);
  const Task& task = state->tasks.at({"f1", "t.1"});
  EXPECT_EQ(task.state, Task::State::running);
  EXPECT_EQ(task.ports, (std::vector<PortRange>{{31000, 31001}, {31005, 31005}}));
  EXPECT_EQ(task.discovery_name, "web.shop");
  EXPECT_EQ(task.discovery_ports, (std::vector<DiscoveryPort>{{80, "http", "tcp"}}));
  EXPECT_EQ(task.ttl, 7u);
  EXPECT_EQ(task.status->timestamp, 9);
  EXPECT_EQ(task.status->netinfo, (std::vector<std::string>{"10.0.0.1", "fd00::2", "10.0.0.9"}));
  EXPECT_EQ(task.status->docker_label, "172.17.0.2");
}

TEST(LegacyState, WithoutALeaderIsRefused) {
  EXPECT_FALSE(from_legacy_state(parsed(R"({"leader": "", "slaves": []})")));
  EXPECT_FALSE(from_legacy_state(parsed("[]")));
}

TEST(Saved, ComesBackAsItWas) {
  ClusterState state = *from_legacy_state(parsed(kLegacy));
  state.tasks.at({"f1", "t.1"}).healthy = true;
  state.tasks.at({"f1", "t.1"}).healthy_at = 9.5;
  const WallTime at{std::chrono::seconds(1'700'000'000)};
  const auto saved = from_saved(to_saved(state, at));
  ASSERT_TRUE(saved) << saved.error().message;
  EXPECT_EQ(saved->saved_at, at);
  EXPECT_EQ(saved->state.leader, state.leader);
  EXPECT_EQ(saved->state.agents, state.agents);
  EXPECT_EQ(saved->state.frameworks, state.frameworks);
  EXPECT_EQ(saved->state.tasks, state.tasks);
}

TEST(Saved, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(from_saved(""));
  EXPECT_FALSE(from_saved("{}"));
  EXPECT_FALSE(from_saved(R"({"version": 2, "savedAt": "2020-01-01T00:00:00.000Z"})"));
}

Change event(std::string_view text) {
  Duration heartbeat{};
  return from_event(parsed(text), heartbeat);
}

TEST(Event, OfATask) {
  const Change added = event(R"({"type": "TASK_ADDED", "task_added": {"task": {
      "task_id": {"value": "t.1"}, "framework_id": {"value": "f1"}, "agent_id": {"value": "x-S0"},
      "name": "t", "state": "TASK_STAGING", "resources": [
        {"name": "ports", "ranges": {"range": [{"begin": 31000, "end": 31001}]}}]}}})");
  const Task& task = std::get<Task>(added);
  EXPECT_EQ(task.state, Task::State::waiting);
  EXPECT_EQ(task.ports, (std::vector<PortRange>{{31000, 31001}}));
  const Change changed = event(R"({"type": "TASK_UPDATED", "task_updated": {
      "framework_id": {"value": "f1"}, "state": "TASK_RUNNING", "status": {
        "task_id": {"value": "t.1"}, "state": "TASK_RUNNING", "timestamp": 3.5,
        "container_status": {"network_infos": [
          {"ip_addresses": [{"ip_address": "10.0.0.1"}]}]}}}})");
  const StatusUpdate& update = std::get<StatusUpdate>(changed);
  EXPECT_EQ(update.task, (TaskKey{"f1", "t.1"}));
  EXPECT_EQ(update.state, Task::State::running);
  EXPECT_EQ(updated(task, update).status->netinfo, (std::vector<std::string>{"10.0.0.1"}));
}

TEST(Event, ThatDoesNotMatterIsNothing) {
  for (std::string_view text :
       {R"({"type": "HEARTBEAT"})",
        R"({})",
        R"([1])",
        R"({"type": "TASK_ADDED"})",
        R"({"type": "AGENT_ADDED", "agent_added": {"agent": {"pid": "x"}}})",
        R"({"type": "AGENT_REMOVED"})",
        R"({"type": "FRAMEWORK_REMOVED"})"}) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(event(text))) << text;
  }
}

TEST(Event, SubscribedTellsStateAndHeartbeat) {
  Duration heartbeat{};
  const Change change =
      from_event(parsed(R"({"type": "SUBSCRIBED", "subscribed": {"heartbeat_interval_seconds": 7.0,
      "get_state": {"get_agents": {"agents": [{"agent_info": {"id": {"value": "x-S0"},
        "hostname": "node", "port": 5052}}]}}}})"),
                 heartbeat);
  EXPECT_EQ(heartbeat, std::chrono::seconds(7));
  const ClusterState& state = std::get<ClusterState>(change);
  EXPECT_EQ(state.agents.at("x-S0").address, (HostPort{"node", 5052}));
}

TEST(GetMaster, NamesTheLeader) {
  EXPECT_EQ(leader_from_get_master(parsed(R"({"get_master": {"master_info": {
      "address": {"ip": "10.0.0.1", "port": 5050}}}})")),
            (HostPort{"10.0.0.1", 5050}));
  EXPECT_EQ(leader_from_get_master(
                parsed(R"({"get_master": {"master_info": {"pid": "master@10.0.0.2:5050"}}})")),
            (HostPort{"10.0.0.2", 5050}));
  EXPECT_FALSE(leader_from_get_master(parsed("{}")));
}

TEST(StatusUpdate, OlderThanWhatIsKnownChangesNoHealth) {
  Task task;
  task.healthy = true;
  task.healthy_at = 5;
  const StatusUpdate late{
      {}, Task::State::running, RunningStatus{4, {"10.0.0.4"}, "", ""}, 4, false};
  EXPECT_EQ(updated(task, late).healthy, true);
}

}  // namespace
}  // namespace ekiden::dns
