#include "core/wire/media.h"

#include <gtest/gtest.h>

namespace ekiden::wire {
namespace {

std::optional<Media> accepted(const std::string& text) {
  net::Headers headers;
  headers.set("Accept", text);
  return accepted_media(headers);
}

// [mesos-core 1.2]
TEST(Media, AcceptIsAListWithRangesAndRefusals) {
  EXPECT_EQ(accepted_media({}), Media::json);
  EXPECT_EQ(accepted("*/*"), Media::json);
  EXPECT_EQ(accepted("text/html, application/*"), Media::json);
  EXPECT_EQ(accepted("application/x-protobuf"), Media::protobuf);
  EXPECT_EQ(accepted("application/x-protobuf, application/json;q=0.1"), Media::json);
  EXPECT_EQ(accepted("application/json;q=0, application/x-protobuf"), Media::protobuf);
  EXPECT_EQ(accepted("text/html"), std::nullopt);
  EXPECT_EQ(accepted("application/json;q=0"), std::nullopt);
}

TEST(Media, ContentTypeMayHaveParameters) {
  net::Headers headers;
  EXPECT_EQ(body_media(headers).error().code, ErrorCode::invalid);
  headers.set("Content-Type", "application/json; charset=utf-8");
  EXPECT_EQ(body_media(headers), Media::json);
  headers.set("Content-Type", "application/x-protobuf");
  EXPECT_EQ(body_media(headers), Media::protobuf);
  headers.set("Content-Type", "text/plain");
  EXPECT_EQ(body_media(headers).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace ekiden::wire
