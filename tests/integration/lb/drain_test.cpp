#include "core/json/json.h"
#include "tests/integration/lb/world.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

using namespace std::chrono_literals;

json::Value drained(World& world, const std::string& task) {
  const auto got = world.post(world.api("/_ekiden/drain"),
                              R"({"appId":"/web","taskId":")" + task + R"(","host":"127.0.0.1"})");
  EXPECT_EQ(got.status, 200) << got.body;
  return json::parse(got.body).value_or(json::Value());
}

TEST(LbDrain, AnswersWhenTheTaskGetsNoMoreRequests) {
  World world;
  World::Task& first = world.add_task("/web", "t1");
  world.add_task("/web", "t2");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  Load load(world, world.service_url(app), 4);
  ASSERT_TRUE(world.until([&] { return first.requests > 10; }));
  const json::Value answer = drained(world, "t1");
  EXPECT_TRUE(answer["drained"].as_bool());
  EXPECT_TRUE(answer["known"].as_bool());
  const std::size_t then = first.requests;
  const std::size_t done = load.done();
  ASSERT_TRUE(world.until([&] { return load.done() > done + 50; }));
  EXPECT_EQ(first.requests, then);
  app.tasks.erase("t1");  // killed: nobody notices
  world.announce_change();
  ASSERT_TRUE(world.until([&] { return load.done() > done + 100; }));
  load.finish();
  EXPECT_EQ(load.failed(), 0u) << load.last_error();
}

TEST(LbDrain, WaitsForTheRequestThatIsUnderWay) {
  World world;
  World::Task& slow = world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  slow.delay = 700ms;
  const std::size_t before = slow.requests;
  bool answered = false;
  net::Call call;
  call.url = world.service_url(app);
  world.client->send(std::move(call), [&](const Result<net::Response>& answer) {
    answered = answer && answer->status == 200;
  });
  ASSERT_TRUE(world.until([&] { return slow.requests > before; }));
  EXPECT_TRUE(drained(world, "t1")["drained"].as_bool());
  EXPECT_TRUE(world.until([&] { return answered; }, 200ms));
}

TEST(LbDrain, GivesUpWhenTheTimeIsOver) {
  World world;
  World::Task& slow = world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  slow.delay = 5s;
  const std::size_t before = slow.requests;
  net::Call call;
  call.url = world.service_url(app);
  const auto id = world.client->send(std::move(call), [](const Result<net::Response>&) {});
  ASSERT_TRUE(world.until([&] { return slow.requests > before; }));
  const json::Value answer = drained(world, "t1");
  EXPECT_FALSE(answer["drained"].as_bool());
  EXPECT_EQ(answer["sessions"].as_int(), 1);
  world.client->cancel(id);
}

TEST(LbDrain, TheSuccessorIsInRotationFirst) {
  World world;
  world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  Load load(world, world.service_url(app), 4);
  for (int i = 2; i < 8; ++i) {
    world.add_task("/web", "t" + std::to_string(i));  // no event: the drain must look itself
    EXPECT_TRUE(drained(world, "t" + std::to_string(i - 1))["drained"].as_bool());
    app.tasks.erase("t" + std::to_string(i - 1));
  }
  load.finish();
  EXPECT_EQ(load.failed(), 0u) << load.last_error();
}

TEST(LbDrain, UnknownTaskIsAnsweredAtOnce) {
  World world;
  world.start_daemon();
  ASSERT_TRUE(world.until([&] { return world.metric("lb_starts_total") == 1; }));
  EXPECT_FALSE(drained(world, "nobody")["known"].as_bool());
  EXPECT_EQ(world.post(world.api("/_ekiden/drain"), "{").status, 400);
}

}  // namespace

}  // namespace ekiden::lb
