// What a session writes: whole responses, streams, and the end of a connection. Writing is tried at
// once and waits only for a full socket.
#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/net/server_session.h"

#include <array>
#include <span>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/http/status.hpp>
#include <fmt/core.h>

namespace ekiden::net {
namespace {

constexpr std::size_t kLingerBytesMax = 64 * 1024 * 1024;  // discarded after a refused request
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::string_view kLineEnd = "\r\n";

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

}  // namespace

std::function<void(const std::exception_ptr&)> log_failure(const char* what) {
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

void abandon(Response& response, Loop* loop) {
  if (response.chunks == nullptr) {
    return;
  }
  std::function<void()> callback = response.chunks->shared()->detach();
  if (callback && loop != nullptr) {
    loop->post(std::move(callback));
  }
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
  framing.date = server_->date();
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
  // Streams live for hours, and nothing more is read from them.
  parser_.reset();
  buffer_.clear();
  buffer_.shrink_to_fit();
  stream_->attach([gate = server_->gate, weak = weak_from_this()] { wake(gate, weak); });
  asio::co_spawn(socket_.get_executor(), watch_peer(shared_from_this()), log_failure("stream"));
  Framing framing;
  framing.date = server_->date();
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
    if (step == Step::go_on) {  // else they still wait, as whoever filled the queue will see
      stream_->wrote(taken.bytes);
    }
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

}  // namespace ekiden::net
