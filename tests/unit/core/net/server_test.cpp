#include "core/net/server.h"

#include "core/base/strings.h"
#include "tests/unit/core/net/net_fixture.h"

#include <mutex>

namespace ekiden::net {
namespace {

const std::string kEnd = "\r\n\r\n";

Response echo(const Request& request) {
  return text_response(
      200, request.method + " " + request.path + "?" + request.query + " [" + request.body + "]");
}

class ServerTest : public NetFixture {
 protected:
  void serve_echo(ServerOptions options = {}) {
    serve([](Request request, Responder respond) { respond(echo(request)); }, std::move(options));
  }

  // Sends the bytes, ends sending, and gives everything that came.
  std::string exchange(const std::string& bytes) {
    RawConnection connection(server_->port());
    connection.send(bytes);
    connection.end_sending();
    return connection.read_all();
  }
};

TEST_F(ServerTest, AnswersAGet) {
  serve_echo();
  const std::string answer = exchange("GET /a/b%20c?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(
      without_date(answer),
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain;charset=utf-8\r\nContent-Length: 19\r\n\r\n"
      "GET /a/b%20c?x=1 []");
}

TEST_F(ServerTest, KeepsTheConnectionForTheNextRequest) {
  serve_echo();
  RawConnection connection(server_->port());
  for (int i = 0; i < 3; ++i) {
    connection.send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_NE(connection.read_until("[]").find("GET /" + std::to_string(i)), std::string::npos);
  }
  EXPECT_EQ(on_loop([this] { return server_->connections(); }), 1u);
}

TEST_F(ServerTest, ClosesWhenTheClientAsks) {
  serve_echo();
  RawConnection connection(server_->port());
  connection.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(connection.read_all().find("Connection: close"), std::string::npos);
  EXPECT_TRUE(connection.closed());
}

TEST_F(ServerTest, SpeaksHttp10) {
  serve_echo();
  RawConnection connection(server_->port());
  connection.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_NE(connection.read_all().find("GET /?"), std::string::npos);
  EXPECT_TRUE(connection.closed());
  const std::string kept = exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(kept.find("Connection: keep-alive"), std::string::npos);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  // The first answers last.
  std::vector<Responder> held;
  serve([&held](Request request, Responder respond) {
    if (request.path == "/0") {
      held.push_back(respond);
    } else {
      respond(echo(request));
    }
  });
  RawConnection connection(server_->port());
  std::string bytes;
  constexpr int kRequests = 200;
  for (int i = 0; i < kRequests; ++i) {
    bytes += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  connection.send(bytes);
  while (on_loop([&held] { return held.empty(); })) {
    std::this_thread::yield();
  }
  on_loop([&held] { held[0](text_response(200, "GET /0? []")); });
  for (int i = 0; i < kRequests; ++i) {
    EXPECT_NE(connection.read_until("[]").find("GET /" + std::to_string(i) + "?"),
              std::string::npos);
  }
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  serve_echo();
  const std::string answer = exchange("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 11\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with(kEnd)) << answer;
}

TEST_F(ServerTest, SendsNoBodyAndNoLengthWith204And304) {
  serve([](Request request, Responder respond) {
    respond(text_response(request.path == "/204" ? 204 : 304, "must not be seen"));
  });
  for (const char* path : {"/204", "/304"}) {
    const std::string answer =
        exchange(std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(answer.ends_with(kEnd)) << answer;
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos) << answer;
  }
}

TEST_F(ServerTest, ReadsBodiesByLengthAndByChunks) {
  serve_echo();
  EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
                  .ends_with("[hello]"));
  EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: t\r\n\r\n")
                  .ends_with("[hello]"));
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
  serve_echo();
  RawConnection connection(server_->port());
  for (const char byte :
       std::string("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")) {
    connection.send(std::string(1, byte));
  }
  EXPECT_NE(connection.read_until("[ab]").find("POST /p?"), std::string::npos);
}

TEST_F(ServerTest, ReadsAndWritesLargeBodies) {
  serve_echo();
  const std::string body(3'000'000, 'b');
  RawConnection connection(server_->port());
  std::thread sender([&] {
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3000000" +
                    kEnd + body);
  });
  const std::string answer = connection.read_all();
  sender.join();
  EXPECT_TRUE(answer.ends_with("[" + body + "]"));
}

TEST_F(ServerTest, SendsContinueToWhoWaitsForIt) {
  serve_echo();
  RawConnection connection(server_->port());
  connection.send(
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(connection.read_until(kEnd), "HTTP/1.1 100 Continue" + kEnd);
  connection.send("hi");
  EXPECT_TRUE(connection.read_until("[hi]").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, RefusesATooLargeBodyBeforeItIsSent) {
  ServerOptions options;
  options.body_bytes_max = 10;
  serve_echo(options);
  RawConnection connection(server_->port());
  connection.send(
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  const std::string answer = connection.read_until("limit of 10 bytes");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST_F(ServerTest, RefusesATooLargeChunkedBodyInTheShapeOfTheApi) {
  ServerOptions options;
  options.body_bytes_max = 10;
  options.too_large = [] { return json_response(413, "{\"message\":\"too large\"}"); };
  serve_echo(options);
  const std::string answer = exchange(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
  EXPECT_TRUE(answer.ends_with("{\"message\":\"too large\"}")) << answer;
}

TEST_F(ServerTest, LetsTheReaderOfA413FinishSending) {
  ServerOptions options;
  options.body_bytes_max = 1000;
  serve_echo(options);
  RawConnection connection(server_->port());
  connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000" + kEnd);
  EXPECT_TRUE(connection.send(std::string(2'000'000, 'x')));
  connection.end_sending();
  EXPECT_TRUE(connection.read_all().starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerTest, RefusesATooLongHead) {
  ServerOptions options;
  options.header_bytes_max = 1024;
  serve_echo(options);
  const std::string answer =
      exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x') + kEnd);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 431 ")) << answer;
}

TEST_F(ServerTest, RefusesMalformedRequestsAndCloses) {
  serve_echo();
  for (const std::string bytes :
       {"hello\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHo st: h\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}) {
    const std::string answer = exchange(bytes);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << bytes << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  }
}

TEST_F(ServerTest, SaysNothingToHalfARequest) {
  serve_echo();
  EXPECT_EQ(exchange("GET / HTTP/1.1\r\nHo"), "");
  EXPECT_EQ(exchange("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"), "");
  EXPECT_EQ(exchange(""), "");
}

TEST_F(ServerTest, ClosesIdleAndHalfSentConnections) {
  ServerOptions options;
  options.idle_max = std::chrono::milliseconds(50);
  serve_echo(options);
  RawConnection idle(server_->port());
  RawConnection half(server_->port());
  half.send("GET / HT");
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_TRUE(idle.closed() && half.closed());
}

TEST_F(ServerTest, LetsAHandlerTakeItsTime) {
  ServerOptions options;
  options.idle_max = std::chrono::milliseconds(30);
  std::unique_ptr<Timer> later;
  serve(
      [&](Request, Responder respond) {
        later =
            std::make_unique<Timer>(loop_, [respond] { respond(text_response(200, "at last")); });
        later->set_after(std::chrono::milliseconds(150));
      },
      options);
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("at last"));
  stop();
  later.reset();
}

TEST_F(ServerTest, AnswersFromAnotherThread) {
  std::vector<std::thread> threads;
  serve([&threads](Request, Responder respond) {
    threads.emplace_back([respond] { respond(text_response(200, "from afar")); });
  });
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("from afar"));
  stop();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_F(ServerTest, Answers500ForAHandlerThatThrowsOrForgets) {
  serve([](Request request, Responder) {
    if (request.path == "/throw") {
      throw std::runtime_error("oops");
    }
  });
  for (const char* path : {"/throw", "/forget"}) {
    EXPECT_TRUE(exchange(std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
                    .starts_with("HTTP/1.1 500 "));
  }
}

TEST_F(ServerTest, TakesOnlyTheFirstAnswer) {
  serve([](Request, Responder respond) {
    respond(text_response(200, "first"));
    respond(text_response(200, "second"));
  });
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("first"));
}

TEST_F(ServerTest, IgnoresAnswersAfterItsEnd) {
  Responder kept;
  serve([&kept](Request, Responder respond) { kept = respond; });
  RawConnection connection(server_->port());
  connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!on_loop([&kept] { return static_cast<bool>(kept); })) {
    std::this_thread::yield();
  }
  on_loop([this] { server_.reset(); });
  EXPECT_EQ(connection.read_all(), "");
  EXPECT_TRUE(connection.closed());
  stop();
  kept(text_response(200, "too late"));
}

TEST_F(ServerTest, KeepsAHeaderValueInItsLine) {
  serve([](Request, Responder respond) {
    Response response = text_response(200, "x");
    response.headers.set("X-Reason", "a\r\nSet-Cookie: b");
    response.headers.set("Content-Length", "99");
    respond(response);
  });
  const std::string answer = exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(answer.find("X-Reason: a  Set-Cookie: b\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("Content-Length: 1\r\n"), std::string::npos) << answer;
}

TEST_F(ServerTest, ClosesConnectionsBeyondItsLimit) {
  ServerOptions options;
  options.connections_max = 1;
  serve_echo(options);
  RawConnection first(server_->port());
  first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  first.read_until("[]");
  RawConnection second(server_->port());
  EXPECT_EQ(second.read_all(), "");
  EXPECT_TRUE(second.closed());
  EXPECT_EQ(on_loop([this] { return server_->stats().connections_refused; }), 1u);
  first.close();
  while (on_loop([this] { return server_->connections(); }) > 0) {
    std::this_thread::yield();
  }
  RawConnection third(server_->port());
  third.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(third.read_until("[]"), "");
}

TEST_F(ServerTest, UnderstandsAbsoluteTargets) {
  serve_echo();
  EXPECT_TRUE(exchange("GET http://h:1/a?b HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("GET /a?b []"));
  EXPECT_TRUE(exchange("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("GET /? []"));
}

TEST_F(ServerTest, TellsWhoAsks) {
  serve([](Request request, Responder respond) { respond(text_response(200, request.remote)); });
  EXPECT_NE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").find("127.0.0.1:"), std::string::npos);
}

TEST_F(ServerTest, ListensOnIpv6) {
  ServerOptions options;
  options.ip = "::1";
  auto server = Server::listen(loop_, options, [](Request, Responder) {});
  if (!server) {
    GTEST_SKIP() << "no IPv6 here: " << server.error().message;
  }
  EXPECT_NE((*server)->port(), 0);
}

TEST_F(ServerTest, NamesAPortThatIsTaken) {
  serve_echo();
  ServerOptions options;
  options.port = server_->port();
  const auto second = Server::listen(loop_, options, [](Request, Responder) {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("127.0.0.1 port " + std::to_string(options.port)),
            std::string::npos)
      << second.error().message;
}

}  // namespace
}  // namespace ekiden::net
