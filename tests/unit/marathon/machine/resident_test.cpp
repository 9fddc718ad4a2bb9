// Residents on the whole machine: reserve, create, launch, keep, reuse, free [4.9].
#include "core/json/json.h"
#include "tests/unit/marathon/machine/world.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* kAgent = "cpus:4;mem:4000;disk:4000;ports:[31000-31099]";

Settings dev() {
  Settings settings;
  settings.mesos_role = "dev";
  return settings;
}

std::string definition(const std::string& more = "") {
  return R"({"cmd":"xx","cpus":1,"mem":100,"portDefinitions":[{"port":0}],
             "container":{"type":"MESOS","volumes":[{"containerPath":"data","mode":"RW",
             "persistent":{"size":10}}]})" +
         more + "}";
}

class ResidentTest : public testing::Test {
 protected:
  ResidentTest() : world_(dev()) { world_.agent("a1", kAgent); }

  void put(const std::string& body, const std::string& path = "/db") {
    world_.put(path, body);
    world_.run(3s);
    ASSERT_FALSE(world_.replies().empty());
    const auto* rejected = std::get_if<Rejected>(&world_.replies().back().body);
    if (rejected) {
      ADD_FAILURE() << rejected->error.message << " "
                    << (rejected->error.problems.empty() ? "" : rejected->error.problems[0].reason);
    }
  }

  InstancePtr only() const {
    const auto all = world_.instances_of("/db");
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? nullptr : all.front();
  }

  // Persistence ids on all agents.
  std::set<std::string> volumes() const {
    std::set<std::string> ids;
    for (const char* agent : {"a1", "a2", "a3"}) {
      if (!world_.has_agent(agent)) {
        continue;
      }
      for (const model::Resource& resource : world_.total_of(agent).list()) {
        if (resource.disk && resource.disk->persistence) {
          ids.insert(resource.disk->persistence->id);
        }
      }
    }
    return ids;
  }

  bool anything_reserved(const std::string& agent) const {
    return world_.total_of(agent).unreserved() != world_.total_of(agent);
  }

  TaskId task() const {
    const auto tasks = world_.tasks_of("/db");
    EXPECT_EQ(tasks.size(), 1u);
    return tasks.empty() ? TaskId{} : tasks.front();
  }

  World world_;
};

TEST_F(ResidentTest, ReservesCreatesAndLaunchesOnIt) {
  put(definition());
  const InstancePtr instance = only();
  ASSERT_TRUE(instance && instance->reservation);
  EXPECT_EQ(instance->condition, Condition::running);
  EXPECT_EQ(instance->reservation->state, Reservation::State::launched);
  ASSERT_EQ(instance->reservation->volumes.size(), 1u);
  const LocalVolume& volume = instance->reservation->volumes.front();
  EXPECT_EQ(volume.container_path, "data");
  EXPECT_TRUE(volume.persistence_id.starts_with("db#data#"));
  EXPECT_EQ(volumes(), std::set{volume.persistence_id});
  // The task gets what was reserved, the volume included.
  const model::Resources used(world_.tasks().at(task()).info.resources);
  EXPECT_EQ(used.reserved("dev").scalar("cpus").to_double(), 1);
  EXPECT_EQ(used.scalar("disk").to_double(), 10);
  EXPECT_EQ(instance->task->host_ports.size(), 1u);
  EXPECT_EQ(instance->incarnation, 1u);
}

TEST_F(ResidentTest, AFailedOneComesBackToItsVolumeAndPorts) {
  put(definition());
  const InstancePtr before = only();
  world_.agent("a2", kAgent);
  for (std::uint32_t i = 2; i < 6; ++i) {
    world_.finish_task(task(), model::TaskState::failed);
    world_.run(20s);
    const InstancePtr after = only();
    ASSERT_TRUE(after);
    EXPECT_EQ(after->id, before->id);
    EXPECT_EQ(after->incarnation, i);
    EXPECT_EQ(after->place->host, "a1");
    EXPECT_EQ(after->reservation->volumes, before->reservation->volumes);
    EXPECT_EQ(after->task->host_ports, before->task->host_ports);
  }
  EXPECT_EQ(volumes().size(), 1u);
}

