#include "lb/alerts.h"

#include "tests/unit/lb/support.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

Rendered two_apps() {
  return rendered(parse_apps({app_json({.id = "/a"}), app_json({.id = "/b", .port = 10001})}));
}

TEST(Alerts, FindTheAppByLine) {
  const Rendered result = two_apps();
  std::size_t line = 1;
  for (std::size_t i = 0; i < result.text.find("backend b_10001"); ++i) {
    line += result.text[i] == '\n' ? 1 : 0;
  }
  const auto bad = culprits(result,
                            "[NOTICE] (1) : x\n[ALERT]    (1) : config : parsing [/w/haproxy.cfg:" +
                                std::to_string(line) + "] : unknown keyword 'x'\n");
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(bad[0].app_id, "/b");
  EXPECT_NE(bad[0].reason.find("unknown keyword"), std::string::npos);
}

TEST(Alerts, FindTheAppByName) {
  const auto bad = culprits(
      two_apps(),
      "[ALERT]    (1) : Binding [/w/haproxy.cfg:1] for frontend a_10000: cannot bind socket\n");
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(bad[0].app_id, "/a");
}

TEST(Alerts, AnAddressIsNoLine) {
  EXPECT_TRUE(culprits(two_apps(),
                       "[ALERT]    (1) : Binding [/w/haproxy.cfg:3] for frontend "
                       "marathon_http_in: cannot bind socket for [127.0.0.1:9080]\n")
                  .empty());
}

TEST(Alerts, BlameNobodyForWhatIsNobodys) {
  EXPECT_TRUE(
      culprits(two_apps(), "[ALERT]    (1) : cannot raise FD limit\nWARNING a_10000").empty());
}

}  // namespace

}  // namespace ekiden::lb
