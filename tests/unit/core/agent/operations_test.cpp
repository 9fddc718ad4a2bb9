// Reservations and persistent volumes on an agent [mesos-core 2.13, 5.6, 6.10].
#include "tests/unit/core/agent/fixture.h"

namespace ekiden::agent {
namespace {

using model::Operation;
using model::OperationState;
using model::StatusReason;
using model::TaskState;
using namespace std::chrono_literals;

AgentConfig with_disk() {
  AgentConfig config;
  config.info.hostname = "h";
  config.info.resources = {model::scalar_resource("cpus", 4),
                           model::scalar_resource("mem", 1024),
                           model::scalar_resource("disk", 1000)};
  return config;
}

model::Resource reserved(const std::string& name, double amount) {
  model::Resource resource = model::scalar_resource(name, amount);
  resource.reservations = {{model::Reservation::Type::dynamic, "web", "me", std::nullopt}};
  return resource;
}

model::Resource volume(const std::string& id, double amount) {
  model::Resource resource = reserved("disk", amount);
  resource.disk.emplace().persistence = model::Persistence{id, "me"};
  resource.disk->volume.emplace().container_path = "data";
  return resource;
}

Operation operation(Operation::Type type, const std::vector<model::Resource>& resources) {
  Operation result;
  result.type = type;
  result.id = OperationId{"op"};
  result.resources = resources;
  return result;
}

struct Disks : World {
  Disks() : World(with_disk()) { register_agent(); }

  Effects& apply(const Operation& what, char uuid) {
    return step(MasterMessage{link::ApplyOperation{FrameworkId{"F"}, what, std::string(16, uuid)}});
  }

  void reserve_and_create() {
    apply(operation(Operation::Type::reserve, {reserved("disk", 100)}), '1');
    apply(operation(Operation::Type::create, {volume("v", 100)}), '2');
  }

  bool holds(const model::Resource& resource) const {
    return agent->total().contains(model::Resources({resource}));
  }

