#include "core/master/legacy_shapes.h"

#include "core/master/operator_answers.h"
#include "core/model/ranges_text.h"

#include <map>

namespace ekiden::master {

using json::Writer;
using model::Resources;

namespace {

std::string set_text(const std::vector<std::string>& items) {
  std::string text = "{";
  for (const std::string& item : items) {
    text += (text.size() > 1 ? ", " : "") + item;
  }
  return text + "}";
}

constexpr const char* kRevocable = "_revocable";

// Scalars by name: few, so a list is faster than a map. What every reader expects comes first.
using Amounts = std::vector<std::pair<std::string, model::Scalar>>;

model::Scalar& amount_of(Amounts& amounts, std::string_view name) {
  for (auto& [known, amount] : amounts) {
    if (known == name) {
      return amount;
    }
  }
  return amounts.emplace_back(name, model::Scalar{}).second;
}

// Ranges and sets, over all roles.
void write_others(Writer& w, const Resources& resources, const std::string& suffix) {
  for (const model::Resource& r : resources.quantities().list()) {
    if (r.type == model::ValueType::ranges) {
      w.member(r.name + suffix, model::to_text(r.ranges));
    } else if (r.type == model::ValueType::set) {
      w.member(r.name + suffix, set_text(r.set));
    }
  }
}

}  // namespace

void write_resources(Writer& w, const Resources& resources) {
  Amounts amounts = {{"cpus", {}}, {"gpus", {}}, {"mem", {}}, {"disk", {}}};
  Resources regular;
  Resources revocable;
  for (const model::Resource& r : resources.list()) {
    if (r.type == model::ValueType::scalar) {
      amount_of(amounts, r.revocable ? r.name + kRevocable : r.name) += r.scalar;
    } else {
      (r.revocable ? revocable : regular) += r;
    }
  }
  w.begin_object();
  for (const auto& [name, amount] : amounts) {
    w.key(name).number(amount.to_double());
  }
  write_others(w, regular, "");
  write_others(w, revocable, kRevocable);
  w.end_object();
}

namespace {

void write_labels(Writer& w, const model::Labels& labels) {
  w.begin_array();
  for (const model::Label& label : labels.labels) {
    json::encode(w, label, json::kMesos);
  }
  w.end_array();
}

void write_attributes(Writer& w, const std::vector<model::Attribute>& attributes) {
  w.begin_object();
  for (const model::Attribute& attribute : attributes) {
    w.key(attribute.name);
    switch (attribute.type) {
      case model::Attribute::Type::scalar:
        w.number(attribute.scalar.to_double());
        break;
      case model::Attribute::Type::ranges:
        w.string(model::to_text(attribute.ranges));
        break;
      case model::Attribute::Type::set:
      case model::Attribute::Type::text:
        w.string(attribute.text);
        break;
    }
  }
  w.end_object();
}

void write_status(Writer& w, const model::TaskStatus& status) {
  w.begin_object().member("state", model::to_text(status.state));
  w.key("timestamp").number(status.timestamp.value_or(0));
  if (status.labels) {
    w.key("labels");
    write_labels(w, *status.labels);
  }
  if (status.container_status) {
    w.key("container_status");
    json::encode(w, *status.container_status, json::kMesos);
  }
  if (status.healthy) {
    w.key("healthy").boolean(*status.healthy);
  }
  w.end_object();
}

// What the tasks of an app have in common, as JSON; empty: not written.
struct TaskTexts {
  std::string resources;
  std::string limits;
  std::string role;
  std::string labels;
  std::string discovery;
  std::string container;
  std::string health_check;
};

template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? json::encode(*value, json::kMesos) : "";
}

TaskTexts texts_of(const model::TaskInfo& info) {
  TaskTexts texts;
  Writer w;
  write_resources(w, Resources(info.resources));
  texts.resources = w.take();
  if (!info.limits.empty()) {
    w.begin_object();
    for (const auto& [name, limit] : info.limits) {
      w.key(name).number(limit);
    }
    w.end_object();
    texts.limits = w.take();
  }
  texts.role = info.resources.empty() ? "*" : info.resources.front().allocation_role.value_or("*");
  if (info.labels) {
    write_labels(w, *info.labels);
    texts.labels = w.take();
  }
  texts.discovery = text_of(info.discovery);
  texts.container = text_of(info.container);
  texts.health_check = text_of(info.health_check);
  return texts;
}

void write_member(Writer& w, std::string_view name, const std::string& text) {
  if (!text.empty()) {
    w.key(name).raw(text);
  }
}

// Writes tasks, most of them like the one before.
class TaskWriter {
 public:
  explicit TaskWriter(Writer& w) : w_(w) {}

