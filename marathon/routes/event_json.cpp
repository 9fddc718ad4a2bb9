#include "marathon/routes/event_json.h"

#include "core/base/overloaded.h"
#include "core/json/json.h"
#include "marathon/api/convert.h"
#include "marathon/api/render.h"

#include <fmt/core.h>

namespace ekiden::marathon::routes {
namespace {

// Collects the members of one event; type and time come last.
class EventWriter {
 public:
  EventWriter(std::string_view type, WallTime at) : type_(type), at_(at) { writer_.begin_object(); }

  EventWriter& text(std::string_view name, std::string_view value) {
    writer_.member(name, value);
    return *this;
  }

  EventWriter& time(std::string_view name, WallTime value) { return text(name, to_iso8601(value)); }

  json::Writer& key(std::string_view name) { return writer_.key(name); }

  StreamEvent finish() {
    writer_.member("eventType", type_).member("timestamp", to_iso8601(at_)).end_object();
    return {type_, writer_.take()};
  }

 private:
  std::string type_;
  WallTime at_;
  json::Writer writer_;
};

void write_plan(json::Writer& writer, const DeploymentPlan& plan) {
  writer.begin_object().member("id", plan.id.value);
  wire::write_steps(writer, plan);
  writer.member("version", to_iso8601(plan.version)).end_object();
}

StreamEvent step_event(std::string_view type,
                       WallTime at,
                       const DeploymentPlan& plan,
                       std::size_t step) {
  EventWriter event(type, at);
  write_plan(event.key("plan"), plan);
  wire::write_step(event.key("currentStep"), plan, plan.steps.at(step));
  return event.finish();
}

std::string host_of(const Instance& instance) {
  return instance.place ? instance.place->host : "unknown";
}

std::string agent_of(const Instance& instance) {
  return instance.place ? instance.place->agent_id.value : "";
}

void write_or_null(json::Writer& writer, const Instance& instance, const std::string& value) {
  if (instance.place) {
    writer.string(value);
  } else {
    writer.null();
  }
}

WallTime version_of(const Instance& instance) {
  return instance.app->version_info.version;
}

StreamEvent status_event(const Notice& notice, const StatusChanged& changed);

struct ToEvents {
  const Notice& notice;

  using Events = std::vector<StreamEvent>;

  EventWriter begin(std::string_view type) const { return {type, notice.at}; }

  Events operator()(const DeploymentStarted&) const { return {}; }  // each step tells

  Events operator()(const DeploymentStepStarted& started) const {
    return {step_event("deployment_info", notice.at, *started.plan, started.step)};
  }

  Events operator()(const DeploymentStepDone& done) const {
    return {step_event(done.success ? "deployment_step_success" : "deployment_step_failure",
                       notice.at,
                       *done.plan,
                       done.step)};
  }

  Events operator()(const DeploymentEnded& ended) const {
    EventWriter event = begin(ended.success ? "deployment_success" : "deployment_failed");
    event.text("id", ended.plan->id.value);
    write_plan(event.key("plan"), *ended.plan);
    if (!ended.success && !ended.reason.empty()) {
      event.text("reason", ended.reason);
    }
    return {event.finish()};
  }

  Events operator()(const DeploymentHalted& halted) const {
    const bool paused = halted.halt.kind == DeploymentHalt::Kind::paused;
    EventWriter event = begin(paused ? "deployment_paused" : "deployment_stalled");
    event.text("id", halted.plan->id.value).text("reason", halted.halt.reason);
    return {event.finish()};
  }

  Events operator()(const DeploymentResumed& resumed) const {
    EventWriter event = begin("deployment_resumed");
    event.text("id", resumed.plan->id.value).text("actor", resumed.actor);
    return {event.finish()};
  }

  Events operator()(const RootChanged& changed) const {
    return {begin("group_change_success")
                .text("groupId", changed.group.text())
                .time("version", changed.version)
                .finish()};
  }

  Events operator()(const RootChangeFailed& failed) const {
    return {begin("group_change_failed")
                .text("groupId", failed.group.text())
                .time("version", failed.version)
                .text("reason", failed.reason)
                .finish()};
  }

  Events operator()(const StatusChanged& changed) const { return {status_event(notice, changed)}; }

