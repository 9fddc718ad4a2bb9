#include "core/agent/records.h"

#include "core/base/strings.h"
#include "core/json/json.h"

#include <algorithm>
#include <iterator>

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

constexpr std::pair<ExecutorKind, std::string_view> kKinds[] = {
    {ExecutorKind::command, "command"},
    {ExecutorKind::custom, "custom"},
    {ExecutorKind::default_, "default"}};

std::string_view kind_name(ExecutorKind kind) {
  return std::find_if(std::begin(kKinds),
                      std::end(kKinds),
                      [&](const auto& row) { return row.first == kind; })
      ->second;
}

ExecutorKind kind_of(std::string_view name) {
  for (const auto& [kind, text] : kKinds) {
    if (text == name) {
      return kind;
    }
  }
  return ExecutorKind::custom;
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

std::string operation_key(std::uint64_t number) {
  return "operation." + sequence_key(number);
}

std::string removal_key(const std::string& path) {
  return "removal." + path;
}

Record resources_record(const std::vector<model::Resource>& checkpointed) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion).key("resources").begin_array();
  for (const model::Resource& resource : checkpointed) {
    json::encode(writer, resource, json::kMesos);
  }
  writer.end_array().end_object();
  return {kAgentKind, "resources", writer.take()};
}

Record drain_record(const model::DrainConfig& config) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion).key("config");
  json::encode(writer, config, json::kMesos);
  writer.end_object();
  return {kAgentKind, "drain", writer.take()};
}

Record operation_record(std::uint64_t number, const OperationRecord& record) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion);
  if (record.framework_id) {
    writer.member("framework_id", record.framework_id->value);
  }
  writer.member("uuid", base64_encode(record.uuid)).key("operation");
  json::encode(writer, record.operation, json::kMesos);
  writer.key("status");
  json::encode(writer, record.status, json::kMesos);
  writer.end_object();
  return {kAgentKind, operation_key(number), writer.take()};
}

Record removal_record(const RemovalRecord& record) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion).member("path", record.path);
  writer.key("whole_disk").boolean(record.whole_disk).end_object();
  return {kAgentKind, removal_key(record.path), writer.take()};
}

Record framework_record(const model::FrameworkInfo& info) {
  return {kFrameworkKind, info.id ? info.id->value : "", json::encode(info, json::kMesos)};
}

Record executor_record(std::uint64_t number, const ExecutorRecord& record) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion);
  writer.member("framework_id", record.framework_id.value);
  writer.member("container", record.container.value);
  writer.member("kind", kind_name(record.kind));
  writer.key("info").raw(json::encode(record.info, json::kMesos)).end_object();
  return {kExecutorKind, sequence_key(number), writer.take()};
}

Record task_record(std::uint64_t number, const TaskRecord& record) {
  json::Writer writer;
  writer.begin_object().key("v").integer(kVersion);
  writer.member("framework_id", record.framework_id.value);
  writer.member("container", record.container.value);
  if (record.group != 0) {
    writer.key("group").unsigned_integer(record.group);
  }
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

Result<std::vector<model::Resource>> read_resources(const std::string& text) {
  const Result<json::Value> value = parse_record(text);
  if (!value) {
    return fail(value.error());
  }
  std::vector<model::Resource> all;
  for (const json::Value& one : (*value)["resources"].as_array()) {
    Result<model::Resource> resource = json::decode<model::Resource>(one, json::kMesos);
    if (!resource) {
      return fail(resource.error());
    }
    all.push_back(std::move(*resource));
  }
  return all;
}

Result<model::DrainConfig> read_drain(const std::string& text) {
  const Result<json::Value> value = parse_record(text);
  if (!value) {
    return fail(value.error());
  }
  return json::decode<model::DrainConfig>((*value)["config"], json::kMesos);
}

Result<OperationRecord> read_operation(const std::string& text) {
  const Result<json::Value> value = parse_record(text);
  if (!value) {
    return fail(value.error());
  }
  auto operation = json::decode<model::Operation>((*value)["operation"], json::kMesos);
  auto status = json::decode<model::OperationStatus>((*value)["status"], json::kMesos);
  if (!operation || !status) {
    return fail(operation ? status.error() : operation.error());
  }
  OperationRecord record;
  if (value->find("framework_id") != nullptr) {
    record.framework_id = FrameworkId{member_text(*value, "framework_id")};
  }
  record.operation = std::move(*operation);
  record.status = std::move(*status);
  record.uuid = base64_decode((*value)["uuid"].as_string()).value_or("");
  return record;
}

Result<RemovalRecord> read_removal(const std::string& text) {
  return parse_record(text).map([](const json::Value& value) {
    return RemovalRecord{member_text(value, "path"), value["whole_disk"].as_bool()};
  });
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
  const std::string_view kind = (*value)["kind"].as_string();
  return ExecutorRecord{FrameworkId{member_text(*value, "framework_id")},
                        ContainerId{member_text(*value, "container")},
                        kind_of(kind),
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
                    std::move(*info),
                    static_cast<std::uint64_t>((*value)["group"].as_int())};
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
