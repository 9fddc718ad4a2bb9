#pragma once

#include "core/base/random.h"
#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace ekiden::sim {

// The virtual clock and everything that will happen, ordered by (time, order of asking). Also the
// trace: one line per event that means something, hashed into the digest.
class EventQueue {
 public:
  explicit EventQueue(std::uint64_t seed) : random_(seed) {}

  Now now() const { return now_; }

  Random& random() { return random_; }

  Duration between(Duration low, Duration high) {
    const auto span = static_cast<std::uint64_t>((high - low).count()) + 1;
    return low + Duration(static_cast<std::int64_t>(random_.below(span)));
  }

  bool chance(double probability) { return random_.unit() < probability; }

  void at(Time when, std::function<void()> what) {
    events_.emplace(std::pair{std::max(when, now_.time), next_++}, std::move(what));
  }

  void after(Duration delay, std::function<void()> what) { at(now_.time + delay, std::move(what)); }

  Time next() const { return events_.empty() ? kNever : events_.begin()->first.first; }

  // The next event; the clock jumps to it.
  void run_one() {
    auto first = events_.extract(events_.begin());
    const Duration jump = first.key().first - now_.time;
    now_.time += jump;
    now_.wall += jump;
    ++count_;
    first.mapped()();
  }

  // Somebody sets the calendar; what measures time does not notice.
  void jump_wall(Duration by) { now_.wall += by; }

  std::uint64_t count() const { return count_; }

  // Something that invariants look at has changed.
  void touch() { touched_ = true; }

  bool take_touched() { return std::exchange(touched_, false); }

  void trace(const std::string& text);

  void print_trace() { printing_ = true; }

  std::uint64_t digest() const { return digest_; }

 private:
  Random random_;
  Now now_{Time(std::chrono::hours(1)), WallTime(std::chrono::hours(500'000))};
  std::map<std::pair<Time, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t next_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t digest_ = 14695981039346656037ULL;
  bool printing_ = false;
  bool touched_ = false;
};

}  // namespace ekiden::sim
