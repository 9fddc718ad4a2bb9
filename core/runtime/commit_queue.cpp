#include "core/runtime/driver.h"

#include <deque>
#include <mutex>
#include <thread>

namespace ekiden::runtime {

// One entry per submit, in order. The front leaves when its commit is done; nobody overtakes, and a
// dispatch that submits again (a message to a machine in this process) waits behind the rest of
// itself.
struct CommitQueue::Impl : std::enable_shared_from_this<CommitQueue::Impl> {
  struct Waiting {
    bool durable = false;
    std::function<void()> dispatch;
  };

  Impl(net::Loop& owner, store::Store& backing, std::function<void(Error)> failure)
      : loop(owner), store(backing), on_failure(std::move(failure)) {}

  void submit(Batch batch, std::function<void()> dispatch);
  void committed(std::uint64_t number, const Result<void>& result);
  void drain();

  net::Loop& loop;
  store::Store& store;
  std::function<void(Error)> on_failure;
  std::deque<Waiting> waiting;
  std::uint64_t first = 0;  // the number of waiting.front()
  std::size_t in_flight = 0;
  bool draining = false;
  bool failed = false;
  std::mutex mutex;  // for `closed` only: the store answers from its own thread
  bool closed = false;
};

void CommitQueue::Impl::submit(Batch batch, std::function<void()> dispatch) {
  if (failed) {
    return;
  }
  const bool durable = batch.empty();
  const std::uint64_t number = first + waiting.size();
  waiting.push_back({durable, std::move(dispatch)});
  if (durable) {
    drain();
    return;
  }
  ++in_flight;
  const auto submitter = std::this_thread::get_id();
  store.commit(std::move(batch),
               [self = shared_from_this(), number, submitter](Result<void> result) {
                 // A store may answer inside commit(); any other answer comes from a thread of the
                 // store's.
                 if (std::this_thread::get_id() == submitter) {
                   self->committed(number, result);
                   return;
                 }
                 const std::lock_guard lock(self->mutex);
                 if (!self->closed) {
                   self->loop.post([self, number, result] { self->committed(number, result); });
                 }
               });
}

void CommitQueue::Impl::committed(std::uint64_t number, const Result<void>& result) {
  if (failed || closed) {
    return;
  }
  --in_flight;
  if (!result) {
    failed = true;
    waiting.clear();
    on_failure(result.error());
    return;
  }
  waiting[number - first].durable = true;
  drain();
}

void CommitQueue::Impl::drain() {
  if (draining) {
    return;
  }
  draining = true;
  const auto alive = shared_from_this();
  while (!failed && !closed && !waiting.empty() && waiting.front().durable) {
    const auto dispatch = std::move(waiting.front().dispatch);
    waiting.pop_front();
    ++first;
    dispatch();
  }
  draining = false;
}

CommitQueue::CommitQueue(net::Loop& loop,
                         store::Store& store,
                         std::function<void(Error)> on_failure)
    : impl_(std::make_shared<Impl>(loop, store, std::move(on_failure))) {}

CommitQueue::~CommitQueue() {
  const std::lock_guard lock(impl_->mutex);
  impl_->closed = true;
}

void CommitQueue::submit(Batch batch, std::function<void()> dispatch) {
  impl_->submit(std::move(batch), std::move(dispatch));
}

std::size_t CommitQueue::in_flight() const {
  return impl_->in_flight;
}

}  // namespace ekiden::runtime
