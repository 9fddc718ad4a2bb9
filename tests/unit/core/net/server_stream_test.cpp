#include "core/net/server.h"
#include "tests/unit/core/net/net_fixture.h"

#include <atomic>

namespace ekiden::net {
namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

// A server whose only answer is a stream that the test writes to.
class StreamTest : public NetFixture {
 protected:
  void serve_stream(std::size_t limit = ChunkSource::kDefaultLimit, ServerOptions options = {}) {
    serve(
        [this, limit](Request, Responder respond) {
          source_ = std::make_shared<ChunkSource>(limit);
          source_->on_close([this] { closed_.set_value(); });
          Response response;
          response.headers.set("Content-Type", "text/event-stream");
          response.chunks = source_;
          respond(std::move(response));
          opened_.set_value(source_);
        },
        std::move(options));
  }

  std::shared_ptr<ChunkSource> opened() { return opened_.get_future().get(); }

  bool told_of_close() {
    return closed_.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready;
  }

  std::shared_ptr<ChunkSource> source_;
  std::promise<std::shared_ptr<ChunkSource>> opened_;
  std::promise<void> closed_;
};

TEST_F(StreamTest, SendsTheHeadBeforeTheFirstChunk) {
  serve_stream();
  RawConnection connection(server_->port());
  connection.send(kGet);
  EXPECT_EQ(without_date(connection.read_until("\r\n\r\n")),
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
            "Connection: close\r\n\r\n");
}

TEST_F(StreamTest, SendsChunksAsTheyComeAndEndsWhenClosed) {
  serve_stream();
  RawConnection connection(server_->port());
  connection.send(kGet);
  const auto source = opened();
  connection.read_until("\r\n\r\n");
  EXPECT_TRUE(source->push("hello"));
  EXPECT_EQ(connection.read_until("hello\r\n"), "5\r\nhello\r\n");
  EXPECT_TRUE(source->push(std::make_shared<const std::string>("world")));
  EXPECT_EQ(connection.read_until("world\r\n"), "5\r\nworld\r\n");
  source->close();
  EXPECT_EQ(connection.read_all(), "0\r\n\r\n");
  EXPECT_TRUE(connection.closed());
  EXPECT_FALSE(source->push("more"));
}

TEST_F(StreamTest, WritesWhatWasQueuedAsOneChunk) {
  serve([](Request, Responder respond) {
    Response response;
    response.chunks = std::make_shared<ChunkSource>();
    response.chunks->push("one,");
    response.chunks->push("two,");
    response.chunks->push("");
    response.chunks->push("three");
    response.chunks->close();
    respond(std::move(response));
  });
  RawConnection connection(server_->port());
  connection.send(kGet);
  connection.read_until("\r\n\r\n");
  EXPECT_EQ(connection.read_all(), "d\r\none,two,three\r\n0\r\n\r\n");
}

TEST_F(StreamTest, EndsWhenTheSourceIsDropped) {
  serve([](Request, Responder respond) {
    Response response;
    response.chunks = std::make_shared<ChunkSource>();
    response.chunks->push("last words");
    respond(std::move(response));
  });
  RawConnection connection(server_->port());
  connection.send(kGet);
  EXPECT_TRUE(connection.read_all().ends_with("a\r\nlast words\r\n0\r\n\r\n"));
}

TEST_F(StreamTest, SpeaksHttp10WithoutChunks) {
  serve_stream();
  RawConnection connection(server_->port());
  connection.send("GET / HTTP/1.0\r\n\r\n");
  const auto source = opened();
  source->push("raw");
  EXPECT_TRUE(connection.read_until("raw").ends_with("\r\n\r\nraw"));
  source->close();  // nothing is left to write: the end is the only news
  EXPECT_EQ(connection.read_all(), "");
  EXPECT_TRUE(connection.closed());
}

TEST_F(StreamTest, AnswersHeadAndTellsTheSource) {
  serve_stream();
  RawConnection connection(server_->port());
  connection.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string head = connection.read_until("\r\n\r\n");
  EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_TRUE(told_of_close());
  EXPECT_FALSE(source_->push("nobody reads"));
}

TEST_F(StreamTest, TellsTheSourceWhenTheReaderLeaves) {
  serve_stream();
  RawConnection connection(server_->port());
  connection.send(kGet);
  const auto source = opened();
  connection.read_until("\r\n\r\n");
  connection.close();
  EXPECT_TRUE(told_of_close());
  EXPECT_FALSE(source->push("nobody reads"));
  EXPECT_TRUE(source->closed());
}

TEST_F(StreamTest, TellsTheSourceWhenTheReaderLeftBeforeTheAnswer) {
  Responder kept;
  serve([&kept](Request, Responder respond) { kept = respond; });
  RawConnection connection(server_->port());
  connection.send(kGet);
  while (!on_loop([&kept] { return static_cast<bool>(kept); })) {
    std::this_thread::yield();
  }
  on_loop([&] {
    source_ = std::make_shared<ChunkSource>();
    source_->on_close([this] { closed_.set_value(); });
  });
  connection.close();
  Response response;
  response.chunks = source_;
  kept(std::move(response));
  EXPECT_TRUE(told_of_close());
}

TEST_F(StreamTest, CutsOffASlowReaderAndCountsIt) {
  serve_stream(200'000);
  RawConnection connection(server_->port(), 4096);
  connection.send(kGet);
  const auto source = opened();
  const auto chunk = std::make_shared<const std::string>(50'000, 'x');
  int pushed = 0;
  while (source->push(chunk)) {
    ASSERT_LT(++pushed, 1000);  // the sockets' own buffers hold some of them
    if (pushed % 4 == 0) {
      std::this_thread::yield();
    }
  }
  EXPECT_TRUE(told_of_close());
  EXPECT_FALSE(source->push("x"));
  EXPECT_EQ(on_loop([this] { return server_->stats().readers_cut_off; }), 1u);
}

TEST_F(StreamTest, CutsOffAReaderThatStopsReading) {
  ServerOptions options;
  options.idle_max = std::chrono::milliseconds(100);
  serve_stream(ChunkSource::kDefaultLimit, options);
  RawConnection connection(server_->port(), 4096);
  connection.send(kGet);
  const auto source = opened();
  // One chunk that fits the limit's rule for a first one but not the sockets' buffers.
  EXPECT_TRUE(source->push(std::string(30'000'000, 'x')));
  EXPECT_TRUE(told_of_close());
}

TEST_F(StreamTest, KeepsAnIdleStreamOpenBeyondTheIdleLimit) {
  ServerOptions options;
  options.idle_max = std::chrono::milliseconds(20);
  serve_stream(ChunkSource::kDefaultLimit, options);
  RawConnection connection(server_->port());
  connection.send(kGet);
  const auto source = opened();
  std::promise<void> later;
  auto timer = on_loop([&] {
    auto made = std::make_shared<Timer>(loop_, [&later] { later.set_value(); });
    made->set_after(std::chrono::milliseconds(120));
    return made;
  });
  later.get_future().wait();
  EXPECT_TRUE(source->push("still here"));
  EXPECT_NE(connection.read_until("still here").find("still here"), std::string::npos);
  on_loop([&timer] { timer.reset(); });
}

TEST_F(StreamTest, TakesChunksFromManyThreads) {
  serve_stream(64 * 1024 * 1024);
  RawConnection connection(server_->port());
  connection.send(kGet);
  const auto source = opened();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([source] {
      for (int n = 0; n < 1000; ++n) {
        source->push("line\n");
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  source->close();
  const std::string all = connection.read_all();
  std::size_t lines = 0;
  for (std::size_t at = all.find("line\n"); at != all.npos; at = all.find("line\n", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 4000u);
}

TEST_F(StreamTest, EndsWithTheServer) {
  serve_stream();
  RawConnection connection(server_->port());
  connection.send(kGet);
  const auto source = opened();
  connection.read_until("\r\n\r\n");
  on_loop([this] { server_.reset(); });
  EXPECT_EQ(connection.read_all(), "");
  EXPECT_TRUE(connection.closed());
  EXPECT_FALSE(source->push("x"));
  on_loop([] {});
  EXPECT_EQ(closed_.get_future().wait_for(std::chrono::seconds(0)), std::future_status::timeout);
}

}  // namespace
}  // namespace ekiden::net
