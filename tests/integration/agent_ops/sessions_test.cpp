#include "tests/integration/agent_ops/operator_fixture.h"

namespace ekiden::agent {
namespace {

constexpr const char* kSession = "LAUNCH_NESTED_CONTAINER_SESSION";

TEST_F(OperatorTest, sessionStreamsWhatItsCommandSays) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const auto stream = open(
      about(kSession, nested(parent, "s"), command("echo $GREETING; pwd; echo bad >&2; exit 2")));
  ASSERT_TRUE(run_until([&] { return stream->over; }));
  EXPECT_EQ(stream->status, 200);
  EXPECT_EQ(stream->type, "application/json");
  EXPECT_NE(stream->output.find("hello\n"), std::string::npos) << "the task's environment";
  EXPECT_NE(stream->output.find("/executors/t/runs/" + parent + "\n"), std::string::npos)
      << "the task's folder";
  EXPECT_NE(stream->output.find("bad\n"), std::string::npos);
}

TEST_F(OperatorTest, sessionEndsWithItsClient) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "s");
  auto stream = open(about(kSession, id, command("echo $$; exec sleep 1000")));
  ASSERT_TRUE(run_until([&] { return stream->output.ends_with("\n"); }));
  const int pid = std::stoi(stream->output);
  EXPECT_TRUE(alive(pid));
  stream.reset();
  EXPECT_TRUE(run_until([&] { return !alive(pid); }));
  EXPECT_TRUE(run_until([&] { return post(about("WAIT_CONTAINER", id)).status == 404; }))
      << "nothing of it is kept";
}

TEST_F(OperatorTest, sessionTakesInput) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "s");
  const auto stream = open(about(kSession, id, command("cat; echo done")));
  ASSERT_TRUE(run_until([&] { return stream->status == 200; }));
  const net::Response answer = feed(attach(id) + typed("one ") + typed("two\n") + typed(""));
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(run_until([&] { return stream->over; }));
  EXPECT_EQ(stream->output, "one two\ndone\n");
}

TEST_F(OperatorTest, terminalHasTheSizeItsClientsSay) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "s");
  const auto stream =
      open(about(kSession,
                 id,
                 R"("command":{"shell":false,"value":"/bin/sh"},"container":{"type":"MESOS",
                    "tty_info":{"window_size":{"rows":11,"columns":22}}})"));
  ASSERT_TRUE(run_until([&] { return stream->status == 200; }));
  const std::string resize = input_record(
      R"("type":"PROCESS_IO","process_io":{"type":"CONTROL","control":{"type":"TTY_INFO",
         "tty_info":{"window_size":{"rows":33,"columns":99}}}})");
  EXPECT_EQ(feed(attach(id) +
                 typed("stty size; echo ready\n")
                 // The shell reads the next line after stty has run: its prompt shows that.
                 + resize + typed("stty size; tty; exit\n"))
                .status,
            200);
  ASSERT_TRUE(run_until([&] { return stream->over; }));
  EXPECT_NE(stream->output.find("33 99\r\n"), std::string::npos) << stream->output;
  EXPECT_NE(stream->output.find("/dev/pts/"), std::string::npos);
}

TEST_F(OperatorTest, severalReadersGetTheOutputOfATerminal) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string id = nested(parent, "s");
  ASSERT_EQ(post(about("LAUNCH_CONTAINER",
                       id,
                       R"("command":{"value":"while read x; do echo got $x; done"},
                          "container":{"type":"MESOS","tty_info":{}})"))
                .status,
            200);
  const auto first = open(about("ATTACH_CONTAINER_OUTPUT", id));
  const auto second = open(about("ATTACH_CONTAINER_OUTPUT", id), "application/recordio");
  ASSERT_TRUE(run_until([&] { return first->status == 200 && second->status == 200; }));
  EXPECT_EQ(first->type, "application/json");
  EXPECT_EQ(second->type, "application/recordio");
  EXPECT_EQ(second->inner_type, "application/json");
  run_for(100ms);  // both are known to the terminal's keeper
  net::Client client(loop);
  net::Call call;
  call.method = "POST";
  call.url = url("/api/v1");
  call.headers.set("Content-Type", "application/recordio");
  call.headers.set("Message-Content-Type", "application/json");
  call.body = attach(id) + typed("this\n");
  bool answered = false;
  client.send(std::move(call), [&](const Result<net::Response>&) { answered = true; });
  EXPECT_TRUE(run_until([&] {
    return first->output.find("got this") != std::string::npos &&
           second->output.find("got this") != std::string::npos;
  })) << first->output
      << " and " << second->output;
  EXPECT_FALSE(answered) << "input is answered when the container has ended";
  EXPECT_EQ(post(about("KILL_CONTAINER", id)).status, 200);
  EXPECT_TRUE(run_until([&] { return answered && first->over && second->over; }));
  EXPECT_NE(slurp(sandbox("t") + "/containers/s/stdout").find("got this"), std::string::npos);
}

TEST_F(OperatorTest, outputThatNobodyReadsMakesTheContainerWait) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const auto stream = open(
      about(kSession, nested(parent, "s"), command("head -c 8000000 /dev/zero | tr '\\\\0' x")));
  ASSERT_TRUE(run_until([&] { return stream->over; }, 60s));
  EXPECT_EQ(stream->output.size(), 8000000U) << "nothing is lost and nothing cut off";
}

TEST_F(OperatorTest, heartbeatsShowThatAStreamIsAlive) {
  options.http_heartbeat = 50ms;
  start();
  const std::string parent = run_task("t", "sleep 100");
  const auto stream = open(about(kSession, nested(parent, "s"), command("sleep 100")));
  EXPECT_TRUE(run_until([&] { return stream->heartbeats >= 3; }));
}

TEST_F(OperatorTest, wrongAttachmentsAreRefused) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  const std::string plain = nested(parent, "plain");
  ASSERT_EQ(post(about("LAUNCH_CONTAINER", plain, command("sleep 100"))).status, 200);
  EXPECT_EQ(post(about("ATTACH_CONTAINER_OUTPUT", plain)).status, 400) << "it has no terminal";
  EXPECT_EQ(post(about("ATTACH_CONTAINER_OUTPUT", nested(parent, "none"))).status, 404);
  EXPECT_EQ(feed(attach(nested(parent, "none"))).status, 404);
  EXPECT_EQ(feed(attach(plain), "").status, 400);
  EXPECT_EQ(feed(attach(plain), "text/plain").status, 415);
  EXPECT_EQ(feed(typed("x")).status, 400) << "the first record names the container";
  EXPECT_EQ(feed("x\n").status, 400);
  EXPECT_EQ(feed(api::recordio_frame(R"({"type":"GET_HEALTH"})")).status, 415);
  EXPECT_EQ(feed("").status, 400);
}

TEST_F(OperatorTest, sessionDoesNotOutliveTheAgent) {
  start();
  const std::string parent = run_task("t", "sleep 100");
  auto stream = open(about(kSession, nested(parent, "s"), command("echo $$; exec sleep 1000")));
  ASSERT_TRUE(run_until([&] { return stream->output.ends_with("\n"); }));
  const int pid = std::stoi(stream->output);
  daemon.reset();
  EXPECT_TRUE(run_until([&] { return !alive(pid); }));
  stream.reset();
  start();
}

}  // namespace
}  // namespace ekiden::agent
