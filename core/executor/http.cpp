#include "core/executor/http.h"

#include "core/base/strings.h"

#include <deque>
#include <optional>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/core.h>

namespace ekiden::executor {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Socket = asio::generic::stream_protocol::socket;
using ErrorText = boost::system::error_code;

namespace {

constexpr std::size_t kReadBuffer = 16 * 1024;
constexpr std::size_t kBodyMax = 16 * 1024 * 1024;

Result<asio::generic::stream_protocol::endpoint> to_asio(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) {
    if (endpoint.unix_path.size() >= 108) {
      return fail(ErrorCode::invalid, "socket path too long: " + endpoint.unix_path);
    }
    return asio::generic::stream_protocol::endpoint(
        asio::local::stream_protocol::endpoint(endpoint.unix_path));
  }
  ErrorText error;
  const auto address = asio::ip::make_address(endpoint.ip, error);
  if (error) {
    return fail(ErrorCode::invalid, "not an IP address: " + endpoint.ip);
  }
  return asio::generic::stream_protocol::endpoint(asio::ip::tcp::endpoint(address, endpoint.port));
}

std::string shown(const Endpoint& endpoint) {
  return endpoint.unix_path.empty() ? fmt::format("{}:{}", endpoint.ip, endpoint.port)
                                    : endpoint.unix_path;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const std::string_view trimmed = trim(text);
  const std::size_t colon = trimmed.rfind(':');
  const auto port =
      colon == std::string_view::npos ? std::nullopt : parse_int(trimmed.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) {
    return fail(ErrorCode::invalid, fmt::format("not an address: '{}'", trimmed));
  }
  return Endpoint{"", std::string(trimmed.substr(0, colon)), static_cast<std::uint16_t>(*port)};
}

struct HttpConnection::Impl : std::enable_shared_from_this<HttpConnection::Impl> {
  struct Queued {
    HttpExchange exchange;
    Done done;
  };

  using Parser = http::response_parser<http::string_body>;

  Impl(net::Loop& loop, Endpoint a_endpoint)
      : endpoint(std::move(a_endpoint)),
        socket(loop.context()),
        timer(loop, [this] { timed_out(); }) {}

  void send(HttpExchange exchange, Done done) {
    queue.push_back({std::move(exchange), std::move(done)});
    if (!busy) {
      next();
    }
  }

  void next() {
    if (closed || queue.empty()) {
      return;
    }
    busy = true;
    retried = false;
    begin();
  }

  void begin() {
    const Duration timeout = queue.front().exchange.timeout;
    if (timeout > Duration::zero()) {
      timer.set_after(timeout);
    }
    fresh = !socket.is_open();
    if (!fresh) {
      write();
      return;
    }
    const auto address = to_asio(endpoint);
    if (!address) {
      finish(fail(address.error()));
      return;
    }
    socket.async_connect(*address, [self = shared_from_this()](ErrorText error) {
      if (!self->stopped_by(error, "connect")) {
        self->write();
      }
    });
  }

  void write() {
    const HttpExchange& exchange = queue.front().exchange;
    request = {};
    request.version(11);
    request.method_string(exchange.method);
    request.target(exchange.target);
    request.set(http::field::host, endpoint.unix_path.empty() ? shown(endpoint) : "localhost");
    request.set(http::field::accept, "application/json");
    if (!exchange.body.empty() || exchange.method == "POST") {
      request.set(http::field::content_type, "application/json");
      request.body() = exchange.body;
      request.prepare_payload();
    }
    http::async_write(socket, request, [self = shared_from_this()](ErrorText error, std::size_t) {
      if (!self->stopped_by(error, "write")) {
        self->read_headers();
      }
    });
  }

  void read_headers() {
    parser.emplace();
    parser->body_limit(boost::none);
    http::async_read_header(
        socket, buffer, *parser, [self = shared_from_this()](ErrorText error, std::size_t) {
          if (!self->stopped_by(error, "read")) {
            self->headers();
          }
        });
  }

  void headers() {
    const HttpExchange& exchange = queue.front().exchange;
    answer = {static_cast<int>(parser->get().result_int()),
              "",
              std::string(parser->get()[http::field::location])};
    if (exchange.on_headers) {
      exchange.on_headers(answer.status);
    }
    if (!closed) {
      read_body();
    }
  }

