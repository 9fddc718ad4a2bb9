#include "core/agent/secret_store.h"

#include "tests/unit/core/agent/temp_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::agent {

namespace {

class SecretStoreTest : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& value, mode_t mode = 0600) const {
    folder_.write(name, value);
    ::chmod((folder_.path() + "/" + name).c_str(), mode);
  }

  std::string problem(const std::string& name) const {
    const auto found = store_.find(name);
    return found ? "" : found.error().message;
  }

  TempFolder folder_;
  SecretStore store_{folder_.path()};
};

TEST_F(SecretStoreTest, ReadsFilesBelowItsFolder) {
  put("db/password", "hunter2\n");
  EXPECT_EQ(*store_.find("db/password"), "hunter2\n");
  EXPECT_NE(problem("db/other").find("no such file"), std::string::npos);
  EXPECT_NE(problem("db").find("no such file"), std::string::npos);
}

TEST_F(SecretStoreTest, RefusesWhatOthersCanRead) {
  for (const mode_t mode : {0640, 0604, 0620}) {
    put("s", "x", mode);
    EXPECT_NE(problem("s").find("chmod 600"), std::string::npos) << mode;
  }
  put("s", "x", 0400);
  EXPECT_EQ(problem("s"), "");
}

TEST_F(SecretStoreTest, NeverLeavesItsFolder) {
  put("s", "x");
  ASSERT_EQ(::symlink("s", (folder_.path() + "/link").c_str()), 0);
  for (const char* name : {"../s", "/etc/passwd", "a/../../s", "", "link"}) {
    EXPECT_NE(problem(name), "") << name;
  }
}

TEST_F(SecretStoreTest, SaysThatThereIsNone) {
  EXPECT_NE(SecretStore("").find("s").error().message.find("--secret_store_dir"),
            std::string::npos);
}

TEST_F(SecretStoreTest, PutsValuesIntoEventsThatStartTasks) {
  put("s", "hunter2");
  model::Secret secret;
  secret.type = model::Secret::Type::reference;
  secret.reference = model::Secret::Reference{"s", {}};
  model::EnvironmentVariable variable;
  variable.name = "P";
  variable.type = model::EnvironmentVariable::Type::secret;
  variable.secret = secret;
  model::TaskInfo task;
  task.command.emplace().environment.emplace().variables = {variable};
  model::VolumeRef volume;
  volume.source.emplace().secret = secret;
  volume.source->secret->reference->name = "none";
  task.container.emplace().volumes = {volume};
  api::executor::LaunchGroup group;
  group.tasks = {task};
  api::executor::Event event = group;
  store_.reveal(event);
  const model::TaskInfo& shown = std::get<api::executor::LaunchGroup>(event).tasks[0];
  const model::Secret& revealed = *shown.command->environment->variables[0].secret;
  EXPECT_EQ(revealed.type, model::Secret::Type::value);
  EXPECT_EQ(revealed.value, "hunter2");
  const model::Secret& missing = *shown.container->volumes[0].source->secret;
  EXPECT_EQ(missing.type, model::Secret::Type::reference);
  EXPECT_FALSE(missing.value);
}

TEST_F(SecretStoreTest, PutsValuesIntoCustomExecutors) {
  put("s", "hunter2");
  model::EnvironmentVariable variable;
  variable.name = "P";
  variable.type = model::EnvironmentVariable::Type::secret;
  variable.secret.emplace().reference = model::Secret::Reference{"s", {}};
  model::ExecutorInfo executor;
  executor.command.emplace().environment.emplace().variables = {variable};
  store_.reveal(executor);
  const model::EnvironmentVariable& shown = executor.command->environment->variables[0];
  EXPECT_EQ(shown.value, "hunter2");
  EXPECT_FALSE(shown.secret);
}

}  // namespace

}  // namespace ekiden::agent
