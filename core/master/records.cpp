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

}  // namespace

Record record(const AgentRecord& agent) {
  json::Writer writer;
  writer.begin_object().key("version").integer(kVersion);
  writer.key("registered").integer(to_nanos(agent.registered));
  if (agent.unreachable) {
    writer.key("unreachable").integer(to_nanos(*agent.unreachable));
  }
  writer.key("info");
  json::encode(writer, agent.info, json::kRecord);
  writer.end_object();
  return {kAgentKind, agent.info.id.value_or(AgentId{}).value, writer.take()};
}

Record record(const FrameworkRecord& framework) {
  json::Writer writer;
  writer.begin_object().key("version").integer(kVersion);
  writer.key("registered").integer(to_nanos(framework.registered));
  writer.key("info");
  json::encode(writer, framework.info, json::kRecord);
  writer.end_object();
  return {kFrameworkKind, framework.info.id.value_or(FrameworkId{}).value, writer.take()};
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
  AgentRecord record{std::move(*info), wall((*value)["registered"]), std::nullopt};
  if (const json::Value* unreachable = value->find("unreachable"); unreachable != nullptr) {
    record.unreachable = wall(*unreachable);
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

}  // namespace ekiden::master
