#include "core/json/diff.h"

#include <gtest/gtest.h>

namespace ekiden::json {

namespace {

std::string differences(std::string_view before, std::string_view after, std::size_t max = 10) {
  std::string text;
  for (const Difference& one : diff(*parse(before), *parse(after), max)) {
    text += one.path + ": " + (one.before ? to_text(*one.before) : "-") + " -> " +
            (one.after ? to_text(*one.after) : "-") + "\n";
  }
  return text;
}

TEST(JsonDiff, EqualDocumentsDifferNowhere) {
  EXPECT_EQ(differences(R"({"a":[1,{"b":2}]})", R"({"a":[1,{"b":2}]})"), "");
}

TEST(JsonDiff, NamesChangedNewAndRemovedMembersByPointer) {
  EXPECT_EQ(differences(R"({"cmd":"a","env":{"X/Y":"1","Z":"2"}})",
                        R"({"cmd":"b","env":{"X/Y":"3"},"cpus":1})"),
            "/cmd: \"a\" -> \"b\"\n/env/X~1Y: \"1\" -> \"3\"\n/env/Z: \"2\" -> -\n/cpus: - -> 1\n");
}

TEST(JsonDiff, ComparesArraysOfEqualLengthByElement) {
  EXPECT_EQ(differences(R"([{"a":1},2])", R"([{"a":3},2])"), "/0/a: 1 -> 3\n");
  EXPECT_EQ(differences("[1]", "[1,2]"), ": [1] -> [1,2]\n");
}

TEST(JsonDiff, ListsAtMostSoMany) {
  EXPECT_EQ(differences(R"({"a":1,"b":1})", R"({"a":2,"b":2})", 1), "/a: 1 -> 2\n");
}

}  // namespace

}  // namespace ekiden::json
