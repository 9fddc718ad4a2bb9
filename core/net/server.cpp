// The HTTP server: one accept loop and one coroutine per connection. A session reads with Beast's
// parser, hands the request over, waits for the answer and writes it; so pipelined requests are
// answered in order without a queue. Writing is tried at once and waits only for a full socket.
//
// Deadlines cost no timer per operation: every session that waits for its peer stands in one list
// in order of its deadline (idle_max is the same for all), and one timer looks at the front.
#include "core/net/server.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/net/chunk_shared.h"
#include "core/net/response_head.h"

#include <array>
#include <list>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/core.h>

namespace ekiden::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kHeadReadBytes = 4 * 1024;
constexpr std::size_t kBodyReadBytes = 64 * 1024;
constexpr std::size_t kIdleBufferBytesMax = 16 * 1024;     // kept by a connection that waits
constexpr std::size_t kLingerBytesMax = 64 * 1024 * 1024;  // discarded after a refused request
constexpr unsigned kBurstMax = 64;  // pipelined requests answered before others have a turn
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // out of file descriptors
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::string_view kLineEnd = "\r\n";

asio::const_buffer as_buffer(std::string_view text) {
  return asio::const_buffer(text.data(), text.size());
}

// Every coroutine of ours ends here; an exception in one is a bug that must be seen.
auto log_failure(const char* what) {
  return [what](const std::exception_ptr& failure) {
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        log::error("the HTTP server's {} failed: {}; that connection is lost", what, e.what());
      }
    }
  };
}

// The way back to the loop for answers and chunks that may come from any thread and after the
// server has gone.
struct Gate {
  std::mutex mutex;
  Loop* loop = nullptr;  // null once the server is closed

  enum class Caller { on_loop, elsewhere, too_late };

  Caller caller() {
    const std::lock_guard lock(mutex);
    if (loop == nullptr) {
      return Caller::too_late;
    }
    return loop->on_loop_thread() ? Caller::on_loop : Caller::elsewhere;
  }

  void post(std::function<void()> work) {
    const std::lock_guard lock(mutex);
    if (loop != nullptr) {
      loop->post(std::move(work));
    }
  }
};

enum class Step { go_on, stop };

}  // namespace

class Session;

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(Loop& owner, ServerOptions chosen, Handler answer);
  Result<void> open();
  void start_session(tcp::socket socket);
  void stop();
  void sweep();

  Loop& loop;
  ServerOptions options;
  Handler handler;
  SystemClock clock;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::list<Session*> sessions;     // every open one
  std::list<Session*> by_deadline;  // those that wait for their peer, the oldest first
  Timer deadline_timer;
  ServerStats stats;
  std::optional<Counter> refused;
  std::optional<Counter> cut_off;
};

// One connection. Everything runs on the loop thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Server::Impl> server, tcp::socket socket);
  ~Session();
  static asio::awaitable<void> run(std::shared_ptr<Session> self);
  void answer(std::uint64_t exchange, Response response);
  void wake_up();
  void close();
  void end();  // with the server: nobody is told

  Time deadline = kNever;

 private:
  using Parser = http::request_parser<http::string_body>;

  asio::awaitable<Step> read_request();
  asio::awaitable<Step> read_some(std::size_t bytes);
  asio::awaitable<Step> head_seen();
  asio::awaitable<Step> refuse(Response response);
  asio::awaitable<void> wait_for_news();
  asio::awaitable<Step> write_response();
  asio::awaitable<void> stream();
  asio::awaitable<Step> flush();
  asio::awaitable<void> linger();
  static asio::awaitable<void> watch_peer(std::shared_ptr<Session> self);

  Response refusal(const error_code& error) const;
  void dispatch();
  Request take_request();
  Step try_write(error_code& error);
  void gather(const ChunkSource::Shared::Taken& taken);
  void count_cut_off();
  void touch();
  void no_deadline();
  Connection connection() const;

  std::shared_ptr<Server::Impl> server_;
  tcp::socket socket_;
  std::string remote_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  asio::steady_timer news_timer_;  // never fires; cancelling it wakes the coroutine
  bool news_ = false;
  std::uint64_t exchange_ = 0;  // which request is under way
  bool answered_ = true;
  Response response_;
  bool head_request_ = false;
  bool http10_ = false;
  bool keep_alive_ = true;
  bool peer_gone_ = false;
  std::shared_ptr<ChunkSource::Shared> stream_;
  bool is_chunked_ = true;
  std::string head_;
  std::string chunk_size_;
  std::vector<asio::const_buffer> out_;
  std::size_t out_next_ = 0;
  std::list<Session*>::iterator place_;
  std::optional<std::list<Session*>::iterator> deadline_place_;
};

