#pragma once

#include "core/allocator/constraints.h"
#include "core/allocator/inverse_offers.h"
#include "core/allocator/offer_filters.h"
#include "core/allocator/roles.h"
#include "core/allocator/sorter.h"
#include "core/base/id.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/model/resources.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

// Who is offered what [mesos-core 5.3 to 5.6, 5.12]. Pure; the master tells it what changed and
// asks for a cycle.
namespace ekiden::allocator {

// An offer contains all amounts of at least one of these; empty: anything will do.
using MinAllocatable = std::vector<Amounts>;

bool enough(const model::Resources& resources, const MinAllocatable& minimum);

enum class Order { drf, random };

struct Options {
  Duration interval = std::chrono::seconds(1);  // between cycles that nothing urgent asked for
  MinAllocatable min_allocatable = {{{"cpus", model::Scalar{10}}},
                                    {{"mem", model::Scalar{32'000}}}};
  Order role_order = Order::drf;
  Order framework_order = Order::drf;
  std::set<std::string> fair_sharing_excluded;  // scalars that do not count for shares
  bool filter_gpu_resources = true;             // keep agents with gpus for those who ask
  std::optional<std::string> region;            // of the master
};

struct FrameworkSpec {
  std::set<std::string> roles;
  std::set<std::string> suppressed;
  bool gpus = false;                    // may see agents that have gpus
  bool reservation_refinement = false;  // may see stacked reservations
  bool shared = false;
  bool revocable = false;
  bool region_aware = false;
  bool multi_role = false;
  std::map<std::string, MinAllocatable> min_allocatable = {};  // by role, instead of the option
  std::shared_ptr<const ConstraintsFilter> constraints = nullptr;
};

// Resources of one agent in the hands of one framework under one role; no allocation_role inside.
struct Allocation {
  FrameworkId framework;
  std::string role;
  AgentId agent;
  model::Resources resources;
};

enum class Activity { active, inactive };

inline constexpr Duration kFilterMax = std::chrono::hours(24 * 365);

// The cost of a cycle follows what changed since the last one: only agents that gained resources,
// whose filters ran out, or that a revived or new framework has not seen are looked at.
class Allocator {
 public:
  Allocator(Options options, Random random);

  void add_agent(const AgentId& agent, const model::Resources& total, AgentSpec spec = {});
  // Another total: an agent that came back changed, or revocable resources that came or went.
  void update_agent(const AgentId& agent, const model::Resources& total);
  // Other attributes forget what was refused on the agent.
  void describe_agent(const AgentId& agent, AgentSpec spec);
  void remove_agent(const AgentId& agent);  // after its allocations were recovered
  void set_agent(const AgentId& agent, Activity activity);
  // Hostnames that may be offered; nothing: all.
  void set_whitelist(std::optional<std::set<std::string>> hostnames);

  void add_framework(const FrameworkId& framework, FrameworkSpec spec, Activity activity);
  void update_framework(const FrameworkId& framework, FrameworkSpec spec);
  void remove_framework(const FrameworkId& framework);
  // Inactive: no offers; its filters are forgotten.
  void set_framework(const FrameworkId& framework, Activity activity);

  // What is in use already, told by an agent. Roles the framework does not hold are fine.
  void use(const Allocation& allocation);
  // Resources come back. `refuse`: the framework does not want them again so soon.
  void recover(const Allocation& allocation, std::optional<Duration> refuse, Time now);
  // An operation (RESERVE, CREATE, ...) of a framework turned what it holds into `to`: total and
  // allocation change together.
  void convert(const Allocation& from, const model::Resources& to);
  // An operation of an operator on what nobody holds. False, and nothing changed, when that is not
  // free (offers hold it: rescind some and try again).
  bool convert_free(const AgentId& agent, const model::Resources& from, const model::Resources& to);

  // Empty: every role of the framework.
  void suppress(const FrameworkId& framework, const std::vector<std::string>& roles);
  void revive(const FrameworkId& framework, const std::vector<std::string>& roles);

  // Both count from the next cycle on. An empty quota means none; a weight of 1 is the default.
  void update_quota(const std::string& role, const Quota& quota);
  void update_weights(const std::map<std::string, double>& weights);
  // All reservations in the role's subtree and what is allocated of unreserved resources.
  Amounts consumed(const std::string& role) const;
  // The first limit that reserving so much more for the role would break: "role a: cpus ...".
  std::optional<std::string> limit_problem(const std::string& role,
                                           const model::Resources& unreserved) const;
  // After a failover with quotas: no offers until so many agents are back or `deadline` passes.
  void hold_back(std::size_t agents, Time deadline);

  // Maintenance: who uses such an agent is asked to leave. Nothing: no maintenance. Offers of the
  // agent that are out are to be rescinded by the caller.
  void set_unavailability(const AgentId& agent,
                          const std::optional<model::Unavailability>& unavailability);
  const model::Unavailability* unavailability(const AgentId& agent) const;
  // Those that hold something there, offered or used.
  std::vector<FrameworkId> frameworks_on(const AgentId& agent) const;
  // Questions to send now; each is open until it is answered (or withdrawn).
  std::vector<InverseOffer> inverse_offers(Time now);
  void answer_inverse_offer(const AgentId& agent,
                            const FrameworkId& framework,
                            std::optional<Duration> refuse,
                            Time now);

  // One cycle; everything in the answer counts as allocated from now on.
  std::vector<Allocation> allocate(Time now);
  Time next_deadline() const;

  // For checks and reads.
  const model::Resources& total(const AgentId& agent) const;
  const model::Resources& allocated(const AgentId& agent) const;
  double share(const std::string& role) const;  // dominant share of the role and those below it

  std::size_t filter_count() const { return filters_.size(); }

 private:
  struct Holder {
    SeatIndex seat = 0;
    std::int64_t measure = 0;
  };

  // What a look that finds nothing reads comes first and close together.
  struct Agent {
    Activity activity = Activity::active;
    bool whitelisted = true;
    bool dirty = false;         // in dirty_
    bool withheld = false;      // in withheld_
    bool exhausted = false;     // nothing worth offering was left at the last look
    bool total_enough = false;  // the total is worth offering
    bool plain = true;          // nothing of the total is reserved, revocable or shared
    bool has_gpus = false;
    std::shared_ptr<const model::Resources> total = std::make_shared<const model::Resources>();
    model::Resources allocated;
    // Seats that get nothing of the agent, whatever they want, while its free resources are
    // contained in `blocked_at` (null: while they are contained in the total).
    std::vector<std::uint64_t> blocked;
    std::unique_ptr<const model::Resources> blocked_at;
    std::vector<Holder> holders;
    Quantities free;  // unreserved, not revocable scalars; below zero when the total shrank
    AgentId id;
    AgentSpec spec;
  };

  // Also one that is not known (any more) and still holds something.
  struct Framework {
    FrameworkId id;
    FrameworkSpec spec;
    Activity activity = Activity::inactive;
    bool known = false;
    std::map<std::string, SeatIndex> seats;  // also of roles it has left and still uses
  };

  struct Seat {
    Framework* framework = nullptr;
    const MinAllocatable* minimum = nullptr;
    RoleIndex role = kNoRole;
    Sorter::Node node = 0;  // in the sorter of the role
    bool member = false;    // the framework holds the role
    bool active = false;
    std::size_t holdings = 0;  // agents it holds something of
  };

  // The frameworks of one role.
  struct RoleSeats {
    std::unique_ptr<Sorter> order;
    Sorter::Node node = 0;  // in role_order_
    std::size_t seats = 0;
    std::size_t active = 0;
  };

  enum class Stage { guarantees, fair };
  struct Look;  // one agent in one stage of a cycle: cycle.cpp

  // allocator.cpp
  Agent* find_agent(const AgentId& id);
  const Agent* find_agent(const AgentId& id) const;
  AgentIndex index_of(const AgentId& id) const;
  Framework& known(const FrameworkId& id);
  std::unique_ptr<Sorter> make_sorter(Order order);
  void touch(AgentIndex agent);
  void touch_all(Activity urgency);
  void release_withheld();
  static bool offerable(const Agent& agent);
  void set_total(Agent& agent, const model::Resources& total);
  void change_free(Agent& agent, const Quantities& change, int sign);
  template <class Change>
  void change_offerable(Agent& agent, Change change);

  // seats.cpp
  static void unblock(Agent& agent, SeatIndex seat);
  SeatIndex seat_of(const FrameworkId& framework, const std::string& role);
  std::optional<SeatIndex> find_seat(const FrameworkId& framework, const std::string& role) const;
  void drop_if_unused(SeatIndex seat);
  void set_members(Framework& framework, FrameworkSpec spec);
  void refresh(SeatIndex seat);
  void forget_filters(SeatIndex seat);
  void hold(AgentIndex agent, SeatIndex seat, const model::Resources& resources, int sign);
  void rank(AgentIndex agent, SeatIndex seat, const model::Resources& resources, Sorter::Count);
  void unrank(AgentIndex agent, SeatIndex seat, const model::Resources& resources);
  Quantities ranked(AgentIndex agent,
                    std::uint64_t holder,
                    const model::Resources& resources,
                    int sign);

  // cycle.cpp
  bool held_back(Time now) const;
  void look_at(AgentIndex index, Stage stage);
  bool consider(Look& look, SeatIndex seat);
  void load(Look& look);
  bool is_left(const Look& look) const;  // something worth offering, by the common minimum
  bool eligible(const Agent& agent, const Seat& seat) const;
  static model::Resources visible(const model::Resources& free,
                                  const FrameworkSpec& spec,
                                  const std::string& role);
  model::Resources within_quota(const Look& look, const model::Resources& wanted, RoleIndex role);
  void block(Look& look, SeatIndex seat);
  void give(Look& look, SeatIndex seat, model::Resources offered);

  Options options_;
  Random random_;
  Names names_;
  Pool pool_;
  Roles roles_;
  std::unique_ptr<Sorter> role_order_;
  std::vector<RoleSeats> role_seats_;  // by RoleIndex
  std::deque<Agent> agents_;
  std::vector<AgentIndex> free_agents_;
  std::unordered_map<AgentId, AgentIndex> agent_index_;
  std::unordered_map<FrameworkId, Framework> frameworks_;
  std::vector<Seat> seats_;
  std::vector<SeatIndex> free_seats_;
  std::map<std::tuple<AgentIndex, std::uint64_t, std::string>, std::size_t> shared_uses_;
  OfferFilters filters_;
  InverseOffers inverse_;
  std::optional<std::set<std::string>> whitelist_;
  std::vector<AgentIndex> dirty_;
  std::vector<AgentIndex> withheld_;  // something was held back there because of quota
  Quantities headroom_;               // free of all offerable agents
  std::vector<Allocation> given_;     // in this cycle
  std::map<AgentIndex, model::Resources> shared_given_;
  std::size_t hold_agents_ = 0;
  Time hold_until_ = Time::min();
  bool overrides_min_ = false;  // some framework has a minimum of its own
  bool urgent_ = false;
  bool inverse_due_ = false;
  Time last_cycle_{};
  const model::Resources none_;
};

}  // namespace ekiden::allocator
