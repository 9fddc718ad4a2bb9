#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/loop.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

// A small HTTP client for the executor: one connection, one exchange at a time, kept alive. libcurl
// would cost more memory per task than the rest of the executor.
namespace ekiden::executor {

struct Endpoint {
  std::string unix_path;  // when set, the rest is not used
  std::string ip;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

// "127.0.0.1:5051"
Result<Endpoint> parse_endpoint(std::string_view text);

struct HttpExchange {
  std::string method = "GET";
  std::string target = "/";
  std::string body;                                // JSON, when not empty
  Duration timeout = std::chrono::seconds(30);     // zero: none
  std::function<void(int status)> on_headers;      // optional
  std::function<void(std::string_view)> on_chunk;  // optional: then the body is not collected
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string location;  // of a redirect
};

class HttpConnection {
 public:
  using Done = std::function<void(Result<HttpAnswer>)>;

  HttpConnection(net::Loop& loop, Endpoint endpoint);
  ~HttpConnection();  // closes; outstanding callbacks never come
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  // Queued behind the exchanges before it. `done` comes once, later.
  void send(HttpExchange exchange, Done done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Can a TCP connection be opened? One at a time; destroying it cancels.
class TcpProbe {
 public:
  TcpProbe(net::Loop& loop,
           Endpoint endpoint,
           Duration timeout,
           std::function<void(Result<void>)> done);
  ~TcpProbe();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::executor