namespace {

// A stream whose response found no connection: its source learns it as from any lost reader.
void abandon(Response& response, Loop* loop) {
  if (response.chunks == nullptr) {
    return;
  }
  std::function<void()> callback = response.chunks->shared()->detach();
  if (callback && loop != nullptr) {
    loop->post(std::move(callback));
  }
}

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

asio::awaitable<void> accept_loop(std::shared_ptr<Server::Impl> server) {
  asio::steady_timer pause(server->loop.context());
  while (server->acceptor.is_open()) {
    auto [error, socket] = co_await server->acceptor.async_accept(as_result);
    if (!error) {
      server->start_session(std::move(socket));
    } else if (error != asio::error::operation_aborted) {
      log::warn("cannot accept a connection on {}:{}: {}; trying again",
                server->options.ip,
                server->port,
                error.message());
      pause.expires_after(kAcceptPause);
      const auto [ignored] = co_await pause.async_wait(as_result);
      (void)ignored;
    }
  }
}

void wake(const std::shared_ptr<Gate>& gate, const std::weak_ptr<Session>& weak) {
  const auto call = [weak] {
    if (const auto session = weak.lock()) {
      session->wake_up();
    }
  };
  if (gate->caller() == Gate::Caller::on_loop) {
    call();
  } else {
    gate->post(call);
  }
}

std::string_view reason_of(const Response& response) {
  return http::obsolete_reason(static_cast<http::status>(response.status));
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

Server::Impl::Impl(Loop& owner, ServerOptions chosen, Handler answer)
    : loop(owner),
      options(std::move(chosen)),
      handler(std::move(answer)),
      acceptor(owner.context()),
      deadline_timer(owner, [this] { sweep(); }) {
  gate->loop = &owner;
  if (options.metrics != nullptr) {
    refused = options.metrics->counter("http_connections_refused_total",
                                       "Connections closed at once, beyond the connection limit");
    cut_off = options.metrics->counter("http_slow_readers_total",
                                       "Streams cut off because their reader was too slow");
  }
}

Result<void> Server::Impl::open() {
  const auto failed = [this](const error_code& error) {
    return fail(ErrorCode::internal,
                fmt::format("cannot listen on {} port {}: {}; choose another port or address, or "
                            "stop the program that uses it",
                            options.ip,
                            options.port,
                            error.message()));
  };
  error_code error;
  const auto address = asio::ip::make_address(options.ip, error);
  if (error) {
    return failed(error);
  }
  const tcp::endpoint endpoint(address, options.port);
  if (acceptor.open(endpoint.protocol(), error); error) {
    return failed(error);
  }
  if (acceptor.set_option(tcp::acceptor::reuse_address(true), error); error) {
    return failed(error);
  }
  if (acceptor.bind(endpoint, error); error) {
    return failed(error);
  }
  if (acceptor.listen(asio::socket_base::max_listen_connections, error); error) {
    return failed(error);
  }
  port = acceptor.local_endpoint().port();
  return {};
}

void Server::Impl::start_session(tcp::socket socket) {
  if (sessions.size() >= options.connections_max) {
    ++stats.connections_refused;
    if (refused) {
      refused->add();
    }
    return;
  }
  error_code ignored;  // a peer that has gone already is found by the first read
  socket.set_option(tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  auto session = std::make_shared<Session>(shared_from_this(), std::move(socket));
  asio::co_spawn(loop.context(), Session::run(std::move(session)), log_failure("session"));
}

void Server::Impl::stop() {
  {
    const std::lock_guard lock(gate->mutex);
    gate->loop = nullptr;
  }
  error_code ignored;
  acceptor.close(ignored);
  for (Session* session : sessions) {
    session->end();
  }
  deadline_timer.cancel();
}

void Server::Impl::sweep() {
  const Time now = clock.now().time;
  while (!by_deadline.empty() && by_deadline.front()->deadline <= now) {
    by_deadline.front()->close();
  }
  if (!by_deadline.empty()) {
    deadline_timer.set(by_deadline.front()->deadline);
  }
}

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
    self->dispatch();
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

void Session::dispatch() {
  ++server_->stats.requests;
  answered_ = false;
  news_ = false;
  const std::uint64_t exchange = ++exchange_;
  Responder responder([gate = server_->gate, self = weak_from_this(), exchange](Response response) {
    deliver(gate, self, exchange, std::move(response));
  });
  try {
    server_->handler(take_request(), responder);
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
  wake_up();
}

Connection Session::connection() const {
  if (!keep_alive_) {
    return Connection::close;
  }
  return http10_ ? Connection::keep_alive_http10 : Connection::keep_alive;
}

asio::awaitable<Step> Session::write_response() {
  const bool bodiless = response_.status < 200 || response_.status == 204;
  const auto asked = response_.headers.get("Connection");
  if (asked && iequals(*asked, "close")) {
    keep_alive_ = false;
  }
  if (response_.chunks != nullptr && !bodiless && !head_request_) {
    co_await stream();
    co_return Step::stop;
  }
  abandon(response_, &server_->loop);
  const std::string_view body =
      response_.shared_body != nullptr ? *response_.shared_body : response_.body;
  Framing framing;
  framing.connection = connection();
  framing.chunked = response_.chunks != nullptr && !http10_ && !bodiless;
  if (!bodiless && !framing.chunked && response_.status != 304) {
    framing.length = body.size();
  }
  write_head(response_, reason_of(response_), framing, head_);
  out_.push_back(as_buffer(head_));
  if (!bodiless && !head_request_ && response_.status != 304 && !body.empty()) {
    out_.push_back(as_buffer(body));
  }
  error_code error;
  Step step = try_write(error);
  if (step == Step::go_on && out_next_ < out_.size()) {
    step = co_await flush();
  }
  out_.clear();
  out_next_ = 0;
  response_ = Response();
  co_return step;
}

// Writes what the socket takes now. `stop` when the connection is lost.
Step Session::try_write(error_code& error) {
  while (out_next_ < out_.size()) {
    const auto now = std::span(std::as_const(out_)).subspan(out_next_);
    std::size_t written = socket_.write_some(now, error);
    if (error) {
      return error == asio::error::would_block ? Step::go_on : Step::stop;
    }
    while (out_next_ < out_.size() && written >= out_[out_next_].size()) {
      written -= out_[out_next_].size();
      ++out_next_;
    }
    if (written > 0) {
      out_[out_next_] += written;
    }
  }
  return Step::go_on;
}

asio::awaitable<Step> Session::flush() {
  while (true) {
    error_code error;
    if (try_write(error) == Step::stop || peer_gone_) {
      out_.clear();
      out_next_ = 0;
      co_return Step::stop;
    }
    if (out_next_ >= out_.size()) {
      out_.clear();
      out_next_ = 0;
      co_return Step::go_on;
    }
    touch();
    const auto [failed] = co_await socket_.async_wait(tcp::socket::wait_write, as_result);
    (void)failed;  // the next write says it better
  }
}

// One HTTP chunk of everything that was queued: fewer writes is what makes fan-out fast.
void Session::gather(const ChunkSource::Shared::Taken& taken) {
  if (!taken.chunks.empty()) {
    if (is_chunked_) {
      chunk_size_ = fmt::format("{:x}\r\n", taken.bytes);
      out_.push_back(as_buffer(chunk_size_));
    }
    for (const auto& chunk : taken.chunks) {
      out_.push_back(as_buffer(*chunk));
    }
    if (is_chunked_) {
      out_.push_back(as_buffer(kLineEnd));
    }
  }
  if (taken.last && is_chunked_) {
    out_.push_back(as_buffer(kLastChunk));
  }
}

void Session::count_cut_off() {
  ++server_->stats.readers_cut_off;
  if (server_->cut_off) {
    server_->cut_off->add();
  }
}

asio::awaitable<void> Session::stream() {
  stream_ = response_.chunks->shared();
  response_.chunks.reset();  // dropping the source ends the stream
  keep_alive_ = false;
  is_chunked_ = !http10_;
  stream_->attach([gate = server_->gate, weak = weak_from_this()] { wake(gate, weak); });
  asio::co_spawn(socket_.get_executor(), watch_peer(shared_from_this()), log_failure("stream"));
  Framing framing;
  framing.connection = Connection::close;
  framing.chunked = is_chunked_;
  write_head(response_, reason_of(response_), framing, head_);
  out_.push_back(as_buffer(head_));
  for (Step step = Step::go_on; step == Step::go_on && !peer_gone_;) {
    news_ = false;
    const auto taken = stream_->take();
    gather(taken);
    if (out_.empty() && !taken.last) {
      co_await wait_for_news();
      continue;
    }
    step = co_await flush();
    stream_->wrote(taken.bytes);
    if (taken.last) {
      break;
    }
  }
  if (stream_->cut_off()) {
    count_cut_off();
  }
  if (const auto callback = stream_->detach()) {
    callback();
  }
  close();
}

// Nothing is expected from the reader of a stream; reading only tells when it has gone.
asio::awaitable<void> Session::watch_peer(std::shared_ptr<Session> self) {
  std::array<char, 512> ignored;
  const asio::mutable_buffer space(ignored.data(), ignored.size());
  while (!self->peer_gone_) {
    const auto [error, count] = co_await self->socket_.async_read_some(space, as_result);
    (void)count;
    if (error) {
      self->peer_gone_ = true;
      self->wake_up();
    }
  }
}

// Closing with unread input would reset the connection and take the answer away from its reader.
asio::awaitable<void> Session::linger() {
  if (peer_gone_) {
    co_return;
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  touch();
  std::size_t discarded = 0;
  while (!peer_gone_ && discarded < kLingerBytesMax) {
    buffer_.clear();
    if (co_await read_some(kBodyReadBytes) == Step::stop) {
      co_return;
    }
    discarded += buffer_.size();
  }
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->stop();
}

Result<std::unique_ptr<Server>> Server::listen(Loop& loop, ServerOptions options, Handler handler) {
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(handler));
  if (auto opened = impl->open(); !opened) {
    return fail(opened.error());
  }
  asio::co_spawn(loop.context(), accept_loop(impl), log_failure("accept loop"));
  return std::make_unique<Server>(std::move(impl));
}

std::uint16_t Server::port() const {
  return impl_->port;
}

const std::string& Server::ip() const {
  return impl_->options.ip;
}

std::size_t Server::connections() const {
  return impl_->sessions.size();
}

ServerStats Server::stats() const {
  return impl_->stats;
}

}  // namespace ekiden::net
