#pragma once

#include "core/json/json.h"
#include "marathon/api/text_cache.h"
#include "marathon/snapshot.h"

#include <map>
#include <string>
#include <vector>

// Answers of /v2 written from a snapshot [marathon-api 3.10 to 3.16]. Pure.
namespace ekiden::marathon::wire {

struct Embed {  // what an AppInfo carries beside the definition [2.1]
  bool tasks = false;
  bool counts = false;
  bool deployments = false;
  bool readiness = false;
  bool last_task_failure = false;
  bool task_stats = false;

  static Embed none() { return {}; }

  static Embed of(const std::vector<std::string>& values);
};

// What rendering needs beside the object; made once per answer.
class View {
 public:
  View(const Snapshot& snapshot, WallTime now, TextCaches& caches);

  const Snapshot& snapshot() const { return snapshot_; }

  WallTime now() const { return now_; }

  TextCaches& caches() const { return caches_; }

  const std::vector<std::string>& deployments_of(const PathId& app) const;
  const AppInstances* instances_of(const PathId& app) const;

 private:
  const Snapshot& snapshot_;
  WallTime now_;
  TextCaches& caches_;
  std::map<PathId, std::vector<std::string>> deployments_;
};

std::string app_info(const View& view, const AppPtr& app, const Embed& embed);
std::string apps_array(const View& view, const std::vector<AppPtr>& apps, const Embed& embed);

enum class ServicePorts { omit, write };
enum class TaskFilter { all, running, staging };

// `[...]` of every task of the apps that has been placed on an agent.
std::string tasks_array(const View& view,
                        const std::vector<AppPtr>& apps,
                        ServicePorts ports,
                        const std::vector<TaskFilter>& filters);
void write_local_volumes(json::Writer& writer, const Instance& instance);
std::string task_json(const InstanceView& view, const std::vector<std::int32_t>& service_ports);

struct GroupEmbed {
  bool groups = false;
  bool apps = false;
  bool pods = false;
  Embed app;

  static GroupEmbed of(const std::vector<std::string>& values);
};

std::string group_info(const View& view, const PathId& group, const GroupEmbed& embed);

std::string deployments_array(const View& view);

struct HistoryFilter {
  std::size_t limit = 100;
  std::optional<PathId> app;
};

// `[...]` of deployments that ended, the newest first.
std::string finished_deployments(const View& view, const HistoryFilter& filter);
void write_steps(json::Writer& writer, const DeploymentPlan& plan);
void write_step(json::Writer& writer, const DeploymentPlan& plan, const Step& step);
enum class UnusedOffers { omit, write };
std::string queue_info(const View& view, UnusedOffers offers);

}  // namespace ekiden::marathon::wire
