#include "core/protobuf/codec.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ekiden::protobuf {
namespace {

struct Numbers {
  bool flag = false;
  std::optional<std::int32_t> small;
  std::optional<std::uint32_t> small_natural;
  std::optional<std::int64_t> large;
  std::optional<std::uint64_t> large_natural;
  std::optional<double> real;
  std::vector<std::int32_t> list;
  std::vector<double> reals;
  std::map<std::string, std::int32_t> counts;
  bool operator==(const Numbers&) const = default;
};

struct Nest {
  std::vector<Nest> inner;
  bool operator==(const Nest&) const = default;
};

struct Wide {
  struct Big {
    std::array<char, 4096> room{};
    std::optional<bool> flag;
    bool operator==(const Big&) const = default;
  };

  std::vector<Big> list;
};

}  // namespace
}  // namespace ekiden::protobuf

namespace ekiden::json {

using protobuf::Nest;
using protobuf::Numbers;
using protobuf::Wide;

template <>
struct Schema<Numbers> {
  static constexpr auto fields = std::tuple{field(1, "flag", &Numbers::flag).omit_default(),
                                            field(5, "large_natural", &Numbers::large_natural),
                                            field(2, "small", &Numbers::small),
                                            field(3, "small_natural", &Numbers::small_natural),
                                            field(4, "large", &Numbers::large),
                                            field(6, "real", &Numbers::real),
                                            field(7, "list", &Numbers::list),
                                            field(8, "reals", &Numbers::reals),
                                            field(9, "counts", &Numbers::counts)};
};

template <>
struct Schema<Nest> {
  static constexpr auto fields = std::tuple{field(1, "inner", &Nest::inner)};
};

template <>
struct Schema<Wide::Big> {
  static constexpr auto fields = std::tuple{field(1, "flag", &Wide::Big::flag)};
};

template <>
struct Schema<Wide> {
  static constexpr auto fields = std::tuple{field(1, "list", &Wide::list)};
};

}  // namespace ekiden::json

namespace ekiden::protobuf {
namespace {

std::string raw(std::initializer_list<int> bytes) {
  std::string all;
  for (const int byte : bytes) {
    all += static_cast<char>(byte);
  }
  return all;
}

TEST(ProtobufCodec, NumbersHaveTheBytesOfTheFormat) {
  Numbers n;
  n.flag = true;
  n.small = -1;
  n.small_natural = 300;
  n.large = std::numeric_limits<std::int64_t>::min();
  n.large_natural = std::numeric_limits<std::uint64_t>::max();
  n.real = 1.0;
  n.list = {1, -2};
  n.counts = {{"a", 1}};
  const std::string bytes = raw({8,  1,                                               // flag
                                 16, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1,  // -1
                                 24, 172, 2,                                          // 300
                                 32, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1,  // min
                                 40, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1,  // max
                                 49, 0,   0,   0,   0,   0,   0,   240, 63,           // 1.0
                                 56, 1,                                               // 1
                                 56, 254, 255, 255, 255, 255, 255, 255, 255, 255, 1,  // -2
                                 74, 5,   10,  1,   'a', 16,  1});                    // a: 1
  EXPECT_EQ(to_protobuf(n), bytes);
  EXPECT_EQ(from_protobuf<Numbers>(bytes).value(), n);
  EXPECT_EQ(to_protobuf(Numbers{}), "");
}

TEST(ProtobufCodec, PackedAndSingleNumbersMakeOneList) {
  const std::string bytes = raw({56, 1,  58, 3, 2, 172, 2, 56, 4,   58, 0,  // list
                                 66, 16, 0,  0, 0, 0,   0, 0,  240, 63, 0, 0, 0, 0, 0, 0, 0, 64});
  const auto n = from_protobuf<Numbers>(bytes);
  ASSERT_TRUE(n) << n.error().message;
  EXPECT_EQ(n->list, (std::vector<std::int32_t>{1, 2, 300, 4}));
  EXPECT_EQ(n->reals, (std::vector{1.0, 2.0}));
}

TEST(ProtobufCodec, TheLastValueOfAFieldCounts) {
  const auto n = from_protobuf<Numbers>(raw({16, 1, 16, 2, 74, 5, 10,  1,  'a', 16, 1,  //
                                             74, 5, 16, 9, 10, 1, 'a', 74, 0}));
  ASSERT_TRUE(n) << n.error().message;
  EXPECT_EQ(n->small, 2);
  EXPECT_EQ(n->counts, (std::map<std::string, std::int32_t>{{"", 0}, {"a", 9}}));
}

TEST(ProtobufCodec, UnknownFieldsOfEveryKindAreSkipped) {
  const std::string bytes = raw({0x98, 0x06, 1,                                // 99: varint
                                 0x99, 0x06, 1, 2,    3,    4,    5, 6, 7, 8,  // 99: fixed64
                                 0x9a, 0x06, 2, 0xff, 0xff,                    // 99: bytes
                                 0x9b, 0x06, 8, 1,    0x9c, 0x06,              // 99: group
                                 0x9d, 0x06, 1, 2,    3,    4,                 // 99: fixed32
                                 13,   1,    2, 3,    4,                       // flag as fixed32
                                 8,    1});
  const auto n = from_protobuf<Numbers>(bytes);
  ASSERT_TRUE(n) << n.error().message;
  Numbers flagged;
  flagged.flag = true;
  EXPECT_EQ(*n, flagged);
}

TEST(ProtobufCodec, BrokenBytesAreRefusedWithTheirPlace) {
  const auto message = [](std::initializer_list<int> bytes) {
    const auto n = from_protobuf<Numbers>(raw(bytes));
    EXPECT_FALSE(n);
    EXPECT_EQ(n.error().code, ErrorCode::malformed);
    return n.error().message;
  };
  EXPECT_EQ(message({8}), "cannot read the message: flag: a number does not end (at offset 1)");
  EXPECT_EQ(message({74, 9, 0}),
            "cannot read the message: counts: a field is longer than its message (at offset 2)");
  message({0x9b, 0x06, 8, 1});                                        // group without end
  message({0x9c, 0x06});                                              // end without group
  message({0});                                                       // no number
  message({2, 0});                                                    // field zero
  message({7});                                                       // no such wire type
  message({8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1});  // 11 bytes
  message({74, 255, 255, 255, 255, 15});                              // length beyond int
  message({74, 3, 10, 5, 'a'});                                       // beyond its message
  message({58, 2, 1, 128});                                           // packed, half a number
}

TEST(ProtobufCodec, NanIsAProblem) {
  const auto n = from_protobuf<Numbers>(raw({49, 0, 0, 0, 0, 0, 0, 248, 127}));
  ASSERT_FALSE(n);
  EXPECT_EQ(n.error().message, "cannot read the message: real: not a number");
}

TEST(ProtobufCodec, NestingIsBounded) {
  Nest nest;
  for (std::size_t depth = 0; depth < kDepthMax; ++depth) {
    Nest outer;
    outer.inner.push_back(std::move(nest));
    nest = std::move(outer);
  }
  EXPECT_TRUE(from_protobuf<Nest>(to_protobuf(nest)));
  Nest deeper;
  deeper.inner.push_back(nest);
  const auto read = from_protobuf<Nest>(to_protobuf(deeper));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("nested deeper than 64 levels"), std::string::npos);
}

TEST(ProtobufCodec, AMessageDoesNotGrowBeyondItsMeasure) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) {  // 200 kB that want 400 MB
    bytes += raw({10, 0});
  }
  const auto read = from_protobuf<Wide>(bytes);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("too long for its size"), std::string::npos);
}

}  // namespace
}  // namespace ekiden::protobuf
