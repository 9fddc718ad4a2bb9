#include "lb/names.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

TEST(Names, ServerIdsAreThoseOfTheOriginal) {
  std::set<int> taken;
  EXPECT_EQ(server_id("127_9_0_1_31000", taken), 16588);
  EXPECT_EQ(server_id("127_9_0_1_31001", taken), 21912);
  EXPECT_EQ(server_id("127_9_0_2_31005", taken), 11780);
}

TEST(Names, ATakenServerIdIsReplaced) {
  std::set<int> taken = {16588};
  const int id = server_id("127_9_0_1_31000", taken);
  EXPECT_NE(id, 16588);
  EXPECT_GT(id, 0);
  EXPECT_TRUE(taken.contains(id));
}

TEST(Names, CookieIsTheStartOfADigest) {
  EXPECT_EQ(server_cookie("127_9_0_1_31002"), "035467311f");
}

TEST(Names, KeepTheirForms) {
  EXPECT_EQ(backend_name("/g/web.x", 80), "g_web.x_80");
  EXPECT_EQ(acl_host("one.test", "/g/web"), "one_test_g_web");
  EXPECT_EQ(server_name("localhost", "127.0.0.1", 31400), "localhost_127_0_0_1_31400");
  EXPECT_EQ(server_name("127.9.0.1", "127.9.0.1", 31000), "127_9_0_1_31000");
}

}  // namespace

}  // namespace ekiden::lb
