// A custom executor as a process of its own over HTTP [mesos-core 3].
#include "core/api/executor.h"
#include "core/api/recordio.h"
#include "core/base/strings.h"
#include "core/protobuf/protobuf.h"
#include "tests/integration/agent/fixture.h"

namespace ekiden::agent {
namespace {

struct CustomExecutor : AgentTest {
  model::TaskInfo task(const std::string& id) const {
    model::TaskInfo info = command_task(id, "");
    info.command.reset();
    info.executor.emplace().executor_id = ExecutorId{"e"};
    info.executor->command.emplace().value = CUSTOM_EXECUTOR;
    info.executor->resources = {model::scalar_resource("cpus", 0.1),
                                model::scalar_resource("mem", 64)};
    return info;
  }

  bool says(const std::string& line) {
    return run_until([&] { return file("e", "stdout").find(line + "\n") != std::string::npos; });
  }

  std::size_t count(const std::string& line) const {
    std::size_t found = 0;
    const std::string text = file("e", "stdout");
    for (const auto one : split(text, '\n')) {
      found += one == line ? 1 : 0;
    }
    return found;
  }

  void message(const std::string& text) {
    master.send(link::FrameworkMessage{*master.framework.id, ExecutorId{"e"}, text});
  }
};

TEST_F(CustomExecutor, RunsSeveralTasksInOneProcess) {
  start();
  master.run(task("a"));
  ASSERT_TRUE(wait_for("a", TaskState::running));
  master.run(task("b"));
  ASSERT_TRUE(wait_for("b", TaskState::running));
  EXPECT_EQ(count("subscribed e"), 1U);
  EXPECT_TRUE(says("sandbox " + std::filesystem::canonical(sandbox("e")).string()));
  EXPECT_EQ(status("b", TaskState::running)->executor_id->value, "e");
  message("finish a");
  ASSERT_TRUE(wait_for("a", TaskState::finished));
  model::KillPolicy policy;
  policy.grace_period = model::DurationInfo{7'000'000'000};
  master.kill("b", policy);
  ASSERT_TRUE(wait_for("b", TaskState::killed));
  EXPECT_TRUE(says("kill b 7000000000"));
  master.run(task("c"));  // it stays for more
  ASSERT_TRUE(wait_for("c", TaskState::running));
  EXPECT_EQ(count("subscribed e"), 1U);
}

TEST_F(CustomExecutor, MessagesGoBothWays) {
  start();
  master.run(task("a"));
  ASSERT_TRUE(wait_for("a", TaskState::running));
  message("hello there");
  ASSERT_TRUE(run_until([&] { return !master.messages.empty(); }));
  EXPECT_EQ(master.messages[0].data, "echo hello there");
  EXPECT_EQ(master.messages[0].executor_id.value, "e");
}

TEST_F(CustomExecutor, ItsExitFailsItsTasksAndIsToldWithItsStatus) {
  start();
  master.run(task("a"));
  master.run(task("b"));
  ASSERT_TRUE(wait_for("a", TaskState::running));
  ASSERT_TRUE(wait_for("b", TaskState::running));
  message("exit 3");
  ASSERT_TRUE(wait_for("a", TaskState::failed));
  ASSERT_TRUE(wait_for("b", TaskState::failed));
  EXPECT_EQ(status("a", TaskState::failed)->reason, StatusReason::executor_terminated);
  ASSERT_TRUE(run_until([&] { return !master.exits.empty(); }));
  EXPECT_EQ(master.exits[0].status, 3 << 8);
}

TEST_F(CustomExecutor, ShutdownReachesItAndEndsIt) {
  start();
  master.run(task("a"));
  ASSERT_TRUE(wait_for("a", TaskState::running));
  master.send(link::ShutdownExecutor{*master.framework.id, ExecutorId{"e"}});
  EXPECT_TRUE(says("shutdown"));
  ASSERT_TRUE(wait_for("a", TaskState::failed));
}

TEST_F(CustomExecutor, TaskThatItLostWithItsMemoryIsDropped) {
  start();
  master.run(task("a"));
  ASSERT_TRUE(wait_for("a", TaskState::running));
  message("silent");
  ASSERT_TRUE(says("message silent"));
  master.run(task("b"));
  ASSERT_TRUE(says("launch b"));
  message("forget");
  ASSERT_TRUE(wait_for("b", TaskState::dropped));
  EXPECT_EQ(status("b", TaskState::dropped)->reason, StatusReason::agent_restarted);
  EXPECT_EQ(status("a", TaskState::dropped), nullptr);
}

TEST_F(CustomExecutor, ComesBackToARestartedAgentWithWhatItHas) {
  options.port = 0;
  start();
  const std::uint16_t port = daemon->port();
  master.run(task("a"));
  ASSERT_TRUE(wait_for("a", TaskState::running));
  daemon.reset();
  options.port = port;  // where it was told to look
  start();
  ASSERT_TRUE(run_until([&] { return count("subscribed e") == 2; }));
  message("finish a");
  ASSERT_TRUE(wait_for("a", TaskState::finished));
  EXPECT_EQ(count("launch a"), 1U);
}

TEST_F(CustomExecutor, IsEndedWhenItNeverSubscribes) {
  options.executor_registration_timeout = 300ms;
  start();
  model::TaskInfo mute = task("a");
  mute.executor->command->value = "sleep 1000";
  master.run(mute);
  ASSERT_TRUE(wait_for("a", TaskState::failed));
  EXPECT_EQ(status("a", TaskState::failed)->reason, StatusReason::executor_registration_timeout);
}

TEST_F(CustomExecutor, EnvironmentIsTheOneOfTheReference) {
  start();
  model::TaskInfo shown = task("a");
  shown.executor->command->value = "env; exec sleep 1000";
  model::EnvironmentVariable own;
  own.name = "OWN";
  own.value = "yes";
  shown.executor->command->environment.emplace().variables = {own};
  master.run(shown);
  ASSERT_TRUE(says("OWN=yes"));
  ASSERT_TRUE(run_until([&] {
    const std::string text = file("e", "stdout");
    return text.find("MESOS_SUBSCRIPTION_BACKOFF_MAX=2secs\n") != std::string::npos;
  }));
  const std::string text = file("e", "stdout");
  for (const std::string& line :
       {std::string("MESOS_FRAMEWORK_ID=F"),
        std::string("MESOS_EXECUTOR_ID=e"),
        std::string("MESOS_SLAVE_ID=A"),
        std::string("MESOS_CHECKPOINT=1"),
        std::string("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD=5secs"),
        std::string("MESOS_RECOVERY_TIMEOUT=15mins"),
        std::string("MESOS_HTTP_COMMAND_EXECUTOR=0"),
        fmt::format("MESOS_AGENT_ENDPOINT=127.0.0.1:{}", daemon->port()),
        fmt::format("MESOS_SLAVE_PID=slave(1)@127.0.0.1:{}", daemon->port())}) {
    EXPECT_NE(text.find(line + "\n"), std::string::npos) << line;
  }
}

// The wire in protobuf, from SUBSCRIBE to an acknowledgement [mesos-core 1.2].
TEST_F(CustomExecutor, SpeaksProtobufToo) {
  start();
  model::TaskInfo mute = task("a");
  mute.executor->command->value = "sleep 1000";
  master.run(mute);
  ASSERT_TRUE(run_until([&] { return std::filesystem::exists(sandbox("e") + "/stdout"); }));
  namespace exec = api::executor;
  std::vector<exec::Event> events;
  api::RecordIoDecoder decoder;
  std::string type;
  net::Client client(loop);
  const auto call = [&](const exec::Call& body) {
    net::Call one;
    one.method = "POST";
    one.url = fmt::format("http://127.0.0.1:{}/api/v1/executor", daemon->port());
    one.headers.set("Content-Type", "application/x-protobuf");
    one.headers.set("Accept", "application/x-protobuf");
    one.body = protobuf::to_protobuf(body);
    return one;
  };
  net::Call subscribe = call({FrameworkId{"F"}, ExecutorId{"e"}, exec::Subscribe{}});
  subscribe.timeout = {};
  subscribe.on_headers = [&](int, const net::Headers& headers) {
    type = headers.get("Content-Type").value_or("");
  };
  subscribe.on_chunk = [&](std::string_view bytes) {
    for (const auto& record : decoder.feed(bytes).value_or(std::vector<std::string>())) {
      auto event = protobuf::from_protobuf<exec::Event>(record);
      ASSERT_TRUE(event) << event.error().message;
      events.push_back(std::move(*event));
    }
  };
  client.send(std::move(subscribe), [](const Result<net::Response>&) {});
  ASSERT_TRUE(run_until([&] { return events.size() >= 2; }));
  EXPECT_EQ(type, "application/x-protobuf");
  EXPECT_TRUE(std::holds_alternative<exec::Subscribed>(events[0]));
  ASSERT_TRUE(std::holds_alternative<exec::Launch>(events[1]));
  EXPECT_EQ(std::get<exec::Launch>(events[1]).task.task_id.value, "a");
  exec::Update update;
  update.status.task_id = TaskId{"a"};
  update.status.state = TaskState::running;
  update.status.source = model::StatusSource::executor;
  update.status.uuid = std::string(16, 'u');
  EXPECT_EQ(send(call({FrameworkId{"F"}, ExecutorId{"e"}, update})).status, 202);
  ASSERT_TRUE(wait_for("a", TaskState::running));
  ASSERT_TRUE(run_until([&] { return events.size() >= 3; }));
  EXPECT_TRUE(std::holds_alternative<exec::Acknowledged>(events[2]));
  net::Call odd = call({FrameworkId{"F"}, ExecutorId{"e"}, update});
  odd.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(send(std::move(odd)).status, 415);
  net::Call picky = call({FrameworkId{"F"}, ExecutorId{"e"}, exec::Subscribe{}});
  picky.headers.set("Accept", "text/html");
  EXPECT_EQ(send(std::move(picky)).status, 406);
}

}  // namespace
}  // namespace ekiden::agent
