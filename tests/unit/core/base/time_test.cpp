#include "core/base/time.h"

#include <gtest/gtest.h>

namespace ekiden {
namespace {

using namespace std::chrono_literals;

TEST(Iso8601, WritesMillisecondsInUtc) {
  EXPECT_EQ(to_iso8601(WallTime(1393716570158ms)), "2014-03-01T23:29:30.158Z");
  EXPECT_EQ(to_iso8601(WallTime()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(WallTime(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(Iso8601, ReadsFractionsAndOffsets) {
  const WallTime expected(1393716570158ms);
  for (const char* text : {"2014-03-01T23:29:30.158Z",
                           "2014-03-01T23:29:30.158000000Z",
                           "2014-03-02T01:29:30.158+02:00",
                           "2014-03-01T17:59:30.158-0530",
                           "2014-03-01T23:29:30.158"}) {
    const auto read = parse_iso8601(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, expected) << text;
  }
  EXPECT_EQ(*parse_iso8601("2014-03-01T23:29:30Z"), WallTime(1393716570s));
}

TEST(Iso8601, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "now",
                           "2014-03-01",
                           "2014-13-01T00:00:00Z",
                           "2014-02-29T00:00:00Z",
                           "2014-03-01T24:00:00Z",
                           "2014-03-01T23:60:00Z",
                           "2014-03-01T23:29:30.158Zx",
                           "2014-03-01T23:29:30+2",
                           "2014-03-01 23:29:30Z",
                           "9999-01-01T00:00:00Z",
                           "0001-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
}

TEST(Durations, AreANumberAndAUnit) {
  EXPECT_EQ(*parse_duration("15secs"), 15s);
  EXPECT_EQ(*parse_duration("1.5mins"), 90s);
  EXPECT_EQ(*parse_duration("500ms"), 500ms);
  EXPECT_EQ(*parse_duration("2weeks"), std::chrono::weeks(2));
  for (const char* bad : {"", "15", "secs", "15 secs", "15seconds", "1e99weeks", "9e9secs"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Durations, AreWrittenInTheLargestWholeUnit) {
  EXPECT_EQ(to_text(90s), "90secs");
  EXPECT_EQ(to_text(120s), "2mins");
  EXPECT_EQ(to_text(Duration{}), "0ns");
  EXPECT_EQ(to_text(1500us), "1500us");
}

}  // namespace
}  // namespace ekiden
