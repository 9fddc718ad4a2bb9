// What the master does with clients that misbehave on the wire: bodies too large, halves of
// requests, readers that do not read. Nobody else is to notice [mesos-core 1.1 to 1.4].
#include "tests/integration/mesos_v1/operator.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ekiden::mesos_v1 {
namespace {

// A plain socket to a daemon on this host.
class RawClient {
 public:
  explicit RawClient(const std::string& url) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int small = 4096;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port =
        htons(static_cast<std::uint16_t>(*parse_int(url.substr(url.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  ~RawClient() { ::close(fd_); }

  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(const std::string& text) const {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  // Until the text has come, or the end.
  std::string read_until(const std::string& text) const {
    std::string all;
    char part[4096];
    while (all.find(text) == std::string::npos) {
      const ssize_t got = ::recv(fd_, part, sizeof part, 0);
      if (got <= 0) {
        break;
      }
      all.append(part, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int fd_ = -1;
};

std::string post(const std::string& path, const std::string& body, const std::string& more = "") {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n{}Content-Length: "
      "{}\r\n\r\n{}",
      path,
      more,
      body.size(),
      body);
}

struct Transport : OperatorCluster {
  Transport() { start_master(); }
};

TEST_F(Transport, RefusesBodiesThatAreTooLargeBeforeTheyCome) {
  const RawClient client_socket(master);
  client_socket.send(
      "POST /api/v1 HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Content-Length: 99999999999\r\n\r\n");
  EXPECT_TRUE(client_socket.read_until("\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST_F(Transport, AnswersInOrderOnOneConnection) {
  const RawClient client_socket(master);
  client_socket.send(post("/api/v1", R"({"type":"GET_HEALTH"})") +
                     post("/api/v1", R"({"type":"FLY"})") +
                     "GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string all = client_socket.read_until("never");
  const std::size_t first = all.find("HTTP/1.1 200 OK");
  const std::size_t second = all.find("HTTP/1.1 400 ");
  const std::size_t third = all.find("HTTP/1.1 200 OK", first + 1);
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos);
  EXPECT_NE(all.find("\r\nDate: "), std::string::npos);
}

TEST_F(Transport, StaysUpWhileRequestsHang) {
  std::vector<std::unique_ptr<RawClient>> hanging;
  for (int i = 0; i < 50; ++i) {
    hanging.push_back(std::make_unique<RawClient>(master));
    hanging.back()->send(i % 2 == 0
                             ? "POST /api/v1 HTTP/1.1\r\nHo"
                             : "POST /api/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{");
  }
  EXPECT_EQ(order("GET_HEALTH").status, 200);
  EXPECT_EQ(call("GET", master + "/state").status, 200);
}

TEST_F(Transport, SubscribesClientsThatWantTheConnectionClosed) {
  const RawClient client_socket(master);
  client_socket.send(
      post("/api/v1/scheduler",
           R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u","name":"n"}}})",
           "Connection: close\r\nAccept: application/json\r\n"));
  const std::string all = client_socket.read_until("HEARTBEAT");
  EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK")) << all;
  EXPECT_NE(all.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_NE(all.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(all.find("Mesos-Stream-Id: "), std::string::npos);
}

// 64 MiB wait for one reader; each framework that comes and goes costs it some 1.5 kB.
TEST_F(Transport, CutsOffAReaderThatDoesNotReadAndNobodyElse) {
  const RawClient lazy(master);
  lazy.send(post("/api/v1", R"({"type":"SUBSCRIBE"})"));
  EXPECT_TRUE(lazy.read_until("HEARTBEAT").starts_with("HTTP/1.1 200 OK"));
  const auto diligent = listen();
  const std::string name(1'000'000, 'n');
  const auto cut_off = [&] {
    return get_json(master + "/metrics/snapshot")["master/slow_subscribers"].as_double();
  };
  for (int i = 0; i < 120 && cut_off() == 0; ++i) {
    const RawClient framework(master);
    framework.send(
        post("/api/v1/scheduler",
             fmt::format(R"({{"type":"SUBSCRIBE","subscribe":{{"framework_info":{{"user":"u",)"
                         R"("name":"{}"}}}}}})",
                         name)));
    framework.read_until("HEARTBEAT");
  }
  EXPECT_TRUE(until([&] { return cut_off() == 1; }));
  EXPECT_FALSE(diligent->ended);
  EXPECT_TRUE(until([&] { return diligent->find("FRAMEWORK_REMOVED").is_object(); }));
  client.cancel(diligent->id);
}

}  // namespace
}  // namespace ekiden::mesos_v1
