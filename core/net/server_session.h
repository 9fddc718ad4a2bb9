#pragma once

#include "core/base/clock.h"
#include "core/net/chunk_shared.h"
#include "core/net/response_head.h"
#include "core/net/server.h"

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

// The inside of the server, for server*.cpp only: what all connections share, and one connection.
namespace ekiden::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

enum class Step { go_on, stop };

constexpr std::size_t kBodyReadBytes = 64 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

inline asio::const_buffer as_buffer(std::string_view text) {
  return asio::const_buffer(text.data(), text.size());
}

class Session;

// How every coroutine of the server ends: an exception in one is a bug that must be seen.
std::function<void(const std::exception_ptr&)> log_failure(const char* what);

// A stream whose response found no connection: its source learns it as from any lost reader.
void abandon(Response& response, Loop* loop);

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

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(Loop& owner, ServerOptions chosen, Handler answer);
  Result<void> open();
  void start_session(tcp::socket socket);
  void accept_waiting();
  void stop();
  void sweep();

  Loop& loop;
  ServerOptions options;
  Handler handler;
  SystemClock clock;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  // Written once a second.
  std::string_view date();

  WallTime date_of{};
  std::string date_text;
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
  asio::awaitable<Step> receive_stream();
  asio::awaitable<Step> refuse(Response response);
  asio::awaitable<void> wait_for_news();
  asio::awaitable<Step> write_response();
  asio::awaitable<void> stream();
  asio::awaitable<Step> flush();
  asio::awaitable<void> linger();
  static asio::awaitable<void> watch_peer(std::shared_ptr<Session> self);

  Response refusal(const error_code& error) const;
  void dispatch(Request request);
  bool is_streamed();
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
  bool receiving_ = false;  // a body that is handed over as it comes
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

}  // namespace ekiden::net
