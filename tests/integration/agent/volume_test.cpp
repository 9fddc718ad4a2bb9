// Persistent volumes on the disk and in the sandbox [mesos-core 5.6, 6.9].
#include "tests/integration/agent/fixture.h"

#include <fstream>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;
using model::Operation;

struct Volumes : AgentTest {
  static model::Resource reserved(double amount) {
    model::Resource resource = model::scalar_resource("disk", amount);
    resource.reservations = {{model::Reservation::Type::dynamic, "web", "me", std::nullopt}};
    return resource;
  }

  static model::Resource volume() {
    model::Resource resource = reserved(100);
    resource.disk.emplace().persistence = model::Persistence{"db", "me"};
    resource.disk->volume.emplace().container_path = "data";
    return resource;
  }

  static Operation operation(Operation::Type type, model::Resource resource) {
    Operation result;
    result.type = type;
    result.resources = {std::move(resource)};
    return result;
  }

  void create() {
    master.apply(operation(Operation::Type::reserve, reserved(100)));
    master.apply(operation(Operation::Type::create, volume()));
    ASSERT_TRUE(run_until([&] { return fs::exists(path()); }));
  }

  model::TaskInfo task(const std::string& id, const std::string& command) const {
    model::TaskInfo info = command_task(id, command);
    info.resources.push_back(volume());
    return info;
  }

  std::string path() const { return options.work_dir + "/volumes/roles/web/db"; }
};

TEST_F(Volumes, DataOutliveTheTaskAndTheAgent) {
  start();
  create();
  master.run(task("a", "echo kept >data/file"));
  ASSERT_TRUE(wait_for("a", TaskState::finished));
  EXPECT_EQ(slurp(path() + "/file"), "kept\n");
  daemon.reset();
  start();
  ASSERT_EQ(master.registrations.back().resources.empty(), false);
  EXPECT_TRUE(model::Resources(master.registrations.back().resources)
                  .contains(model::Resources({volume()})));
  master.run(task("b", "cat data/file"));
  ASSERT_TRUE(wait_for("b", TaskState::finished));
  EXPECT_EQ(file("b", "stdout"), "kept\n");
}

TEST_F(Volumes, DestroyRemovesTheData) {
  start();
  create();
  std::ofstream(path() + "/file") << "old";
  master.apply(operation(Operation::Type::destroy, volume()));
  master.apply(operation(Operation::Type::create, volume()));
  ASSERT_TRUE(run_until([&] { return master.operations.size() == 4; }));
  EXPECT_TRUE(fs::exists(path()));
  EXPECT_FALSE(fs::exists(path() + "/file"));
  EXPECT_TRUE(run_until([&] { return fs::is_empty(options.work_dir + "/volumes/.removed"); }));
}

TEST_F(Volumes, TaskOfAGroupSeesItThroughItsExecutor) {
  start();
  create();
  model::TaskInfo info = task("a", "echo pod >mine/file; exec sleep 1000");
  model::VolumeRef ref;
  ref.container_path = "mine";
  ref.source.emplace().type = model::VolumeSource::Type::sandbox_path;
  ref.source->sandbox_path.emplace().type = model::VolumeSource::SandboxPath::Type::parent;
  ref.source->sandbox_path->path = "data";
  info.container.emplace().volumes = {ref};
  master.run_group({info});
  ASSERT_TRUE(run_until([&] { return slurp(path() + "/file") == "pod\n"; }));
}

}  // namespace
}  // namespace ekiden::agent
