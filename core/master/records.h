#pragma once

#include "core/base/record.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/agent.h"
#include "core/model/framework.h"

#include <optional>
#include <string>

// The only list of what a master makes durable: which agents and frameworks there are. Tasks are
// rebuilt from what agents report [mesos-core 5.1, 5.8].
namespace ekiden::master {

inline constexpr const char* kAgentKind = "agent";          // agent id
inline constexpr const char* kFrameworkKind = "framework";  // framework id

struct AgentRecord {
  model::AgentInfo info;  // id set
  WallTime registered{};
  std::optional<WallTime> unreachable;
};

struct FrameworkRecord {
  model::FrameworkInfo info;  // id set
  WallTime registered{};
};

Record record(const AgentRecord& agent);
Record record(const FrameworkRecord& framework);
Record erased(const char* kind, const std::string& key);
Result<AgentRecord> read_agent(const std::string& text);
Result<FrameworkRecord> read_framework(const std::string& text);

}  // namespace ekiden::master
