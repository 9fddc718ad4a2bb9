// Both ends of a stream over a real socket.
#include "core/wire/stream_call.h"

#include "core/net/server.h"
#include "core/wire/record_streams.h"

#include <functional>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ekiden::wire {
namespace {

using namespace std::chrono_literals;

struct StreamCallTest : testing::Test {
  StreamCallTest() {
    auto listening =
        net::Server::listen(loop, {}, [this](net::Request request, net::Responder respond) {
          if (!request.headers.get(kStreamIdHeader)) {
            auto opened = streams.open(takes_batches ? Media::protobuf : Media::json);
            offered = request.headers.get(kBatchingHeader).value_or("");
            if (takes_batches) {
              opened.response.headers.set(kBatchingHeader, kBatchingRecordio);
            }
            connection = opened.connection;
            respond(std::move(opened.response));
            streams.send(connection, "hello " + request.body);
            return;
          }
          posts.push_back(request.body);
          types.emplace_back(request.headers.get("Content-Type").value_or(""));
          message_types.emplace_back(request.headers.get("Message-Content-Type").value_or(""));
          held.push_back(respond);
        });
    server = std::move(*listening);
  }

  ~StreamCallTest() override { streams.shut_down(); }

  StreamOptions options(Batching batching) const {
    StreamOptions all;
    all.masters = {fmt::format("http://127.0.0.1:{}", server->port())};
    all.path = "/x";
    all.batching = batching;
    return all;
  }

  std::unique_ptr<StreamCall> open(Batching batching) {
    return std::make_unique<StreamCall>(
        loop,
        client,
        options(batching),
        [this](std::string record) { records.push_back(std::move(record)); },
        [this] { closed = true; });
  }

  void until(const std::function<bool()>& done) {
    for (int i = 0; i < 2000 && !done(); ++i) {
      net::Timer timer(loop, [this] { loop.stop(); });
      timer.set_after(5ms);
      loop.run();
    }
    EXPECT_TRUE(done());
  }

  void answer_all(int status) {
    for (const auto& respond : std::exchange(held, {})) {
      respond(net::text_response(status, ""));
    }
  }

  net::Loop loop;
  net::Client client{loop};
  Registry registry;
  std::uint64_t next = 0;
  Counter slow = registry.counter("slow", "slow readers");
  std::vector<std::uint64_t> lost;
  RecordStreams streams{loop, {next, slow, 1, [this](std::uint64_t id) { lost.push_back(id); }}};
  std::uint64_t connection = 0;
  std::vector<std::string> posts;
  std::vector<std::string> types;
  std::vector<std::string> message_types;
  std::string offered;
  bool takes_batches = false;
  std::vector<net::Responder> held;
  std::vector<std::string> records;
  bool closed = false;
  std::unique_ptr<net::Server> server;
};

TEST_F(StreamCallTest, CallsInTurnWaitForEachOther) {
  const auto stream = open(Batching::one_by_one);
  stream->send("first");
  stream->send("a");
  stream->send("b");
  until([&] { return posts.size() == 1; });
  EXPECT_EQ(records, std::vector<std::string>{"hello first"});
  EXPECT_EQ(posts[0], "a");
  answer_all(202);
  until([&] { return posts.size() == 2; });
  EXPECT_EQ(posts[1], "b");
}

TEST_F(StreamCallTest, CallsForAnyTimeGoBesideThemUpToALimit) {
  const auto stream = open(Batching::one_by_one);
  stream->send("first");
  stream->send("accept");
  for (std::size_t i = 0; i < StreamCall::kAnyTimeMax + 3; ++i) {
    stream->send("ack", Order::any_time);
  }
  until([&] { return posts.size() == StreamCall::kAnyTimeMax + 1; });
  answer_all(202);
  until([&] { return posts.size() == StreamCall::kAnyTimeMax + 4; });
}

TEST_F(StreamCallTest, RecordsThatWaitTravelInOneRequest) {
  const auto stream = open(Batching::concatenate);
  stream->send("first");
  until([&] { return !records.empty(); });
  for (const char* body : {"a", "b", "c"}) {
    stream->send(body);
  }
  until([&] { return !posts.empty(); });
  EXPECT_EQ(posts, std::vector<std::string>{"1\na1\nb1\nc"});
}

TEST_F(StreamCallTest, AMasterThatTakesBatchesGetsWhatWaitsInOneRequest) {
  takes_batches = true;
  const auto stream = open(Batching::one_by_one);
  EXPECT_EQ(stream->calls_media(), Media::json);
  stream->send("first");
  until([&] { return !records.empty(); });
  EXPECT_EQ(records.front(), "hello first");
  EXPECT_EQ(offered, kBatchingRecordio);
  EXPECT_EQ(stream->calls_media(), Media::protobuf);
  EXPECT_EQ(stream->records_media(), Media::protobuf);
  stream->send("accept");
  stream->send("acknowledge", Order::any_time);
  until([&] { return !posts.empty(); });
  EXPECT_EQ(posts, std::vector<std::string>{"6\naccept11\nacknowledge"});
  EXPECT_EQ(types.front(), "application/recordio");
  EXPECT_EQ(message_types.front(), "application/x-protobuf");
}

TEST_F(StreamCallTest, AMasterThatDoesNotGetsOneCallInEachInJson) {
  const auto stream = open(Batching::one_by_one);
  stream->send("first");
  until([&] { return !records.empty(); });
  EXPECT_EQ(stream->calls_media(), Media::json);
  stream->send("a");
  until([&] { return !posts.empty(); });
  EXPECT_EQ(posts.front(), "a");
  EXPECT_EQ(types.front(), "application/json");
}

TEST_F(StreamCallTest, ARefusedCallClosesTheStream) {
  const auto stream = open(Batching::one_by_one);
  stream->send("first");
  stream->send("a");
  until([&] { return !posts.empty(); });
  answer_all(400);
  until([&] { return closed; });
  until([&] { return lost == std::vector<std::uint64_t>{connection}; });
}

TEST_F(StreamCallTest, ASlowReaderIsCutOffAndCounted) {
  const auto stream = open(Batching::one_by_one);
  stream->send("first");
  until([&] { return !records.empty(); });
  // Nobody reads while this turn of the loop lasts.
  const std::string big(RecordStreams::kQueueBytesMax / 2 + 1, 'x');
  streams.send(connection, big);
  streams.send(connection, big);
  streams.send(connection, big);
  EXPECT_EQ(slow.value(), 1);
  until([&] { return lost == std::vector<std::uint64_t>{connection}; });
  EXPECT_EQ(streams.size(), 0U);
  until([&] { return closed; });
}

}  // namespace
}  // namespace ekiden::wire
