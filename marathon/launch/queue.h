#pragma once

#include "marathon/launch/match.h"
#include "marathon/snapshot.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace ekiden::marathon::launch {

inline constexpr std::size_t kUnusedOffersMax = 32;  // remembered per app, one per agent

// What waits of one app, since when, and what became of the offers it saw. The waiting ones are
// kept by number, ascending: who waits longest is launched first.
class Queue {
 public:
  void add(std::uint64_t instance, const std::string& role, WallTime now);
  void remove(std::uint64_t instance, const std::string& role);

  bool empty() const { return waiting_.empty(); }

  const std::set<std::uint64_t>& waiting() const { return waiting_; }

  void used(const model::Offer& offer, WallTime now);
  void unused(const model::Offer& offer, const Rejects& rejects, WallTime now);
  QueueView view() const;  // without delayed_until

 private:
  struct Unused {
    model::Offer offer;
    Rejects rejects;
    WallTime at{};
  };

  std::set<std::uint64_t> waiting_;
  std::map<std::string, std::int32_t> roles_;  // of those that wait
  WallTime since_{};
  std::uint64_t processed_ = 0;
  std::uint64_t unused_ = 0;
  std::optional<WallTime> last_unused_at_;
  std::optional<WallTime> last_used_at_;
  std::array<std::uint64_t, kRejectCount> declined_{};  // by the first reason that held
  std::uint64_t attempts_ = 0;
  std::map<AgentId, Unused> last_unused_;
};

}  // namespace ekiden::marathon::launch
