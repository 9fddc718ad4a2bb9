#pragma once

#include "core/model/common.h"
#include "core/model/offer.h"
#include "core/model/operation.h"
#include "core/model/resources.h"
#include "core/model/status.h"
#include "core/model/task.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What the operator APIs of master and agent have in common [mesos-core 4.1, 4.3]: bodies of calls,
// bodies of answers, and the messages in them. Member names are the wire names; tables in
// operator_common.cpp.
namespace ekiden::api::op {

// ---- bodies of calls
struct GetMetrics {
  std::optional<model::DurationInfo> timeout;
  bool operator==(const GetMetrics&) const = default;
};

struct SetLoggingLevel {
  std::uint32_t level = 0;
  model::DurationInfo duration;
  bool operator==(const SetLoggingLevel&) const = default;
};

struct ListFiles {
  std::string path;
  bool operator==(const ListFiles&) const = default;
};

struct ReadFile {
  std::string path;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
  bool operator==(const ReadFile&) const = default;
};

// ---- bodies of answers
struct Health {
  bool healthy = true;
  bool operator==(const Health&) const = default;
};

struct FlagValue {
  std::string name;
  std::optional<std::string> value;
  bool operator==(const FlagValue&) const = default;
};

struct FlagList {
  std::vector<FlagValue> flags;
  bool operator==(const FlagList&) const = default;
};

struct VersionInfo {
  std::string version;
  std::optional<std::string> build_date;
  std::optional<double> build_time;
  std::optional<std::string> build_user;
  std::optional<std::string> git_sha;
  std::optional<std::string> git_branch;
  std::optional<std::string> git_tag;
  bool operator==(const VersionInfo&) const = default;
};

struct Version {
  VersionInfo version_info;
  bool operator==(const Version&) const = default;
};

struct Metric {
  std::string name;
  std::optional<double> value;
  bool operator==(const Metric&) const = default;
};

struct MetricList {
  std::vector<Metric> metrics;
  bool operator==(const MetricList&) const = default;
};

struct LoggingLevel {
  std::uint32_t level = 0;
  bool operator==(const LoggingLevel&) const = default;
};

struct FileInfo {
  std::string path;
  std::int32_t nlink = 0;
  std::uint64_t size = 0;
  model::TimeInfo mtime;
  std::uint32_t mode = 0;
  std::string uid;  // names
  std::string gid;
  bool operator==(const FileInfo&) const = default;
};

struct FileList {
  std::vector<FileInfo> file_infos;
  bool operator==(const FileList&) const = default;
};

struct FileData {
  std::uint64_t size = 0;  // of the whole file
  std::string data;        // base64 on the wire
  bool operator==(const FileData&) const = default;
};

// ---- in both, and in streams
struct Task {
  std::string name;
  TaskId task_id;
  FrameworkId framework_id;
  std::optional<ExecutorId> executor_id;
  AgentId agent_id;
  model::TaskState state = model::TaskState::staging;
  std::vector<model::Resource> resources;
  std::vector<model::TaskStatus> statuses;  // one per distinct consecutive state, without data
  std::optional<model::TaskState> status_update_state;
  std::optional<std::string> status_update_uuid;  // 16 raw bytes; base64 on the wire
  std::optional<model::Labels> labels;
  std::optional<model::DiscoveryInfo> discovery;
  std::optional<model::ContainerInfo> container;
  std::optional<model::HealthCheck> health_check;
  std::optional<model::KillPolicy> kill_policy;
  std::optional<std::string> user;
  std::map<std::string, double> limits;
  bool operator==(const Task&) const = default;
};

struct Operation {
  std::optional<FrameworkId> framework_id;
  std::optional<AgentId> agent_id;
  model::Operation info;
  model::OperationStatus latest_status;
  std::vector<model::OperationStatus> statuses;
  std::string uuid;  // 16 raw bytes; wire: {"value": base64}
  bool operator==(const Operation&) const = default;
};

struct Operations {
  std::vector<Operation> operations;
  bool operator==(const Operations&) const = default;
};

}  // namespace ekiden::api::op