  Events operator()(const InstanceChanged& changed) const {
    const Instance& instance = *changed.instance;
    EventWriter event = begin("instance_changed_event");
    event.text("instanceId", instance.id.value);
    event.text("condition", to_text(instance.condition));
    event.text("runSpecId", instance.app->id.text());
    write_or_null(event.key("agentId"), instance, agent_of(instance));
    write_or_null(event.key("host"), instance, host_of(instance));
    return {event.time("runSpecVersion", version_of(instance)).finish()};
  }

  Events operator()(const InstanceHealthChanged& changed) const {
    const Instance& instance = *changed.instance;
    EventWriter event = begin("instance_health_changed_event");
    event.text("instanceId", instance.id.value).text("runSpecId", instance.app->id.text());
    event.time("runSpecVersion", version_of(instance));
    if (instance.healthy) {
      event.key("healthy").boolean(*instance.healthy);
    } else {
      event.key("healthy").null();
    }
    return {event.finish()};
  }

  Events operator()(const HealthStatusChanged& changed) const {
    EventWriter event = begin("health_status_changed_event");
    event.text("appId", changed.instance->app->id.text());
    event.text("instanceId", changed.instance->id.value);
    event.time("version", version_of(*changed.instance));
    event.key("alive").boolean(changed.alive);
    return {event.finish()};
  }

  Events operator()(const HealthCheckFailed& failed) const {
    EventWriter event = begin("failed_health_check_event");
    event.text("appId", failed.instance->app->id.text());
    event.text("taskId", failed.instance->id.value);
    const auto& checks = failed.instance->app->health_checks;
    if (failed.check < checks.size()) {
      event.key("healthCheck").raw(json::encode(checks[failed.check], json::kMarathon));
    }
    return {event.finish()};
  }

  Events operator()(const UnhealthyInstanceKill& kill) const {
    const Instance& instance = *kill.instance;
    EventWriter event = begin("unhealthy_instance_kill_event");
    event.text("appId", instance.app->id.text());
    event.text("taskId", instance.task ? instance.task->id.value : "");
    event.text("instanceId", instance.id.value).time("version", version_of(instance));
    event.text("reason", kill.reason).text("host", host_of(instance));
    if (instance.place) {
      event.text("slaveId", agent_of(instance));
    }
    return {event.finish()};
  }

  Events operator()(const HealthCheckAdded& added) const {
    EventWriter event = begin("add_health_check_event");
    event.text("appId", added.app.text()).time("version", added.version);
    event.key("healthCheck").raw(json::encode(added.check, json::kMarathon));
    return {event.finish()};
  }

  Events operator()(const HealthCheckRemoved& removed) const {
    return {begin("remove_health_check_event").text("appId", removed.app.text()).finish()};
  }

  Events operator()(const AppTerminated& terminated) const {
    return {begin("app_terminated_event").text("appId", terminated.app.text()).finish()};
  }

  Events operator()(const UnknownInstanceTerminated& terminated) const {
    return {begin("unknown_instance_terminated_event")
                .text("instanceId", terminated.id.value)
                .text("runSpecId", terminated.app.text())
                .text("condition", terminated.condition)
                .finish()};
  }

  Events operator()(const FrameworkMessageReceived& message) const {
    EventWriter event = begin("framework_message_event");
    event.text("executorId", message.executor_id.value).text("slaveId", message.agent_id.value);
    json::Writer& writer = event.key("message").begin_array();
    for (char c : message.data) {
      writer.integer(static_cast<signed char>(c));
    }
    writer.end_array();
    return {event.finish()};
  }

  Events operator()(const SchedulerRegistered& registered) const {
    EventWriter event =
        begin(registered.again ? "scheduler_reregistered_event" : "scheduler_registered_event");
    if (!registered.again) {
      event.text("frameworkId", registered.id.value);
    }
    return {event.text("master", registered.master).finish()};
  }

  Events operator()(const SchedulerDisconnected&) const {
    return {begin("scheduler_disconnected_event").finish()};
  }

