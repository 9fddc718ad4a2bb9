#include "core/net/router.h"

#include "core/base/strings.h"

#include <gtest/gtest.h>

namespace ekiden::net {
namespace {

// The answer is the pattern and what it captured.
Route route(const std::string& method, const std::string& pattern) {
  return {method, pattern, [method, pattern](const Request& request, const Responder& respond) {
            std::string text = method + " " + pattern;
            for (const auto& [name, value] : request.params) {
              text += " " + name + "=" + value;
            }
            respond(text_response(200, text));
          }};
}

class RouterTest : public testing::Test {
 protected:
  Response answer(const std::string& method, const std::string& path) {
    Request request;
    request.method = method;
    request.path = path;
    Response got;
    router_(request, Responder([&got](Response response) { got = std::move(response); }));
    return got;
  }

  std::string body(const std::string& method, const std::string& path) {
    return answer(method, path).body;
  }

  Router router_{{
      route("GET", "/v2/apps"),
      route("POST", "/v2/apps"),
      route("GET", "/v2/apps/*id"),
      route("PUT", "/v2/apps/*id"),
      route("GET", "/v2/apps/*id/tasks"),
      route("DELETE", "/v2/apps/*id/tasks/:task"),
      route("GET", "/v2/apps/*id/versions/:version"),
      route("GET", "/v2/groups"),
      route("PUT", "/v2/groups/*id"),
      route("GET", "/ping"),
  }};
};

TEST_F(RouterTest, CapturesAGreedyPart) {
  EXPECT_EQ(body("GET", "/v2/apps/a/b/c"), "GET /v2/apps/*id id=a/b/c");
  EXPECT_EQ(body("GET", "/v2/apps//a/"), "GET /v2/apps/*id id=a");
}

TEST_F(RouterTest, PrefersMoreLiterals) {
  EXPECT_EQ(body("GET", "/v2/apps/a/b/tasks"), "GET /v2/apps/*id/tasks id=a/b");
  EXPECT_EQ(body("DELETE", "/v2/apps/a/tasks/t.1"),
            "DELETE /v2/apps/*id/tasks/:task id=a task=t.1");
  EXPECT_EQ(body("GET", "/v2/apps/versions/versions/v"),
            "GET /v2/apps/*id/versions/:version id=versions version=v");
}

TEST_F(RouterTest, PrefersTheExactPatternOverAnEmptyGreedyPart) {
  EXPECT_EQ(body("GET", "/v2/apps/"), "GET /v2/apps");
  EXPECT_EQ(body("PUT", "/v2/groups"), "PUT /v2/groups/*id id=");
}

TEST_F(RouterTest, DecodesSegments) {
  EXPECT_EQ(body("GET", "/v2/apps/%2Fa%2Fb%20c"), "GET /v2/apps/*id id=/a/b c");
  EXPECT_EQ(body("GET", "/v2/apps/a%2Ftasks"), "GET /v2/apps/*id id=a/tasks");
}

TEST_F(RouterTest, GivesThePathToItsMostLiteralPattern) {
  const Response response = answer("PUT", "/v2/apps/a/tasks");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("Allow"), "GET");
}

TEST_F(RouterTest, AnswersUnknownPathsAndMethods) {
  EXPECT_EQ(answer("GET", "/nowhere").status, 404);
  EXPECT_EQ(answer("GET", "/ping/x").status, 404);
  const Response response = answer("DELETE", "/v2/apps");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("Allow"), "GET, POST, PUT");
}

TEST_F(RouterTest, RoutesHeadAsGet) {
  EXPECT_EQ(body("HEAD", "/ping"), "GET /ping");
  Router with_head({route("GET", "/a"), route("HEAD", "/a")});
  Request request;
  request.method = "HEAD";
  request.path = "/a";
  std::string got;
  with_head(request, Responder([&got](const Response& response) { got = response.body; }));
  EXPECT_EQ(got, "HEAD /a");
}

TEST_F(RouterTest, UsesTheAnswersOfTheApi) {
  router_.on_not_found([](const Request& request) { return json_response(404, request.path); })
      .on_not_allowed([](const Request&, const std::vector<std::string>& allowed) {
        return json_response(405, join(allowed, "|"));
      });
  EXPECT_EQ(body("GET", "/nowhere"), "/nowhere");
  EXPECT_EQ(body("PATCH", "/v2/groups"), "GET|PUT");
}

}  // namespace
}  // namespace ekiden::net
