#include "core/api/operator_common.h"

#include "core/api/model_tables.h"
#include "core/api/operator_tables.h"

namespace ekiden::json {

namespace op = ekiden::api::op;

template <>
struct Schema<op::GetMetrics> {
  static constexpr auto fields = std::tuple{field(1, "timeout", &op::GetMetrics::timeout)};
};

template <>
struct Schema<op::SetLoggingLevel> {
  static constexpr auto fields =
      std::tuple{field(1, "level", &op::SetLoggingLevel::level).required(),
                 field(2, "duration", &op::SetLoggingLevel::duration).required()};
};

template <>
struct Schema<op::ListFiles> {
  static constexpr auto fields = std::tuple{field(1, "path", &op::ListFiles::path).required()};
};

template <>
struct Schema<op::ReadFile> {
  static constexpr auto fields = std::tuple{field(1, "path", &op::ReadFile::path).required(),
                                            field(2, "offset", &op::ReadFile::offset).required(),
                                            field(3, "length", &op::ReadFile::length)};
};

template <>
struct Schema<op::Health> {
  static constexpr auto fields = std::tuple{field(1, "healthy", &op::Health::healthy).required()};
};

template <>
struct Schema<op::FlagValue> {
  static constexpr auto fields = std::tuple{field(1, "name", &op::FlagValue::name).required(),
                                            field(2, "value", &op::FlagValue::value)};
};

template <>
struct Schema<op::FlagList> {
  static constexpr auto fields = std::tuple{field(1, "flags", &op::FlagList::flags).always()};
};

template <>
struct Schema<op::VersionInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "version", &op::VersionInfo::version).required(),
                 field(2, "build_date", &op::VersionInfo::build_date),
                 field(3, "build_time", &op::VersionInfo::build_time),
                 field(4, "build_user", &op::VersionInfo::build_user),
                 field(5, "git_sha", &op::VersionInfo::git_sha),
                 field(6, "git_branch", &op::VersionInfo::git_branch),
                 field(7, "git_tag", &op::VersionInfo::git_tag)};
};

template <>
struct Schema<op::Version> {
  static constexpr auto fields =
      std::tuple{field(1, "version_info", &op::Version::version_info).required()};
};

template <>
struct Schema<op::Metric> {
  static constexpr auto fields = std::tuple{field(1, "name", &op::Metric::name).required(),
                                            field(2, "value", &op::Metric::value)};
};

template <>
struct Schema<op::MetricList> {
  static constexpr auto fields = std::tuple{field(1, "metrics", &op::MetricList::metrics).always()};
};

template <>
struct Schema<op::LoggingLevel> {
  static constexpr auto fields = std::tuple{field(1, "level", &op::LoggingLevel::level).required()};
};

template <>
struct Schema<op::FileInfo> {
  static constexpr auto fields = std::tuple{field(1, "path", &op::FileInfo::path).required(),
                                            field(2, "nlink", &op::FileInfo::nlink),
                                            field(3, "size", &op::FileInfo::size),
                                            field(4, "mtime", &op::FileInfo::mtime),
                                            field(5, "mode", &op::FileInfo::mode),
                                            field(6, "uid", &op::FileInfo::uid),
                                            field(7, "gid", &op::FileInfo::gid)};
};

template <>
struct Schema<op::FileList> {
  static constexpr auto fields =
      std::tuple{field(1, "file_infos", &op::FileList::file_infos).always()};
};

template <>
struct Schema<op::FileData> {
  static constexpr auto fields =
      std::tuple{field(1, "size", &op::FileData::size).required(),
                 field(2, "data", &op::FileData::data).required().as<Base64>()};
};

template <>
struct Schema<op::Task> {
  static constexpr auto fields = std::tuple{
      field(1, "name", &op::Task::name).required(),
      field(2, "task_id", &op::Task::task_id).required(),
      field(3, "framework_id", &op::Task::framework_id).required(),
      field(4, "executor_id", &op::Task::executor_id),
      field(5, "agent_id", &op::Task::agent_id).required(),
      field(6, "state", &op::Task::state).required(),
      field(7, "resources", &op::Task::resources),
      field(8, "statuses", &op::Task::statuses),
      field(9, "status_update_state", &op::Task::status_update_state),
      field(10, "status_update_uuid", &op::Task::status_update_uuid).as<Base64>(),
      field(11, "labels", &op::Task::labels),
      field(12, "discovery", &op::Task::discovery),
      field(13, "container", &op::Task::container),
      field(15, "health_check", &op::Task::health_check),
      field(16, "kill_policy", &op::Task::kill_policy),
      field(14, "user", &op::Task::user),
      field(17, "limits", &op::Task::limits).as<MapCoder<double, InsideCoder<"value", double>>>()};
};

template <>
struct Schema<op::Operation> {
  using Operation = op::Operation;
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &Operation::framework_id),
                 field(2, "agent_id", &Operation::agent_id),
                 field(3, "info", &Operation::info).required(),
                 field(4, "latest_status", &Operation::latest_status).required(),
                 field(5, "statuses", &Operation::statuses),
                 field(6, "uuid", &Operation::uuid)
                     .required()
                     .as<InsideCoder<"value", std::string, Base64>>()};
};

template <>
struct Schema<op::Operations> {
  static constexpr auto fields =
      std::tuple{field(1, "operations", &op::Operations::operations).always()};
};

}  // namespace ekiden::json

#define EKIDEN_OP_TYPE(T) EKIDEN_WIRE_TYPE(T)
EKIDEN_OPERATOR_TYPES(EKIDEN_OP_TYPE)
