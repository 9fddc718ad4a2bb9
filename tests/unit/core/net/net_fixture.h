#pragma once

#include "core/net/client.h"
#include "core/net/loop.h"
#include "core/net/server.h"

#include <future>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ekiden::net {

// The answer without its Date, which must be there.
inline std::string without_date(std::string answer) {
  const std::size_t begin = answer.find("Date: ");
  EXPECT_NE(begin, std::string::npos) << answer;
  const std::size_t end = answer.find("\r\n", begin);
  if (begin != std::string::npos && end != std::string::npos) {
    answer.erase(begin, end + 2 - begin);
  }
  return answer;
}

// A loop on a thread of its own, with a server on a free port. The test talks from outside.
class NetFixture : public testing::Test {
 protected:
  ~NetFixture() override {
    stop();
    server_.reset();
  }

  // Before the members of the test class go, which callbacks may use.
  void TearDown() override { stop(); }

  void serve(Handler handler, ServerOptions options = {}) {
    auto server = Server::listen(loop_, std::move(options), std::move(handler));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    thread_ = std::thread([this] { loop_.run(); });
  }

  void run_loop() {
    thread_ = std::thread([this] { loop_.run(); });
  }

  void stop() {
    if (thread_.joinable()) {
      loop_.stop();
      thread_.join();
    }
  }

  // Runs `work` on the loop thread and waits for it.
  template <class Work>
  auto on_loop(Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
    auto result = task.get_future();
    loop_.post([&task] { task(); });
    return result.get();
  }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
  }

  Loop loop_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

// Bytes on a TCP connection, exactly as the test says. Every wait ends after five seconds.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port, int receive_buffer = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    const timeval limit{5, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  ~RawConnection() { close(); }

  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool connected() const { return connected_; }

  void close() {
    if (socket_ >= 0) {
      ::close(socket_);
      socket_ = -1;
    }
  }

  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // What comes until `end` has been seen (or the connection ends).
  std::string read_until(std::string_view end) {
    while (seen_.find(end) == std::string::npos && receive()) {
    }
    const std::size_t at = seen_.find(end);
    const std::size_t size = at == std::string::npos ? seen_.size() : at + end.size();
    std::string text = seen_.substr(0, size);
    seen_.erase(0, size);
    return text;
  }

  // Everything until the peer closes; `closed` tells whether it did.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(seen_, "");
  }

  bool closed() const { return closed_; }

 private:
  bool receive() {
    char bytes[4096];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) {
      closed_ = count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
      return false;
    }
    seen_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool closed_ = false;
  std::string seen_;
};

}  // namespace ekiden::net
