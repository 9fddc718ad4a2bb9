#include "core/net/client.h"

#include "tests/unit/core/net/net_fixture.h"

#include <filesystem>
#include <fstream>

#include <stdlib.h>
#include <sys/un.h>

namespace ekiden::net {
namespace {

using std::chrono::milliseconds;

// A client and a server on one loop; the handler is the test's.
class ClientTest : public NetFixture {
 protected:
  ClientTest() : client_(std::make_unique<Client>(loop_)) {
    std::string name = (std::filesystem::temp_directory_path() / "ekiden-client-XXXXXX").string();
    folder_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
  }

  ~ClientTest() override {
    stop();
    client_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  Result<Response> call(Call call) {
    std::promise<Result<Response>> answer;
    on_loop([&] {
      client_->send(std::move(call), [this, &answer](Result<Response> result) {
        EXPECT_TRUE(loop_.on_loop_thread());
        answer.set_value(std::move(result));
      });
    });
    return answer.get_future().get();
  }

  Call get(const std::string& path) {
    Call call;
    call.url = url(path);
    return call;
  }

  void serve_echo() {
    serve([](Request request, Responder respond) {
      Response response = text_response(
          200, request.method + " " + request.path + "?" + request.query + " " + request.body);
      for (const char* name : {"Content-Type", "Expect", "X-Test", "Accept-Encoding"}) {
        response.headers.set(std::string("Got-") + name,
                             request.headers.get(name).value_or("nothing"));
      }
      respond(std::move(response));
    });
  }

  std::unique_ptr<Client> client_;
  std::string folder_;
};

TEST_F(ClientTest, GetsAnAnswer) {
  serve_echo();
  const auto result = call(get("/a%20b?c=d"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->status, 200);
  EXPECT_EQ(result->body, "GET /a%20b?c=d ");
  EXPECT_EQ(result->headers.get("content-type"), "text/plain;charset=utf-8");
}

TEST_F(ClientTest, SendsMethodHeadersAndBodyAsTheyAre) {
  serve_echo();
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    Call request = get("/x");
    request.method = method;
    request.body = std::string("{\0}", 3);
    request.headers.set("X-Test", "yes");
    const auto result = call(request);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->body, method + std::string(" /x? {\0}", 8));
    EXPECT_EQ(result->headers.get("Got-X-Test"), "yes");
    EXPECT_EQ(result->headers.get("Got-Content-Type"), "nothing");
    EXPECT_EQ(result->headers.get("Got-Expect"), "nothing");
  }
}

TEST_F(ClientTest, PostsAnEmptyBody) {
  serve_echo();
  Call request = get("/x");
  request.method = "POST";
  EXPECT_EQ(call(request)->body, "POST /x? ");
}

TEST_F(ClientTest, GetsTheHeadOnly) {
  serve_echo();
  Call request = get("/x");
  request.method = "HEAD";
  const auto result = call(request);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->headers.get("Content-Length"), "9");
  EXPECT_EQ(result->body, "");
}

TEST_F(ClientTest, TakesEveryStatusForAnAnswer) {
  serve([](Request, Responder respond) { respond(text_response(503, "busy")); });
  const auto result = call(get("/"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 503);
  EXPECT_EQ(result->body, "busy");
}

TEST_F(ClientTest, ReusesConnections) {
  serve_echo();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(call(get("/")));
  }
  EXPECT_EQ(on_loop([this] { return server_->connections(); }), 1u);
}

TEST_F(ClientTest, SaysWhatItTriedWhenNobodyListens) {
  serve_echo();
  const std::string address = url("/path");
  on_loop([this] { server_.reset(); });
  Call request;
  request.method = "PUT";
  request.url = address + "?token=secret";
  request.url.insert(7, "user:password@");
  const auto result = call(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(result.error().message.starts_with("cannot PUT " + address + ":"))
      << result.error().message;
  EXPECT_EQ(result.error().message.find("secret"), std::string::npos);
}

TEST_F(ClientTest, RefusesOtherProtocolsAndBadUrls) {
  run_loop();
  for (const char* bad : {"file:///etc/passwd", "gopher://h/", "http://", "::"}) {
    Call request;
    request.url = bad;
    const auto result = call(request);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().code, ErrorCode::invalid) << result.error().message;
  }
}

TEST_F(ClientTest, GivesUpAfterItsTimeout) {
  Responder kept;
  serve([&kept](Request, Responder respond) { kept = respond; });
  Call request = get("/");
  request.timeout = milliseconds(50);
  const auto result = call(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timeout);
  EXPECT_NE(result.error().message.find("timed out"), std::string::npos) << result.error().message;
}

TEST_F(ClientTest, RefusesATooLargeAnswer) {
  serve([](Request, Responder respond) { respond(text_response(200, std::string(1001, 'x'))); });
  Call request = get("/");
  request.body_bytes_max = 1000;
  const auto result = call(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::too_large);
  request.body_bytes_max = 1001;
  EXPECT_TRUE(call(request));
}

TEST_F(ClientTest, FollowsRedirectsOnlyWhenAsked) {
  serve([](Request request, Responder respond) {
    if (request.path == "/end") {
      respond(text_response(200, "arrived"));
      return;
    }
    Response response = text_response(302, "elsewhere");
    response.headers.set("Location", "/end");
    response.headers.set("X-First", "1");
    respond(std::move(response));
  });
  EXPECT_EQ(call(get("/"))->status, 302);
  Call request = get("/");
  request.redirects_max = 1;
  const auto followed = call(request);
  ASSERT_TRUE(followed) << followed.error().message;
  EXPECT_EQ(followed->body, "arrived");
  EXPECT_EQ(followed->headers.get("X-First"), std::nullopt);
}

TEST_F(ClientTest, WritesTheBodyIntoANewFile) {
  serve([](Request, Responder respond) { respond(text_response(200, std::string(300'000, 'f'))); });
  Call request = get("/");
  request.output_file = folder_ + "/out";
  const auto result = call(request);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "");
  EXPECT_EQ(std::filesystem::file_size(request.output_file), 300'000u);
  const auto again = call(request);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find(request.output_file), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(request.output_file), 300'000u);
}

TEST_F(ClientTest, RemovesTheFileOfAFailedCall) {
  serve([](Request, Responder respond) { respond(text_response(200, std::string(2000, 'f'))); });
  Call request = get("/");
  request.output_file = folder_ + "/out";
  request.body_bytes_max = 1000;
  EXPECT_EQ(call(request).error().code, ErrorCode::too_large);
  EXPECT_FALSE(std::filesystem::exists(request.output_file));
  request.output_file = folder_ + "/no/such/folder";
  EXPECT_EQ(call(request).error().code, ErrorCode::internal);
}

TEST_F(ClientTest, StreamsAsItComes) {
  auto source = std::make_shared<ChunkSource>();
  serve([source](Request, Responder respond) {
    Response response;
    response.chunks = source;
    respond(std::move(response));
  });
  std::string order;
  std::promise<void> first;
  std::promise<void> ended;
  Call request = get("/");
  request.timeout = Duration::zero();
  request.on_headers = [&order](int status, const Headers&) { order += std::to_string(status); };
  request.on_chunk = [&](std::string_view chunk) {
    order += chunk;
    if (order.ends_with("one")) {
      first.set_value();
    }
  };
  on_loop([&] {
    client_->send(request, [&](Result<Response> result) {
      order += result && result->body.empty() ? " done" : " failed";
      ended.set_value();
    });
  });
  source->push(" one");
  first.get_future().wait();
  source->push(" two");
  source->close();
  ended.get_future().wait();
  EXPECT_EQ(order, "200 one two done");
}

TEST_F(ClientTest, ReportsAStreamThatBreaks) {
  auto source = std::make_shared<ChunkSource>();
  serve([source](Request, Responder respond) {
    Response response;
    response.chunks = source;
    respond(std::move(response));
  });
  std::promise<void> opened;
  std::promise<Result<Response>> ended;
  Call request = get("/");
  request.timeout = Duration::zero();
  request.on_headers = [&](int, const Headers&) { opened.set_value(); };
  request.on_chunk = [](std::string_view) {};
  on_loop([&] {
    client_->send(request, [&](Result<Response> result) { ended.set_value(std::move(result)); });
  });
  opened.get_future().wait();
  on_loop([this] { server_.reset(); });
  const auto result = ended.get_future().get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
}

TEST_F(ClientTest, PausesAStreamThatComesTooFastAndLosesNothing) {
  constexpr std::size_t kChunks = 400;
  constexpr std::size_t kChunk = 64 * 1024;
  auto source = std::make_shared<ChunkSource>(kChunks * kChunk);
  for (std::size_t i = 0; i < kChunks; ++i) {
    source->push(std::string(kChunk, static_cast<char>('a' + i % 26)));
  }
  source->close();
  // A server on a loop of its own: this loop is the one that is slow.
  Loop far;
  auto server = Server::listen(far, {}, [source](Request, Responder respond) {
    Response response;
    response.chunks = source;
    respond(std::move(response));
  });
  ASSERT_TRUE(server);
  std::thread far_thread([&far] { far.run(); });
  run_loop();
  std::size_t received = 0;
  std::promise<void> never;
  std::promise<void> ended;
  Call request;
  request.url = "http://127.0.0.1:" + std::to_string((*server)->port());
  request.on_chunk = [&](std::string_view chunk) {
    if (received == 0) {
      // Time for all of it to arrive, were it not for the pause.
      EXPECT_EQ(never.get_future().wait_for(milliseconds(100)), std::future_status::timeout);
    }
    received += chunk.size();
  };
  on_loop([&] {
    client_->send(request, [&](const Result<Response>& result) {
      EXPECT_TRUE(result);
      ended.set_value();
    });
  });
  ended.get_future().wait();
  EXPECT_EQ(received, kChunks * kChunk);
  far.stop();
  far_thread.join();
  server->reset();
}

TEST_F(ClientTest, NeverCallsBackAfterCancel) {
  Responder kept;
  std::promise<void> asked;
  serve([&](Request, Responder respond) {
    kept = respond;
    asked.set_value();
  });
  bool called = false;
  const CallId id = on_loop([&] {
    return client_->send(get("/"), [&called](const Result<Response>&) { called = true; });
  });
  asked.get_future().wait();
  on_loop([&] {
    client_->cancel(id);
    client_->cancel(id + 1000);
    kept(text_response(200, "too late"));
  });
  // The server sees the connection go: the client has let go of the call.
  while (on_loop([this] { return server_->connections(); }) > 0) {
    std::this_thread::yield();
  }
  on_loop([] {});
  EXPECT_FALSE(called);
}

TEST_F(ClientTest, DropsOutstandingCallsAtItsEnd) {
  Responder kept;
  std::promise<void> asked;
  serve([&](Request, Responder respond) {
    kept = respond;
    asked.set_value();
  });
  bool called = false;
  on_loop([&] { client_->send(get("/"), [&called](const Result<Response>&) { called = true; }); });
  asked.get_future().wait();
  on_loop([this] { client_.reset(); });
  on_loop([&] { kept(text_response(200, "too late")); });
  EXPECT_FALSE(called);
}

TEST_F(ClientTest, MayBeDestroyedByACallback) {
  serve_echo();
  std::promise<void> ended;
  on_loop([&] {
    client_->send(get("/"), [&](const Result<Response>&) {
      client_.reset();
      ended.set_value();
    });
  });
  ended.get_future().wait();
}

TEST_F(ClientTest, TalksThroughAUnixSocket) {
  const std::string path = folder_ + "/s";
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  std::thread engine([listener] {
    const int peer = ::accept(listener, nullptr, nullptr);
    char request[1024];
    EXPECT_GT(::recv(peer, request, sizeof request, 0), 0);
    const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";
    EXPECT_EQ(::send(peer, answer.data(), answer.size(), 0), static_cast<ssize_t>(answer.size()));
    ::close(peer);
  });
  run_loop();
  Call request;
  request.url = "http://engine/_ping";
  request.unix_socket = path;
  const auto result = call(request);
  engine.join();
  ::close(listener);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "OK");
  const auto gone = call(request);
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().message.find("through " + path), std::string::npos);
}

TEST_F(ClientTest, MakesManyCallsAtOnce) {
  serve_echo();
  constexpr int kCalls = 300;
  int answered = 0;
  std::promise<void> all;
  on_loop([&] {
    for (int i = 0; i < kCalls; ++i) {
      client_->send(get("/" + std::to_string(i)), [&, i](const Result<Response>& result) {
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_EQ(result->body, "GET /" + std::to_string(i) + "? ");
        if (++answered == kCalls) {
          all.set_value();
        }
      });
    }
  });
  all.get_future().wait();
}

TEST_F(ClientTest, DoesNotUseAProxyUnlessAsked) {
  serve_echo();
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto direct = call(get("/"));
  Call request = get("/");
  request.proxy = Call::Proxy::environment;
  const auto through = call(request);
  ::unsetenv("http_proxy");
  EXPECT_TRUE(direct);
  EXPECT_FALSE(through);
}

}  // namespace
}  // namespace ekiden::net
