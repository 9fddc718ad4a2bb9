#include "core/net/message.h"

#include <gtest/gtest.h>

namespace ekiden::net {
namespace {

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers;
  headers.add("Accept", "a");
  headers.add("accept", "b");
  EXPECT_EQ(headers.get("ACCEPT"), "a");
  EXPECT_EQ(headers.all().size(), 2u);
  headers.set("aCCept", "c");
  EXPECT_EQ(headers.get("accept"), "c");
  EXPECT_EQ(headers.all().size(), 1u);
  headers.erase("ACCEPT");
  EXPECT_EQ(headers.get("accept"), std::nullopt);
}

TEST(Query, DecodesNamesAndValues) {
  Request request;
  request.query = "label=a%3D%3Db+c&label=d&&force&e%6Dbed=x=y&empty=";
  EXPECT_EQ(request.query_value("label"), "a==b c");
  EXPECT_EQ(request.query_values("label"), (std::vector<std::string>{"a==b c", "d"}));
  EXPECT_EQ(request.query_value("force"), "");
  EXPECT_EQ(request.query_value("embed"), "x=y");
  EXPECT_EQ(request.query_value("empty"), "");
  EXPECT_TRUE(request.has_query("force"));
  EXPECT_FALSE(request.has_query("label2"));
  EXPECT_EQ(request.query_value("none"), std::nullopt);
}

TEST(Responder, AnswersOnce) {
  int answers = 0;
  {
    const Responder respond([&answers](const Response&) { ++answers; });
    const Responder copy = respond;
    copy(text_response(200, ""));
    respond(text_response(200, ""));
  }
  EXPECT_EQ(answers, 1);
}

TEST(Responder, Answers500WhenItIsDropped) {
  int status = 0;
  {
    const Responder respond([&status](const Response& response) { status = response.status; });
  }
  EXPECT_EQ(status, 500);
}

TEST(ChunkSource, RefusesWhatExceedsItsLimit) {
  ChunkSource source(10);
  EXPECT_TRUE(source.push("12345"));
  EXPECT_TRUE(source.push("67890"));
  EXPECT_FALSE(source.push("x"));
  EXPECT_TRUE(source.closed());
  EXPECT_FALSE(source.push("y"));
}

TEST(ChunkSource, LetsOneLargeChunkThroughWhenNothingWaits) {
  ChunkSource source(10);
  EXPECT_TRUE(source.push(std::string(100, 'x')));
  EXPECT_FALSE(source.push("x"));
}

TEST(Responses, CarryTheirType) {
  EXPECT_EQ(json_response(201, "{}").headers.get("content-type"), "application/json");
  EXPECT_EQ(text_response(404, "no").status, 404);
}

}  // namespace
}  // namespace ekiden::net
