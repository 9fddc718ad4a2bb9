// From facts to reasons: the catalogue of docs/why.md, one function per family.
#include "core/base/strings.h"
#include "marathon/explain/facts.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace ekiden::marathon::explain {

namespace {

constexpr Duration kOffersLate = std::chrono::seconds(10);  // a master allocates every second
constexpr Duration kRecentlyEnded = std::chrono::hours(1);  // of a deployment
constexpr Duration kSlowStart = std::chrono::seconds(5);    // then a start is worth a word
constexpr std::size_t kNamesMax = 5;                        // in one sentence
constexpr std::size_t kMessageMax = 2000;                   // of a task's last words

void add(
    Reasons& reasons, Code code, std::optional<WallTime> since, std::string text, std::string fix) {
  reasons.push_back({code,
                     since ? std::optional(to_iso8601(*since)) : std::nullopt,
                     std::move(text),
                     std::move(fix)});
}

std::string list(std::vector<std::string> names) {
  const std::size_t more = names.size() > kNamesMax ? names.size() - kNamesMax : 0;
  names.resize(names.size() - more);
  return join(names, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
}

const Stage* largest_stage(const Nodes& nodes) {
  const Stage* found = nullptr;
  for (const Stage& stage : nodes.funnel) {
    if (stage.removed > 0 && (!found || stage.removed > found->removed)) {
      found = &stage;
    }
  }
  return found;
}

std::int64_t removed_by(const Nodes& nodes, std::string_view name) {
  for (const Stage& stage : nodes.funnel) {
    if (stage.name == name) {
      return stage.removed;
    }
  }
  return 0;
}

std::string unit_of(std::string_view what) {
  return what == "mem" || what == "disk" ? " MiB" : "";
}

void explain_resources(const Facts& facts, Reasons& reasons) {
  const Nodes& nodes = *facts.nodes;
  std::vector<std::string> texts;
  std::vector<std::string> fixes;
  for (const Largest& one : nodes.largest) {
    if (removed_by(nodes, one.what) == 0) {
      continue;
    }
    const std::string unit = unit_of(one.what);
    texts.push_back(
        fmt::format("{} {}{} are asked for, the largest free block is {}{} on {} ({}{} "
                    "free on all nodes together)",
                    one.what,
                    number_text(one.wanted),
                    unit,
                    number_text(one.largest),
                    unit,
                    one.host,
                    number_text(one.sum),
                    unit));
    if (one.largest > 0 && one.largest < one.wanted) {
      fixes.push_back(fmt::format("lower {} to {} or free {}{} on {}",
                                  one.what,
                                  number_text(one.largest),
                                  number_text(one.wanted - one.largest),
                                  unit,
                                  one.host));
    } else {
      fixes.push_back(
          fmt::format("add a node with {} {}{} free", one.what, number_text(one.wanted), unit));
    }
  }
  if (removed_by(nodes, "gpus") > 0 && facts.app.gpus == 0) {
    texts.push_back("nodes with GPUs are kept for those who ask for some");
    fixes.push_back("set the label GPU_SCHEDULING_BEHAVIOR to unrestricted");
  }
  if (!texts.empty()) {
    add(reasons, Code::resources, facts.queue->since, join(texts, "; "), join(fixes, "; or "));
  }
}

// Which task has the port now; the first found.
std::string owner_of(const Snapshot& snapshot, std::int32_t port) {
  std::string owner;
  snapshot.instances.for_each([&](const PathId&, const auto& instances) {
    instances->all.for_each([&](const InstanceId&, const auto& view) {
      const Instance& instance = *view->instance;
      if (owner.empty() && instance.task && is_active(instance.condition) && instance.place &&
          std::find(instance.task->host_ports.begin(), instance.task->host_ports.end(), port) !=
              instance.task->host_ports.end()) {
        owner = fmt::format("{} on {}", instance.task->id.value, instance.place->host);
      }
    });
  });
  return owner;
}

void explain_host_ports(const Facts& facts, Reasons& reasons) {
  if (removed_by(*facts.nodes, "ports") == 0) {
    return;
  }
  if (const auto port = facts.nodes->taken_port) {
    const std::string owner = owner_of(facts.ask.snapshot, *port);
    add(reasons,
        Code::host_port,
        facts.queue->since,
        owner.empty() ? fmt::format("no node offers host port {}", *port)
                      : fmt::format("host port {} is taken by {}", *port, owner),
        "use hostPort 0, or free the port, or add it to the ports of an agent");
    return;
  }
  add(reasons,
      Code::host_port,
      facts.queue->since,
      fmt::format("{} host ports are asked for and no node has so many left",
                  facts.app.port_count()),
      "add ports to the agents, or ask for fewer");
}

void explain_no_nodes(const Facts& facts, Reasons& reasons) {
  const bool late = facts.ask.now.wall - facts.queue->since >= kOffersLate;
  add(reasons,
      late ? Code::missing : Code::starting,
      facts.queue->since,
      late ? "no agent has been offered: there is none, or all are cordoned" : "waiting for offers",
      late ? "start an agent, or uncordon one" : "offers come within a second or two");
}

// Asked for offers, and none came although agents had room when they were last seen.
bool explain_quota(const Facts& facts, Reasons& reasons) {
  const Snapshot& snapshot = facts.ask.snapshot;
  for (const auto& [role, count] : facts.queue->roles) {
    if (snapshot.unoffered_roles.contains(role) &&
        facts.ask.now.wall - facts.queue->since >= kOffersLate) {
      add(reasons,
          Code::quota,
          facts.queue->since,
          fmt::format("{} instances wait, and the master offers nothing to role {}: its quota is "
                      "used up, or other frameworks hold everything",
                      count,
                      role),
          fmt::format("look at GET_QUOTA and GET_ROLES of the master; raise the quota of {}",
                      role));
      return true;
    }
  }
  return false;
}

void explain_roles(const Facts& facts, Reasons& reasons) {
  const Nodes& nodes = *facts.nodes;
  const std::int64_t removed = removed_by(nodes, "role");
  if (removed > 0) {
    add(reasons,
        Code::role,
        facts.queue->since,
        fmt::format(
            "{} of {} nodes have nothing for the roles it accepts: accepted are {}, offered "
            "are {}",
            removed,
            nodes.funnel.front().in,
            list(nodes.roles_accepted),
            list(nodes.roles_offered)),
        "change acceptedResourceRoles or role, or the reservations of the agents");
  }
}

void explain_constraints(const Facts& facts, Reasons& reasons) {
  const Nodes& nodes = *facts.nodes;
  const std::int64_t removed = removed_by(nodes, "constraint");
  if (removed == 0) {
    return;
  }
  const bool abroad = nodes.constraints.empty();
  add(reasons,
      Code::constraint,
      facts.queue->since,
      abroad ? fmt::format("{} nodes are in another region than the master", removed)
             : fmt::format("constraints exclude {} of {} nodes: {}",
                           removed,
                           nodes.funnel.front().in,
                           list(nodes.constraints)),
      abroad ? "add a constraint on @region or @zone"
             : "loosen the constraint, lower instances, or add nodes that meet it");
}

void explain_maintenance(const Facts& facts, Reasons& reasons) {
  const Nodes& nodes = *facts.nodes;
  if (!nodes.hosts_in_maintenance.empty()) {
    add(reasons,
        Code::node_away,
        facts.queue->since,
        fmt::format("nodes in maintenance take no new tasks: {}", list(nodes.hosts_in_maintenance)),
        "end the maintenance, or add nodes");
  }
}

void explain_volume(const Facts& facts, const Instance& instance, Reasons& reasons) {
  const Snapshot& snapshot = facts.ask.snapshot;
  const std::string host = instance.place ? instance.place->host : "an agent";
  const auto* agent = instance.place ? snapshot.agents.find(instance.place->agent_id) : nullptr;
  const std::string seen =
      agent ? fmt::format("was last offered at {}", to_iso8601((*agent)->at)) : "is not offered";
  add(reasons,
      Code::volume_away,
      instance.since,
      fmt::format("the volumes of {} lie on {}, which {}", instance.id.value, host, seen),
      fmt::format("bring {} back; or give the data up with POST /v2/tasks/delete?wipe=true", host));
}

struct Clue {
  Code code;
  std::array<std::string_view, 6> words;
  std::string_view fix;
};

constexpr std::array<Clue, 5> kClues = {{
    {Code::out_of_memory,
     {"memory limit exceeded", "out of memory", "oom", "", "", ""},
     "raise mem, or find what uses it"},
    {Code::fetch,
     {"failed to fetch", "checksum", "", "", "", ""},
     "check the URI from the node, and its checksum"},
    {Code::image,
     {"pull",
      "manifest",
      "registry",
      "no such image",
      "repository does not exist",
      "toomanyrequests"},
     "check the image's name and tag, and the registry's credentials"},
    {Code::missing,
     {"no docker engine",
      "failed to execute",
      "cannot start",
      "secret",
      "not a user",
      "no such user"},
     "install or define what is named, on the node or in the app"},
    {Code::unhealthy,
     {"health check", "unhealthy", "", "", "", ""},
     "look at the check's path, port and grace period, and at what the task answers"},
}};

}  // namespace

Reason read_failure(const TaskFailure& failure) {
  const std::string lower = to_lower(failure.message);
  Reason reason;
  reason.code = Code::exits;
  reason.fix = "look at the task's stdout and stderr";
  for (const Clue& clue : kClues) {
    const auto found = [&](std::string_view word) {
      return !word.empty() && lower.find(word) != std::string::npos;
    };
    if (std::any_of(clue.words.begin(), clue.words.end(), found)) {
      reason.code = clue.code;
      reason.fix = clue.fix;
      break;
    }
  }
  reason.since = to_iso8601(failure.timestamp);
  reason.text = fmt::format("task {} ended on {} with {}: {}",
                            failure.task_id.value,
                            failure.host.empty() ? "an agent" : failure.host,
                            failure.state,
                            failure.message.substr(0, kMessageMax));
  return reason;
}

void explain_control_plane(const Facts& facts, Reasons& reasons) {
  const Snapshot& snapshot = facts.ask.snapshot;
  if (!snapshot.connected) {
    add(reasons,
        Code::degraded,
        snapshot.disconnected_since,
        "there is no connection to a master: running tasks go on, nothing is started or stopped",
        "start the master, or look at --master and the network between");
  }
}

void explain_deployment(const Facts& facts, Reasons& reasons) {
  if (!facts.deployment) {
    return;
  }
  const DeploymentView& deployment = *facts.deployment;
  const DeploymentPlan& plan = *deployment.plan;
  if (deployment.halt.kind != DeploymentHalt::Kind::none) {
    const bool paused = deployment.halt.kind == DeploymentHalt::Kind::paused;
    add(reasons,
        Code::paused,
        deployment.halt.since,
        fmt::format("deployment {} is {}: {}",
                    plan.id.value,
                    paused ? "paused" : "stalled",
                    deployment.halt.reason),
        fmt::format("POST /v2/deployments/{}/resume, or DELETE it to roll back", plan.id.value));
  }
  // Its own step comes later: for what does it wait?
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto& actions = plan.steps[i].actions;
    const bool mine = std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
      return action.app == facts.app.id && action.type != Action::Type::start;
    });
    if (!mine) {
      continue;
    }
    if (i > deployment.step) {
      std::vector<std::string> others;
      for (const Action& action : deployment.current_actions) {
        others.push_back(action.app.text());
      }
      add(reasons,
          Code::dependency,
          plan.version,
          fmt::format("it follows in step {} of {} of deployment {}, which waits for {}",
                      i + 1,
                      plan.steps.size(),
                      plan.id.value,
                      list(others)),
          fmt::format("ask why about {}", others.empty() ? "the deployment" : others.front()));
    }
    return;
  }
}

