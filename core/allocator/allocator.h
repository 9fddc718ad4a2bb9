#pragma once

#include "core/allocator/drf_sorter.h"
#include "core/allocator/offer_filters.h"
#include "core/base/id.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/model/resources.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Who is offered what [mesos-core 5.5]. Pure; the master tells it what changed and asks for a
// cycle.
namespace ekiden::allocator {

struct Options {
  Duration interval = std::chrono::seconds(1);  // between cycles that nothing urgent asked for
  // An offer contains at least one of these.
  model::Scalar min_cpus = model::Scalar::from_double(0.01);
  model::Scalar min_mem = model::Scalar::from_double(32);
};

struct FrameworkSpec {
  std::set<std::string> roles;
  std::set<std::string> suppressed;
  bool gpus = false;                    // may see agents that have gpus
  bool reservation_refinement = false;  // may see stacked reservations
  bool shared = false;
  bool revocable = false;
};

// Resources of one agent in the hands of one framework under one role; no allocation_role inside.
struct Allocation {
  FrameworkId framework;
  std::string role;
  AgentId agent;
  model::Resources resources;
};

enum class Activity { active, inactive };

// The cost of a cycle follows what changed since the last one: only agents that gained resources,
// whose filters ran out, or that a revived or new framework has not seen are looked at.
class Allocator {
 public:
  Allocator(Options options, Random random);

  void add_agent(const AgentId& agent, const model::Resources& total);
  void update_agent(const AgentId& agent, const model::Resources& total);
  void remove_agent(const AgentId& agent);  // allocations on it are forgotten
  void set_agent(const AgentId& agent, Activity activity);

  void add_framework(const FrameworkId& framework, FrameworkSpec spec, Activity activity);
  void update_framework(const FrameworkId& framework, FrameworkSpec spec);
  void remove_framework(const FrameworkId& framework);  // after its allocations were recovered
  // Inactive: no offers; its filters are forgotten.
  void set_framework(const FrameworkId& framework, Activity activity);

  // What is in use already, told by an agent. Roles the framework does not hold are fine.
  void use(const Allocation& allocation);
  // Resources come back. `refuse`: the framework does not want them again so soon.
  void recover(const Allocation& allocation, std::optional<Duration> refuse, Time now);

  // Empty: every role of the framework.
  void suppress(const FrameworkId& framework, const std::vector<std::string>& roles);
  void revive(const FrameworkId& framework, const std::vector<std::string>& roles);

  // One cycle; everything in the answer counts as allocated from now on.
  std::vector<Allocation> allocate(Time now);
  Time next_deadline() const;

  // For checks and reads.
  const model::Resources& total(const AgentId& agent) const;
  const model::Resources& allocated(const AgentId& agent) const;

  std::size_t filter_count() const { return filters_.size(); }

 private:
  struct Agent {
    model::Resources total;
    model::Resources allocated;
    Activity activity = Activity::active;
  };

  struct Framework {
    FrameworkSpec spec;
    Activity activity = Activity::active;
  };

  void touch(const AgentId& agent);
  void touch_all_urgently();
  void count(const Allocation& allocation, int sign);
  void join_roles(const FrameworkId& framework, const FrameworkSpec& spec);
  void leave_roles(const FrameworkId& framework, const FrameworkSpec& spec);
  void allocate_agent(const AgentId& id, Agent& agent, std::vector<Allocation>& result);
  // What of `free` the framework may see under the role.
  model::Resources visible(const model::Resources& free,
                           const Agent& agent,
                           const Framework& framework,
                           const std::string& role) const;
  bool enough(const model::Resources& resources) const;

  Options options_;
  Random random_;
  std::map<AgentId, Agent> agents_;
  std::map<FrameworkId, Framework> frameworks_;
  DrfSorter roles_;
  std::map<std::string, DrfSorter> role_frameworks_;
  OfferFilters filters_;
  std::set<AgentId> dirty_;
  bool urgent_ = false;
  Time last_cycle_{};
  const model::Resources none_;
};

}  // namespace ekiden::allocator
