#include "core/runtime/spawn.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ekiden::runtime {
namespace {

class SpawnTest : public testing::Test {
 protected:
  SpawnTest() {
    std::string name = (std::filesystem::temp_directory_path() / "ekiden-spawn-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }

  ~SpawnTest() override { std::filesystem::remove_all(folder_); }

  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  Spawn shell(const std::string& script) const {
    return {"sh", {"sh", "-c", script}, std::nullopt, folder_, folder_ / "out", folder_ / "err"};
  }

  int wait(const Spawn& child) {
    const auto pid = spawn(child);
    EXPECT_TRUE(pid) << (pid ? "" : pid.error().message);
    int status = -1;
    if (pid) {
      waitpid(*pid, &status, 0);
    }
    return status;
  }

  std::filesystem::path folder_;
};

TEST_F(SpawnTest, RunsInItsFolderAndWritesToItsFiles) {
  EXPECT_EQ(wait(shell("pwd; echo oops >&2")), 0);
  EXPECT_EQ(std::filesystem::canonical(read("out").substr(0, read("out").size() - 1)),
            std::filesystem::canonical(folder_));
  EXPECT_EQ(read("err"), "oops\n");
}

TEST_F(SpawnTest, HasASessionOfItsOwn) {
  EXPECT_EQ(wait(shell("ps -o sid= -p $$; echo $$")), 0);
  std::istringstream words(read("out"));
  int session = 0;
  int pid = -1;
  words >> session >> pid;
  EXPECT_EQ(session, pid);
  EXPECT_NE(session, getsid(0));
}

TEST_F(SpawnTest, InheritsNoDescriptor) {
  const int leak = ::dup(0);
  EXPECT_NE(wait(shell("test -e /proc/$$/fd/" + std::to_string(leak))), 0);
  ::close(leak);
}

TEST_F(SpawnTest, GetsTheEnvironmentItIsGivenAndNothingElse) {
  Spawn child = shell("env | sort");
  child.environment = std::vector<std::string>{"PATH=/usr/bin:/bin", "GREETING=hello"};
  EXPECT_EQ(wait(child), 0);
  EXPECT_NE(read("out").find("GREETING=hello\n"), std::string::npos);
  EXPECT_EQ(read("out").find("HOME="), std::string::npos);
}

TEST_F(SpawnTest, AMissingProgramIsNamed) {
  Spawn child = shell("");
  child.program = "no-such-program-of-ours";
  const auto pid = spawn(child);
  ASSERT_FALSE(pid);
  EXPECT_EQ(pid.error().code, ErrorCode::not_found);
  EXPECT_NE(pid.error().message.find("no-such-program-of-ours"), std::string::npos);
}

}  // namespace
}  // namespace ekiden::runtime
