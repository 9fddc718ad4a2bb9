#include "core/agent/container_io.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr auto kRetry = std::chrono::milliseconds(10);

}  // namespace

struct ContainerIo::Impl : std::enable_shared_from_this<ContainerIo::Impl> {
  Impl(net::Loop& a_loop, std::string a_folder, char kind, Callbacks a_callbacks)
      : loop(a_loop),
        folder(std::move(a_folder)),
        callbacks(std::move(a_callbacks)),
        socket(a_loop.context()),
        timer(a_loop, [this] { open(); }) {
    queue.emplace_back(1, kind);
  }

  // A path of any length through an open folder: the address of a socket has room for 107 bytes.
  void open() {
    if (!alive) {
      return;
    }
    const int fd = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    error_code error = fd < 0 ? asio::error::not_found : error_code();
    if (!error) {
      socket.connect(stream_protocol::endpoint(fmt::format("/proc/self/fd/{}/io", fd)), error);
    }
    ::close(fd);
    if (!error) {
      opened = true;
      callbacks.on_open();
      write();
      read();
      return;
    }
    socket.close(error);
    ++tries;
    if (fd < 0 || tries * kRetry > kOpenMax) {
      ended();
    } else {
      timer.set_after(kRetry);
    }
  }

  void ended() {
    if (!std::exchange(alive, false)) {
      return;
    }
    error_code ignored;
    socket.close(ignored);
    queue.clear();
    const auto call = std::move(callbacks.on_close);
    callbacks = {};
    call();
  }

  void read() {
    if (reading || paused || !alive || !opened) {
      return;
    }
    reading = true;
    socket.async_read_some(asio::buffer(buffer),
                           [self = shared_from_this()](const error_code& error, std::size_t count) {
                             self->reading = false;
                             if (!self->alive) {
                               return;
                             }
                             if (error) {
                               self->ended();
                               return;
                             }
                             self->callbacks.on_bytes(std::string_view(self->buffer.data(), count));
                             self->read();
                           });
  }

  void write() {
    if (writing || queue.empty() || !alive || !opened) {
      return;
    }
    writing = true;
    asio::async_write(socket,
                      asio::buffer(queue.front()),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        self->writing = false;
                        if (!self->alive) {
                          return;
                        }
                        self->waiting -= std::min(self->waiting, self->queue.front().size());
                        self->queue.pop_front();
                        if (!error) {
                          self->write();
                        }
                      });
  }

  net::Loop& loop;
  const std::string folder;
  Callbacks callbacks;
  stream_protocol::socket socket;
  net::Timer timer;
  std::array<char, kReadBytes> buffer{};
  std::deque<std::string> queue;
  std::size_t waiting = 0;
  int tries = 0;
  bool alive = true;
  bool opened = false;
  bool reading = false;
  bool paused = false;
  bool writing = false;
};

ContainerIo::ContainerIo(net::Loop& loop, std::string folder, char kind, Callbacks callbacks)
    : impl_(std::make_shared<Impl>(loop, std::move(folder), kind, std::move(callbacks))) {
  loop.post([impl = impl_] { impl->open(); });
}

ContainerIo::~ContainerIo() {
  impl_->alive = false;
  error_code ignored;
  impl_->socket.close(ignored);
  impl_->timer.cancel();
}

void ContainerIo::send(std::string bytes) {
  if (!impl_->alive) {
    return;
  }
  impl_->waiting += bytes.size();
  impl_->queue.push_back(std::move(bytes));
  impl_->write();
}

std::size_t ContainerIo::waiting() const {
  return impl_->waiting;
}

void ContainerIo::pause() {
  impl_->paused = true;
}

void ContainerIo::resume() {
  impl_->paused = false;
  impl_->read();
}

}  // namespace ekiden::agent
