#include "core/json/json.h"

#include <limits>

#include <gtest/gtest.h>

namespace ekiden::json {
namespace {

TEST(Value, SurvivesARoundTripInOrder) {
  const std::string text =
      R"({"b":[1,-2,1.5,true,null,"x\n"],"a":{"nested":{}},"big":9007199254740993})";
  const auto value = parse(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(to_text(*value), text);
}

TEST(Value, WholeDoublesKeepAFractionPart) {
  EXPECT_EQ(to_text(*parse("[1.0,0.1,128.0,1e3]")), "[1.0,0.1,128.0,1000.0]");
}

TEST(Value, LastDuplicateCounts) {
  EXPECT_EQ((*parse(R"({"a":1,"a":2})"))["a"].as_int(), 2);
}

TEST(Value, WrongKindsGiveTheFallback) {
  const Value value("text");
  EXPECT_EQ(value.as_int(7), 7);
  EXPECT_EQ(value["a"]["b"].as_string("none"), "none");
  EXPECT_TRUE(value.as_array().empty());
  EXPECT_EQ(Value(2.0).as_int(), 2);
  EXPECT_EQ(Value(2.5).as_int(9), 9);
}

TEST(Value, SetReplacesAndEraseRemoves) {
  Value value;
  value.set("a", 1);
  value.set("b", "x");
  value.set("a", 2);
  EXPECT_EQ(to_text(value), R"({"a":2,"b":"x"})");
  EXPECT_TRUE(value.erase("a"));
  EXPECT_FALSE(value.erase("a"));
  EXPECT_EQ(to_text(value), R"({"b":"x"})");
}

TEST(Parse, HostileTextIsMalformedWithAnOffset) {
  for (const char* text : {"{",
                           "[1,]",
                           "{\"a\" 1}",
                           "\"\xff\xfe\"",
                           "\"\\udc00\"",
                           "2e308",
                           "-1234567891e308",
                           "NaN",
                           "{\"\\udc00\":1}",
                           "1 2",
                           "nul",
                           "Infinity",
                           "{\"a\":01}",
                           "\"\x01\""}) {
    const auto value = parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::malformed) << text;
    EXPECT_NE(value.error().message.find("offset"), std::string::npos) << value.error().message;
  }
}

TEST(Parse, NumbersKeepTheirValue) {
  EXPECT_EQ(
      parse("[9223372036854775807,-9223372036854775808]").value(),
      (Value(Array{std::int64_t{9223372036854775807}, std::numeric_limits<std::int64_t>::min()})));
  EXPECT_EQ(parse("18446744073709551616").value().as_double(), 18446744073709551616.0);
  EXPECT_EQ(parse("1.7976931348623157e308").value().as_double(),
            std::numeric_limits<double>::max());
  EXPECT_EQ(parse("[1e-3008,5e-324,0.1,-0]").value(),
            (Value(Array{0.0, 5e-324, 0.1, std::int64_t{0}})));
}

TEST(Parse, EmptyBodySaysNoContent) {
  EXPECT_EQ(parse("  ").error().message, "No content to map due to end-of-input");
}

TEST(Parse, DepthBeyondTheLimitIsRefusedAndTheLimitItselfIsNot) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse(nested(kDepthMax)));
  const auto deep = parse(nested(kDepthMax + 1));
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("deeper"), std::string::npos);
  EXPECT_FALSE(parse(std::string(2'000'000, '[')));
}

TEST(Writer, WritesEveryKind) {
  Writer writer;
  writer.begin_object().member("s", "a\"b").key("i").integer(-3).key("n").number(1).key("m");
  writer.number_short(1).key("x").null().key("r").raw("{\"k\":[]}").key("b").boolean(true);
  writer.key("u").unsigned_integer(std::numeric_limits<std::uint64_t>::max());
  writer.key("l").begin_array().value(Value(2)).end_array().end_object();
  EXPECT_EQ(writer.take(),
            R"({"s":"a\"b","i":-3,"n":1.0,"m":1,"x":null,"r":{"k":[]},"b":true,)"
            R"("u":18446744073709551615,"l":[2]})");
  EXPECT_EQ(writer.size(), 0u);
  writer.begin_array().end_array();
  EXPECT_EQ(writer.take(), "[]");
}

}  // namespace
}  // namespace ekiden::json
