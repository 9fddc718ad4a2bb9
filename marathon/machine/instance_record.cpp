// The record of an instance: it names the app (by its id) and the version, never the definition.
#include "core/base/strings.h"
#include "core/json/json.h"
#include "marathon/machine/records.h"

#include <fmt/core.h>

namespace ekiden::marathon::records {

namespace {

using model::TaskState;

// The states that a stored status may have, by the text that is written.
constexpr TaskState kStates[] = {TaskState::staging,
                                 TaskState::starting,
                                 TaskState::running,
                                 TaskState::killing,
                                 TaskState::finished,
                                 TaskState::failed,
                                 TaskState::killed,
                                 TaskState::error,
                                 TaskState::lost,
                                 TaskState::dropped,
                                 TaskState::unreachable,
                                 TaskState::gone,
                                 TaskState::gone_by_operator,
                                 TaskState::unknown};
constexpr Condition kConditions[] = {Condition::scheduled,
                                     Condition::provisioned,
                                     Condition::staging,
                                     Condition::starting,
                                     Condition::running,
                                     Condition::killing,
                                     Condition::unreachable,
                                     Condition::unreachable_inactive,
                                     Condition::error,
                                     Condition::failed,
                                     Condition::gone,
                                     Condition::dropped,
                                     Condition::unknown,
                                     Condition::finished,
                                     Condition::killed};
constexpr Reservation::State kReservationStates[] = {
    Reservation::State::fresh, Reservation::State::launched, Reservation::State::suspended};
constexpr Goal kGoals[] = {Goal::running, Goal::stopped, Goal::decommissioned};

template <class Enum, std::size_t N>
Enum from_text(const Enum (&all)[N], std::string_view text, Enum fallback) {
  for (const Enum one : all) {
    if (to_text(one) == text) {
      return one;
    }
  }
  return fallback;
}

json::Value millis(WallTime time) {
  return to_epoch_millis(time);
}

WallTime time_of(const json::Value& value) {
  return WallTime(std::chrono::milliseconds(value.as_int()));
}

std::optional<WallTime> optional_time(const json::Value* value) {
  return value ? std::optional(time_of(*value)) : std::nullopt;
}

std::optional<std::string> optional_text(const json::Value* value) {
  return value ? std::optional(std::string(value->as_string())) : std::nullopt;
}

void set_text(json::Value& value, std::string_view name, const std::optional<std::string>& text) {
  if (text) {
    value.set(name, *text);
  }
}

json::Value attribute_value(const model::Attribute& attribute) {
  json::Value value(json::Object{});
  value.set("name", attribute.name);
  value.set("type", static_cast<int>(attribute.type));
  if (attribute.type == model::Attribute::Type::scalar) {
    value.set("milli", attribute.scalar.milli);
  } else if (attribute.type == model::Attribute::Type::ranges) {
    json::Array ranges;
    for (const model::Range& range : attribute.ranges) {
      ranges.push_back(json::Array{range.begin, range.end});
    }
    value.set("ranges", std::move(ranges));
  } else {
    value.set("text", attribute.text);
  }
  return value;
}

model::Attribute attribute_of(const json::Value& value) {
  model::Attribute attribute;
  attribute.name = value["name"].as_string();
  attribute.type = static_cast<model::Attribute::Type>(value["type"].as_int());
  attribute.scalar.milli = value["milli"].as_int();
  attribute.text = value["text"].as_string();
  for (const json::Value& range : value["ranges"].as_array()) {
    const json::Array& ends = range.as_array();
    if (ends.size() == 2) {
      attribute.ranges.push_back({static_cast<std::uint64_t>(ends[0].as_int()),
                                  static_cast<std::uint64_t>(ends[1].as_int())});
    }
  }
  return attribute;
}

json::Value place_value(const AgentPlace& place) {
  json::Value value(json::Object{});
  value.set("host", place.host);
  value.set("agent", place.agent_id.value);
  if (!place.attributes.empty()) {
    json::Array attributes;
    for (const model::Attribute& attribute : place.attributes) {
      attributes.push_back(attribute_value(attribute));
    }
    value.set("attributes", std::move(attributes));
  }
  set_text(value, "region", place.region);
  set_text(value, "zone", place.zone);
  return value;
}

AgentPlace place_of(const json::Value& value) {
  AgentPlace place;
  place.host = value["host"].as_string();
  place.agent_id = {std::string(value["agent"].as_string())};
  for (const json::Value& attribute : value["attributes"].as_array()) {
    place.attributes.push_back(attribute_of(attribute));
  }
  place.region = optional_text(value.find("region"));
  place.zone = optional_text(value.find("zone"));
  return place;
}

json::Value status_value(const model::TaskStatus& status) {
  json::Value value(json::Object{});
  value.set("state", to_text(status.state));
  set_text(value, "message", status.message);
  if (status.timestamp) {
    value.set("timestamp", *status.timestamp);
  }
  if (status.healthy) {
    value.set("healthy", *status.healthy);
  }
  if (status.unreachable_time) {
    value.set("unreachable", status.unreachable_time->nanoseconds);
  }
  return value;
}

model::TaskStatus status_of(const json::Value& value, const TaskId& task) {
  model::TaskStatus status;
  status.task_id = task;
  status.state = from_text(kStates, value["state"].as_string(), TaskState::unknown);
  status.message = optional_text(value.find("message"));
  if (const json::Value* timestamp = value.find("timestamp")) {
    status.timestamp = timestamp->as_double();
  }
  if (const json::Value* healthy = value.find("healthy")) {
    status.healthy = healthy->as_bool();
  }
  if (const json::Value* unreachable = value.find("unreachable")) {
    status.unreachable_time = model::TimeInfo{unreachable->as_int()};
  }
  return status;
}

json::Value task_value(const Task& task) {
  json::Value value(json::Object{});
  value.set("staged", millis(task.staged_at));
  if (task.started_at) {
    value.set("started", millis(*task.started_at));
  }
  if (task.status) {
    value.set("status", status_value(*task.status));
  }
  json::Array ports;
  for (const std::int32_t port : task.host_ports) {
    ports.emplace_back(std::int64_t{port});
  }
  value.set("ports", std::move(ports));
  if (!task.ip_addresses.empty()) {
    json::Array addresses;
    for (const model::NetworkIpAddress& address : task.ip_addresses) {
      json::Value entry(json::Object{});
      set_text(entry, "ip", address.ip_address);
      set_text(entry, "protocol", address.protocol);
      addresses.push_back(std::move(entry));
    }
    value.set("addresses", std::move(addresses));
  }
  return value;
}

// `container`: of a pod.
Task task_of(const json::Value& value, const Instance& instance, std::string_view container = {}) {
  Task task;
  task.id = make_task_id(
      instance.id, container.empty() ? std::string_view("_app") : container, instance.incarnation);
  task.condition = instance.condition == Condition::unreachable_inactive ? Condition::unreachable
                                                                         : instance.condition;
  task.staged_at = time_of(value["staged"]);
  task.started_at = optional_time(value.find("started"));
  if (const json::Value* status = value.find("status")) {
    task.status = status_of(*status, task.id);
  }
  for (const json::Value& port : value["ports"].as_array()) {
    task.host_ports.push_back(static_cast<std::int32_t>(port.as_int()));
  }
  for (const json::Value& address : value["addresses"].as_array()) {
    task.ip_addresses.push_back(
        {optional_text(address.find("protocol")), optional_text(address.find("ip"))});
  }
  return task;
}

json::Value containers_value(const Instance& instance) {
  json::Array containers;
  for (std::size_t i = 0; i < instance.containers.size(); ++i) {
    const Task& task = instance.containers[i];
    json::Value value = task_value(task);
    // "<instance>.<name>.<incarnation>"
    const std::string_view rest = std::string_view(task.id.value).substr(instance.id.value.size());
    value.set("name", rest.substr(1, rest.rfind('.') - 1));
    value.set("condition", to_text(task.condition));
    containers.push_back(std::move(value));
  }
  return containers;
}

void read_containers(const json::Value& value, Instance& instance) {
  for (const json::Value& one : value.as_array()) {
    Task task = task_of(one, instance, one["name"].as_string());
    task.condition = from_text(kConditions, one["condition"].as_string(), Condition::unknown);
    instance.containers.push_back(std::move(task));
  }
  if (instance.task && !instance.containers.empty()) {
    instance.task->id = instance.containers.front().id;
  }
}

json::Value reservation_value(const Reservation& reservation) {
  json::Value value(json::Object{});
  value.set("state", to_text(reservation.state));
  if (reservation.deadline) {
    value.set("deadline", millis(*reservation.deadline));
  }
  json::Array volumes;
  for (const LocalVolume& volume : reservation.volumes) {
    volumes.push_back(json::Object{{"path", volume.container_path}, {"id", volume.persistence_id}});
  }
  value.set("volumes", std::move(volumes));
  return value;
}

Reservation reservation_of(const json::Value& value) {
  Reservation reservation;
  reservation.state =
      from_text(kReservationStates, value["state"].as_string(), Reservation::State::suspended);
  reservation.deadline = optional_time(value.find("deadline"));
  for (const json::Value& volume : value["volumes"].as_array()) {
    reservation.volumes.push_back(
        {std::string(volume["path"].as_string()), std::string(volume["id"].as_string())});
  }
  return reservation;
}

}  // namespace

std::string write_instance(const Instance& instance) {
  json::Value value(json::Object{});
  value.set("id", instance.id.value);
  value.set("version", millis(instance.app->version_info.version));
  value.set("goal", to_text(instance.goal));
  value.set("condition", to_text(instance.condition));
  value.set("since", millis(instance.since));
  value.set("role", instance.role);
  value.set("incarnation", std::int64_t{instance.incarnation});
  if (instance.active_since) {
    value.set("active", millis(*instance.active_since));
  }
  if (instance.healthy) {
    value.set("healthy", *instance.healthy);
  }
  if (instance.place) {
    value.set("place", place_value(*instance.place));
  }
  if (instance.reservation) {
    value.set("reservation", reservation_value(*instance.reservation));
  }
  if (instance.task) {
    value.set("task", task_value(*instance.task));
  }
  if (!instance.containers.empty()) {
    value.set("containers", containers_value(instance));
  }
  return json::to_text(value);
}

Result<Instance> read_instance(std::string_view text, const FindApp& find) {
  Result<json::Value> parsed = json::parse(text);
  if (!parsed || !parsed->is_object()) {
    return fail(ErrorCode::malformed, "cannot read the record of an instance: it is not JSON");
  }
  const json::Value& value = *parsed;
  Instance instance;
  instance.id = {std::string(value["id"].as_string())};
  const std::optional<PathId> app = app_of(instance.id);
  instance.app = app ? find(*app, time_of(value["version"])) : nullptr;
  if (!instance.app) {
    return fail(ErrorCode::not_found,
                fmt::format("cannot load instance {}: version {} of its app is not stored",
                            instance.id.value,
                            to_iso8601(time_of(value["version"]))));
  }
  instance.goal = from_text(kGoals, value["goal"].as_string(), Goal::running);
  instance.condition = from_text(kConditions, value["condition"].as_string(), Condition::unknown);
  instance.since = time_of(value["since"]);
  instance.role = value["role"].as_string();
  instance.incarnation = static_cast<std::uint32_t>(value["incarnation"].as_int());
  instance.active_since = optional_time(value.find("active"));
  if (const json::Value* healthy = value.find("healthy")) {
    instance.healthy = healthy->as_bool();
  }
  if (const json::Value* place = value.find("place")) {
    instance.place = place_of(*place);
  }
  if (const json::Value* reservation = value.find("reservation")) {
    instance.reservation = reservation_of(*reservation);
  }
  if (const json::Value* task = value.find("task")) {
    instance.task = task_of(*task, instance);
  }
  if (const json::Value* containers = value.find("containers")) {
    read_containers(*containers, instance);
  }
  return instance;
}

}  // namespace ekiden::marathon::records