void explain_history(const Facts& facts, Reasons& reasons) {
  using Outcome = FinishedDeployment::Outcome;
  const FinishedDeployment* last = nullptr;
  facts.ask.snapshot.finished.for_each([&](std::uint64_t, const auto& finished) {
    for (const FinishedDeployment::AppChange& change : finished->changes) {
      last = change.app == facts.app.id ? finished.get() : last;
    }
  });
  if (!last || last->outcome == Outcome::succeeded ||
      facts.ask.now.wall - last->ended > kRecentlyEnded) {
    return;
  }
  add(reasons,
      Code::superseded,
      last->ended,
      fmt::format("deployment {} of {} did not finish ({}): {}",
                  last->id.value,
                  last->origin.actor.empty() ? "somebody" : last->origin.actor,
                  to_text(last->outcome),
                  last->reason),
      "compare the versions of the app and send the wanted one again");
}

void explain_failure(const Facts& facts, Reasons& reasons) {
  const bool incomplete = facts.queue || facts.counts.running < facts.counts.wanted;
  if (facts.delayed) {
    const WallTime until = *facts.queue->delayed_until;
    add(reasons,
        Code::backoff,
        facts.failure ? facts.failure->timestamp : facts.queue->since,
        fmt::format("tasks ended too soon: the next one starts in {}, at {}",
                    duration_text(until - facts.ask.now.wall),
                    to_iso8601(until)),
        fmt::format("mend what fails; DELETE /v2/queue{}/delay tries at once",
                    facts.app.id.text()));
  }
  if (facts.failure && incomplete) {
    reasons.push_back(read_failure(*facts.failure));
  }
}

