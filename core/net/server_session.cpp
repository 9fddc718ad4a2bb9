// One connection: it reads with Beast's parser, hands the request over, waits for the answer and
// writes it (server_output.cpp); so pipelined requests are answered in order without a queue.
#include "core/net/server_session.h"

#include "core/base/log.h"
#include "core/base/strings.h"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/core.h>

namespace ekiden::net {
namespace {

constexpr std::size_t kHeadReadBytes = 4 * 1024;
constexpr std::size_t kIdleBufferBytesMax = 16 * 1024;  // kept by a connection that waits
constexpr unsigned kBurstMax = 64;  // pipelined requests answered before others have a turn

void arrive(const std::weak_ptr<Session>& to,
            std::uint64_t exchange,
            Response response,
            Loop* loop) {
  if (const auto session = to.lock()) {
    session->answer(exchange, std::move(response));
  } else {
    abandon(response, loop);
  }
}

void deliver(const std::shared_ptr<Gate>& gate,
             const std::weak_ptr<Session>& to,
             std::uint64_t exchange,
             Response response) {
  switch (gate->caller()) {
    case Gate::Caller::on_loop:
      arrive(to, exchange, std::move(response), gate->loop);
      return;
    case Gate::Caller::elsewhere: {
      const auto shared = std::make_shared<Response>(std::move(response));
      gate->post(
          [gate, to, exchange, shared] { arrive(to, exchange, std::move(*shared), gate->loop); });
      return;
    }
    case Gate::Caller::too_late:
      abandon(response, nullptr);
      return;
  }
}

std::string address_text(const tcp::socket& socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) {
    return "unknown";
  }
  const std::string address = peer.address().to_string();
  return peer.address().is_v6() ? fmt::format("[{}]:{}", address, peer.port())
                                : fmt::format("{}:{}", address, peer.port());
}

}  // namespace

Session::Session(std::shared_ptr<Server::Impl> server, tcp::socket socket)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      remote_(address_text(socket_)),
      news_timer_(socket_.get_executor(), asio::steady_timer::time_point::max()),
      place_(server_->sessions.insert(server_->sessions.end(), this)) {}

Session::~Session() {
  no_deadline();
  server_->sessions.erase(place_);
}

void Session::close() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  peer_gone_ = true;
  no_deadline();
  wake_up();
}

void Session::end() {
  if (stream_ != nullptr) {
    stream_->detach();
  }
  close();
}

void Session::touch() {
  auto& list = server_->by_deadline;
  deadline = server_->clock.now().time + server_->options.idle_max;
  if (deadline_place_) {
    list.splice(list.end(), list, *deadline_place_);
    return;
  }
  deadline_place_ = list.insert(list.end(), this);
  if (list.size() == 1) {
    server_->deadline_timer.set(deadline);
  }
}

void Session::no_deadline() {
  if (deadline_place_) {
    server_->by_deadline.erase(*deadline_place_);
    deadline_place_.reset();
  }
}

void Session::wake_up() {
  news_ = true;
  news_timer_.cancel();
  if (stream_ != nullptr && stream_->cut_off() && socket_.is_open()) {
    close();  // it may be waiting for a socket that nobody empties
  }
}

asio::awaitable<void> Session::wait_for_news() {
  no_deadline();
  while (!std::exchange(news_, false)) {
    const auto [cancelled] = co_await news_timer_.async_wait(as_result);
    (void)cancelled;
  }
}

asio::awaitable<void> Session::run(std::shared_ptr<Session> self) {
  for (unsigned burst = 0; self->keep_alive_; ++burst) {
    if (burst == kBurstMax) {
      burst = 0;
      co_await asio::post(self->socket_.get_executor(), asio::use_awaitable);
    }
    if (co_await self->read_request() == Step::stop) {
      break;
    }
    if (self->is_streamed()) {
      if (co_await self->receive_stream() == Step::stop) {
        break;
      }
    } else {
      self->dispatch(self->take_request());
    }
    while (!self->answered_ && !self->peer_gone_) {
      co_await self->wait_for_news();
    }
    if (self->peer_gone_ || co_await self->write_response() == Step::stop) {
      break;
    }
  }
  co_await self->linger();
  self->close();
}

asio::awaitable<Step> Session::read_some(std::size_t bytes) {
  const auto space = buffer_.prepare(bytes);
  const auto [error, count] = co_await socket_.async_read_some(space, as_result);
  buffer_.commit(count);
  if (error || peer_gone_) {
    keep_alive_ = false;
    peer_gone_ = true;
    co_return Step::stop;
  }
  co_return Step::go_on;
}

asio::awaitable<Step> Session::read_request() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(server_->options.header_bytes_max));
  parser_->body_limit(server_->options.body_bytes_max);
  if (buffer_.size() == 0 && buffer_.capacity() > kIdleBufferBytesMax) {
    buffer_.shrink_to_fit();
  }
  touch();
  bool in_body = false;
  std::size_t read_bytes = kHeadReadBytes;
  bool need_more = buffer_.size() == 0;
  while (!parser_->is_done()) {
    if (need_more && co_await read_some(read_bytes) == Step::stop) {
      co_return Step::stop;
    }
    error_code error;
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error && error != http::error::need_more) {
      co_return co_await refuse(refusal(error));
    }
    if (!in_body && parser_->is_header_done()) {
      in_body = true;
      read_bytes = kBodyReadBytes;
      if (co_await head_seen() == Step::stop) {
        co_return Step::stop;
      }
      parser_->eager(true);
      if (is_streamed()) {
        co_return Step::go_on;
      }
    }
    if (in_body) {
      touch();
    }
    need_more = error == http::error::need_more || buffer_.size() == 0;
  }
  co_return Step::go_on;
}

