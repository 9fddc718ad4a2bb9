#pragma once

#include "core/agent/types.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// The only list of what an agent makes durable. Keys ascend with time (performance.md).
namespace ekiden::agent {

// "id", "resources" (dynamic reservations and volumes), "drain", "operation.<number>",
// "removal.<path>" (of a destroyed volume whose data may still be there)
inline constexpr const char* kAgentKind = "agent";
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
  std::uint64_t group = 0;  // the same for the tasks of one LAUNCH_GROUP
};

// An operation whose status the master has not acknowledged.
struct OperationRecord {
  std::optional<FrameworkId> framework_id;
  model::Operation operation;
  model::OperationStatus status;
  std::string uuid;  // 16 raw bytes: the operation's
};

struct RemovalRecord {
  std::string path;
  bool whole_disk = false;
};

struct UpdateRecord {
  bool acknowledged = false;  // kept until a newer one comes: it is the task's latest status
  model::TaskStatus status;
};

std::string sequence_key(std::uint64_t number);
std::string update_key(std::uint64_t task_number, std::uint64_t number);

Record agent_record(const AgentId& id);
Record resources_record(const std::vector<model::Resource>& checkpointed);
Record drain_record(const model::DrainConfig& config);
Record operation_record(std::uint64_t number, const OperationRecord& record);
Record removal_record(const RemovalRecord& record);
std::string operation_key(std::uint64_t number);
std::string removal_key(const std::string& path);
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
Result<std::vector<model::Resource>> read_resources(const std::string& text);
Result<model::DrainConfig> read_drain(const std::string& text);
Result<OperationRecord> read_operation(const std::string& text);
Result<RemovalRecord> read_removal(const std::string& text);
Result<model::FrameworkInfo> read_framework(const std::string& text);
Result<ExecutorRecord> read_executor(const std::string& text);
Result<TaskRecord> read_task(const std::string& text);
Result<UpdateRecord> read_update(const std::string& text);

}  // namespace ekiden::agent
