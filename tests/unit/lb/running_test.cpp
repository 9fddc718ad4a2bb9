#include "lb/running.h"

#include "tests/unit/lb/support.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

using Kind = RuntimeStep::Kind;

Rendered with_tasks(int count, const std::string& labels = "") {
  return rendered(parse_apps({app_json({.labels = labels, .tasks = count})}));
}

std::vector<Kind> kinds(const Plan& plan) {
  std::vector<Kind> result;
  for (const RuntimeStep& step : plan.steps) {
    result.push_back(step.kind);
  }
  return result;
}

TEST(Running, NothingToDoWhenNothingChanged) {
  const Plan result = plan(running_after(with_tasks(2)), with_tasks(2));
  EXPECT_TRUE(result.steps.empty());
  EXPECT_EQ(result.reload_because, "");
}

TEST(Running, ScaleUpAddsAtRunTime) {
  const Plan result = plan(running_after(with_tasks(1)), with_tasks(2));
  EXPECT_EQ(result.reload_because, "");
  ASSERT_EQ(kinds(result), (std::vector<Kind>{Kind::add, Kind::ready}));
  EXPECT_EQ(
      result.steps[0].commands(),
      std::vector<std::string>{"add server g_web_10000/127_9_0_1_31001 127.9.0.1:31001 id 21912"});
}

TEST(Running, ACheckedServerIsCheckedAtOnce) {
  const RuntimeStep step{Kind::add, "b", "s", "  server s 1.2.3.4:5 id 6 check inter 7s fall 3\n"};
  EXPECT_EQ(step.commands(),
            (std::vector<std::string>{"add server b/s 1.2.3.4:5 id 6 check inter 7s fall 3",
                                      "enable health b/s"}));
}

TEST(Running, NewServersEnterBeforeOldOnesLeave) {
  AppsOptions without_first;
  without_first.tasks_out = {"t0"};
  const Rendered second = rendered(parse_apps({app_json({.tasks = 2})}), without_first);
  const Plan result = plan(running_after(with_tasks(1)), second);
  EXPECT_EQ(kinds(result),
            (std::vector<Kind>{Kind::add, Kind::ready, Kind::take_out, Kind::remove}));
}

TEST(Running, AServerThatCouldNotBeRemovedComesBack) {
  Running running = running_after(with_tasks(2));
  for (const RuntimeStep& step : plan(running, with_tasks(1)).steps) {
    if (step.kind != Kind::remove) {
      record(running, step);
    }
  }
  EXPECT_EQ(kinds(plan(running, with_tasks(1))), std::vector<Kind>{Kind::remove});
  EXPECT_EQ(kinds(plan(running, with_tasks(2))), std::vector<Kind>{Kind::ready});
}

TEST(Running, CookiesNeedAReload) {
  const std::string sticky = R"("HAPROXY_0_STICKY":"true")";
  EXPECT_NE(plan(running_after(with_tasks(1, sticky)), with_tasks(2, sticky)).reload_because, "");
}

TEST(Running, AnotherRuleNeedsAReload) {
  const Plan result =
      plan(running_after(with_tasks(1)), with_tasks(1, R"("HAPROXY_0_VHOST":"a.test")"));
  EXPECT_NE(result.reload_because, "");
  EXPECT_TRUE(result.steps.empty());
}

TEST(Running, AFileTellsWhatItsHaproxyHas) {
  const Rendered loaded = with_tasks(3);
  const Running running = running_from_file(loaded.text);
  EXPECT_EQ(running.skeleton, loaded.skeleton);
  EXPECT_TRUE(plan(running, loaded).steps.empty());
  EXPECT_EQ(plan(running, loaded).reload_because, "");
}

TEST(Running, IsCorrectedByWhatHaproxySays) {
  Running running = running_after(with_tasks(2));
  correct(running,
          "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state\n"
          "3 g_web_10000 16588 127_9_0_1_31000 127.9.0.1 2 1 1\n"
          "3 g_web_10000 9 127_9_0_1_39999 127.9.0.1 2 0 1\n");
  EXPECT_EQ(kinds(plan(running, with_tasks(2))),
            (std::vector<Kind>{Kind::ready, Kind::add, Kind::ready, Kind::take_out, Kind::remove}));
}

}  // namespace

}  // namespace ekiden::lb
