// What people read: --help of every command, and what happens to flags that cannot be taken.
#include "tests/integration/mesos_v1/cluster.h"

namespace ekiden::mesos_v1 {
namespace {

struct CommandLine : Cluster {
  int run(std::vector<std::string> arguments) {
    const auto log = folder.path() + "/out";
    fs::remove(log);
    arguments.insert(arguments.begin(), EKIDEN);
    Process process(arguments, log);
    const int code = process.end(0);
    output = read_file(log);
    return code;
  }

  std::string output;
};

// To accept a change: ekiden COMMAND --help > tests/golden/help/COMMAND.txt
TEST_F(CommandLine, HelpIsAsRecorded) {
  const fs::path golden = fs::path(EKIDEN_SOURCE_DIR) / "tests/golden/help";
  for (const std::string command : {"master", "agent", "marathon", "dns", "lb", "mini"}) {
    EXPECT_EQ(run({command, "--help"}), 0);
    EXPECT_EQ(output, read_file(golden / (command + ".txt"))) << command;
  }
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_EQ(output, read_file(golden / "ekiden.txt"));
}

TEST_F(CommandLine, WrongFlagsSayWhatIsWrong) {
  EXPECT_EQ(run({"marathon", "--http_port=nope"}), 112);
  EXPECT_NE(output.find("'nope' is not a whole number"), std::string::npos) << output;
  EXPECT_EQ(run({"marathon", "--no_such_flag=1"}), 112);
  EXPECT_EQ(run({"marathon"}), 1);
  EXPECT_NE(output.find("--master=http://HOST:5050"), std::string::npos) << output;
  EXPECT_EQ(run({"agent", "--master=zk://a:2181/mesos"}), 1);
  EXPECT_NE(output.find("cannot find a master through zk://a:2181/mesos"), std::string::npos);
  EXPECT_EQ(run({"master", "--offer_timeout=soon"}), 1);
}

TEST_F(CommandLine, KnownFlagsWithoutEffectAreTakenAndNamed) {
  EXPECT_EQ(run({"marathon", "--zk=zk://a/b", "--disable_ha", "--master=zk://a/b"}), 1);
  EXPECT_NE(output.find("--zk has no effect here"), std::string::npos) << output;
  EXPECT_NE(output.find("--ha has no effect here"), std::string::npos) << output;
}

TEST_F(CommandLine, TheEnvironmentSpeaksForFlags) {
  ::setenv("MARATHON_HTTP_PORT", "nope", 1);
  EXPECT_EQ(run({"marathon"}), 112);
  EXPECT_NE(output.find("MARATHON_HTTP_PORT"), std::string::npos) << output;
  EXPECT_EQ(run({"marathon", "--http_port=0"}), 112);  // twice
  ::unsetenv("MARATHON_HTTP_PORT");
}

}  // namespace
}  // namespace ekiden::mesos_v1
