#include "core/master/records.h"

#include "core/json/json.h"

namespace ekiden::master {
namespace {

constexpr int kVersion = 1;

std::int64_t to_nanos(WallTime time) {
  return time.time_since_epoch().count();
}

WallTime wall(const json::Value& value) {
  return WallTime(Duration(value.as_int()));
}

std::optional<WallTime> optional_wall(const json::Value& object, const char* name) {
  const json::Value* found = object.find(name);
  return found == nullptr ? std::nullopt : std::optional(wall(*found));
}

json::Writer begin() {
  json::Writer writer;
  writer.begin_object().key("version").integer(kVersion);
  return writer;
}

template <class T>
void member(json::Writer& writer, const char* name, const T& value) {
  writer.key(name);
  json::encode(writer, value, json::kRecord);
}

template <class T>
std::string wrapped(const char* name, const T& value) {
  json::Writer writer = begin();
  member(writer, name, value);
  writer.end_object();
  return writer.take();
}

template <class T>
Result<T> unwrapped(const std::string& text, const char* name) {
  const auto value = json::parse(text);
  if (!value) {
    return fail(value.error());
  }
  return json::decode<T>((*value)[name], json::kRecord);
}

}  // namespace

Record record(const AgentRecord& agent) {
  json::Writer writer = begin();
  writer.key("registered").integer(to_nanos(agent.registered));
  if (agent.unreachable) {
    writer.key("unreachable").integer(to_nanos(*agent.unreachable));
  }
  if (agent.deactivated) {
    writer.key("deactivated").boolean(true);
  }
  if (agent.drain) {
    member(writer, "drain", *agent.drain);
  }
  if (agent.drain_started) {
    writer.key("drain_started").integer(to_nanos(*agent.drain_started));
  }
  member(writer, "info", agent.info);
  writer.end_object();
  return {kAgentKind, agent.info.id.value_or(AgentId{}).value, writer.take()};
}

Record record(const FrameworkRecord& framework) {
  json::Writer writer = begin();
  writer.key("registered").integer(to_nanos(framework.registered));
  member(writer, "info", framework.info);
  writer.end_object();
  return {kFrameworkKind, framework.info.id.value_or(FrameworkId{}).value, writer.take()};
}

Record record(const GoneRecord& gone) {
  json::Writer writer = begin();
  writer.key("since").integer(to_nanos(gone.since)).end_object();
  return {kGoneKind, gone.id.value, writer.take()};
}

Record record(const MaintenanceRecord& maintenance) {
  json::Writer writer = begin();
  member(writer, "schedule", maintenance.schedule);
  writer.key("down").begin_array();
  for (const model::MachineId& machine : maintenance.down) {
    json::encode(writer, machine, json::kRecord);
  }
  writer.end_array().end_object();
  return {kMaintenanceKind, "schedule", writer.take()};
}

Record record(const model::QuotaConfig& quota) {
  return {kQuotaKind, quota.role, wrapped("quota", quota)};
}

Record record(const model::WeightInfo& weight) {
  return {kWeightKind, weight.role.value_or("*"), wrapped("weight", weight)};
}

Record erased(const char* kind, const std::string& key) {
  return {kind, key, std::nullopt};
}

Result<AgentRecord> read_agent(const std::string& text) {
  const auto value = json::parse(text);
  if (!value) {
    return fail(value.error());
  }
  auto info = json::decode<model::AgentInfo>((*value)["info"], json::kRecord);
  if (!info) {
    return fail(std::move(info.error()));
  }
  AgentRecord record;
  record.info = std::move(*info);
  record.registered = wall((*value)["registered"]);
  record.unreachable = optional_wall(*value, "unreachable");
  record.deactivated = value->find("deactivated") != nullptr;
  record.drain_started = optional_wall(*value, "drain_started");
  if (const json::Value* drain = value->find("drain"); drain != nullptr) {
    auto read = json::decode<model::DrainInfo>(*drain, json::kRecord);
    if (!read) {
      return fail(std::move(read.error()));
    }
    record.drain = std::move(*read);
  }
  return record;
}

Result<FrameworkRecord> read_framework(const std::string& text) {
  const auto value = json::parse(text);
  if (!value) {
    return fail(value.error());
  }
  auto info = json::decode<model::FrameworkInfo>((*value)["info"], json::kRecord);
  if (!info) {
    return fail(std::move(info.error()));
  }
  return FrameworkRecord{std::move(*info), wall((*value)["registered"])};
}

Result<GoneRecord> read_gone(const AgentId& id, const std::string& text) {
  const auto value = json::parse(text);
  if (!value) {
    return fail(value.error());
  }
  return GoneRecord{id, wall((*value)["since"])};
}

Result<MaintenanceRecord> read_maintenance(const std::string& text) {
  const auto value = json::parse(text);
  if (!value) {
    return fail(value.error());
  }
  auto schedule = json::decode<model::MaintenanceSchedule>((*value)["schedule"], json::kRecord);
  if (!schedule) {
    return fail(std::move(schedule.error()));
  }
  MaintenanceRecord record{std::move(*schedule), {}};
  for (const json::Value& entry : (*value)["down"].as_array()) {
    auto machine = json::decode<model::MachineId>(entry, json::kRecord);
    if (!machine) {
      return fail(std::move(machine.error()));
    }
    record.down.push_back(std::move(*machine));
  }
  return record;
}

Result<model::QuotaConfig> read_quota(const std::string& text) {
  return unwrapped<model::QuotaConfig>(text, "quota");
}

Result<model::WeightInfo> read_weight(const std::string& text) {
  return unwrapped<model::WeightInfo>(text, "weight");
}

}  // namespace ekiden::master
