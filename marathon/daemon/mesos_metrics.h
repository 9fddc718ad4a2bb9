#pragma once

#include "core/api/scheduler.h"
#include "core/base/metrics.h"
#include "marathon/snapshot.h"

#include <map>
#include <string>

namespace ekiden::marathon {

// What goes to the master and comes from it, counted under Marathon's names [marathon-behaviour
// 9.2].
class MesosMetrics {
 public:
  explicit MesosMetrics(Registry& registry);

  void sent(const api::scheduler::Call& call);
  void received(const api::scheduler::Event& event, const Snapshot& snapshot);

 private:
  void accepted(const api::scheduler::Accept& accept);
  void updated(const model::TaskStatus& status, const Snapshot& snapshot);

  Registry& registry_;
  Counter launched_, revives_, suppresses_, incoming_, used_, declined_, launch_, launch_group_,
      reserve_, memory_exceeded_, memory_unfulfillable_;
  std::map<std::string, Counter> updates_;  // a series comes with the first update of its state
};

}  // namespace ekiden::marathon
