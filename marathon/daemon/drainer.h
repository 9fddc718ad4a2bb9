#pragma once

#include "core/net/client.h"
#include "marathon/marathon.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::marathon {

// Asks every registered load balancer to let go of a task; done when all have answered or the time
// is over. A load balancer that cannot be reached does not hold up a kill.
class Drainer {
 public:
  Drainer(net::Client& client, Duration timeout, std::function<void(DrainDone)> done);
  void run(const DrainOrder& order, const std::vector<std::string>& load_balancers);

 private:
  net::Client& client_;
  Duration timeout_;
  std::function<void(DrainDone)> done_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // callbacks end with it
};

}  // namespace ekiden::marathon