TEST_F(ResidentTest, WaitsForItsAgentAndIsNotPlacedElsewhere) {
  put(definition());
  const InstancePtr before = only();
  world_.agent("a2", kAgent);
  world_.lose_agent("a1");
  world_.run(1h);
  EXPECT_EQ(only()->condition, Condition::unreachable);
  EXPECT_FALSE(anything_reserved("a2"));
  world_.find_agent("a1");
  world_.run(5s);
  EXPECT_EQ(only()->condition, Condition::running);
  EXPECT_EQ(volumes(), std::set{before->reservation->volumes.front().persistence_id});
}

TEST_F(ResidentTest, SurvivesARestartOfEverything) {
  put(definition());
  const auto kept = volumes();
  const InstanceId id = only()->id;
  world_.restart();
  world_.run(5s);
  EXPECT_EQ(only()->id, id);
  EXPECT_EQ(only()->reservation->state, Reservation::State::launched);
  world_.finish_task(task(), model::TaskState::failed);
  world_.restart();
  world_.run(20s);
  EXPECT_EQ(only()->id, id);
  EXPECT_EQ(only()->condition, Condition::running);
  EXPECT_EQ(volumes(), kept);
}

TEST_F(ResidentTest, ScalingDownKeepsTheDataAndScalingUpUsesItAgain) {
  put(definition(R"(,"instances":2)"));
  const auto kept = volumes();
  ASSERT_EQ(kept.size(), 2u);
  put(R"({"instances":0})");
  world_.run(10s);
  EXPECT_EQ(world_.tasks_of("/db").size(), 0u);
  EXPECT_EQ(volumes(), kept);
  for (const InstancePtr& instance : world_.instances_of("/db")) {
    EXPECT_EQ(instance->goal, Goal::stopped);
    EXPECT_EQ(instance->reservation->state, Reservation::State::suspended);
  }
  world_.restart();
  world_.run(10s);
  EXPECT_EQ(volumes(), kept);
  put(R"({"instances":2})");
  world_.run(10s);
  EXPECT_EQ(world_.tasks_of("/db").size(), 2u);
  EXPECT_EQ(volumes(), kept);
  EXPECT_EQ(world_.instances_of("/db").size(), 2u);
}

TEST_F(ResidentTest, AnUpdateKeepsInstanceAndData) {
  put(definition());
  const auto kept = volumes();
  const InstanceId id = only()->id;
  put(R"({"cmd":"v2"})");
  world_.run(10s);
  ASSERT_TRUE(only());
  EXPECT_EQ(only()->id, id);
  EXPECT_EQ(only()->app->cmd, "v2");
  EXPECT_EQ(only()->condition, Condition::running);
  EXPECT_EQ(only()->incarnation, 2u);
  EXPECT_EQ(volumes(), kept);
  EXPECT_TRUE(world_.snapshot()->deployments.empty());
}

TEST_F(ResidentTest, DeletingTheAppFreesEverything) {
  put(definition(R"(,"instances":2)"));
  put(R"({"instances":1})");
  EXPECT_EQ(volumes().size(), 2u);
  world_.remove("/db");
  world_.run(10s);
  EXPECT_TRUE(volumes().empty());
  EXPECT_FALSE(anything_reserved("a1"));
  EXPECT_TRUE(world_.instances_of("/db").empty());
  EXPECT_TRUE(world_.snapshot()->deployments.empty());
}

TEST_F(ResidentTest, DeletedWhileTheAgentIsAwayIsFreedWhenItReturns) {
  put(definition());
  world_.finish_task(task(), model::TaskState::failed);
  world_.lose_agent("a1");
  world_.remove("/db");
  world_.run(10min);
  EXPECT_EQ(volumes().size(), 1u);
  world_.restart();
  world_.find_agent("a1");
  world_.run(10s);
  EXPECT_TRUE(volumes().empty());
  EXPECT_FALSE(anything_reserved("a1"));
}