  void read_body() {
    if (parser->is_done()) {
      take_body();
      if (closed) {
        return;
      }
      if (parser->need_eof() || !parser->keep_alive()) {
        close_socket();
      }
      finish(std::move(answer));
      return;
    }
    http::async_read_some(
        socket, buffer, *parser, [self = shared_from_this()](ErrorText error, std::size_t) {
          if (self->stopped_by(error, "read")) {
            return;
          }
          self->take_body();
          if (!self->closed) {
            self->read_body();
          }
        });
  }

  void take_body() {
    std::string chunk = std::move(parser->get().body());
    parser->get().body().clear();
    const HttpExchange& exchange = queue.front().exchange;
    if (chunk.empty()) {
      return;
    }
    if (exchange.on_chunk) {
      exchange.on_chunk(chunk);
    } else if (answer.body.size() + chunk.size() <= kBodyMax) {
      answer.body += chunk;
    }
  }

  // True: the exchange is over. A kept connection that the peer had closed is opened once more.
  bool stopped_by(ErrorText error, const char* what) {
    if (closed) {
      return true;
    }
    if (!error) {
      return false;
    }
    close_socket();
    if (!fresh && !retried && !expired && (!parser || !parser->got_some())) {
      retried = true;
      begin();
      return true;
    }
    const std::string why = expired ? "timed out" : error.message();
    finish(fail(expired ? ErrorCode::timeout : ErrorCode::unavailable,
                fmt::format("cannot {} {}: {}", what, shown(endpoint), why)));
    return true;
  }

  void timed_out() {
    expired = true;
    close_socket();
  }

  void close_socket() {
    ErrorText ignored;
    socket.close(ignored);
    buffer.consume(buffer.size());
  }

  void finish(Result<HttpAnswer> result) {
    timer.cancel();
    expired = false;
    parser.reset();
    const Done done = std::move(queue.front().done);
    queue.pop_front();
    busy = false;
    const auto self = shared_from_this();  // `done` may destroy the connection
    done(std::move(result));
    if (!busy) {
      next();
    }
  }

  const Endpoint endpoint;
  Socket socket;
  net::Timer timer;
  std::deque<Queued> queue;
  bool busy = false;
  bool closed = false;
  bool fresh = true;
  bool retried = false;
  bool expired = false;
  http::request<http::string_body> request;
  boost::beast::flat_buffer buffer{kReadBuffer * 64};
  std::optional<Parser> parser;
  HttpAnswer answer;
};

HttpConnection::HttpConnection(net::Loop& loop, Endpoint endpoint)
    : impl_(std::make_shared<Impl>(loop, std::move(endpoint))) {}

HttpConnection::~HttpConnection() {
  impl_->closed = true;
  impl_->timer.cancel();
  impl_->close_socket();
}

void HttpConnection::send(HttpExchange exchange, Done done) {
  impl_->send(std::move(exchange), std::move(done));
}

struct TcpProbe::Impl : std::enable_shared_from_this<TcpProbe::Impl> {
  Impl(net::Loop& loop, std::function<void(Result<void>)> a_done)
      : socket(loop.context()), done(std::move(a_done)), timer(loop, [this] {
          expired = true;
          ErrorText ignored;
          socket.close(ignored);
        }) {}

  void connect(const asio::generic::stream_protocol::endpoint& address) {
    socket.async_connect(address, [self = shared_from_this()](ErrorText error) {
      self->timer.cancel();
      if (self->closed) {
        return;
      }
      if (!error) {
        self->done({});
      } else {
        self->done(fail(ErrorCode::unavailable, self->expired ? "timed out" : error.message()));
      }
    });
  }

  Socket socket;
  std::function<void(Result<void>)> done;
  bool closed = false;
  bool expired = false;
  net::Timer timer;
};

TcpProbe::TcpProbe(net::Loop& loop,
                   Endpoint endpoint,
                   Duration timeout,
                   std::function<void(Result<void>)> done)
    : impl_(std::make_shared<Impl>(loop, std::move(done))) {
  const auto address = to_asio(endpoint);
  if (!address) {
    loop.post([impl = impl_, error = address.error()] {
      if (!impl->closed) {
        impl->done(fail(error));
      }
    });
    return;
  }
  if (timeout > Duration::zero()) {
    impl_->timer.set_after(timeout);
  }
  impl_->connect(*address);
}

TcpProbe::~TcpProbe() {
  impl_->closed = true;
  ErrorText ignored;
  impl_->socket.close(ignored);
}

}  // namespace ekiden::executor
