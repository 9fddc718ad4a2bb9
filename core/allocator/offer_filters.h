#pragma once

#include "core/base/time.h"
#include "core/model/resources.h"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace ekiden::allocator {

using AgentIndex = std::uint32_t;
using SeatIndex = std::uint32_t;  // one framework under one role

// At most so many filters of one seat on one agent; the one that ends first makes room.
inline constexpr std::size_t kFiltersPerPairMax = 16;

// What was refused, by which framework in which role, and until when: later resources of that agent
// are withheld while they are contained in what was refused [mesos-core 2.5]. A filter is in three
// lists (its agent's, its seat's, and the bucket of its end), each of which lets go of it at a cost
// that does not depend on how many others there are.
class OfferFilters {
 public:
  struct Pair {
    AgentIndex agent = 0;
    SeatIndex seat = 0;
  };

  void add(Pair pair, std::shared_ptr<const model::Resources> refused, Time until);
  bool has(Pair pair) const;
  bool filtered(Pair pair, const model::Resources& resources) const;
  // Forgets what has run out; what is worth another look.
  std::vector<Pair> expire(Time now);

  Time next_expiry() const { return buckets_.empty() ? kNever : buckets_.begin()->first; }

  void remove_agent(AgentIndex agent);
  void remove_seat(SeatIndex seat);

  std::size_t size() const { return filters_.size() - free_.size(); }

 private:
  using Slot = std::uint32_t;

  struct Filter {
    std::shared_ptr<const model::Resources> refused;
    Time until{};
    Pair pair;
    std::uint32_t at_seat = 0;  // positions in the lists
    std::uint32_t in_bucket = 0;
  };

  using Slots = std::vector<std::pair<SeatIndex, Slot>>;  // ascending

  template <class Visit>
  void visit(Pair pair, Visit visit) const;
  void make_room(Pair pair, const model::Resources& refused, Time until);
  void remove(Slot slot);

  std::vector<Filter> filters_;
  std::vector<Slot> free_;
  std::vector<Slots> by_agent_;
  std::vector<std::vector<Slot>> by_seat_;
  std::map<Time, std::vector<Slot>> buckets_;
};

}  // namespace ekiden::allocator
