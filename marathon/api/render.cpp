#include "marathon/api/render.h"

#include "marathon/api/convert.h"

#include <algorithm>
#include <array>

namespace ekiden::marathon::wire {
namespace {

const std::vector<std::string> kNoDeployments;

std::string_view without_prefix(std::string_view value) {
  for (std::string_view prefix : {"group.apps.", "apps.", "app."}) {
    if (value.starts_with(prefix)) {
      return value.substr(prefix.size());
    }
  }
  return value;
}

// Members of `extra` ("{...}") are added to the object `base` ("{...}").
std::string joined(std::string_view base, std::string_view extra) {
  if (extra.size() <= 2) {
    return std::string(base);
  }
  std::string out;
  out.reserve(base.size() + extra.size());
  out.append(base.substr(0, base.size() - 1));
  out += ',';
  out.append(extra.substr(1));
  return out;
}

void write_readiness(json::Writer& writer, const AppInstances* instances) {
  writer.key("readinessCheckResults").begin_array();
  if (instances != nullptr) {
    instances->all.for_each([&](const InstanceId&, const auto& view) {
      if (!view->readiness) {
        return;
      }
      const ReadinessResult& result = *view->readiness;
      writer.begin_object();
      writer.member("name", result.name).member("taskId", result.task_id.value);
      writer.key("ready").boolean(result.ready);
      if (result.last_response) {
        writer.key("lastResponse").begin_object();
        writer.key("status").integer(result.last_response->status);
        writer.member("contentType", result.last_response->content_type);
        writer.member("body", result.last_response->body).end_object();
      }
      writer.end_object();
    });
  }
  writer.end_array();
}

void write_failure(json::Writer& writer, const PathId& app, const TaskFailure& failure) {
  writer.key("lastTaskFailure").begin_object();
  writer.member("appId", app.text()).member("host", failure.host);
  writer.member("message", failure.message).member("state", failure.state);
  writer.member("taskId", failure.task_id.value);
  writer.member("timestamp", to_iso8601(failure.timestamp));
  writer.member("version", to_iso8601(failure.version));
  if (failure.agent_id) {
    writer.member("slaveId", failure.agent_id->value);
  }
  writer.end_object();
}

// ---- task statistics [3.11]
struct Sample {
  bool staged = false, running = false, healthy = false, unhealthy = false;
  std::optional<double> life_seconds;
  WallTime version{};
};

Sample sample_of(const InstanceView& view, WallTime now) {
  Sample sample;
  const Task& task = *view.instance->task;
  const bool known = task.status.has_value();
  sample.staged = !known || task.status->state == model::TaskState::staging;
  sample.running = known && task.status->state == model::TaskState::running;
  sample.healthy = view.instance->healthy == std::optional(true);
  sample.unhealthy = view.instance->healthy == std::optional(false);
  if (task.started_at) {
    sample.life_seconds = to_seconds(now - *task.started_at);
  }
  sample.version = view.instance->app ? view.instance->app->version_info.version : WallTime{};
  return sample;
}

void write_counts(json::Writer& writer, const std::vector<Sample>& samples) {
  const auto count = [&](bool Sample::*what) {
    return std::count_if(samples.begin(), samples.end(), [&](const Sample& s) { return s.*what; });
  };
  writer.key("counts").begin_object();
  writer.key("staged").integer(count(&Sample::staged));
  writer.key("running").integer(count(&Sample::running));
  writer.key("healthy").integer(count(&Sample::healthy));
  writer.key("unhealthy").integer(count(&Sample::unhealthy)).end_object();
}

void write_stats(json::Writer& writer, std::string_view name, const std::vector<Sample>& samples) {
  if (samples.empty()) {
    return;
  }
  std::vector<double> lives;
  double sum = 0;
  for (const Sample& sample : samples) {
    if (sample.life_seconds) {
      lives.push_back(*sample.life_seconds);
      sum += *sample.life_seconds;
    }
  }
  std::sort(lives.begin(), lives.end());
  writer.key(name).begin_object().key("stats").begin_object();
  write_counts(writer, samples);
  if (!lives.empty()) {
    writer.key("lifeTime").begin_object();
    writer.key("averageSeconds").number(sum / static_cast<double>(lives.size()));
    writer.key("medianSeconds").number(lives[lives.size() / 2]).end_object();
  }
  writer.end_object().end_object();
}

void write_task_stats(json::Writer& writer, const View& view, const App& app) {
  std::vector<Sample> all, after_scaling, latest, outdated;
  if (const AppInstances* instances = view.instances_of(app.id)) {
    instances->all.for_each([&](const InstanceId&, const auto& one) {
      if (!one->instance->task || one->instance->is_scheduled()) {
        return;
      }
      const Sample sample = sample_of(*one, view.now());
      all.push_back(sample);
      if (sample.version >= app.version_info.last_scaling_at) {
        after_scaling.push_back(sample);
      }
      (sample.version >= app.version_info.last_config_change_at ? latest : outdated)
          .push_back(sample);
    });
  }
  writer.key("taskStats").begin_object();
  write_stats(writer, "startedAfterLastScaling", after_scaling);
  write_stats(writer, "withLatestConfig", latest);
  write_stats(writer, "withOutdatedConfig", outdated);
  write_stats(writer, "totalSummary", all);
  writer.end_object();
}

void write_app_counts(json::Writer& writer, const AppInstances* instances) {
  static const AppInstances kNone;
  const AppInstances& counted = instances != nullptr ? *instances : kNone;
  writer.key("tasksStaged").integer(counted.staged);
  writer.key("tasksRunning").integer(counted.running);
  writer.key("tasksHealthy").integer(counted.healthy);
  writer.key("tasksUnhealthy").integer(counted.unhealthy);
}

void write_deployment_ids(json::Writer& writer, const std::vector<std::string>& ids) {
  writer.key("deployments").begin_array();
  for (const std::string& id : ids) {
    writer.begin_object().member("id", id).end_object();
  }
  writer.end_array();
}

}  // namespace

Embed Embed::of(const std::vector<std::string>& values) {
  Embed embed;
  for (const std::string& value : values) {
    const std::string_view name = without_prefix(value);
    embed.tasks = embed.tasks || name == "tasks" || name == "failures";
    embed.deployments =
        embed.deployments || name == "deployments" || name == "tasks" || name == "failures";
    embed.counts = embed.counts || name == "counts";
    embed.readiness = embed.readiness || name == "readiness";
    embed.last_task_failure =
        embed.last_task_failure || name == "lastTaskFailure" || name == "failures";
    embed.task_stats = embed.task_stats || name == "taskStats";
  }
  return embed;
}

View::View(const Snapshot& snapshot, WallTime now, TextCaches& caches)
    : snapshot_(snapshot), now_(now), caches_(caches) {
  for (const auto& deployment : snapshot.deployments) {
    for (const DeploymentPlan::Change& change : deployment->plan->changes) {
      deployments_[change.app].push_back(deployment->plan->id.value);
    }
  }
}

const std::vector<std::string>& View::deployments_of(const PathId& app) const {
  const auto found = deployments_.find(app);
  return found == deployments_.end() ? kNoDeployments : found->second;
}

const AppInstances* View::instances_of(const PathId& app) const {
  const auto* found = snapshot_.instances.find(app);
  return found == nullptr ? nullptr : found->get();
}

std::string app_info(const View& view, const AppPtr& app, const Embed& embed) {
  const auto text = view.caches().apps.get(app, [&] { return to_json(*app); });
  const AppInstances* instances = view.instances_of(app->id);
  json::Writer writer;
  writer.begin_object();
  if (embed.counts) {
    write_app_counts(writer, instances);
  }
  if (embed.deployments) {
    write_deployment_ids(writer, view.deployments_of(app->id));
  }
  if (embed.readiness) {
    write_readiness(writer, instances);
  }
  if (embed.tasks) {
    writer.key("tasks").raw(tasks_array(view, {app}, ServicePorts::omit, {}));
  }
  if (embed.last_task_failure) {
    if (const auto* failure = view.snapshot().failures.find(app->id)) {
      write_failure(writer, app->id, **failure);
    }
  }
  if (embed.task_stats) {
    write_task_stats(writer, view, *app);
  }
  writer.end_object();
  return joined(*text, writer.take());
}

std::string apps_array(const View& view, const std::vector<AppPtr>& apps, const Embed& embed) {
  std::string out = "[";
  for (const AppPtr& app : apps) {
    if (out.size() > 1) {
      out += ',';
    }
    out += app_info(view, app, embed);
  }
  out += ']';
  return out;
}

}  // namespace ekiden::marathon::wire