TEST_F(ResidentTest, WipeFreesTheVolumeAndAFreshOneReplacesIt) {
  put(definition());
  const auto old = volumes();
  world_.command(KillInstances{7, {only()->id}, true});
  world_.run(20s);
  ASSERT_EQ(volumes().size(), 1u);
  EXPECT_NE(volumes(), old);
  EXPECT_EQ(only()->condition, Condition::running);
}

TEST_F(ResidentTest, AnOrdinaryKillKeepsTheVolume) {
  put(definition());
  const auto old = volumes();
  world_.command(KillInstances{7, {only()->id}, false});
  world_.run(20s);
  EXPECT_EQ(volumes(), old);
  EXPECT_EQ(only()->condition, Condition::running);
  EXPECT_EQ(only()->incarnation, 2u);
}

TEST_F(ResidentTest, Defect42AnEmptyStateDestroysNothing) {
  put(definition());
  const auto kept = volumes();
  const model::Resources reserved = world_.total_of("a1");
  // The same framework id, the same agent, no record of the instance.
  World other(dev());
  other.agent("a2", "cpus:1;mem:1000;disk:1000");
  other.set_total("a1", reserved);
  other.put("/other", R"({"cmd":"xx","cpus":0.1,"mem":32})");
  other.run(10min);
  EXPECT_EQ(other.total_of("a1"), reserved);
  Settings freeing = dev();
  freeing.free_unknown_reservations = true;
  World as_marathon(freeing);
  as_marathon.set_total("a1", reserved);
  as_marathon.put("/other", R"({"cmd":"xx","cpus":100,"mem":32})");
  as_marathon.run(10s);
  EXPECT_EQ(as_marathon.total_of("a1").unreserved(), as_marathon.total_of("a1"));
}

TEST_F(ResidentTest, Defect21AReservationThatIsNeverSeenIsTriedAgainAtOnce) {
  world_.operations_work = false;
  put(definition());
  const InstanceId first = only()->id;
  EXPECT_EQ(only()->reservation->state, Reservation::State::fresh);
  world_.operations_work = true;
  world_.run(20s);
  EXPECT_NE(only()->id, first);
  EXPECT_EQ(only()->condition, Condition::running);
  EXPECT_EQ(volumes().size(), 1u);
}

TEST_F(ResidentTest, WhatTurnsUpAfterItsTimeIsFreed) {
  world_.tasks_start = true;
  world_.crash_at(3, World::Crash::after_commit);
  put(definition());
  world_.lose_agent("a1");
  world_.agent("a2", kAgent);
  world_.run(30s);
  world_.find_agent("a1");
  world_.run(30s);
  EXPECT_EQ(world_.tasks_of("/db").size(), 1u);
  EXPECT_EQ(volumes().size(), 1u);
}

TEST_F(ResidentTest, GoneForGoodMeansANewVolumeElsewhere) {
  put(definition());
  const auto old = volumes();
  world_.agent("a2", kAgent);
  const TaskId gone = task();
  world_.lose_agent("a1");
  world_.run(5s);
  world_.finish_task(gone, model::TaskState::gone_by_operator);
  world_.run(20s);
  EXPECT_EQ(only()->condition, Condition::running);
  EXPECT_EQ(only()->place->host, "a2");
  EXPECT_TRUE(anything_reserved("a2"));
}

TEST_F(ResidentTest, GoneForGoodWhileItIsDeletedLeavesNothing) {
  put(definition());
  const TaskId gone = task();
  world_.kills_work = false;
  world_.remove("/db");
  world_.run(2s);
  world_.finish_task(gone, model::TaskState::gone_by_operator);
  world_.run(10s);
  EXPECT_TRUE(world_.instances_of("/db").empty());
  EXPECT_TRUE(world_.snapshot()->deployments.empty());
}

// Found by resident_property_test: a kill that a restart ordered for a waiting instance without a
// task stayed behind and hit, or hid, what was launched later.
TEST_F(ResidentTest, ARestartOrdersNoKillOfWhatHasNoTask) {
  put(definition());
  put(R"({"instances":0})");
  world_.lose_agent("a1");
  put(R"({"instances":1})");  // waits for its volume
  put(R"({"instances":0})");
  world_.restart();
  world_.find_agent("a1");
  world_.run(2s);
  put(R"({"instances":1})");
  const std::size_t kills = world_.calls["KILL"];
  world_.run(5min);
  EXPECT_EQ(world_.calls["KILL"], kills);
  EXPECT_EQ(only()->condition, Condition::running);
  world_.remove("/db");
  world_.run(10s);
  EXPECT_TRUE(volumes().empty());
}