  void write(const Task& task) {
    const model::TaskInfo& info = reader_.read(task.info);
    if (common_ != task.info.common() || place_ != task.info.place()) {
      texts_ = texts_of(info);
      common_ = task.info.common();
      place_ = task.info.place();
    }
    w_.begin_object().member("id", info.task_id.value).member("name", info.name);
    w_.member("framework_id", task.framework_id.value);
    w_.member("executor_id", task.executor_id ? task.executor_id->value : "");
    w_.member("slave_id", info.agent_id.value).member("state", model::to_text(task.state));
    write_member(w_, "resources", texts_.resources);
    write_member(w_, "limits", texts_.limits);
    w_.member("role", texts_.role);
    w_.key("statuses").begin_array();
    for (const model::TaskStatus& status : task.statuses.unpack(task.info)) {
      write_status(w_, status);
    }
    w_.end_array();
    if (info.command && info.command->user) {
      w_.member("user", *info.command->user);
    }
    write_member(w_, "labels", texts_.labels);
    write_member(w_, "discovery", texts_.discovery);
    write_member(w_, "container", texts_.container);
    write_member(w_, "health_check", texts_.health_check);
    w_.end_object();
  }

 private:
  Writer& w_;
  TaskInfoReader reader_;
  TaskTexts texts_;
  const void* common_ = nullptr;
  const void* place_ = nullptr;
};

}  // namespace

void write_task(Writer& w, const Task& task) {
  TaskWriter(w).write(task);
}

namespace {

void write_tasks(Writer& w, const std::vector<TaskPtr>& tasks) {
  w.begin_array();
  TaskWriter writer(w);
  for (const TaskPtr& task : tasks) {
    writer.write(*task);
  }
  w.end_array();
}

std::map<std::string, Resources> by_role(const Resources& total) {
  std::map<std::string, Resources> roles;
  for (const model::Resource& resource : total.list()) {
    if (!resource.reservations.empty()) {
      roles[resource.reservations.back().role] += resource;
    }
  }
  return roles;
}

void write_reserved(Writer& w, const Resources& total) {
  w.begin_object();
  for (const auto& [role, resources] : by_role(total)) {
    w.key(role);
    write_resources(w, resources);
  }
  w.end_object();
}

}  // namespace

void begin_slave(Writer& w, const AgentView& agent) {
  w.begin_object().member("id", agent.info.id.value_or(AgentId{}).value);
  w.member("hostname", agent.info.hostname).key("port").integer(agent.info.port);
  w.key("attributes");
  write_attributes(w, agent.info.attributes);
  if (agent.info.domain) {
    w.key("domain");
    json::encode(w, *agent.info.domain, json::kMesos);
  }
  if (agent.recovered) {
    return;
  }
  w.member("pid", agent.pid);
  w.key("registered_time").number(to_epoch_seconds(agent.registered));
  if (agent.reregistered) {
    w.key("reregistered_time").number(to_epoch_seconds(*agent.reregistered));
  }
  w.key("resources");
  write_resources(w, agent.total);
  w.key("used_resources");
  write_resources(w, agent.used);
  w.key("offered_resources");
  write_resources(w, agent.offered);
  w.key("reserved_resources");
  write_reserved(w, agent.total);
  w.key("unreserved_resources");
  write_resources(w, agent.total.unreserved());
  w.key("active").boolean(agent.active).key("deactivated").boolean(agent.deactivated);
  w.member("version", agent.version).key("capabilities").begin_array();
  for (const std::string_view capability : agent_capability_names()) {
    w.string(capability);
  }
  w.end_array();
  if (agent.drain) {
    w.key("drain_info");
    json::encode(w, *agent.drain, json::kMesos);
  }
  if (agent.drain_started) {
    w.key("estimated_drain_start_time_seconds").number(to_epoch_seconds(*agent.drain_started));
  }
}

void write_slaves(Writer& w, const std::vector<AgentView>& agents) {
  w.begin_array();
  for (const AgentView& agent : agents) {
    begin_slave(w, agent);
    w.end_object();
  }
  w.end_array();
}

