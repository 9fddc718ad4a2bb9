#include "core/api/recordio.h"

#include <gtest/gtest.h>

namespace ekiden::api {
namespace {

using Records = std::vector<std::string>;

TEST(RecordIo, FramesWithTheByteLength) {
  EXPECT_EQ(recordio_frame("hello") + recordio_frame("world!"), "5\nhello6\nworld!");
  EXPECT_EQ(recordio_frame(""), "0\n");
  EXPECT_EQ(recordio_frame("\xC3\xA9"), "2\n\xC3\xA9");
}

TEST(RecordIo, ChunkBordersDoNotMatter) {
  const std::string stream = "5\nhello0\n6\nwor\nd!";
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    RecordIoDecoder decoder;
    Records all;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      const auto some = decoder.feed(stream.substr(at, size));
      ASSERT_TRUE(some);
      all.insert(all.end(), some->begin(), some->end());
    }
    EXPECT_EQ(all, (Records{"hello", "", "wor\nd!"})) << size;
  }
}

TEST(RecordIo, AfterABrokenHeaderEveryCallFails) {
  RecordIoDecoder decoder;
  EXPECT_FALSE(decoder.feed("x\nhello"));
  EXPECT_FALSE(decoder.feed("5\nhello"));
}

TEST(RecordIo, HostileLengthsAreRefused) {
  EXPECT_FALSE(RecordIoDecoder(10).feed("11\n"));
  EXPECT_FALSE(RecordIoDecoder().feed("-1\n"));
  EXPECT_FALSE(RecordIoDecoder().feed("99999999999999999999999"));
  EXPECT_FALSE(RecordIoDecoder().feed("18446744073709551616\n"));
  EXPECT_FALSE(RecordIoDecoder().feed("\n"));
}

}  // namespace
}  // namespace ekiden::api