TEST_F(ResidentTest, Defect25aUniqueResidentsReserveOnDifferentAgents) {
  world_.agent("a2", kAgent);
  world_.operations_work = true;
  put(definition(R"(,"instances":2,"constraints":[["hostname","UNIQUE"]])"));
  world_.run(20s);
  EXPECT_TRUE(anything_reserved("a1"));
  EXPECT_TRUE(anything_reserved("a2"));
  // Both fail and wait: neither takes the other's agent.
  for (const TaskId& id : world_.tasks_of("/db")) {
    world_.finish_task(id, model::TaskState::failed);
  }
  world_.run(1min);
  EXPECT_EQ(world_.tasks_of("/db").size(), 2u);
  EXPECT_EQ(volumes().size(), 2u);
  put(R"({"instances":3})");
  world_.run(1min);
  EXPECT_EQ(volumes().size(), 2u);
}

TEST_F(ResidentTest, SeveralVolumesLieOnDisksOfTheirKinds) {
  model::Resources total = *model::parse_resources(kAgent);
  model::Resource mount = model::scalar_resource("disk", 500);
  mount.disk.emplace();
  mount.disk->source.emplace();
  mount.disk->source->type = model::DiskSource::Type::mount;
  mount.disk->source->mount = model::DiskSource::Root{"/mnt/1"};
  total += mount;
  world_.set_total("a1", total);
  put(R"({"cmd":"xx","cpus":1,"mem":100,"container":{"type":"MESOS","volumes":[
          {"containerPath":"log","mode":"RW","persistent":{"size":10}},
          {"containerPath":"data","mode":"RW","persistent":{"size":100,"type":"mount"}}]}})");
  ASSERT_TRUE(only());
  EXPECT_EQ(only()->condition, Condition::running);
  EXPECT_EQ(volumes().size(), 2u);
  EXPECT_EQ(model::Resources(world_.tasks().at(task()).info.resources).scalar("disk").to_double(),
            510);
}

TEST_F(ResidentTest, TheRecordIsWrittenBeforeTheOfferIsAccepted) {
  for (const auto crash : {World::Crash::before_commit, World::Crash::after_commit}) {
    for (std::size_t commit = 1; commit <= 6; ++commit) {
      World world(dev());
      world.agent("a1", kAgent);
      world.crash_at(commit, crash);
      world.put("/db", definition());
      world.run(2min);
      if (world.snapshot()->root.find_app(PathId::parse("/db")) == nullptr) {
        continue;  // crashed before it was known
      }
      EXPECT_EQ(world.tasks_of("/db").size(), 1u) << commit;
      std::size_t made = 0;
      for (const model::Resource& resource : world.total_of("a1").list()) {
        made += resource.disk && resource.disk->persistence ? 1 : 0;
      }
      EXPECT_EQ(made, 1u) << commit;
    }
  }
}

TEST_F(ResidentTest, TasksShowTheirVolumes) {
  put(definition());
  const InstancePtr instance = only();
  ASSERT_TRUE(instance && instance->reservation);
  EXPECT_EQ(instance->reservation->volumes.front().uuid().size(), 36u);
}