void explain_placement(const Facts& facts, Reasons& reasons) {
  if (!facts.nodes || facts.delayed || !facts.ask.snapshot.connected) {
    return;
  }
  if (facts.nodes->funnel.front().in == 0) {
    explain_no_nodes(facts, reasons);
    return;
  }
  if (facts.nodes->fitting > 0) {
    if (explain_quota(facts, reasons)) {
      return;
    }
    add(reasons,
        Code::starting,
        facts.queue->since,
        fmt::format("{} nodes fit: waiting for the next offer of one", facts.nodes->fitting),
        "offers come within a second or two");
    return;
  }
  Reasons found;
  explain_roles(facts, found);
  explain_maintenance(facts, found);
  explain_constraints(facts, found);
  explain_resources(facts, found);
  explain_host_ports(facts, found);
  // The check that removes most nodes is what people want to read first.
  const Stage* most = largest_stage(*facts.nodes);
  const bool resource = most && (most->name == "cpus" || most->name == "mem" ||
                                 most->name == "disk" || most->name == "gpus");
  std::stable_sort(found.begin(), found.end(), [&](const Reason& a, const Reason& b) {
    return resource && a.code == Code::resources && b.code != Code::resources;
  });
  reasons.insert(reasons.end(), found.begin(), found.end());
}

