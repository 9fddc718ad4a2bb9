#include "core/net/client_poller.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ekiden::net {
namespace {

constexpr std::size_t kEventsMax = 256;
constexpr std::chrono::milliseconds kWaitMax = std::chrono::minutes(1);

}  // namespace

ClientPoller::ClientPoller(CURLM* multi)
    : multi_(multi),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wakeup_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  CHECK(epoll_ >= 0 && wakeup_ >= 0,
        "cannot make an epoll: {}; raise the limit of open files",
        std::strerror(errno));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wakeup_;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &ClientPoller::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &ClientPoller::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

ClientPoller::~ClientPoller() {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  ::close(wakeup_);
  ::close(epoll_);
}

int ClientPoller::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto* poller = static_cast<ClientPoller*>(self);
  epoll_event event{};
  event.data.fd = socket;
  event.events =
      ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0u);
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(poller->epoll_, EPOLL_CTL_DEL, socket, &event);
  } else if (::epoll_ctl(poller->epoll_, EPOLL_CTL_ADD, socket, &event) != 0 && errno == EEXIST) {
    ::epoll_ctl(poller->epoll_, EPOLL_CTL_MOD, socket, &event);
  }
  return 0;
}

int ClientPoller::on_timer(CURLM*, long timeout_millis, void* self) {
  auto* poller = static_cast<ClientPoller*>(self);
  poller->deadline_ = timeout_millis < 0
                          ? kNever
                          : poller->clock_.now().time + std::chrono::milliseconds(timeout_millis);
  return 0;
}

int ClientPoller::wait_millis() const {
  if (deadline_ == kNever) {
    return static_cast<int>(kWaitMax.count());
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock_.now().time).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, kWaitMax.count()));
}

void ClientPoller::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
}

void ClientPoller::poll() {
  std::array<epoll_event, kEventsMax> events;
  const int count = ::epoll_wait(epoll_, events.data(), kEventsMax, wait_millis());
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == wakeup_) {
      std::uint64_t ignored = 0;
      (void)!::read(wakeup_, &ignored, sizeof ignored);
      continue;
    }
    act(event.data.fd,
        ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
            ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
            ((event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0));
  }
  if (deadline_ <= clock_.now().time) {
    deadline_ = kNever;  // libcurl says when the next one is
    act(CURL_SOCKET_TIMEOUT, 0);
  }
}

void ClientPoller::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wakeup_, &one, sizeof one);  // a full counter is awake already
}

}  // namespace ekiden::net
