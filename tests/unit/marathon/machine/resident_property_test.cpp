// Whatever happens to residents: no volume is lost that anybody wants, none is left when nobody
// does.
#include "tests/unit/marathon/machine/world.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 150;
constexpr std::uint64_t kActions = 25;
constexpr std::size_t kNoCrash = 1'000'000'000;

class Turmoil {
 public:
  explicit Turmoil(std::uint64_t seed) : random_(seed), world_(settings(), seed) {
    for (const char* agent : {"a1", "a2"}) {
      world_.agent(agent, "cpus:4;mem:4000;disk:4000;ports:[31000-31099]");
    }
    world_.put("/db", R"({"cmd":"v0","cpus":1,"mem":100,"instances":2,"container":{"type":"MESOS",
        "volumes":[{"containerPath":"data","mode":"RW","persistent":{"size":10}}]}})");
    world_.run(5s);
  }

  void happen() {
    switch (random_.below(9)) {
      case 0:
        world_.put("/db", fmt::format(R"({{"instances":{}}})", random_.below(4)), true);
        break;
      case 1:
        world_.put("/db", fmt::format(R"({{"cmd":"v{}"}})", random_.below(100)), true);
        break;
      case 2:
      case 3:
        if (const auto tasks = world_.tasks_of("/db"); !tasks.empty()) {
          world_.finish_task(tasks[random_.below(tasks.size())], model::TaskState::failed);
        }
        break;
      case 4:
        world_.restart();
        break;
      case 5:
        world_.crash_at(
            1 + random_.below(4),
            random_.below(2) == 0 ? World::Crash::before_commit : World::Crash::after_commit);
        break;
      case 6:
        world_.lose_agent("a1");
        break;
      case 7:
        world_.find_agent("a1");
        break;
      case 8:
        world_.operations_work = !world_.operations_work;
        break;
    }
    world_.run(std::chrono::milliseconds(random_.below(8000)));
  }

  void heal() {
    world_.operations_work = true;
    world_.find_agent("a1");
    world_.crash_at(kNoCrash, World::Crash::after_commit);
    world_.run(30min);
  }

  World& world() { return world_; }

  std::set<std::string> volumes() const {
    std::set<std::string> ids;
    for (const char* agent : {"a1", "a2"}) {
      for (const model::Resource& resource : world_.total_of(agent).list()) {
        if (resource.disk && resource.disk->persistence) {
          ids.insert(resource.disk->persistence->id);
        }
      }
    }
    return ids;
  }

 private:
  static Settings settings() {
    Settings settings;
    settings.mesos_role = "dev";
    return settings;
  }

  Random random_;
  World world_;
};

std::string describe(const std::vector<InstancePtr>& left, const std::vector<std::string>& log) {
  std::string text = fmt::format("{} instances are left\n", left.size());
  for (const InstancePtr& one : left) {
    text += fmt::format("{} {} {} {} {}\n",
                        one->id.value,
                        to_text(one->condition),
                        to_text(one->goal),
                        one->reservation ? to_text(one->reservation->state) : "-",
                        one->place ? one->place->host : "nowhere");
  }
  for (const std::string& line : log) {
    text += line + "\n";
  }
  return text;
}

TEST(ResidentsInTurmoil, LoseNothingAndLeaveNothing) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Turmoil turmoil(seed);
    World& world = turmoil.world();
    // What ran once is destroyed only on request, and nobody asks here.
    std::set<std::string> used;
    world.after_step = [&] {
      for (const InstancePtr& instance : world.instances_of("/db")) {
        if (instance->reservation && instance->incarnation > 0) {
          for (const LocalVolume& volume : instance->reservation->volumes) {
            used.insert(volume.persistence_id);
          }
        }
      }
    };
    for (std::uint64_t i = 0; i < kActions; ++i) {
      turmoil.happen();
    }
    turmoil.heal();
    const AppPtr app = world.snapshot()->root.find_app(PathId::parse("/db"));
    ASSERT_TRUE(app);
    EXPECT_EQ(world.tasks_of("/db").size(), static_cast<std::size_t>(app->instances));
    const std::set<std::string> volumes = turmoil.volumes();
    for (const std::string& id : used) {
      EXPECT_TRUE(volumes.contains(id)) << id << " is lost";
    }
    std::set<std::string> known;
    for (const InstancePtr& instance : world.instances_of("/db")) {
      if (instance->reservation) {
        for (const LocalVolume& volume : instance->reservation->volumes) {
          known.insert(volume.persistence_id);
        }
      }
    }
    EXPECT_EQ(volumes, known);
    world.take_log();
    world.remove("/db", true);
    world.run(2min);
    const std::vector<InstancePtr> left = world.instances_of("/db");
    EXPECT_TRUE(turmoil.volumes().empty() && left.empty()) << describe(left, world.take_log());
    if (testing::Test::HasFailure()) {
      return;
    }
  }
}

}  // namespace

}  // namespace ekiden::marathon::test