  link::OperationUpdate told() const {
    const auto sent = World::sent<link::OperationUpdate>();
    return sent.empty() ? link::OperationUpdate{} : sent[0];
  }
};

TEST(AgentOperations, WaitForTheMastersWelcomeOnANewLink) {
  Disks world;
  world.step(MasterLost{});
  world.advance(1s);
  ASSERT_EQ(world.World::sent<link::Register>().size(), 1U);
  world.apply(operation(Operation::Type::reserve, {reserved("disk", 100)}), '1');
  EXPECT_TRUE(world.last.persist.empty());
  EXPECT_FALSE(world.holds(reserved("disk", 100)));
}

TEST(AgentOperations, ReservationIsDurableAndToldInTheSameStep) {
  Disks world;
  world.apply(operation(Operation::Type::reserve, {reserved("cpus", 2)}), '1');
  EXPECT_TRUE(world.holds(reserved("cpus", 2)));
  const auto told = world.told();
  EXPECT_EQ(told.status.state, OperationState::finished);
  EXPECT_EQ(told.status.operation_id->value, "op");
  EXPECT_EQ(told.status.agent_id->value, "A");
  EXPECT_EQ(told.status.uuid->size(), 16U);
  EXPECT_EQ(told.status.converted_resources, std::vector<model::Resource>{reserved("cpus", 2)});
  world.load();
  EXPECT_TRUE(world.holds(reserved("cpus", 2)));
  EXPECT_DOUBLE_EQ(world.agent->total().scalar("cpus").to_double(), 4);
}

TEST(AgentOperations, StatusIsResentUntilAcknowledged) {
  Disks world;
  world.apply(operation(Operation::Type::reserve, {reserved("cpus", 2)}), '1');
  const std::string status = *world.told().status.uuid;
  world.advance(10s);
  EXPECT_EQ(world.told().status.uuid, status);
  world.load();
  world.register_agent();
  EXPECT_EQ(world.told().status.uuid, status);  // after a restart too
  world.step(
      MasterMessage{link::AcknowledgeOperation{std::string(16, '1'), status, OperationId{"op"}}});
  EXPECT_TRUE(world.agent->operations().empty());
  world.advance(1h);
  EXPECT_TRUE(world.sent<link::OperationUpdate>().empty());
  EXPECT_FALSE(world.stored[kAgentKind].contains(operation_key(1)));
}

TEST(AgentOperations, RepeatIsAnsweredAndNotAppliedTwice) {
  Disks world;
  const auto reserve = operation(Operation::Type::reserve, {reserved("cpus", 2)});
  world.apply(reserve, '1');
  const std::string status = *world.told().status.uuid;
  world.apply(reserve, '1');
  EXPECT_EQ(world.told().status.uuid, status);
  EXPECT_TRUE(world.last.persist.empty());
  world.step(MasterMessage{link::AcknowledgeOperation{std::string(16, '1'), status, std::nullopt}});
  world.apply(reserve, '1');
  EXPECT_TRUE(world.last.persist.empty());
  EXPECT_FALSE(world.holds(reserved("cpus", 4)));
}

TEST(AgentOperations, WhatIsNotThereIsDroppedAndTheMasterHearsWhatIs) {
  Disks world;
  world.apply(operation(Operation::Type::create, {volume("v", 100)}), '1');  // not reserved
  EXPECT_EQ(world.told().status.state, OperationState::dropped);
  EXPECT_TRUE(world.told().status.message.has_value());
  world.tick();
  ASSERT_EQ(world.sent<link::Register>().size(), 1U);
  EXPECT_FALSE(world.last.connect);
  EXPECT_EQ(model::Resources(world.sent<link::Register>()[0].resources), world.agent->total());
  EXPECT_EQ(world.sent<link::Register>()[0].operations.size(), 1U);
}

TEST(AgentOperations, VolumeGetsAFolderThatTheNextLifeMakesAgain) {
  Disks world;
  world.reserve_and_create();
  const VolumeOrder make{VolumeOrder::Kind::make, "volumes/roles/web/v", false};
  EXPECT_EQ(world.last.volumes, std::vector<VolumeOrder>{make});
  world.load();
  EXPECT_EQ(world.agent->volume_orders(), std::vector<VolumeOrder>{make});
}

TEST(AgentOperations, DestroyRemovesTheDataEvenWhenTheAgentDiesMeanwhile) {
  Disks world;
  world.reserve_and_create();
  world.apply(operation(Operation::Type::destroy, {volume("v", 100)}), '3');
  const VolumeOrder remove{VolumeOrder::Kind::remove, "volumes/roles/web/v", false};
  EXPECT_EQ(world.last.volumes, std::vector<VolumeOrder>{remove});
  world.load();
  EXPECT_EQ(world.agent->volume_orders(), std::vector<VolumeOrder>{remove});
  world.step(VolumeRemoved{"volumes/roles/web/v"});
  world.load();
  EXPECT_TRUE(world.agent->volume_orders().empty());
  EXPECT_TRUE(world.holds(reserved("disk", 100)));
}

TEST(AgentOperations, NewVolumeOfADestroyedOnesNameIsNotRemovedAfterARestart) {
  Disks world;
  world.reserve_and_create();
  world.apply(operation(Operation::Type::destroy, {volume("v", 100)}), '3');
  world.apply(operation(Operation::Type::create, {volume("v", 100)}), '4');
  world.load();
  ASSERT_EQ(world.agent->volume_orders().size(), 1U);
  EXPECT_EQ(world.agent->volume_orders()[0].kind, VolumeOrder::Kind::make);
}

TEST(AgentOperations, VolumesGrowAndShrink) {
  Disks world;
  world.apply(operation(Operation::Type::reserve, {reserved("disk", 300)}), '1');
  world.apply(operation(Operation::Type::create, {volume("v", 100)}), '2');
  Operation grow;
  grow.type = Operation::Type::grow_volume;
  grow.volume = volume("v", 100);
  grow.addition = reserved("disk", 50);
  world.apply(grow, '3');
  EXPECT_TRUE(world.holds(volume("v", 150)));
  Operation shrink;
  shrink.type = Operation::Type::shrink_volume;
  shrink.volume = volume("v", 150);
  shrink.subtract = model::Scalar::from_double(110);
  world.apply(shrink, '4');
  EXPECT_TRUE(world.holds(volume("v", 40)));
  EXPECT_TRUE(world.last.volumes.empty());  // the data stay where they are
}

TEST(AgentOperations, TaskGetsItsVolume) {
  Disks world;
  world.reserve_and_create();
  model::TaskInfo task = a_task("t");
  model::Resource wanted = volume("v", 100);
  wanted.allocation_role = "web";
  task.resources.push_back(wanted);
  world.step(MasterMessage{link::RunTask{a_framework(), task}});
  ASSERT_EQ(world.last.start.size(), 1U);
  const VolumeMount mount{"volumes/roles/web/v", "data", false};
  EXPECT_EQ(world.last.start[0].volumes, std::vector<VolumeMount>{mount});
}

TEST(AgentOperations, TaskWithAnUnknownVolumeOrReservationIsDropped) {
  Disks world;
  model::TaskInfo task = a_task("t");
  task.resources.push_back(volume("v", 100));
  world.step(MasterMessage{link::RunTask{a_framework(), task}});
  EXPECT_TRUE(world.last.start.empty());
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.state, TaskState::dropped);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.reason, StatusReason::resources_unknown);
}