TEST_F(ResidentTest, PodsKeepTheirVolumesToo) {
  ChangeRoot command;
  command.request = 7;
  command.change = PutPod{PathId::parse("/p"),
                          *json::parse(R"({"id":"/p","containers":[
          {"name":"db","exec":{"command":{"shell":"xx"}},"resources":{"cpus":1,"mem":32},
           "volumeMounts":[{"name":"data","mountPath":"data"}]},
          {"name":"log","exec":{"command":{"shell":"xx"}},"resources":{"cpus":1,"mem":32}}],
          "volumes":[{"name":"data","persistent":{"size":10}}],
          "scaling":{"kind":"fixed","instances":1}})"),
                          PutPod::When::always};
  world_.command(command);
  world_.run(5s);
  const auto before = world_.instances_of("/p");
  ASSERT_EQ(before.size(), 1u);
  ASSERT_TRUE(before.front()->reservation);
  EXPECT_EQ(before.front()->reservation->volumes.front().container_path, "data");
  EXPECT_EQ(world_.tasks_of("/p").size(), 2u);
  const auto kept = volumes();
  ASSERT_EQ(kept.size(), 1u);
  world_.command(KillInstances{8, {before.front()->id}, false});
  world_.run(20s);
  EXPECT_EQ(world_.tasks_of("/p").size(), 2u);
  EXPECT_EQ(world_.instances_of("/p").front()->id, before.front()->id);
  EXPECT_EQ(volumes(), kept);
  command.change = DeletePod{PathId::parse("/p")};
  world_.command(command);
  world_.run(20s);
  EXPECT_TRUE(volumes().empty());
}

// ---- roles
TEST(Roles, ThatFirstAppearLaterAreAnnouncedByAnUpdate) {
  World world;
  world.agent("a1", "cpus:4;mem:4000;disk:4000;cpus(dev):1;mem(dev):100");
  world.run(2s);
  EXPECT_EQ(world.roles(), (std::set<std::string>{"*"}));
  world.put_group("/", R"({"groups":[{"id":"/dev","enforceRole":true}]})");
  world.run(2s);
  world.put("/dev/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"portDefinitions":[]})");
  world.run(5s);
  EXPECT_EQ(world.roles(), (std::set<std::string>{"*", "dev"}));
  EXPECT_EQ(world.tasks_of("/dev/web").size(), 1u);
  world.restart();
  world.run(5s);
  EXPECT_EQ(world.roles(), (std::set<std::string>{"*", "dev"}));
}

TEST(OfferConstraints, AreSentWhenAskedForAndWithdrawnWhenAnybodyTakesAnything) {
  Settings settings;
  settings.offer_constraints = true;
  World world(settings);
  world.agent("a1", "cpus:4;mem:4000;disk:4000;ports:[31000-31099]");
  world.put("/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"instances":2,
                        "constraints":[["hostname","UNIQUE"]]})");
  world.run(10s);
  ASSERT_TRUE(world.offer_constraints.role_constraints.contains("*"));
  const auto& groups = world.offer_constraints.role_constraints.at("*").groups;
  ASSERT_EQ(groups.size(), 1u);
  ASSERT_EQ(groups[0].attribute_constraints.size(), 2u);
  EXPECT_EQ(groups[0].attribute_constraints[1].predicate.text_not_equals, "a1");
  world.put("/any", R"({"cmd":"xx","cpus":99,"mem":32})");
  world.run(10s);
  EXPECT_TRUE(world.offer_constraints.role_constraints.empty());
}

TEST(LaunchTokens, LimitLaunchesThatDoNotRunYet) {
  Settings settings;
  settings.launch_tokens = 2;
  World world(settings);
  world.agent("a1", "cpus:10;mem:10000;disk:4000;ports:[31000-31099]");
  world.slow.insert("/web");
  world.put("/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"instances":5})");
  world.run(20s);
  EXPECT_EQ(world.launches, 2u);
  world.run(settings.launch_token_refresh_interval);
  EXPECT_EQ(world.launches, 4u);
  world.slow.clear();
  world.run(settings.launch_token_refresh_interval);
  EXPECT_EQ(world.launches, 5u);
}

TEST(Revive, IsRepeatedOnceWhileSomethingIsStillWanted) {
  World world;
  world.agent("a1", "cpus:1;mem:100");
  world.put("/web", R"({"cmd":"xx","cpus":5,"mem":32})");
  world.run(2s);
  EXPECT_EQ(world.calls["REVIVE"], 1u);
  world.run(10s);
  EXPECT_EQ(world.calls["REVIVE"], 2u);
  world.run(10min);
  EXPECT_EQ(world.calls["REVIVE"], 2u);
}

}  // namespace

}  // namespace ekiden::marathon::test
