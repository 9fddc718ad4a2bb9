#include "tests/sim/event_queue.h"

#include <fmt/core.h>

namespace ekiden::sim {

void EventQueue::trace(const std::string& text) {
  const std::string line =
      fmt::format("{:10.3f} {}", to_seconds(now_.time - Time(std::chrono::hours(1))), text);
  for (const char c : line) {
    digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  if (printing_) {
    fmt::print("{}\n", line);
  }
}

}  // namespace ekiden::sim