namespace {

void write_command(Writer& w, const model::CommandInfo& command) {
  w.begin_object().key("shell").boolean(command.shell);
  if (command.value) {
    w.member("value", *command.value);
  }
  w.key("argv").begin_array();
  for (const std::string& argument : command.arguments) {
    w.string(argument);
  }
  w.end_array();
  if (command.environment) {
    w.key("environment");
    json::encode(w, *command.environment, json::kMesos);
  }
  w.key("uris").begin_array();
  for (const model::FetchUri& uri : command.uris) {
    w.begin_object().member("value", uri.value).key("executable").boolean(uri.executable);
    w.end_object();
  }
  w.end_array().end_object();
}

void write_executors(Writer& w, const FrameworkView& framework) {
  w.begin_array();
  for (const ExecutorView& executor : framework.executors) {
    w.begin_object().member("executor_id", executor.info.executor_id.value);
    w.member("name", executor.info.name.value_or(""));
    w.member("framework_id", framework.info.id.value_or(FrameworkId{}).value);
    w.key("command");
    write_command(w, executor.info.command.value_or(model::CommandInfo{}));
    w.key("resources");
    write_resources(w, Resources(executor.info.resources));
    const auto& resources = executor.info.resources;
    w.member("role", resources.empty() ? "*" : resources.front().allocation_role.value_or("*"));
    if (executor.info.labels) {
      w.key("labels");
      write_labels(w, *executor.info.labels);
    }
    if (executor.info.type != model::ExecutorInfo::Type::unknown) {
      w.member("type",
               executor.info.type == model::ExecutorInfo::Type::default_ ? "DEFAULT" : "CUSTOM");
    }
    w.member("slave_id", executor.agent_id.value).end_object();
  }
  w.end_array();
}

void write_offers(Writer& w, const std::vector<model::Offer>& offers) {
  w.begin_array();
  for (const model::Offer& offer : offers) {
    w.begin_object().member("id", offer.id.value).member("framework_id", offer.framework_id.value);
    w.key("allocation_info").begin_object();
    w.member("role", offer.allocation_role.empty() ? "*" : offer.allocation_role).end_object();
    w.member("slave_id", offer.agent_id.value).key("resources");
    write_resources(w, Resources(offer.resources));
    w.end_object();
  }
  w.end_array();
}

void write_capabilities(Writer& w, const model::FrameworkInfo& info) {
  model::FrameworkInfo only;
  only.capabilities = info.capabilities;
  const json::Value shapes = json::parse(json::encode(only, json::kMesos)).value_or(json::Value());
  w.key("capabilities").begin_array();
  for (const json::Value& capability : shapes["capabilities"].as_array()) {
    w.string(capability["type"].as_string());
  }
  w.end_array();
}

}  // namespace

void begin_framework(Writer& w, const FrameworkView& framework) {
  const model::FrameworkInfo& info = framework.info;
  w.begin_object().member("id", info.id.value_or(FrameworkId{}).value).member("name", info.name);
  w.key("used_resources");
  write_resources(w, framework.used);
  w.key("offered_resources");
  write_resources(w, framework.offered);
  write_capabilities(w, info);
  w.member("hostname", info.hostname.value_or("")).member("webui_url", info.webui_url.value_or(""));
  w.key("active").boolean(framework.active).key("connected").boolean(framework.connected);
  w.key("recovered").boolean(framework.recovered);
}

void write_framework(Writer& w, const FrameworkView& framework) {
  const model::FrameworkInfo& info = framework.info;
  begin_framework(w, framework);
  w.member("user", info.user).key("failover_timeout").number(info.failover_timeout);
  w.key("checkpoint").boolean(info.checkpoint);
  w.key("registered_time").number(to_epoch_seconds(framework.registered));
  w.key("unregistered_time")
      .number(framework.unregistered ? to_epoch_seconds(*framework.unregistered) : 0.0);
  if (info.principal) {
    w.member("principal", *info.principal);
  }
  w.key("resources");
  write_resources(w, framework.used + framework.offered);
  if (framework.reregistered && *framework.reregistered != framework.registered) {
    w.key("reregistered_time").number(to_epoch_seconds(*framework.reregistered));
  }
  if (info.has(model::FrameworkCapability::multi_role)) {
    w.key("roles").begin_array();
    for (const std::string& role : info.roles) {
      w.string(role);
    }
    w.end_array();
  } else {
    w.member("role", info.role.value_or("*"));
  }
  w.key("tasks");
  write_tasks(w, framework.tasks);
  w.key("unreachable_tasks");
  write_tasks(w, framework.unreachable);
  w.key("completed_tasks");
  write_tasks(w, framework.completed);
  w.key("offers");
  write_offers(w, framework.offers);
  w.key("executors");
  write_executors(w, framework);
  if (info.labels) {
    w.key("labels");
    write_labels(w, *info.labels);
  }
  w.key("offer_constraints");
  json::encode(w, framework.offer_constraints.value_or(model::OfferConstraints{}), json::kMesos);
  w.end_object();
}

void write_full(Writer& w, const Resources& resources) {
  w.begin_array();
  for (const model::Resource& resource : resources.list()) {
    json::encode(w, resource, json::kMesos);
  }
  w.end_array();
}

void write_reserved_full(Writer& w, const Resources& total) {
  w.begin_object();
  for (const auto& [role, resources] : by_role(total)) {
    w.key(role);
    write_full(w, resources);
  }
  w.end_object();
}

}  // namespace ekiden::master