asio::awaitable<Step> Session::head_seen() {
  const auto& message = parser_->get();
  http10_ = message.version() == 10;
  keep_alive_ = parser_->keep_alive();
  head_request_ = message.method() == http::verb::head;
  if (!http10_ && message.count(http::field::host) != 1) {
    co_return co_await refuse(
        text_response(400, "the request needs exactly one Host header to be HTTP/1.1"));
  }
  const auto expect = message.find(http::field::expect);
  if (expect == message.end() || http10_ || parser_->is_done() || buffer_.size() > 0) {
    co_return Step::go_on;
  }
  if (!iequals(expect->value(), "100-continue")) {
    co_return co_await refuse(text_response(417, "only Expect: 100-continue is understood"));
  }
  out_.push_back(as_buffer(kContinue));
  co_return co_await flush();
}

Response Session::refusal(const error_code& error) const {
  const ServerOptions& options = server_->options;
  if (error == http::error::body_limit) {
    if (options.too_large) {
      return options.too_large();
    }
    return text_response(413,
                         fmt::format("the request body is larger than the limit of {} bytes",
                                     options.body_bytes_max));
  }
  if (error == http::error::header_limit) {
    return text_response(431,
                         fmt::format("the request head is larger than the limit of {} bytes",
                                     options.header_bytes_max));
  }
  return text_response(400, fmt::format("the request is not valid HTTP/1.1: {}", error.message()));
}

// Answers without asking the handler, and ends the connection: what follows cannot be trusted.
asio::awaitable<Step> Session::refuse(Response response) {
  keep_alive_ = false;
  response_ = std::move(response);
  co_await write_response();
  co_return Step::stop;
}

Request Session::take_request() {
  auto& message = parser_->get();
  Request request;
  request.method = std::string_view(message.method_string());
  std::string_view target = message.target();
  if (!target.empty() && target.front() != '/' && target.find("://") != target.npos) {
    const std::size_t slash = target.find('/', target.find("://") + 3);  // absolute form
    target = slash == target.npos ? std::string_view("/") : target.substr(slash);
  }
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != target.npos) {
    request.query = target.substr(question + 1);
  }
  for (const auto& field : message) {
    request.headers.add(field.name_string(), field.value());
  }
  request.body = std::move(message.body());
  request.remote = remote_;
  return request;
}

bool Session::is_streamed() {
  return server_->options.streams && !parser_->is_done() &&
         server_->options.streams(take_request());
}

// Hands the body over as it comes, until it ends or the request is answered.
asio::awaitable<Step> Session::receive_stream() {
  no_deadline();
  parser_->body_limit(boost::none);
  const auto body = std::make_shared<BodySource>();
  body->wake = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->wake_up();
    }
  };
  Request request = take_request();
  request.stream = body;
  dispatch(std::move(request));
  bool need_more = buffer_.size() == 0;
  auto end = BodySource::End::broken;
  while (!answered_ && !peer_gone_) {
    if (parser_->is_done()) {
      end = BodySource::End::complete;
      break;
    }
    if (body->paused) {
      co_await wait_for_news();
      continue;
    }
    if (need_more) {
      receiving_ = true;
      const auto space = buffer_.prepare(kBodyReadBytes);
      const auto [error, count] = co_await socket_.async_read_some(space, as_result);
      receiving_ = false;
      buffer_.commit(count);
      if (answered_) {
        break;
      }
      if (error) {
        peer_gone_ = true;
        break;
      }
    }
    error_code error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    need_more = error == http::error::need_more || buffer_.size() == 0;
    if (error && error != http::error::need_more) {
      peer_gone_ = true;  // nothing that follows can be understood
      break;
    }
    const std::string piece = std::exchange(parser_->get().body(), {});
    if (!piece.empty() && body->on_data) {
      body->on_data(piece);
    }
  }
  body->wake = nullptr;
  if (!answered_ && body->on_end) {
    body->on_end(end);
  }
  body->on_data = nullptr;
  body->on_end = nullptr;
  keep_alive_ = keep_alive_ && parser_->is_done();
  co_return peer_gone_ ? Step::stop : Step::go_on;
}

void Session::dispatch(Request request) {
  ++server_->stats.requests;
  answered_ = false;
  news_ = false;
  const std::uint64_t exchange = ++exchange_;
  Responder responder([gate = server_->gate, self = weak_from_this(), exchange](Response response) {
    deliver(gate, self, exchange, std::move(response));
  });
  try {
    server_->handler(std::move(request), responder);
  } catch (const std::exception& e) {
    log::error("answering a request from {} failed: {}", remote_, e.what());
    responder(text_response(500, "the server failed on this request; its log says why"));
  }
}

void Session::answer(std::uint64_t exchange, Response response) {
  if (exchange != exchange_ || answered_ || peer_gone_) {
    abandon(response, &server_->loop);
    return;
  }
  answered_ = true;
  response_ = std::move(response);
  if (receiving_) {
    error_code ignored;
    socket_.cancel(ignored);  // the rest of the body is of no interest any more
  }
  wake_up();
}

}  // namespace ekiden::net
