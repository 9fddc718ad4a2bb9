#include "lb/render.h"

#include "lb/head.h"
#include "tests/unit/lb/support.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

using Lines = std::vector<std::string>;

// The lines of one section.
Lines section(const Rendered& result, const std::string& head) {
  Lines lines;
  bool inside = false;
  for (const std::string& line : normal_lines(result.text)) {
    const bool opens = line.starts_with("frontend ") || line.starts_with("backend ") ||
                       line.starts_with("userlist ");
    inside = opens ? line == head : inside;
    if (inside) {
      lines.push_back(line);
    }
  }
  return lines;
}

json::Array one(const std::string& labels) {
  return parse_apps({app_json({.labels = labels})});
}

TEST(Render, SeveralNamesWithPathAndAuthAreTheWorkedExample) {
  const Rendered result = rendered(one(
      R"("HAPROXY_0_VHOST":"One.test,two.test","HAPROXY_0_PATH":"/p","HAPROXY_0_AUTH":"realm1:joe:x")"));
  EXPECT_EQ(section(result, "frontend marathon_http_in"),
            (Lines{"frontend marathon_http_in",
                   "bind *:80",
                   "mode http",
                   "acl path_g_web_10000 path_beg /p",
                   "acl auth_one_test_g_web http_auth(user_g_web_10000)",
                   "acl host_one_test_g_web hdr(host) -i one.test",
                   "acl host_one_test_g_web hdr(host) -i two.test",
                   "http-request auth realm \"realm1\" if host_one_test_g_web path_g_web_10000 "
                   "!auth_one_test_g_web",
                   "use_backend g_web_10000 if host_one_test_g_web path_g_web_10000"}));
  EXPECT_EQ(section(result, "userlist user_g_web_10000"),
            (Lines{"userlist user_g_web_10000", "user joe password x"}));
}

TEST(Render, RedirectKeepsTheAclAndSendsToHttps) {
  EXPECT_EQ(
      section(rendered(one(R"("HAPROXY_0_VHOST":"a.test","HAPROXY_0_REDIRECT_TO_HTTPS":"t")")),
              "frontend marathon_http_in"),
      (Lines{"frontend marathon_http_in",
             "bind *:80",
             "mode http",
             "acl host_a_test_g_web hdr(host) -i a.test",
             "use_backend g_web_10000 if host_a_test_g_web",
             "redirect scheme https code 301 if !{ ssl_fc } host_a_test_g_web"}));
}

TEST(Render, MapsHoldPlainNamesAndTheRuleComesAfterWeightZero) {
  RenderOptions options;
  options.text = {Maps::yes, "/dir"};
  const Rendered result = rendered(
      parse_apps({app_json({.id = "/a", .labels = R"("HAPROXY_0_VHOST":"a.test")"}),
                  app_json({.id = "/c",
                            .labels = R"("HAPROXY_0_VHOST":"c.test","HAPROXY_0_PATH":"/c")",
                            .port = 10001}),
                  app_json({.id = "/d",
                            .labels = R"("HAPROXY_0_VHOST":"d.test",)"
                                      R"("HAPROXY_0_REDIRECT_TO_HTTPS":"t")",
                            .port = 10002})}),
      {},
      options);
  EXPECT_EQ(result.domain_map, "a.test a_10000\nd.test d_10002\n");
  EXPECT_EQ(result.app_map, "/a a_10000\n/c c_10001\n/d d_10002\n");
  const Lines http = section(result, "frontend marathon_http_in");
  EXPECT_EQ(http.back(),
            "use_backend "
            "%[req.hdr(host),lower,regsub(:.*$,,),map(/dir/domain2backend.map)]");
  EXPECT_EQ(http.size(), 3u + 3u + 3u + 1u);
}

TEST(Render, GroupedHttpsHasAFrontendPerName) {
  RenderOptions options;
  options.https = Https::grouped_by_vhost;
  const Rendered result = rendered(
      one(R"("HAPROXY_0_VHOST":"a.test","HAPROXY_0_SSL_CERT":"/x.pem","HAPROXY_0_BIND_OPTIONS":"alpn h2")"),
      {},
      options);
  EXPECT_EQ(section(result, "frontend a_test"),
            (Lines{"frontend a_test",
                   "mode http",
                   "bind abns@a_test accept-proxy ssl crt /x.pem alpn h2",
                   "use_backend g_web_10000 if { ssl_fc_sni a.test }"}));
  EXPECT_EQ(section(result, "frontend marathon_https_in").back(),
            "use_backend a_test if { req_ssl_sni -i a.test }");
}

TEST(Render, KnowsWhoWroteALine) {
  const Rendered result = rendered(
      parse_apps({app_json({.id = "/a", .labels = R"("HAPROXY_0_BALANCE":"x1")"}),
                  app_json({.id = "/b", .labels = R"("HAPROXY_0_BALANCE":"x2")", .port = 10001})}));
  std::size_t line = 1;
  for (std::size_t i = 0; i < result.text.find("balance x2"); ++i) {
    line += result.text[i] == '\n' ? 1 : 0;
  }
  EXPECT_EQ(result.owner_of(line), "/b");
  EXPECT_EQ(result.owner_of(1), "");
}

TEST(Render, SkeletonIsTheSameWhateverTheServers) {
  const Rendered two = rendered(parse_apps({app_json({.tasks = 2})}));
  const Rendered three = rendered(parse_apps({app_json({.tasks = 3})}));
  EXPECT_EQ(two.skeleton, three.skeleton);
  EXPECT_NE(two.text, three.text);
}

TEST(Render, EnvironmentReplacesTemplates) {
  Templates templates;
  templates.set_from_environment(
      {{"HAPROXY_FRONTEND_BACKEND_GLUE", "  # x\\n  use_backend {backend}\\n"}});
  HealthMemory memory;
  const Rendered result =
      render(services_of(parse_apps({app_json({})}), {}, fake_resolve, memory), templates, {});
  EXPECT_NE(result.text.find("  # x\n  use_backend g_web_10000\n"), std::string::npos);
}

TEST(Head, OptionsAreSortedAndOnce) {
  HeadOptions options;
  options.default_options = {"b", "a", "b"};
  const std::string text = head_text(options);
  EXPECT_NE(text.find("  option            a\n  option            b\n"), std::string::npos);
  EXPECT_NE(text.find("expose-fd listeners"), std::string::npos);
}

}  // namespace

}  // namespace ekiden::lb
