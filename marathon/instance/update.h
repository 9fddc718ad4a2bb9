#pragma once

#include "core/base/time.h"
#include "core/model/status.h"
#include "marathon/model/instance.h"

#include <optional>

// The only place that changes an instance: every function takes one and gives its successor.
namespace ekiden::marathon::instance {

inline constexpr std::size_t kMessageLengthMax = 10000;

Instance schedule(AppPtr app, InstanceId id, Now now);

struct Launch {
  AgentPlace place;
  std::vector<std::int32_t> host_ports;
};

// What a pod's containers make together: condition [LC-1], first start, addresses. To be called
// when one of them changed.
void summarise(Instance& pod);
// Of a pod: the health its containers report [LC-2].
std::optional<bool> reported_health(const Instance& pod);
// The same instance with one of its tasks in the place of the sum.
Instance seen_from(const Instance& instance, const TaskId& task);

// The next incarnation of a waiting instance; its task id follows from it.
Instance provision(const Instance& instance, Launch launch, Now now);

// A place with volumes of its own was asked for; it waits until an offer shows them [4.9].
Instance reserve(const Instance& instance, AgentPlace place, Reservation reservation, Now now);
// A stopped resident is wanted again, with another definition; its reservation and data stay.
Instance reschedule(const Instance& instance, AppPtr app, Now now);
// What it held is gone with its agent: it waits for a new place [LC-3].
Instance without_reservation(const Instance& instance, Now now);
Instance with_goal(const Instance& instance, Goal goal);
// `since` moves with health as with the condition [3.4].
Instance with_health(const Instance& instance, std::optional<bool> healthy, Now now);
// Unreachable for too long: not counted any more.
Instance written_off(const Instance& instance, Now now);

// What a status says about its task [3.3].
Condition condition_of(const model::TaskStatus& status);

// Successor of an instance after a status of its current task; nothing: the status says nothing new
// [3.4, LC-1 to LC-3]. Whether it is to be removed is asked of is_finished().
std::optional<Instance> update(const Instance& instance, const model::TaskStatus& status, Now now);

// Nothing of it runs or will run again: forget it.
bool is_finished(const Instance& instance);

// A late word about a task that ended, or about an earlier incarnation: nothing to do.
bool is_quiet(Condition condition);

}  // namespace ekiden::marathon::instance
