#pragma once

#include "core/base/clock.h"
#include "core/net/loop.h"
#include "core/net/message.h"
#include "core/runtime/worker.h"
#include "lb/applier.h"
#include "lb/metrics.h"

#include <cstdint>
#include <list>
#include <string>
#include <vector>

namespace ekiden::lb {

// Tasks that Marathon is about to stop: out of rotation first, answered when their last session has
// ended or the time is up. A task leaves together with freshly fetched apps, so that its successor
// is in rotation before. Loop thread only.
class Drains {
 public:
  static constexpr std::size_t kMax = 10'000;

  struct Parts {
    net::Loop& loop;
    const Clock& clock;
    runtime::Worker& worker;
    Applier& applier;
    Metrics& metrics;
    std::shared_ptr<bool> alive;  // false: the daemon has gone
    Duration timeout;
  };

  explicit Drains(Parts parts);
  // False when too many are under way.
  bool add(std::string task_id, std::uint64_t after_fetch, net::Responder respond);
  // The tasks to take out with the run of this fetch.
  std::vector<std::string> due(std::uint64_t fetch);
  // That run is over: from now on sessions are counted.
  void taken_out(const std::vector<std::string>& task_ids);

  std::size_t size() const { return drains_.size(); }

 private:
  enum class Phase { waiting_for_apps, waiting_for_run, waiting_for_sessions };

  struct Drain {
    std::string task_id;
    std::uint64_t after_fetch = 0;
    net::Responder respond;
    Time deadline{};
    Phase phase = Phase::waiting_for_apps;
  };

  void look();
  void counted(const std::vector<std::pair<std::string, DrainState>>& states);
  void answer(const Drain& drain, const DrainState& state);

  Parts parts_;
  net::Timer timer_;
  std::list<Drain> drains_;
  bool looking_ = false;
};

}  // namespace ekiden::lb
