#include "marathon/model/pattern.h"

#include <string>

#include <gtest/gtest.h>

namespace ekiden::marathon {

namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const Result<Pattern> compiled = Pattern::compile(pattern);
  EXPECT_TRUE(compiled) << pattern << ": " << (compiled ? "" : compiled.error().message);
  return compiled && compiled->matches(text);
}

TEST(Pattern, MatchesTheWholeText) {
  EXPECT_TRUE(matches("rack-[1-3]", "rack-2"));
  EXPECT_FALSE(matches("rack-[1-3]", "rack-22"));
  EXPECT_FALSE(matches("rack", "a rack"));
  EXPECT_TRUE(matches("a|ab", "ab"));
  EXPECT_FALSE(matches("a", "a\n"));
  EXPECT_TRUE(matches("", ""));
}

TEST(Pattern, ReadsWhatJavaReads) {
  EXPECT_TRUE(matches("(?!test-).*", "prod-1"));
  EXPECT_FALSE(matches("(?!test-).*", "test-1"));
  EXPECT_TRUE(matches("(?<zone>[a-z])-\\k<zone>", "a-a"));
  EXPECT_TRUE(matches("(?i)RACK\\d++", "rack12"));
  EXPECT_TRUE(matches("\\Qa.b[\\E.", "a.b[x"));
  EXPECT_FALSE(matches("\\Qa.b\\E", "axb"));
  EXPECT_TRUE(matches("\\u0061+", "aaa"));
  EXPECT_TRUE(matches("\\p{Alpha}\\p{Digit}", "a1"));
  EXPECT_TRUE(matches("[\\p{Upper}_]+", "A_B"));
  EXPECT_FALSE(matches("\\P{Digit}", "1"));
  EXPECT_TRUE(matches("[]a]+", "]a"));
  EXPECT_TRUE(matches("[^]]", "x"));
  EXPECT_FALSE(matches("\\w", "\xc3\xa9"));  // ASCII, as in Java without a flag
}

TEST(Pattern, RefusesWhatItCannotRead) {
  for (const char* text : {"(", "*", "[a-z&&[^b]]", "[a[bc]]", "a{2,1}", "\\p{javaLowerCase}"}) {
    EXPECT_FALSE(Pattern::compile(text)) << text;
  }
  EXPECT_FALSE(Pattern::compile(std::string(kPatternLengthMax + 1, 'a')));
}

// Exponential without a bound: this test would not end.
TEST(Pattern, GivesUpWhenAMatchTakesTooLong) {
  EXPECT_FALSE(matches("(a+)+(b+)+c", std::string(200, 'a') + std::string(200, 'b')));
  EXPECT_FALSE(matches(".*", std::string(kPatternSubjectMax + 1, 'a')));
  EXPECT_FALSE(matches(".*", "\xff\xfe"));  // not UTF-8
}

}  // namespace

}  // namespace ekiden::marathon
