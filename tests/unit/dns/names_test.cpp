#include "dns/names.h"

#include <gtest/gtest.h>

namespace ekiden::dns {
namespace {

TEST(Label, KeepsLettersDigitsAndDashes) {
  EXPECT_EQ(label("-Odd_Name.With$Chars%-", LabelRule::rfc1123), "odd-name-withchars");
  EXPECT_EQ(label("1digit", LabelRule::rfc1123), "1digit");
  EXPECT_EQ(label("a/b\xc3\xa4"
                  "c",
                  LabelRule::rfc1123),
            "abc");
}

TEST(Label, MayBecomeEmpty) {
  EXPECT_EQ(label("", LabelRule::rfc1123), "");
  EXPECT_EQ(label("---$$", LabelRule::rfc1123), "");
}

TEST(Label, CutsAt63) {
  EXPECT_EQ(label(std::string(85, 'x'), LabelRule::rfc1123), std::string(63, 'x'));
}

TEST(Label, FillsTheRoomOfADashAtTheCut) {
  const std::string head(62, 'a');
  EXPECT_EQ(label(head + "-thing-else", LabelRule::rfc1123), head + "t");
  EXPECT_EQ(label(head + "---", LabelRule::rfc1123), head);
}

TEST(Label, Rfc952CutsAt24AndStartsWithALetter) {
  EXPECT_EQ(label("web_app.one-two-three-four-five", LabelRule::rfc952),
            "web-app-one-two-three-fo");
  EXPECT_EQ(label("-1digit", LabelRule::rfc952), "digit");
}

TEST(FrameworkName, ManglesEachPart) {
  EXPECT_EQ(framework_name("My.Frame_Work!.v1", LabelRule::rfc1123), "my.frame-work.v1");
  EXPECT_EQ(framework_name(".a..b.", LabelRule::rfc1123), "a.b");
}

TEST(TaskHash, IsZBase32OfSha1) {
  EXPECT_EQ(task_hash("plain.1"), "khsdw");
  EXPECT_EQ(task_hash("plain.2"), "b3wdi");
}

TEST(AgentTail, IsWhatFollowsTheLastDash) {
  EXPECT_EQ(agent_tail("2f1a-11e4-S12"), "s12");
  EXPECT_EQ(agent_tail("alone"), "alone");
}

}  // namespace
}  // namespace ekiden::dns
