#pragma once

#include "core/net/message.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ekiden::net {

// The queue between a ChunkSource (any thread) and the server's session (loop thread). Only the
// server includes this.
struct ChunkSource::Shared {
  using Chunk = std::shared_ptr<const std::string>;
  enum class State { open, closing, gone };

  // What the session takes to write next. `last` means: after these chunks the body ends.
  struct Taken {
    std::vector<Chunk> chunks;
    std::size_t bytes = 0;
    bool last = false;
  };

  explicit Shared(std::size_t limit_bytes) : limit(limit_bytes) {}

  bool push(Chunk chunk);
  void close();
  // Session: from now on `wake` is called (any thread, no lock held) when there is news.
  void attach(std::function<void()> wake_session);
  Taken take();
  void wrote(std::size_t bytes);
  bool cut_off() const;  // the reader was too slow
  // Session: the stream is over; returns what to call when it was not the source that ended it.
  std::function<void()> detach();

  const std::size_t limit;
  mutable std::mutex mutex;
  State state = State::open;
  bool too_slow = false;
  bool woken = false;  // a wake is under way, no need for another
  std::vector<Chunk> queue;
  std::size_t queued = 0;     // bytes in `queue`
  std::size_t in_flight = 0;  // bytes taken and not yet written
  std::function<void()> wake;
  std::function<void()> on_close;
};

}  // namespace ekiden::net
