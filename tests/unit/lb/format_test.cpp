#include "lb/format.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

std::string formatted(std::string_view text, const Fields& fields) {
  std::string out;
  const auto reason = format_into(out, text, fields);
  return reason ? "error: " + *reason : out;
}

TEST(Format, FillsPlaceholdersAndHalvesDoubledBraces) {
  EXPECT_EQ(formatted("a {x} if !{{ y }}", {{"x", "1"}}), "a 1 if !{ y }");
}

TEST(Format, NeverScansWhatWasPutIn) {
  EXPECT_EQ(formatted("{x}", {{"x", "{y}"}, {"y", "no"}}), "{y}");
}

TEST(Format, PadsLikePython) {
  EXPECT_EQ(formatted("{x:>4}|{x:*<3}|{x:^5}|{x:03d}", {{"x", "7"}}), "   7|7**|  7  |007");
}

TEST(Format, NamesWhatIsWrong) {
  EXPECT_EQ(formatted("{z}", {}), "error: placeholder \"z\" is unknown here");
  EXPECT_NE(formatted("a } b", {}).find("error"), std::string::npos);
  EXPECT_NE(formatted("a { b", {}).find("error"), std::string::npos);
  EXPECT_NE(formatted("{x:99999999s}", {{"x", ""}}).find("error"), std::string::npos);
}

}  // namespace

}  // namespace ekiden::lb
