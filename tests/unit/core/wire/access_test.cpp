#include "core/base/strings.h"
#include "core/wire/acls.h"
#include "core/wire/authentication.h"

#include <gtest/gtest.h>

namespace ekiden::wire {
namespace {

net::Headers basic(const std::string& pair) {
  net::Headers headers;
  headers.set("Authorization", "Basic " + base64_encode(pair));
  return headers;
}

TEST(Credentials, ReadEveryFormThatMesosReads) {
  for (const char* text :
       {R"({"credentials":[{"principal":"p","secret":"s"},{"principal":"q","secret":"t:u"}]})",
        "p s\nq t:u\n"}) {
    const auto credentials = Credentials::parse(text);
    ASSERT_TRUE(credentials) << text;
    EXPECT_EQ(credentials->principal(basic("p:s")), "p");
    EXPECT_EQ(credentials->principal(basic("q:t:u")), "q");
    EXPECT_FALSE(credentials->principal(basic("q:s")));
  }
  EXPECT_EQ(Credentials::parse(R"({"principal":"p","secret":"s"})")->principal(basic("p:s")), "p");
}

TEST(Credentials, RefuseWhatTheyCannotReadWithoutQuotingIt) {
  for (const char* text : {"",
                           "{",
                           "{}",
                           R"({"credentials":[{"principal":"hush"}]})",
                           "hush hush hush",
                           R"({"credentials":[{"principal":1,"secret":2}]})"}) {
    const auto credentials = Credentials::parse(text);
    ASSERT_FALSE(credentials) << text;
    EXPECT_EQ(credentials.error().message.find("hush"), std::string::npos);
  }
  EXPECT_FALSE(Credentials::load("/nowhere/at/all"));
}

TEST(Credentials, RefuseEveryWrongPair) {
  const auto credentials = Credentials::parse("p secret");
  for (const char* pair : {"p:",
                           "p:secre",
                           "p:secrets",
                           "p:secretsecret",
                           "x:secret",
                           ":secret",
                           "p",
                           "",
                           "p:Secret"}) {
    EXPECT_FALSE(credentials->principal(basic(pair))) << pair;
  }
  EXPECT_FALSE(credentials->principal(net::Headers{}));
  net::Headers odd;
  odd.set("Authorization", "Basic !!!");
  EXPECT_FALSE(credentials->principal(odd));
  odd.set("Authorization", "basic " + base64_encode("p:secret"));
  EXPECT_TRUE(credentials->principal(odd));  // the scheme has no case
}

Acls acls_of(const char* text) {
  auto acls = Acls::parse(text);
  EXPECT_TRUE(acls) << text;
  return acls.value_or(Acls());
}

TEST(Acls, AllowEverythingWithoutRules) {
  EXPECT_TRUE(Acls().allows(actions::kRunTasks, "p", "root"));
  EXPECT_FALSE(Acls().restricts(actions::kRunTasks));
  EXPECT_FALSE(acls_of(R"({"permissive":false})").allows(actions::kRunTasks, "p", "root"));
}

TEST(Acls, LetTheFirstMatchingRuleDecide) {
  const Acls acls = acls_of(R"({"run_tasks":[
      {"principals":{"values":["a","b"]},"users":{"values":["web"]}},
      {"principals":{"values":["a"]},"users":{"type":"ANY"}},
      {"principals":{"type":"ANY"},"users":{"type":"NONE"}}]})");
  EXPECT_TRUE(acls.allows(actions::kRunTasks, "a", "web"));
  EXPECT_TRUE(acls.allows(actions::kRunTasks, "b", "web"));
  EXPECT_TRUE(acls.allows(actions::kRunTasks, "a", "root"));
  EXPECT_FALSE(acls.allows(actions::kRunTasks, "b", "root"));
  EXPECT_FALSE(acls.allows(actions::kRunTasks, "c", "web"));
  EXPECT_TRUE(acls.allows(actions::kDrainAgents, "c"));  // no rule about it
  EXPECT_TRUE(acls.restricts(actions::kRunTasks));
}

TEST(Acls, TakeNobodyForAnybody) {
  const Acls some = acls_of(
      R"({"run_tasks":[{"principals":{"values":["a"]},"users":{"type":"ANY"}}],"permissive":false})");
  EXPECT_FALSE(some.allows(actions::kRunTasks, "", "web"));
  const Acls any = acls_of(
      R"({"run_tasks":[{"principals":{"type":"ANY"},"users":{"type":"ANY"}}],"permissive":false})");
  EXPECT_TRUE(any.allows(actions::kRunTasks, "", "web"));
  const Acls none =
      acls_of(R"({"drain_agents":[{"principals":{"type":"NONE"},"agents":{"type":"ANY"}}]})");
  EXPECT_FALSE(none.allows(actions::kDrainAgents, "a"));
  EXPECT_FALSE(none.allows(actions::kDrainAgents, ""));
}

TEST(Acls, RefuseWhatIsNone) {
  EXPECT_FALSE(Acls::parse("["));
  EXPECT_FALSE(Acls::parse("[]"));
  EXPECT_FALSE(Acls::parse(R"({"run_tasks":[{"principals":{"type":"SOMETIMES"}}]})"));
  EXPECT_FALSE(Acls::parse(R"({"run_tasks":[5]})"));
}

}  // namespace
}  // namespace ekiden::wire
