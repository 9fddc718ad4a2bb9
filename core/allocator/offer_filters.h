#pragma once

#include "core/base/id.h"
#include "core/base/time.h"
#include "core/model/resources.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::allocator {

// What a framework refused, and until when: later resources of that agent for that role are
// withheld while they are contained in what was refused [mesos-core 2.5].
class OfferFilters {
 public:
  struct Key {
    AgentId agent;
    FrameworkId framework;
    std::string role;
    auto operator<=>(const Key&) const = default;
  };

  void add(const Key& key, model::Resources refused, Time until);
  bool filtered(const Key& key, const model::Resources& resources) const;
  // Forgets what has run out and tells which agents are worth another look.
  std::vector<AgentId> expire(Time now);
  Time next_expiry() const;
  void remove_agent(const AgentId& agent);
  void remove_framework(const FrameworkId& framework);
  void remove_role(const FrameworkId& framework, const std::string& role);

  std::size_t size() const { return filters_.size(); }

 private:
  struct Filter {
    model::Resources refused;
    std::uint64_t id = 0;
  };
  template <class Predicate>
  void remove_if(Predicate predicate);

  std::map<Key, std::vector<Filter>> filters_;
  // Entries of filters that are gone stay until their time: `id` tells.
  std::map<std::pair<Time, std::uint64_t>, Key> expiries_;
  std::uint64_t last_id_ = 0;
};

}  // namespace ekiden::allocator
