#include "core/base/strings.h"
#include "core/model/operation_names.h"
#include "tests/unit/core/master/script.h"

#include <algorithm>

#include <fmt/core.h>

// The words of a script about operations, and about what operators do.
namespace ekiden::master {

namespace link = api::agent_link;
using model::Operation;

std::vector<std::string> words_of(const std::string& text, char separator) {
  std::vector<std::string> words;
  for (const std::string_view word : split_nonempty(text, separator)) {
    words.emplace_back(word);
  }
  return words;
}

std::optional<std::string> option(const std::vector<std::string>& words, const std::string& name) {
  for (const std::string& word : words) {
    if (word.starts_with(name + "=")) {
      return word.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

bool has(const std::vector<std::string>& words, const std::string& flag) {
  return std::find(words.begin(), words.end(), flag) != words.end();
}

// One entry: "disk(web!):64#v1~", the marks as resources_text makes them.
static model::Resource resource_of(std::string text) {
  std::string id;
  bool shared = false;
  if (text.ends_with("~")) {
    shared = true;
    text.pop_back();
  }
  if (const auto mark = text.find('#'); mark != std::string::npos) {
    id = text.substr(mark + 1);
    text.resize(mark);
  }
  const bool dynamic = text.find("!)") != std::string::npos;
  text = replace_all(text, "!)", ")");
  const auto parsed = model::parse_resources(text).value_or(model::Resources()).list();
  model::Resource resource = parsed.empty() ? model::Resource{} : parsed.front();
  if (dynamic) {
    resource.reservations.back().type = model::Reservation::Type::dynamic;
  }
  if (!id.empty()) {
    resource.disk.emplace().persistence = model::Persistence{id, std::nullopt};
    resource.disk->volume = model::VolumeRef{};
    resource.disk->volume->container_path = "data";
    resource.shared = shared;
  }
  return resource;
}

std::vector<model::Resource> resources_of(const std::string& text) {
  std::vector<model::Resource> list;
  for (const std::string& entry : words_of(text, ';')) {
    list.push_back(resource_of(entry));
  }
  return list;
}

std::string resources_text(const std::vector<model::Resource>& list) {
  std::string text;
  for (const model::Resource& resource : model::Resources(list).list()) {
    model::Resources one;
    one += resource;
    std::string entry = to_text(one);
    std::erase(entry, ' ');
    if (!resource.reservations.empty() &&
        resource.reservations.back().type == model::Reservation::Type::dynamic) {
      entry = replace_all(entry, ")", "!)");
    }
    if (resource.disk && resource.disk->persistence) {
      entry += "#" + resource.disk->persistence->id + (resource.shared ? "~" : "");
    }
    text += (text.empty() ? "" : ";") + entry;
  }
  return text;
}

std::string text_of_operation(const link::ApplyOperation& message) {
  const Operation& operation = message.operation;
  std::vector<model::Resource> all = operation.resources;
  for (const auto* more : {&operation.volume, &operation.addition}) {
    if (*more) {
      all.push_back(**more);
    }
  }
  std::string text = fmt::format("APPLY {} {} {}",
                                 message.framework_id.value_or(FrameworkId{"operator"}).value,
                                 model::to_text(operation.type),
                                 resources_text(all));
  if (operation.subtract) {
    text += fmt::format(" -{}", operation.subtract->to_double());
  }
  return text;
}

std::string Script::name_operation(const link::ApplyOperation& message) {
  for (const auto& [name, uuid] : operation_uuids_) {
    if (uuid == message.uuid) {
      return name;
    }
  }
  std::string name = fmt::format("A{}", operation_uuids_.size() + 1);
  operation_uuids_[name] = message.uuid;
  operation_owners_[name] = {message.framework_id, message.operation.id};
  operation_infos_[name] = message.operation;
  return name;
}

model::TaskInfo task_info(const std::string& id,
                          const std::string& resources,
                          const AgentId& agent) {
  model::TaskInfo task;
  task.name = id;
  task.task_id = {id};
  task.agent_id = agent;
  task.resources = resources_of(resources);
  task.command = model::CommandInfo{};
  task.command->value = "sleep 1";
  return task;
}

static model::ExecutorInfo executor_info(const std::string& id, const std::string& resources) {
  model::ExecutorInfo executor;
  executor.executor_id = {id};
  executor.resources = resources_of(resources);
  return executor;
}

static Operation::Type operation_type(const std::string& name) {
  for (const auto& row : model::kOperationTypeNames) {
    if (to_lower(row.name) == name) {
      return row.value;
    }
  }
  return Operation::Type::unknown;
}

static void read_launch(Operation& operation,
                        const std::string& kind,
                        const std::vector<std::string>& parts,
                        const AgentId& agent,
                        const std::optional<FrameworkId>& framework) {
  if (kind == "group") {
    operation.type = Operation::Type::launch_group;
    operation.launch_group_executor = executor_info(parts.at(0), parts.at(1));
    operation.launch_group_executor->type = model::ExecutorInfo::Type::default_;
    operation.launch_group_executor->framework_id = framework;
    for (std::size_t i = 2; i + 1 < parts.size(); i += 2) {
      operation.launch_group_tasks.push_back(task_info(parts[i], parts[i + 1], agent));
    }
    return;
  }
  operation.type = Operation::Type::launch;
  model::TaskInfo task = task_info(parts.at(0), parts.at(1), agent);
  if (kind == "launch_executor") {
    task.executor = executor_info(parts.at(2), parts.at(3));
    task.executor->command = task.command;
    task.command.reset();
  }
  operation.launch_task_infos.push_back(std::move(task));
}

Operation operation_of(const std::string& text,
                       const AgentId& agent,
                       const std::optional<FrameworkId>& framework) {
  Operation operation;
  const auto equals = text.find('=');
  std::string kind = text.substr(0, equals);
  const std::string rest = text.substr(equals + 1);
  if (const auto at = kind.find('@'); at != std::string::npos) {
    operation.id = OperationId{kind.substr(0, at)};
    kind = kind.substr(at + 1);
  }
  if (kind.starts_with("launch") || kind == "group") {
    read_launch(operation, kind, words_of(rest, '/'), agent, framework);
  } else if (kind == "grow") {
    operation.type = Operation::Type::grow_volume;
    operation.volume = resource_of(words_of(rest, '+').at(0));
    operation.addition = resource_of(words_of(rest, '+').at(1));
  } else if (kind == "shrink") {
    operation.type = Operation::Type::shrink_volume;
    operation.volume = resource_of(words_of(rest, '-').at(0));
    operation.subtract =
        model::Scalar::from_double(parse_double(words_of(rest, '-').at(1)).value_or(0));
  } else {
    operation.type = operation_type(kind);
    operation.resources = resources_of(rest);
  }
  return operation;
}

model::OperationStatus operation_status(const std::string& state,
                                        const std::optional<std::string>& uuid) {
  model::OperationStatus status;
  for (const auto& row : model::kOperationStateNames) {
    if (row.name == "OPERATION_" + state) {
      status.state = row.value;
    }
  }
  status.uuid = uuid;
  return status;
}

void Script::read_register(link::Register& body, const Words& words) {
  body.version = option(words, "version").value_or("");
  body.draining = has(words, "draining");
  body.ip = option(words, "ip");
  if (const auto total = option(words, "total")) {
    body.resources = resources_of(*total);
  }
  for (const std::string& word : words) {
    if (word.starts_with("executor=")) {
      const auto parts = words_of(replace_all(word.substr(9), ":", "/"), '/');
      const std::string resources = word.substr(word.find(':') + 1);
      body.executors.push_back({{parts.at(0)}, executor_info(parts.at(1), resources)});
    } else if (word.starts_with("known=")) {
      const auto parts = words_of(word.substr(6), ':');
      const auto& [framework, id] = operation_owners_.at(parts.at(0));
      link::KnownOperation known;
      known.framework_id = framework;
      known.operation = operation_infos_.at(parts.at(0));
      known.latest_status = operation_status(parts.at(1), "k");
      known.latest_status.operation_id = id;
      known.uuid = operation_uuids_.at(parts.at(0));
      body.operations.push_back(std::move(known));
    }
  }
}

static UpdateQuota quota_of(const std::vector<std::string>& words) {
  UpdateQuota command;
  command.force = has(words, "force") ? Force::yes : Force::no;
  model::QuotaConfig& config = command.configs.emplace_back();
  config.role = words.at(1);
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto parts = words_of(words[i], '=');
    if (parts.size() == 2) {
      const double amount = parse_double(parts[1]).value_or(0);
      if (parts[0].starts_with("limit.")) {
        config.limits[parts[0].substr(6)] = amount;
      } else {
        config.guarantees[parts[0]] = amount;
      }
    }
  }
  return command;
}

static std::vector<model::MachineId> machines_of(const std::vector<std::string>& names) {
  std::vector<model::MachineId> machines;
  for (const std::string& name : names) {
    machines.push_back({name == "-" ? std::nullopt : std::optional(name), std::nullopt});
  }
  return machines;
}

static UpdateMaintenanceSchedule schedule_of(const std::vector<std::string>& words) {
  UpdateMaintenanceSchedule command;
  for (std::size_t i = 1; i < words.size(); ++i) {
    model::MaintenanceWindow window;
    window.machine_ids = machines_of(words_of(words[i], ','));
    window.unavailability.start.nanoseconds = 1;
    command.schedule.windows.push_back(std::move(window));
  }
  return command;
}

OperatorCommand command_of(const std::vector<std::string>& words) {
  const std::string& what = words.at(0);
  const std::string first = words.size() > 1 ? words[1] : "";
  const AgentId agent{first};
  const auto resources = [&] { return resources_of(words.at(2)); };
  if (what == "reserve") {
    return ReserveResources{agent, {}, resources()};
  }
  if (what == "unreserve") {
    return UnreserveResources{agent, resources()};
  }
  if (what == "create") {
    return CreateVolumes{agent, resources()};
  }
  if (what == "destroy") {
    return DestroyVolumes{agent, resources()};
  }
  if (what == "quota") {
    return quota_of(words);
  }
  if (what == "set_quota") {
    return SetQuota{has(words, "force") ? Force::yes : Force::no, first, resources()};
  }
  if (what == "remove_quota") {
    return RemoveQuota{first};
  }
  if (what == "weight") {
    return UpdateWeights{{{parse_double(words.at(2)).value_or(0), first}}};
  }
  if (what == "schedule") {
    return schedule_of(words);
  }
  if (what == "down") {
    return StartMaintenance{machines_of({words.begin() + 1, words.end()})};
  }
  if (what == "up") {
    return StopMaintenance{machines_of({words.begin() + 1, words.end()})};
  }
  if (what == "gone") {
    return MarkAgentGone{agent};
  }
  if (what == "drain") {
    return DrainAgent{agent, {std::nullopt, has(words, "mark_gone")}};
  }
  if (what == "deactivate") {
    return DeactivateAgent{agent};
  }
  if (what == "reactivate") {
    return ReactivateAgent{agent};
  }
  return TeardownFramework{{first}};
}

void Script::show_more(const AgentView& agent) {
  if (agent.total != model::Resources(agent.info.resources)) {
    line("  total " + resources_text(agent.total.list()));
  }
  if (agent.drain) {
    line(agent.drain->state == model::DrainState::drained ? "  DRAINED" : "  DRAINING");
  }
}

void Script::show_cluster(const Snapshot& snapshot) {
  for (const OperationView& operation : snapshot.operations) {
    line(fmt::format("operation {} {}",
                     model::to_text(operation.info.type),
                     model::to_text(operation.latest_status.state)));
  }
  for (const model::QuotaConfig& quota : snapshot.quotas) {
    line("quota " + quota.role);
  }
  for (const model::WeightInfo& weight : snapshot.weights) {
    line(fmt::format("weight {} {}", weight.role.value_or(""), weight.weight));
  }
  for (const GoneAgent& gone : snapshot.gone) {
    line("gone " + gone.id.value);
  }
  for (const GoneAgent& agent : snapshot.unreachable) {
    line("unreachable " + agent.id.value);
  }
  for (const DrainingMachine& machine : snapshot.draining_machines) {
    std::string text = "machine " + machine.id.hostname.value_or("") + " DRAINING";
    for (const InverseOfferStatus& status : machine.statuses) {
      text +=
          fmt::format(" {}:{}",
                      status.framework_id.value,
                      status.status == InverseOfferStatus::Answer::accept ? "ACCEPT" : "DECLINE");
    }
    line(text);
  }
  for (const model::MachineId& machine : snapshot.down_machines) {
    line("machine " + machine.hostname.value_or("") + " DOWN");
  }
}

}  // namespace ekiden::master
