#include "core/net/chunk_shared.h"

#include <algorithm>
#include <utility>

namespace ekiden::net {

bool ChunkSource::Shared::push(Chunk chunk) {
  std::function<void()> call;
  bool taken_in = true;
  {
    const std::lock_guard lock(mutex);
    if (state != State::open) {
      return false;
    }
    const std::size_t bytes = chunk->size();
    if (bytes == 0) {
      return true;
    }
    // One chunk larger than the limit is let through when nothing else waits: the limit bounds
    // what a slow reader costs, not the size of a message.
    const std::size_t waiting = queued + in_flight;
    if (waiting > 0 && bytes > limit - std::min(limit, waiting)) {
      state = State::gone;
      too_slow = true;
      taken_in = false;
      queue.clear();
      queued = 0;
    } else {
      queued += bytes;
      queue.push_back(std::move(chunk));
    }
    if (!std::exchange(woken, true) || too_slow) {
      call = wake;
    }
  }
  if (call) {
    call();
  }
  return taken_in;
}

void ChunkSource::Shared::close() {
  std::function<void()> call;
  {
    const std::lock_guard lock(mutex);
    if (state != State::open) {
      return;
    }
    state = State::closing;
    if (!std::exchange(woken, true)) {
      call = wake;
    }
  }
  if (call) {
    call();
  }
}

void ChunkSource::Shared::attach(std::function<void()> wake_session) {
  const std::lock_guard lock(mutex);
  wake = std::move(wake_session);
}

ChunkSource::Shared::Taken ChunkSource::Shared::take() {
  const std::lock_guard lock(mutex);
  woken = false;
  Taken taken;
  taken.chunks.swap(queue);
  taken.bytes = std::exchange(queued, 0);
  in_flight += taken.bytes;
  taken.last = state != State::open;
  return taken;
}

void ChunkSource::Shared::wrote(std::size_t bytes) {
  const std::lock_guard lock(mutex);
  in_flight -= bytes;
}

bool ChunkSource::Shared::cut_off() const {
  const std::lock_guard lock(mutex);
  return too_slow;
}

std::function<void()> ChunkSource::Shared::detach() {
  const std::lock_guard lock(mutex);
  const bool reader_left = state == State::open || too_slow;
  state = State::gone;
  wake = nullptr;
  queue.clear();
  queued = 0;
  std::function<void()> callback = std::exchange(on_close, nullptr);
  return reader_left ? callback : nullptr;
}

ChunkSource::ChunkSource(std::size_t limit) : shared_(std::make_shared<Shared>(limit)) {}

ChunkSource::~ChunkSource() {
  on_close(nullptr);
  shared_->close();
}

bool ChunkSource::push(std::string chunk) {
  return push(std::make_shared<const std::string>(std::move(chunk)));
}

bool ChunkSource::push(std::shared_ptr<const std::string> chunk) {
  return shared_->push(std::move(chunk));
}

void ChunkSource::close() {
  shared_->close();
}

std::size_t ChunkSource::waiting() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->queued + shared_->in_flight;
}

bool ChunkSource::closed() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->state != Shared::State::open;
}

void ChunkSource::on_close(std::function<void()> callback) {
  const std::lock_guard lock(shared_->mutex);
  shared_->on_close = std::move(callback);
}

}  // namespace ekiden::net
