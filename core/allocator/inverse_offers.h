#pragma once

#include "core/base/id.h"
#include "core/base/time.h"
#include "core/model/offer.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace ekiden::allocator {

// A framework is asked to leave an agent; at most one question per pair is open.
struct InverseOffer {
  FrameworkId framework;
  AgentId agent;
  model::Unavailability unavailability;
};

// Which agents are to be maintained, and who has been asked to leave them [mesos-core 2.14].
class InverseOffers {
 public:
  using Key = std::pair<AgentId, FrameworkId>;

  // Nothing: no maintenance. A change makes every open question void.
  void set(const AgentId& agent, const std::optional<model::Unavailability>& unavailability);
  const model::Unavailability* unavailability(const AgentId& agent) const;
  void remove_framework(const FrameworkId& framework);  // its questions and filters
  void clear_filters(const FrameworkId& framework);

  // True when the framework is to be asked now; it counts as asked from then on.
  bool ask(const Key& key, Time now);
  // It answered, or the question was withdrawn; nothing more before `until`.
  void answered(const Key& key, std::optional<Time> until);

  const std::map<AgentId, model::Unavailability>& agents() const { return agents_; }

  Time next_expiry() const;

 private:
  std::map<AgentId, model::Unavailability> agents_;
  std::set<Key> open_;
  std::map<Key, Time> filters_;
};

}  // namespace ekiden::allocator
