#include "lb/labels.h"

#include "tests/unit/lb/support.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

// The reason for which an app with these labels is left out; empty when it is not.
std::string reason_for(const std::string& labels) {
  const Rendered result = rendered(parse_apps(
      {app_json({.id = "/bad", .labels = labels}), app_json({.id = "/good", .port = 10001})}));
  EXPECT_TRUE(result.servers.contains("good_10001")) << "another app was hurt";
  EXPECT_EQ(result.servers.contains("bad_10000"), result.rejected.empty());
  return result.rejected.empty() ? "" : result.rejected[0].reason;
}

TEST(Labels, BooleansAreTrueForFourWords) {
  for (const char* word : {"true", "T", "YES", "y"}) {
    EXPECT_TRUE(label_is_true(word)) << word;
  }
  for (const char* word : {"1", "on", "false", ""}) {
    EXPECT_FALSE(label_is_true(word)) << word;
  }
}

TEST(Labels, AMalformedValueLeavesOutItsAppOnly) {
  EXPECT_NE(reason_for(R"("HAPROXY_0_AUTH":"a:b")").find("HAPROXY_0_AUTH"), std::string::npos);
  EXPECT_NE(reason_for(R"("HAPROXY_0_PORT":"many")"), "");
  EXPECT_NE(reason_for(R"("HAPROXY_0_PORT":"70000")"), "");
  EXPECT_NE(reason_for(R"("HAPROXY_0_BACKEND_WEIGHT":"99999999999999999999")"), "");
  EXPECT_NE(reason_for(R"("HAPROXY_0_MODE":"udp")"), "");
  EXPECT_NE(reason_for(R"("HAPROXY_0_BACKEND_HEAD":"{nothing}")"), "");
  EXPECT_EQ(reason_for(R"("HAPROXY_0_NO_SUCH_LABEL":"x","HAPROXY_x":"y")"), "");
}

TEST(Labels, CannotWriteLinesOfTheirOwn) {
  for (const char* name : {"VHOST",
                           "PATH",
                           "BALANCE",
                           "SSL_CERT",
                           "BIND_OPTIONS",
                           "BIND_ADDR",
                           "AUTH",
                           "MODE",
                           "BACKEND_NETWORK_ALLOWED_ACL",
                           "HTTP_BACKEND_REDIR",
                           "HTTP_BACKEND_PROXYPASS_PATH",
                           "HTTP_BACKEND_REVPROXY_PATH"}) {
    const std::string label = std::string("\"HAPROXY_0_") + name + "\":";
    EXPECT_NE(reason_for(label + R"("a\nfrontend evil\n  bind *:1")"), "") << name;
    EXPECT_NE(reason_for(label + R"("a\u0000b")"), "") << name;
    EXPECT_NE(reason_for(label + R"("a\rb")"), "") << name;
  }
  EXPECT_NE(reason_for(R"("HAPROXY_0_AUTH":"r\" if TRUE \":u:p")"), "");
}

TEST(Labels, TemplatesCannotOpenSectionsThatAreNotTheirs) {
  EXPECT_NE(reason_for(R"("HAPROXY_0_BACKEND_HTTP_OPTIONS":"  x\nbackend other\n  mode tcp")"), "");
  EXPECT_NE(reason_for(R"("HAPROXY_0_FRONTEND_HEAD":"\nglobal\n  user root")"), "");
  EXPECT_NE(reason_for(R"("HAPROXY_0_FRONTEND_HEAD":"\n\"glo\"bal\n  user root")"), "");
  EXPECT_NE(reason_for(R"("HAPROXY_0_BACKEND_HEAD":"\n.if 1\n")"), "");
  EXPECT_EQ(reason_for(R"("HAPROXY_0_BACKEND_HEAD":"\r\nbackend {backend}\r\n  mode {mode}\r\n")"),
            "");
}

TEST(Labels, ATemplateWithoutALineEndDoesNotSwallowTheNextLine) {
  const Rendered result = rendered(parse_apps(
      {app_json({.id = "/a",
                 .labels = R"("HAPROXY_0_VHOST":"a.test",)"
                           R"("HAPROXY_0_HTTP_FRONTEND_ACL":"  acl x hdr(host) a")"}),
       app_json({.id = "/b", .labels = R"("HAPROXY_0_VHOST":"b.test")", .port = 10001})}));
  EXPECT_NE(result.text.find("  acl x hdr(host) a\n  acl host_b_test_b"), std::string::npos);
}

TEST(Labels, AnExplicitWeightOfZeroBecomesOneWithAPath) {
  Service service;
  const json::Value labels =
      json::parse(R"({"HAPROXY_0_PATH":"/x","HAPROXY_0_BACKEND_WEIGHT":"0"})").value();
  EXPECT_EQ(apply_labels(service, read_labels(labels)), std::nullopt);
  EXPECT_EQ(service.weight, 1);
}

}  // namespace

}  // namespace ekiden::lb
