#include "core/net/client.h"

#include "core/base/check.h"
#include "core/net/client_poller.h"
#include "core/net/client_transfer.h"

#include <csignal>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <fmt/core.h>

namespace ekiden::net {
namespace {

constexpr std::size_t kActiveMax = 10'000;    // beyond it calls wait their turn
constexpr std::size_t kWaitingMax = 100'000;  // beyond it they fail at once
// libcurl counts the connections in use too, so the pool must be larger than the calls at once.
constexpr long kPooledConnectionsMax = kActiveMax + 1'000;

void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

// send and cancel leave orders under the mutex and wake the thread, which alone touches libcurl.
struct Client::Impl {
  explicit Impl(Loop& owner);
  ~Impl();
  CallId send(Call call, Done done);
  void cancel(CallId id);

 private:
  struct Waiting {
    CallId id = 0;
    Call call;
    std::shared_ptr<ClientCallbacks::Entry> entry;
  };

  void run();
  bool take_orders();
  void drop(CallId id);
  void start(Waiting next);
  void finish_completed();
  bool can_start_more();

  const std::shared_ptr<ClientCallbacks> callbacks_;
  CURLM* const multi_;
  std::optional<ClientPoller> poller_;
  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  std::vector<CallId> cancelled_;
  std::vector<CallId> resumed_;
  bool stopping_ = false;
  CallId last_id_ = 0;
  std::unordered_map<CallId, std::unique_ptr<ClientTransfer>> active_;  // the thread's own
  std::thread thread_;
};

Client::Impl::Impl(Loop& owner)
    : callbacks_(std::make_shared<ClientCallbacks>(owner)), multi_([] {
        static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
        CHECK(ready == CURLE_OK, "libcurl cannot start: {}", curl_easy_strerror(ready));
        return curl_multi_init();
      }()) {
  CHECK(multi_ != nullptr, "libcurl cannot make a multi handle: out of memory");
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kPooledConnectionsMax);
  poller_.emplace(multi_);
  thread_ = std::thread([this] { run(); });
}

Client::Impl::~Impl() {
  callbacks_->close();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  poller_->wake();
  thread_.join();
  for (const auto& [id, transfer] : active_) {
    curl_multi_remove_handle(multi_, transfer->easy());
  }
  active_.clear();
  poller_.reset();
  curl_multi_cleanup(multi_);
}

CallId Client::Impl::send(Call call, Done done) {
  auto entry = std::make_shared<ClientCallbacks::Entry>();
  entry->done = std::move(done);
  entry->on_chunk = std::exchange(call.on_chunk, nullptr);
  entry->on_headers = std::exchange(call.on_headers, nullptr);
  std::unique_lock lock(mutex_);
  const CallId id = ++last_id_;
  entry->resume = [this, id] {
    {
      const std::lock_guard locked(mutex_);
      resumed_.push_back(id);
    }
    poller_->wake();
  };
  callbacks_->add(id, entry);
  if (waiting_.size() < kWaitingMax) {
    waiting_.push_back({id, std::move(call), std::move(entry)});
    lock.unlock();
    poller_->wake();
    return id;
  }
  lock.unlock();
  callbacks_->post_done(id,
                        fail(ErrorCode::unavailable,
                             fmt::format("cannot {}: {} calls are waiting already; try again later",
                                         call_text(call),
                                         kWaitingMax)));
  return id;
}

void Client::Impl::cancel(CallId id) {
  callbacks_->erase(id);
  {
    const std::lock_guard lock(mutex_);
    cancelled_.push_back(id);
  }
  poller_->wake();
}

void Client::Impl::run() {
  block_sigpipe();
  while (take_orders()) {
    if (!can_start_more()) {
      poller_->poll();
    }
    finish_completed();
  }
}

bool Client::Impl::can_start_more() {
  const std::lock_guard lock(mutex_);
  return !waiting_.empty() && active_.size() < kActiveMax;
}

// False when the client is being destroyed.
bool Client::Impl::take_orders() {
  std::vector<Waiting> next;
  std::vector<CallId> cancelled;
  std::vector<CallId> resumed;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return false;
    }
    cancelled.swap(cancelled_);
    resumed.swap(resumed_);
    while (!waiting_.empty() && active_.size() + next.size() < kActiveMax) {
      next.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }
  for (Waiting& waiting : next) {
    start(std::move(waiting));
  }
  for (const CallId id : cancelled) {
    drop(id);
  }
  for (const CallId id : resumed) {
    if (const auto found = active_.find(id); found != active_.end()) {
      found->second->resume();
    }
  }
  return true;
}

void Client::Impl::drop(CallId id) {
  if (const auto found = active_.find(id); found != active_.end()) {
    curl_multi_remove_handle(multi_, found->second->easy());
    active_.erase(found);
    return;
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [id](const Waiting& waiting) { return waiting.id == id; });
}

void Client::Impl::start(Waiting next) {
  const CallId id = next.id;
  auto transfer = std::make_unique<ClientTransfer>(
      id, std::move(next.call), std::move(next.entry), *callbacks_);
  if (auto ready = transfer->prepare(); !ready) {
    callbacks_->post_done(id, fail(ready.error()));
    return;
  }
  curl_multi_add_handle(multi_, transfer->easy());
  active_.emplace(id, std::move(transfer));
}

void Client::Impl::finish_completed() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    ClientTransfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    const CURLcode code = message->data.result;  // the message dies with the handle's removal
    curl_multi_remove_handle(multi_, transfer->easy());
    const CallId id = transfer->id();
    auto result = transfer->result(code);
    active_.erase(id);  // an incomplete output file is gone before anybody hears of the failure
    callbacks_->post_done(id, std::move(result));
  }
}

Client::Client(Loop& loop) : impl_(std::make_unique<Impl>(loop)) {}

Client::~Client() = default;

CallId Client::send(Call call, Done done) {
  return impl_->send(std::move(call), std::move(done));
}

void Client::cancel(CallId id) {
  impl_->cancel(id);
}

}  // namespace ekiden::net
