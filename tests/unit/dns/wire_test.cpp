#include "dns/wire.h"

#include "core/base/random.h"

#include <gtest/gtest.h>

namespace ekiden::dns {
namespace {

Bytes header(std::uint16_t questions, std::uint16_t answers) {
  Bytes out;
  append_u16(out, 7);
  append_u16(out, 0);
  append_u16(out, questions);
  append_u16(out, answers);
  append_u32(out, 0);
  return out;
}

QueryState state_of(const Bytes& bytes) {
  Query query;
  return parse_query(bytes, query);
}

TEST(NameToWire, WritesLabels) {
  EXPECT_EQ(name_to_wire("ab.c"), (Bytes{2, 'a', 'b', 1, 'c', 0}));
  EXPECT_EQ(name_to_wire(""), (Bytes{0}));
  EXPECT_EQ(name_to_wire("a\\.b"), (Bytes{3, 'a', '.', 'b', 0}));
}

TEST(NameToWire, RefusesWhatIsTooLongOrEmpty) {
  EXPECT_TRUE(name_to_wire(std::string(63, 'x')));
  EXPECT_FALSE(name_to_wire(std::string(64, 'x')));
  EXPECT_FALSE(name_to_wire("a..b"));
  EXPECT_FALSE(name_to_wire("a."));
  EXPECT_FALSE(name_to_wire(".a"));
  std::string name = std::string(63, 'x');
  for (int i = 0; i < 3; ++i) {
    name += "." + std::string(63, 'x');
  }
  EXPECT_FALSE(name_to_wire(name));
  EXPECT_TRUE(name_to_wire(name.substr(2)));
}

TEST(ParseQuery, ReadsNameTypeAndEdns) {
  Query query;
  const Bytes bytes = encode_query("Web.Mesos", {.id = 99, .type = 33, .udp_size = 1232});
  ASSERT_EQ(parse_query(bytes, query), QueryState::complete);
  EXPECT_EQ(query.id, 99);
  EXPECT_EQ(query.name, "web.mesos");
  EXPECT_FALSE(query.name_is_lower);
  EXPECT_EQ(query.type, 33);
  EXPECT_EQ(query.question_end, kHeaderLength + 11 + 4);
  ASSERT_TRUE(query.edns);
  EXPECT_EQ(query.edns->udp_size, 1232);
}

TEST(ParseQuery, TellsWhatIsNoQuery) {
  EXPECT_EQ(state_of({}), QueryState::not_a_query);
  EXPECT_EQ(state_of(Bytes(11, 0)), QueryState::not_a_query);
  Bytes response = encode_query("a", {});
  response[2] |= 0x80;
  EXPECT_EQ(state_of(response), QueryState::not_a_query);
  EXPECT_EQ(state_of(Bytes(12, 0)), QueryState::no_question);
}

TEST(ParseQuery, RefusesCompressionLoops) {
  for (const Bytes& name : {Bytes{0xc0, 12},
                            Bytes{1, 'a', 0xc0, 12},
                            Bytes{0xc0, 14, 0xc0, 12},
                            Bytes{0xc0, 0},
                            Bytes{0xff, 0xff},
                            Bytes{0xc0}}) {
    Bytes bytes = header(1, 0);
    bytes.insert(bytes.end(), name.begin(), name.end());
    append_u32(bytes, 0x00010001);
    EXPECT_EQ(state_of(bytes), QueryState::malformed);
  }
}

TEST(ParseQuery, RefusesLabelsOfReservedKinds) {
  for (std::uint8_t head : {0x40, 0x80}) {
    Bytes bytes = header(1, 0);
    bytes.insert(bytes.end(), {head, 'a', 0});
    append_u32(bytes, 0x00010001);
    EXPECT_EQ(state_of(bytes), QueryState::malformed);
  }
}

TEST(ParseQuery, RefusesOverlongNames) {
  Bytes bytes = header(1, 0);
  for (int i = 0; i < 130; ++i) {
    bytes.insert(bytes.end(), {1, 'a'});
  }
  bytes.push_back(0);
  append_u32(bytes, 0x00010001);
  EXPECT_EQ(state_of(bytes), QueryState::malformed);
}

TEST(ParseQuery, RefusesASecondOptRecord) {
  Bytes bytes = encode_query("a", {.udp_size = 512});
  const Bytes opt(bytes.end() - 11, bytes.end());
  bytes.insert(bytes.end(), opt.begin(), opt.end());
  put_u16(bytes, 10, 2);
  EXPECT_EQ(state_of(bytes), QueryState::malformed);
}

TEST(ParseQuery, RefusesEveryCutOfAQuery) {
  const Bytes whole = encode_query("web.marathon.mesos", {.udp_size = 4096});
  for (std::size_t length = kHeaderLength; length < whole.size(); ++length) {
    EXPECT_EQ(state_of(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))),
              QueryState::malformed);
  }
}

TEST(Decode, FollowsPointersBackwards) {
  Bytes bytes = header(1, 1);
  bytes.insert(bytes.end(), {1, 'a', 2, 'b', 'c', 0});
  append_u32(bytes, 0x00010001);
  bytes.insert(bytes.end(), {1, 'x', 0xc0, 14});  // x.bc
  append_u32(bytes, 0x00010001);
  append_u32(bytes, 60);
  append_u16(bytes, 4);
  bytes.insert(bytes.end(), {127, 0, 0, 1});
  const auto message = decode(bytes);
  ASSERT_TRUE(message) << message.error().message;
  ASSERT_EQ(message->answers.size(), 1u);
  EXPECT_EQ(message->answers[0].name, "x.bc");
  EXPECT_EQ(message->answers[0].text, "127.0.0.1");
}

TEST(Decode, SurvivesRandomChangesOfMessages) {
  Random random(1);
  Bytes seed = header(1, 1);
  seed.insert(seed.end(), {1, 'a', 2, 'b', 'c', 0});
  append_u32(seed, 0x00210001);
  seed.insert(seed.end(), {0xc0, 12});
  append_u32(seed, 0x00210001);
  append_u32(seed, 60);
  append_u16(seed, 10);
  seed.insert(seed.end(), {0, 0, 0, 1, 0, 80, 1, 't', 0xc0, 14});
  ASSERT_EQ(decode(seed)->answers[0].text, "0 1 80 t.bc.");
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = seed;
    for (std::uint64_t i = random.below(6); i > 0; --i) {
      bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.next());
    }
    bytes.resize(random.below(bytes.size() + 1));
    const auto message = decode(bytes);
    EXPECT_TRUE(message || !message.error().message.empty());
    state_of(bytes);
  }
}

}  // namespace
}  // namespace ekiden::dns