namespace {

void explain_away(const Instance& instance, const Facts& facts, Reasons& reasons) {
  const UnreachableStrategy& strategy = instance.app->unreachable_strategy;
  const std::string policy =
      strategy.disabled ? "it is waited for without end"
                        : fmt::format("it is replaced after {} s", strategy.inactive_after_seconds);
  add(reasons,
      Code::node_away,
      instance.since,
      fmt::format("{} is out of reach on {}; {}",
                  instance.id.value,
                  instance.place ? instance.place->host : "its node",
                  policy),
      "bring the node or its network back, or mark the agent gone at the master");
  if (instance.reservation) {
    explain_volume(facts, instance, reasons);
  }
}

void explain_health(const InstanceView& view, Reasons& reasons) {
  for (std::size_t i = 0; i < view.health.size(); ++i) {
    const HealthResult& result = view.health[i];
    if (result.alive || !result.last_failure) {
      continue;
    }
    const bool never = !result.last_success;
    add(reasons,
        Code::unhealthy,
        result.last_success ? result.last_success : result.last_failure,
        fmt::format("health check {} of {} failed {} times in a row: {}",
                    i,
                    view.instance->id.value,
                    result.consecutive_failures,
                    result.last_failure_cause.value_or("no reason was given")),
        never ? "it never passed: is its path and portIndex right, and gracePeriodSeconds enough?"
              : "look at what the task answers and at its logs");
    return;
  }
  if (view.health.empty()) {
    add(reasons,
        Code::unhealthy,
        view.instance->since,
        fmt::format("{} is reported unhealthy by its executor", view.instance->id.value),
        "look at the command of the check and at the task's logs");
  }
}

void explain_start(const Instance& instance, const Facts& facts, Reasons& reasons) {
  const WallTime begin = instance.task ? instance.task->staged_at : instance.since;
  const Duration since = facts.ask.now.wall - begin;
  const auto& container = instance.app->container;
  const std::string host = instance.place ? instance.place->host : "its node";
  if (container && container->docker && since >= kSlowStart) {
    add(reasons,
        Code::image,
        begin,
        fmt::format("{} has been starting on {} for {}: image {} is probably being pulled",
                    instance.id.value,
                    host,
                    duration_text(since),
                    container->docker->image),
        "wait, or pull the image on the node before");
  } else if (!instance.app->fetch.empty() && since >= kSlowStart) {
    add(reasons,
        Code::fetch,
        begin,
        fmt::format("{} has been starting on {} for {}: {} is probably being fetched",
                    instance.id.value,
                    host,
                    duration_text(since),
                    instance.app->fetch.front().uri),
        "wait, or set cache for what is large");
  } else {
    add(reasons,
        Code::starting,
        begin,
        fmt::format("{} is starting on {}", instance.id.value, host),
        "it should run within seconds");
  }
}

}  // namespace