  Events operator()(const LogNotice&) const { return {}; }
};

void write_addresses(json::Writer& writer, const Instance& instance) {
  writer.begin_array();
  if (instance.task) {
    for (const model::NetworkIpAddress& address : instance.task->ip_addresses) {
      if (address.ip_address) {
        writer.begin_object().member("ipAddress", *address.ip_address);
        writer.member("protocol", address.protocol.value_or("IPv4")).end_object();
      }
    }
  }
  writer.end_array();
}

StreamEvent status_event(const Notice& notice, const StatusChanged& changed) {
  const Instance& instance = *changed.instance;
  EventWriter event("status_update_event", notice.at);
  event.text("slaveId", agent_of(instance));
  event.text("taskId", instance.task ? instance.task->id.value : "");
  event.text("taskStatus", changed.task_status).text("message", changed.message);
  event.text("appId", instance.app->id.text()).text("host", host_of(instance));
  write_addresses(event.key("ipAddresses"), instance);
  json::Writer& ports = event.key("ports").begin_array();
  for (std::int32_t port :
       instance.task ? instance.task->host_ports : std::vector<std::int32_t>{}) {
    ports.integer(port);
  }
  ports.end_array();
  return event.time("version", version_of(instance)).finish();
}

struct ToLine {
  std::string operator()(const DeploymentStarted& started) const {
    return fmt::format(
        "deployment {}: started with {} steps", started.plan->id.value, started.plan->steps.size());
  }

  std::string operator()(const DeploymentStepStarted& started) const {
    return fmt::format("deployment {}: step {} of {}",
                       started.plan->id.value,
                       started.step + 1,
                       started.plan->steps.size());
  }

  std::string operator()(const DeploymentEnded& ended) const {
    return fmt::format("deployment {}: {}{}",
                       ended.plan->id.value,
                       ended.success ? "finished" : "failed",
                       ended.reason.empty() ? "" : ": " + ended.reason);
  }

  std::string operator()(const DeploymentHalted& halted) const {
    const bool paused = halted.halt.kind == DeploymentHalt::Kind::paused;
    return fmt::format("deployment {}: {}: {}",
                       halted.plan->id.value,
                       paused ? "paused" : "stalled",
                       halted.halt.reason);
  }

  std::string operator()(const DeploymentResumed& resumed) const {
    return fmt::format("deployment {}: resumed by {}", resumed.plan->id.value, resumed.actor);
  }

  std::string operator()(const RootChangeFailed& failed) const {
    return fmt::format("change of group {} refused: {}", failed.group.text(), failed.reason);
  }

  std::string operator()(const StatusChanged& changed) const {
    return fmt::format(
        "task {} on {}: {}{}",
        changed.instance->task ? changed.instance->task->id.value : changed.instance->id.value,
        host_of(*changed.instance),
        changed.task_status,
        changed.message.empty() ? "" : ": " + changed.message);
  }

  std::string operator()(const HealthStatusChanged& changed) const {
    return fmt::format(
        "instance {}: {}", changed.instance->id.value, changed.alive ? "healthy" : "unhealthy");
  }

  std::string operator()(const UnhealthyInstanceKill& kill) const {
    return fmt::format(
        "instance {}: killed by its health checks: {}", kill.instance->id.value, kill.reason);
  }

  std::string operator()(const UnknownInstanceTerminated& terminated) const {
    return fmt::format(
        "instance {}: unknown, ended as {}", terminated.id.value, terminated.condition);
  }

  std::string operator()(const SchedulerRegistered& registered) const {
    return fmt::format(
        "registered with master {} as framework {}", registered.master, registered.id.value);
  }

  std::string operator()(const SchedulerDisconnected&) const {
    return "disconnected from the master";
  }

  std::string operator()(const LogNotice& line) const { return line.text; }

  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::vector<StreamEvent> to_events(const Notice& notice) {
  return std::visit(ToEvents{notice}, notice.body);
}

StreamEvent api_post_event(const App& app,
                           std::string_view client_ip,
                           std::string_view uri,
                           WallTime now) {
  EventWriter event("api_post_event", now);
  event.text("clientIp", client_ip).text("uri", uri);
  event.key("appDefinition").raw(wire::to_json(app));
  return event.finish();
}

StreamEvent pod_event(std::string_view type,
                      std::string_view client_ip,
                      std::string_view uri,
                      WallTime now) {
  return EventWriter(type, now).text("clientIp", client_ip).text("uri", uri).finish();
}

StreamEvent stream_event(std::string_view type, std::string_view remote_address, WallTime now) {
  return EventWriter(type, now).text("remoteAddress", remote_address).finish();
}

std::string to_log_line(const Notice& notice) {
  return std::visit(ToLine{}, notice.body);
}

}  // namespace ekiden::marathon::routes
