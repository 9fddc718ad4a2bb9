#include "core/executor/task_secrets.h"

#include "tests/unit/core/agent/temp_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace ekiden::executor {

namespace {

model::Secret secret(std::optional<std::string> value) {
  model::Secret one;
  one.type = value ? model::Secret::Type::value : model::Secret::Type::reference;
  one.reference = model::Secret::Reference{"vault/s", {}};
  one.value = std::move(value);
  return one;
}

class TaskSecretsTest : public testing::Test {
 protected:
  void add_variable(std::optional<std::string> value) {
    model::EnvironmentVariable variable;
    variable.name = "P";
    variable.type = model::EnvironmentVariable::Type::secret;
    variable.secret = secret(std::move(value));
    task_.command.emplace().environment.emplace().variables = {variable};
  }

  void add_volume(const std::string& path) {
    model::VolumeRef volume;
    volume.container_path = path;
    volume.source.emplace().type = model::VolumeSource::Type::secret;
    volume.source->secret = secret("hunter2");
    task_.container.emplace().volumes = {volume};
  }

  std::string problem() {
    const auto done = place_secrets(task_, sandbox_.path(), {});
    return done ? "" : done.error().message;
  }

  agent::TempFolder sandbox_;
  model::TaskInfo task_;
};

TEST_F(TaskSecretsTest, VariablesBecomePlain) {
  add_variable("hunter2");
  EXPECT_EQ(problem(), "");
  const model::EnvironmentVariable& variable = task_.command->environment->variables[0];
  EXPECT_EQ(variable.value, "hunter2");
  EXPECT_EQ(variable.type, model::EnvironmentVariable::Type::value);
  EXPECT_FALSE(variable.secret);
}

TEST_F(TaskSecretsTest, OneWithoutAValueStopsTheTask) {
  add_variable(std::nullopt);
  EXPECT_NE(problem().find("no usable secret 'vault/s'"), std::string::npos);
}

TEST_F(TaskSecretsTest, VolumesBecomeFilesForTheTaskAlone) {
  add_volume("keys/one");
  EXPECT_EQ(problem(), "");
  const std::string path = sandbox_.path() + "/keys/one";
  EXPECT_EQ(agent::slurp(path), "hunter2");

  struct stat state {};

  ASSERT_EQ(::stat(path.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0400u);
  EXPECT_TRUE(task_.container->volumes.empty());
  add_volume("keys/one");
  EXPECT_EQ(problem(), "");  // once more, after a restart
}

TEST_F(TaskSecretsTest, FilesStayInTheSandbox) {
  add_volume("../outside");
  EXPECT_NE(problem().find("leaves the sandbox"), std::string::npos);
}

TEST_F(TaskSecretsTest, ImagesGetTheFileMounted) {
  add_volume("/run/key");
  task_.container->type = model::ContainerInfo::Type::docker;
  task_.container->docker.emplace().image = "nginx";
  EXPECT_EQ(problem(), "");
  ASSERT_EQ(task_.container->volumes.size(), 1u);
  const model::VolumeRef& volume = task_.container->volumes[0];
  EXPECT_EQ(volume.container_path, "/run/key");
  EXPECT_FALSE(volume.source);
  EXPECT_EQ(agent::slurp(*volume.host_path), "hunter2");
}

}  // namespace

}  // namespace ekiden::executor
