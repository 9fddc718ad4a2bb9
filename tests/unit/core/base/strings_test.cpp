#include "core/base/strings.h"

#include <gtest/gtest.h>

namespace ekiden {
namespace {

using Pieces = std::vector<std::string_view>;

TEST(Strings, SplitsWithAndWithoutEmptyPieces) {
  EXPECT_EQ(split("a,,b,", ','), (Pieces{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (Pieces{""}));
  EXPECT_EQ(split_nonempty(",a,,b,", ','), (Pieces{"a", "b"}));
  EXPECT_TRUE(split_nonempty("", ',').empty());
}

TEST(Strings, Joins) {
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a", "", "b"}, ", "), "a, , b");
}

TEST(Strings, TrimsSpaceOfBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(Strings, ComparesWithoutCase) {
  EXPECT_TRUE(iequals("Content-Type", "content-TYPE"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_EQ(to_lower("AbC-1"), "abc-1");
}

TEST(Strings, ReplacesEveryOccurrenceOnce) {
  EXPECT_EQ(replace_all("aaa", "aa", "aaa"), "aaaa");
  EXPECT_EQ(replace_all("a.b.c", ".", ""), "abc");
  EXPECT_EQ(replace_all("abc", "", "x"), "abc");
}

TEST(Strings, ReadsANumberOnlyWhenTheWholeTextIsOne) {
  EXPECT_EQ(parse_int("-42"), -42);
  for (const char* bad : {"", " 1", "1 ", "1x", "0x1", "9223372036854775808"}) {
    EXPECT_EQ(parse_int(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_double("0.25"), 0.25);
  EXPECT_EQ(parse_double("1e3"), 1000.0);
  EXPECT_EQ(parse_double("1.0.0"), std::nullopt);
}

TEST(Strings, EncodesBase64LikeTheRfc) {
  // RFC 4648, section 10.
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
  }
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
  }
  EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
}

TEST(Strings, RefusesWhatIsNotBase64) {
  for (const char* bad : {"Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Z=g=", "Zm-_"}) {
    EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
  }
}

TEST(Strings, PercentCodesAndLeavesInvalidEscapes) {
  EXPECT_EQ(percent_decode("a%20b%2Fc%2f+"), "a b/c/+");
  EXPECT_EQ(percent_decode("%zz%4"), "%zz%4");
  EXPECT_EQ(percent_decode("%41"), "A");
  EXPECT_EQ(percent_encode("/a b~é"), "%2Fa%20b~%C3%A9");
}

}  // namespace
}  // namespace ekiden