void explain_instance(const Facts& facts, const InstanceView& view, Reasons& reasons) {
  const Instance& instance = *view.instance;
  switch (instance.condition) {
    case Condition::unreachable:
    case Condition::unreachable_inactive:
      explain_away(instance, facts, reasons);
      return;
    case Condition::provisioned:
    case Condition::staging:
    case Condition::starting:
      explain_start(instance, facts, reasons);
      return;
    case Condition::running:
      break;
    default:
      if (instance.is_scheduled() && instance.reservation && !facts.delayed) {
        explain_volume(facts, instance, reasons);
      }
      return;
  }
  const bool failed =
      std::any_of(view.health.begin(), view.health.end(), [](const HealthResult& result) {
        return !result.alive && result.last_failure;
      });
  if (instance.healthy == false || (!instance.healthy && failed)) {
    explain_health(view, reasons);
  } else if (instance.app->has_health_checks() && !instance.healthy) {
    add(reasons,
        Code::unhealthy,
        instance.since,
        fmt::format("{} runs, and no health check has passed yet", instance.id.value),
        "wait for the first result");
  }
  if (view.readiness && !view.readiness->ready) {
    const auto& response = view.readiness->last_response;
    add(reasons,
        Code::not_ready,
        instance.since,
        fmt::format("readiness check {} of {} {}",
                    view.readiness->name,
                    instance.id.value,
                    response ? fmt::format("answers {}", response->status) : "has no answer yet"),
        "look at the check's path and port, and at httpStatusCodesForReady");
  }
}

// Of many alike, the first tells it and the rest are counted.
void explain_instances(const Facts& facts, Reasons& reasons) {
  if (!facts.instances) {
    return;
  }
  std::vector<std::pair<Reason, std::int64_t>> found;
  facts.instances->all.for_each([&](const InstanceId&, const auto& view) {
    Reasons some;
    explain_instance(facts, *view, some);
    for (Reason& reason : some) {
      const auto same = std::find_if(found.begin(), found.end(), [&](const auto& one) {
        return one.first.code == reason.code;
      });
      if (same == found.end()) {
        found.emplace_back(std::move(reason), 1);
      } else {
        ++same->second;
      }
    }
  });
  for (auto& [reason, count] : found) {
    if (count > 1) {
      reason.text += fmt::format(" (and {} more)", count - 1);
    }
    reasons.push_back(std::move(reason));
  }
}

void explain_ports(const Facts& facts, Reasons& reasons) {
  const std::vector<std::int32_t> mine = facts.app.service_ports();
  facts.ask.snapshot.root.apps.for_each([&](const PathId& id, const AppPtr& other) {
    if (id == facts.app.id) {
      return;
    }
    for (const std::int32_t port : other->service_ports()) {
      if (port != 0 && std::find(mine.begin(), mine.end(), port) != mine.end()) {
        add(reasons,
            Code::service_port,
            facts.app.version_info.version,
            fmt::format("service port {} is also that of {}: load balancers serve only one",
                        port,
                        id.text()),
            "use service port 0 to get a free one");
      }
    }
  });
}

}  // namespace ekiden::marathon::explain
