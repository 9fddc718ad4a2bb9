#include "dns/answer.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace ekiden::dns {
namespace {

constexpr std::uint16_t kA = 1;
constexpr std::uint16_t kNs = 2;
constexpr std::uint16_t kSoa = 6;
constexpr std::uint16_t kTxt = 16;
constexpr std::uint16_t kAaaa = 28;
constexpr std::uint16_t kSrv = 33;

// A zone with one service of `count` instances: web.marathon.mesos and _web._tcp.marathon.mesos.
std::shared_ptr<const RecordSet> service(int count) {
  RecordSetBuilder builder;
  for (int i = 0; i < count; ++i) {
    const std::string host = "web-abc" + std::to_string(100 + i) + "-s0.marathon.mesos";
    const Ipv4 ip{10, 0, 1, static_cast<std::uint8_t>(i)};
    builder.add({"web.marathon.mesos", ip});
    builder.add({host, ip});
    builder.add({"_web._tcp.marathon.mesos",
                 Srv{make_target(host), static_cast<std::uint16_t>(31000 + i)}});
  }
  return builder.publish(1234);
}

struct Ask {
  Ask(AnswerOptions options = {}, std::shared_ptr<const RecordSet> set = service(3))
      : records(std::move(set)), answerer(std::move(options), Random(1)) {}

  Outcome send(const Bytes& query, Transport transport = Transport::udp) {
    return answerer.answer(query, *records, transport, bytes);
  }

  Message ask(const std::string& name, QueryOptions query, Transport transport = Transport::udp) {
    EXPECT_EQ(send(encode_query(name, query), transport).kind, Outcome::Kind::reply);
    Result<Message> message = decode(bytes);
    EXPECT_TRUE(message) << message.error().message;
    return message ? std::move(*message) : Message{};
  }

