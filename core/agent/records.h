#pragma once

#include "core/agent/types.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// The only list of what an agent makes durable. Keys ascend with time (performance.md).
namespace ekiden::agent {

inline constexpr const char* kAgentKind = "agent";          // "id"
inline constexpr const char* kFrameworkKind = "framework";  // framework id
inline constexpr const char* kExecutorKind = "executor";    // sequence number
inline constexpr const char* kTaskKind = "task";            // sequence number
inline constexpr const char* kUpdateKind = "update";        // task's number.update's number

struct ExecutorRecord {
  FrameworkId framework_id;
  ContainerId container;
  ExecutorKind kind = ExecutorKind::command;
  model::ExecutorInfo info;
};

struct TaskRecord {
  FrameworkId framework_id;
  ContainerId container;
  model::TaskInfo info;
};

struct UpdateRecord {
  bool acknowledged = false;  // kept until a newer one comes: it is the task's latest status
  model::TaskStatus status;
};

std::string sequence_key(std::uint64_t number);
std::string update_key(std::uint64_t task_number, std::uint64_t number);

Record agent_record(const AgentId& id);
Record framework_record(const model::FrameworkInfo& info);
Record executor_record(std::uint64_t number, const ExecutorRecord& record);
Record task_record(std::uint64_t number, const TaskRecord& record);
Record update_record(const std::string& key, const UpdateRecord& record);
Record erased(const char* kind, std::string key);

// What a store holds of an agent: every entry of each kind in ascending key order.
struct StoredRecords {
  using Entries = std::vector<std::pair<std::string, std::string>>;
  Entries agent;
  Entries frameworks;
  Entries executors;
  Entries tasks;
  Entries updates;
};

Result<AgentId> read_agent(const std::string& text);
Result<model::FrameworkInfo> read_framework(const std::string& text);
Result<ExecutorRecord> read_executor(const std::string& text);
Result<TaskRecord> read_task(const std::string& text);
Result<UpdateRecord> read_update(const std::string& text);

}  // namespace ekiden::agent
