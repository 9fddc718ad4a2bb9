#include "marathon/api/patterns.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::wire {
namespace {

TEST(Patterns, OfPathIds) {
  for (const char* text : {"/a", "a/b", "/a/", "//a", "/a.b/c-d", "../a", "/9"}) {
    EXPECT_TRUE(is_path_id(text)) << text;
  }
  for (const char* text : {"/A", "/a_b", "/-a", "/a-", "/a b", "/a/.", "/a..b", "/a!"}) {
    EXPECT_FALSE(is_path_id(text)) << text;
  }
}

TEST(Patterns, OfUris) {
  for (const char* text : {"http://a/b?c=d&e#f", "file", "/a/b", "hdfs://x:9/y", "%20"}) {
    EXPECT_TRUE(is_uri(text)) << text;
  }
  for (const char* text : {"a b", "%zz", ":a", "1a:b", "http:", "a\"b"}) {
    EXPECT_FALSE(is_uri(text)) << text;
  }
}

TEST(Patterns, OfExecutors) {
  for (const char* text : {"", "//cmd", "/a/b", "a/b.mte"}) {
    EXPECT_TRUE(is_executor_text(text)) << text;
  }
  for (const char* text : {"/a/", "/a//b", "/"}) {
    EXPECT_FALSE(is_executor_text(text)) << text;
  }
}

}  // namespace
}  // namespace ekiden::marathon::wire