  std::shared_ptr<const RecordSet> records;
  Answerer answerer;
  Bytes bytes;
};

std::set<std::string> texts(const std::vector<WireRecord>& records) {
  std::set<std::string> all;
  for (const WireRecord& record : records) {
    all.insert(record.text);
  }
  return all;
}

TEST(Answer, GivesEveryAddress) {
  const Message reply = Ask().ask("web.marathon.mesos", {.id = 77, .type = kA});
  EXPECT_EQ(reply.id, 77);
  EXPECT_EQ(reply.flags, kFlagQr | kFlagAa | kFlagRd | kFlagRa);
  EXPECT_EQ(texts(reply.answers), (std::set<std::string>{"10.0.1.0", "10.0.1.1", "10.0.1.2"}));
  EXPECT_EQ(reply.answers[0].name, "web.marathon.mesos");
  EXPECT_EQ(reply.answers[0].ttl, 60u);
}

TEST(Answer, OfSrvBringsTheTargetsAddresses) {
  const Message reply = Ask().ask("_web._tcp.marathon.mesos", {.type = kSrv});
  EXPECT_EQ(texts(reply.answers),
            (std::set<std::string>{"0 1 31000 web-abc100-s0.marathon.mesos.",
                                   "0 1 31001 web-abc101-s0.marathon.mesos.",
                                   "0 1 31002 web-abc102-s0.marathon.mesos."}));
  EXPECT_EQ(texts(reply.additionals), (std::set<std::string>{"10.0.1.0", "10.0.1.1", "10.0.1.2"}));
  for (const WireRecord& record : reply.additionals) {
    EXPECT_TRUE(record.name.starts_with("web-abc10")) << record.name;
  }
}

TEST(Answer, FindsNamesInAnyCase) {
  const Message a = Ask().ask("WEB.Marathon.mesos", {.type = kA});
  EXPECT_EQ(a.questions[0].name, "WEB.Marathon.mesos");
  ASSERT_EQ(a.answers.size(), 3u);
  for (const WireRecord& record : a.answers) {
    EXPECT_EQ(record.name, "web.marathon.mesos");
  }
  const Message srv = Ask().ask("_WEB._tcp.marathon.mesos", {.type = kSrv});
  ASSERT_EQ(srv.answers.size(), 3u);
  EXPECT_EQ(srv.answers[0].name, "_WEB._tcp.marathon.mesos");
}

TEST(Answer, IgnoresWildcardLabels) {
  const Message reply = Ask().ask("web.*.marathon.mesos", {.type = kA});
  ASSERT_EQ(reply.answers.size(), 3u);
  EXPECT_EQ(reply.answers[0].name, "web.marathon.mesos");
}

TEST(Answer, TellsNoDataFromNoName) {
  const Message no_data = Ask().ask("web.marathon.mesos", {.type = kAaaa});
  EXPECT_EQ(no_data.rcode(), Rcode::no_error);
  EXPECT_TRUE(no_data.answers.empty());
  EXPECT_EQ(texts(no_data.authorities),
            (std::set<std::string>{"ns1.mesos. root.ns1.mesos. 1234 60 600 86400 60"}));
  EXPECT_EQ(no_data.authorities[0].name, "web.marathon.mesos");
  const Message no_name = Ask().ask("nothing.mesos", {.type = kA});
  EXPECT_EQ(no_name.rcode(), Rcode::name_error);
  EXPECT_EQ(no_name.authorities.size(), 1u);
  EXPECT_EQ(Ask().ask("mesos", {.type = kTxt}).rcode(), Rcode::name_error);
  EXPECT_EQ(Ask().ask("_web._tcp.marathon.mesos", {.type = kTxt}).rcode(), Rcode::no_error);
}

TEST(Answer, OfAnUnknownSrvIsEmptyWithoutSoa) {
  const Message reply = Ask().ask("_none._tcp.marathon.mesos", {.type = kSrv});
  EXPECT_EQ(reply.rcode(), Rcode::no_error);
  EXPECT_TRUE(reply.answers.empty());
  EXPECT_TRUE(reply.authorities.empty());
}

TEST(Answer, PutsSoaAndNsIntoTheAuthoritySection) {
  const Message soa = Ask().ask("mesos", {.type = kSoa});
  EXPECT_EQ(soa.rcode(), Rcode::no_error);
  EXPECT_TRUE(soa.answers.empty());
  EXPECT_EQ(soa.authorities[0].type, kSoa);
  const Message ns = Ask().ask("Mesos", {.type = kNs});
  EXPECT_EQ(texts(ns.authorities), (std::set<std::string>{"ns1.mesos."}));
  EXPECT_EQ(ns.authorities[0].name, "Mesos");
}

TEST(Answer, OfAnyHasEverything) {
  const Message reply = Ask().ask("web.marathon.mesos", {.type = 255});
  EXPECT_EQ(reply.answers.size(), 3u);
  EXPECT_EQ(reply.authorities.size(), 2u);
}

TEST(Answer, IsCutBelow512WithoutEdns) {
  Ask big({}, service(40));
  const Message udp = big.ask("web.marathon.mesos", {.type = kA});
  EXPECT_TRUE(udp.flags & kFlagTc);
  EXPECT_EQ(udp.answers.size(), 29u);
  EXPECT_LT(big.bytes.size(), 512u);
  const Message srv = big.ask("_web._tcp.marathon.mesos", {.type = kSrv});
  EXPECT_TRUE(srv.flags & kFlagTc);
  EXPECT_TRUE(srv.additionals.empty());
  EXPECT_EQ(srv.answers.size(), 9u);
  const Message tcp = big.ask("_web._tcp.marathon.mesos", {.type = kSrv}, Transport::tcp);
  EXPECT_FALSE(tcp.flags & kFlagTc);
  EXPECT_EQ(tcp.answers.size(), 40u);
  EXPECT_EQ(tcp.additionals.size(), 40u);
}

TEST(Answer, UsesTheSizeThatEdnsOffers) {
  Ask big({}, service(40));
  const Message whole = big.ask("_web._tcp.marathon.mesos", {.type = kSrv, .udp_size = 4096});
  EXPECT_FALSE(whole.flags & kFlagTc);
  EXPECT_EQ(whole.answers.size(), 40u);
  EXPECT_EQ(whole.additionals.size(), 41u);  // with OPT
  const Message cut = big.ask("_web._tcp.marathon.mesos", {.type = kSrv, .udp_size = 1232});
  EXPECT_TRUE(cut.flags & kFlagTc);
  EXPECT_LT(big.bytes.size(), 1232u);
  EXPECT_GT(cut.answers.size(), 20u);
  EXPECT_EQ(cut.additionals.size(), 1u);
  big.ask("_web._tcp.marathon.mesos", {.type = kSrv, .udp_size = 100});
  EXPECT_LT(big.bytes.size(), 512u);
}

TEST(Answer, MaySayNothingOfACut) {
  AnswerOptions options;
  options.truncation = Truncation::silent;
  const Message reply = Ask(options, service(40)).ask("web.marathon.mesos", {.type = kA});
  EXPECT_FALSE(reply.flags & kFlagTc);
  EXPECT_EQ(reply.answers.size(), 29u);
}

TEST(Answer, GivesEveryInstanceTheFirstPlaceInTurn) {
  Ask many({}, service(40));
  std::map<std::string, int> first;
  for (int i = 0; i < 4000; ++i) {
    ++first[many.ask("web.marathon.mesos", {.type = kA}).answers[0].text];
  }
  EXPECT_EQ(first.size(), 40u);
  for (const auto& [ip, times] : first) {
    EXPECT_GT(times, 50) << ip;
    EXPECT_LT(times, 160) << ip;
  }
}

TEST(Answer, ForwardsOrRefusesOtherZones) {
  AnswerOptions options;
  options.forward_zones = {"corp", "deep.corp"};
  Ask ask(options);
  EXPECT_EQ(ask.send(encode_query("example.com", {})).kind, Outcome::Kind::forward);
  EXPECT_EQ(ask.send(encode_query("example.com", {})).group, 0u);
  EXPECT_EQ(ask.send(encode_query("a.corp", {})).group, 1u);
  EXPECT_EQ(ask.send(encode_query("a.DEEP.corp", {})).group, 2u);
  EXPECT_EQ(ask.send(encode_query("notmesos", {})).kind, Outcome::Kind::forward);
  options.unknown = Unknown::refuse;
  EXPECT_EQ(Ask(options).ask("example.com", {}).rcode(), Rcode::refused);
}

TEST(Answer, BeforeAnythingIsKnownIsServerFailure) {
  const Message reply = Ask({}, std::make_shared<const RecordSet>()).ask("web.mesos", {});
  EXPECT_EQ(reply.rcode(), Rcode::server_failure);
}

TEST(Answer, ToWhatIsNoProperQuery) {
  Ask ask;
  EXPECT_EQ(ask.send(Bytes(5, 0)).kind, Outcome::Kind::drop);
  EXPECT_EQ(ask.send(Bytes(12, 0)).kind, Outcome::Kind::reply);
  EXPECT_EQ(decode(ask.bytes)->rcode(), Rcode::server_failure);
  Bytes cut = encode_query("web.mesos", {.id = 5});
  cut.resize(20);
  EXPECT_EQ(ask.send(cut).kind, Outcome::Kind::reply);
  EXPECT_EQ(decode(ask.bytes)->rcode(), Rcode::format_error);
  EXPECT_EQ(decode(ask.bytes)->id, 5);
  Bytes notify = encode_query("web.mesos", {});
  notify[2] |= 4 << 3;
  EXPECT_EQ(ask.send(notify).kind, Outcome::Kind::reply);
  EXPECT_EQ(decode(ask.bytes)->rcode(), Rcode::not_implemented);
  EXPECT_EQ(ask.ask("mesos", {.type = 252}, Transport::tcp).rcode(), Rcode::refused);
}

TEST(Answer, RefusesUnknownEdnsVersions) {
  Ask ask;
  Bytes query = encode_query("web.marathon.mesos", {.udp_size = 1232});
  query[query.size() - 5] = 1;
  EXPECT_EQ(ask.send(query).kind, Outcome::Kind::reply);
  const Result<Message> reply = decode(ask.bytes);
  EXPECT_TRUE(reply->answers.empty());
  EXPECT_EQ(reply->additionals.at(0).ttl >> 24, 1u);
}

TEST(Answer, NeverPointsToTargetsThatCannotBeSent) {
  RecordSetBuilder builder;
  builder.add({"_web._tcp.mesos", Srv{make_target(std::string(70, 'x') + ".mesos"), 1}});
  const Message reply = Ask({}, builder.publish(1)).ask("_web._tcp.mesos", {.type = kSrv});
  EXPECT_TRUE(reply.answers.empty());
}

TEST(Answer, FitsEvenWithTheLongestNames) {
  std::string name = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c');
  RecordSetBuilder builder;
  builder.add({name + ".mesos", Srv{make_target(std::string(60, 'd') + "." + name), 1}});
  Ask ask({}, builder.publish(1));
  const Message reply = ask.ask(name + ".mesos", {.type = kSrv});
  EXPECT_LE(ask.bytes.size(), 512u);
  EXPECT_EQ(reply.rcode(), Rcode::no_error);
}

TEST(Answer, SurvivesRandomChangesOfQueries) {
  Ask ask({}, service(20));
  Random random(3);
  for (int round = 0; round < 30'000; ++round) {
    Bytes query = encode_query(round % 2 == 0 ? "_web._tcp.marathon.mesos" : "WEB.marathon.mesos",
                               {.type = 33, .udp_size = 1232});
    for (std::uint64_t i = random.below(5); i > 0; --i) {
      query[random.below(query.size())] = static_cast<std::uint8_t>(random.next());
    }
    if (random.below(4) == 0) {
      query.resize(random.below(query.size() + 1));
    }
    const Transport transport = random.below(2) == 0 ? Transport::udp : Transport::tcp;
    if (ask.send(query, transport).kind == Outcome::Kind::reply) {
      EXPECT_TRUE(decode(ask.bytes));
    }
  }
}

}  // namespace
}  // namespace ekiden::dns