TEST(AgentOperations, SharedVolumeServesSeveralTasks) {
  Disks world;
  world.apply(operation(Operation::Type::reserve, {reserved("disk", 900)}), '1');
  model::Resource shared = volume("v", 900);
  shared.shared = true;
  world.apply(operation(Operation::Type::create, {shared}), '2');
  for (const char* id : {"a", "b"}) {
    model::TaskInfo task = a_task(id);
    task.resources.push_back(shared);
    world.step(MasterMessage{link::RunTask{a_framework(), task}});
    EXPECT_EQ(world.last.start.size(), 1U) << id;
  }
}

TEST(AgentOperations, RoleAndDiskSayWhereAVolumeLies) {
  Disks world;
  world.config.info.resources.push_back(model::scalar_resource("disk", 500));
  world.config.info.resources.back().disk.emplace().source.emplace().type =
      model::DiskSource::Type::path;
  world.config.info.resources.back().disk->source->path.emplace().root = "/mnt/fast";
  world.load();
  world.register_agent();
  model::Resource plain = world.config.info.resources.back();
  plain.reservations = {{model::Reservation::Type::dynamic, "eng/web", "me", std::nullopt}};
  world.apply(operation(Operation::Type::reserve, {plain}), '1');
  model::Resource made = plain;
  made.disk->persistence = model::Persistence{"v", "me"};
  made.disk->volume.emplace().container_path = "data";
  world.apply(operation(Operation::Type::create, {made}), '2');
  ASSERT_EQ(world.last.volumes.size(), 1U);
  EXPECT_EQ(world.last.volumes[0].path, "/mnt/fast/volumes/roles/eng web/v");
}

TEST(AgentOperations, FlagsThatNoLongerHoldAReservationAreRefused) {
  Disks world;
  world.apply(operation(Operation::Type::reserve, {reserved("disk", 900)}), '1');
  StoredRecords records;
  records.agent =
      StoredRecords::Entries(world.stored[kAgentKind].begin(), world.stored[kAgentKind].end());
  AgentConfig small = with_disk();
  small.info.resources.back() = model::scalar_resource("disk", 500);
  const auto loaded = Agent::load(small, Random(1), records);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("disk"), std::string::npos);
}

}  // namespace
}  // namespace ekiden::agent
