#pragma once

#include "core/master/types.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::master {

// An operation on the resources of an agent that is not done with: the agent has not answered, or
// the framework has not acknowledged its end.
struct PendingOperation {
  std::optional<FrameworkId> framework_id;  // absent: an operator's
  AgentId agent_id;
  model::Operation info;  // as sent to the agent: no allocation roles
  model::OperationStatus latest_status;
  std::vector<model::OperationStatus> statuses;
  std::string uuid;  // 16 raw bytes
  bool answered = false;
  Time sent{};
  ConnectionId connection = 0;
};

inline constexpr std::size_t kOperationStatusesMax = 8;  // per operation, the oldest go first

}  // namespace ekiden::master
