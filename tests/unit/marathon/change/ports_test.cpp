#include "tests/unit/marathon/change/changer.h"

// Service ports [DP-11].
namespace ekiden::marathon::change {
namespace {

using Ports = std::vector<std::int32_t>;

TEST(ServicePorts, AreTheLowestThatNobodyUses) {
  Changer changer;
  ASSERT_TRUE(changer.put("/a", R"({"cmd":"sleep 1","ports":[0,0]})"));
  ASSERT_TRUE(changer.put("/b", R"({"cmd":"sleep 1","ports":[10003]})"));
  ASSERT_TRUE(changer.put("/c", R"({"cmd":"sleep 1","ports":[0,0]})"));
  EXPECT_EQ(changer.app("/a")->service_ports(), (Ports{10000, 10001}));
  EXPECT_EQ(changer.app("/c")->service_ports(), (Ports{10002, 10004}));
}

TEST(ServicePorts, StayOverAnUpdateThatSaysZeroAgain) {
  Changer changer;
  ASSERT_TRUE(changer.put("/a", R"({"cmd":"sleep 1","ports":[0,0]})"));
  ASSERT_TRUE(changer.put("/a", R"({"cmd":"sleep 2","ports":[0,0,0]})"));
  EXPECT_EQ(changer.app("/a")->service_ports(), (Ports{10000, 10001, 10002}));
}

TEST(ServicePorts, AreNotReusedWithinTheRequestThatFreesThem) {
  Changer changer;
  ASSERT_TRUE(changer.put_group("/g", R"({"apps":[{"id":"a","cmd":"sleep 1"}]})"));
  ASSERT_TRUE(changer.put_group("/g", R"({"apps":[{"id":"b","cmd":"sleep 1"}]})"));
  EXPECT_EQ(changer.app("/g/b")->service_ports(), Ports{10001});
}

TEST(ServicePorts, RunOut) {
  Changer changer;
  changer.settings.local_port_max = 10000;
  ASSERT_TRUE(changer.put("/a", R"({"cmd":"sleep 1"})"));
  EXPECT_TRUE(has_problem(changer.put("/b", R"({"cmd":"sleep 1"})"),
                          "/",
                          "All ports in the range [10000-10000) are already in use"));
}

TEST(ServicePorts, OfMappingsAreAssignedToo) {
  Changer changer;
  ASSERT_TRUE(changer.put("/a",
                          R"({"container":{"type":"DOCKER","docker":{"image":"i","network":"BRIDGE",
                              "portMappings":[{"containerPort":80}]}}})"));
  const PortMapping& mapping = changer.app("/a")->container->port_mappings.at(0);
  EXPECT_EQ(mapping.service_port, 10000);
  EXPECT_EQ(mapping.host_port, 0);
}

}  // namespace
}  // namespace ekiden::marathon::change
