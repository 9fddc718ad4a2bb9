#include "core/agent/records.h"

#include "core/json/json.h"

#include <fmt/core.h>

namespace ekiden::agent {
namespace {

constexpr int kVersion = 1;  // of the record layout; readers accept every older one

Result<json::Value> parse_record(const std::string& text) {
  Result<json::Value> value = json::parse(text);
  if (value && (*value)["v"].as_int() > kVersion) {
    return fail(ErrorCode::unsupported, "cannot read a record written by a newer version");
  }
  return value;
}

std::string member_text(const json::Value& value, std::string_view name) {
  return std::string(value[name].as_string());
}

}  // namespace

std::string sequence_key(std::uint64_t number) {
  return fmt::format("{:012}", number);
}

std::string update_key(std::uint64_t task_number, std::uint64_t number) {
  return fmt::format("{:012}.{:08}", task_number, number);
}

Record agent_record(const AgentId& id) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion).member("id", id.value).end_object();
  return {kAgentKind, "id", writer.take()};
}

Record framework_record(const model::FrameworkInfo& info) {
  return {kFrameworkKind, info.id ? info.id->value : "", json::encode(info, json::kMesos)};
}

Record executor_record(std::uint64_t number, const ExecutorRecord& record) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion);
  writer.member("framework_id", record.framework_id.value);
  writer.member("container", record.container.value);
  writer.member("kind", record.kind == ExecutorKind::command ? "command" : "custom");
  writer.key("info").raw(json::encode(record.info, json::kMesos)).end_object();
  return {kExecutorKind, sequence_key(number), writer.take()};
}

Record task_record(std::uint64_t number, const TaskRecord& record) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion);
  writer.member("framework_id", record.framework_id.value);
  writer.member("container", record.container.value);
  writer.key("info").raw(json::encode(record.info, json::kMesos)).end_object();
  return {kTaskKind, sequence_key(number), writer.take()};
}

Record update_record(const std::string& key, const UpdateRecord& record) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion);
  writer.key("acknowledged").boolean(record.acknowledged);
  writer.key("status").raw(json::encode(record.status, json::kMesos)).end_object();
  return {kUpdateKind, key, writer.take()};
}

Record erased(const char* kind, std::string key) {
  return {kind, std::move(key), std::nullopt};
}

Result<AgentId> read_agent(const std::string& text) {
  return parse_record(text).map(
      [](const json::Value& value) { return AgentId{member_text(value, "id")}; });
}

Result<model::FrameworkInfo> read_framework(const std::string& text) {
  return json::decode<model::FrameworkInfo>(text, json::kMesos);
}

Result<ExecutorRecord> read_executor(const std::string& text) {
  const Result<json::Value> value = parse_record(text);
  if (!value) {
    return fail(value.error());
  }
  Result<model::ExecutorInfo> info =
      json::decode<model::ExecutorInfo>((*value)["info"], json::kMesos);
  if (!info) {
    return fail(info.error());
  }
  const bool command = (*value)["kind"].as_string() == "command";
  return ExecutorRecord{FrameworkId{member_text(*value, "framework_id")},
                        ContainerId{member_text(*value, "container")},
                        command ? ExecutorKind::command : ExecutorKind::custom,
                        std::move(*info)};
}

Result<TaskRecord> read_task(const std::string& text) {
  const Result<json::Value> value = parse_record(text);
  if (!value) {
    return fail(value.error());
  }
  Result<model::TaskInfo> info = json::decode<model::TaskInfo>((*value)["info"], json::kMesos);
  if (!info) {
    return fail(info.error());
  }
  return TaskRecord{FrameworkId{member_text(*value, "framework_id")},
                    ContainerId{member_text(*value, "container")},
                    std::move(*info)};
}

Result<UpdateRecord> read_update(const std::string& text) {
  const Result<json::Value> value = parse_record(text);
  if (!value) {
    return fail(value.error());
  }
  Result<model::TaskStatus> status =
      json::decode<model::TaskStatus>((*value)["status"], json::kMesos);
  if (!status) {
    return fail(status.error());
  }
  return UpdateRecord{(*value)["acknowledged"].as_bool(), std::move(*status)};
}

}  // namespace ekiden::agent
