#include "marathon/explain/why.h"

#include "core/base/strings.h"
#include "marathon/explain/facts.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon::explain {

namespace {

std::string status_of(const Facts& facts, const Reasons& reasons) {
  const auto has = [&](Code code) {
    return std::any_of(
        reasons.begin(), reasons.end(), [&](const Reason& one) { return one.code == code; });
  };
  if (facts.deployment) {
    return has(Code::paused) ? "paused" : "deploying";
  }
  if (facts.delayed) {
    return "delayed";
  }
  if (facts.queue) {
    return "waiting";
  }
  if (facts.counts.unreachable > 0) {
    return "unreachable";
  }
  if (facts.counts.unhealthy > 0) {
    return "unhealthy";
  }
  if (facts.counts.running < facts.counts.wanted) {
    return "starting";
  }
  return facts.counts.wanted == 0 ? "suspended" : "running";
}

std::string health_text(const Facts& facts) {
  if (!facts.app.has_health_checks()) {
    return "";
  }
  const InstanceCounts& counts = facts.counts;
  if (counts.running > 0 && counts.healthy == counts.running) {
    return ", all healthy";
  }
  return fmt::format(", {} healthy, {} unhealthy", counts.healthy, counts.unhealthy);
}

// One sentence: how many run, then the first reason and what helps.
std::string sentence(const Facts& facts, const Reasons& reasons) {
  const InstanceCounts& counts = facts.counts;
  std::string text;
  if (counts.wanted == 0 && counts.running == 0) {
    text = "Suspended: no instances are wanted";
  } else {
    text = fmt::format("Running {} of {}{}", counts.running, counts.wanted, health_text(facts));
  }
  if (facts.queue) {
    text += fmt::format("; {} waiting for {}",
                        facts.queue->count,
                        duration_text(facts.ask.now.wall - facts.queue->since));
  }
  if (!reasons.empty()) {
    text += ": " + reasons.front().text;
    if (!reasons.front().fix.empty()) {
      text += "; what helps: " + reasons.front().fix;
    }
  }
  return text;
}

std::string type_of(const App& app) {
  return app.pod ? "pod" : "app";
}

WhyMany many(const Ask& ask, const std::vector<PathId>& apps) {
  WhyMany all;
  for (const PathId& id : apps) {
    const AppPtr app = ask.snapshot.root.find_app(id);
    if (!app) {
      continue;
    }
    Why one = why_app(ask, *app);
    if (one.reasons.empty()) {
      continue;
    }
    ++all.total;
    if (all.members.size() < kMembersMax) {
      all.members.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace

Why why_app(const Ask& ask, const App& app) {
  Facts facts = gather(ask, app);
  Reasons reasons;
  explain_control_plane(facts, reasons);
  explain_deployment(facts, reasons);
  explain_failure(facts, reasons);
  explain_placement(facts, reasons);
  explain_instances(facts, reasons);
  explain_ports(facts, reasons);
  explain_history(facts, reasons);
  Why why;
  why.id = app.id.text();
  why.type = type_of(app);
  why.status = status_of(facts, reasons);
  why.text = sentence(facts, reasons);
  if (!reasons.empty()) {
    why.since = reasons.front().since;
  } else if (facts.queue) {
    why.since = to_iso8601(facts.queue->since);
  }
  why.instances = facts.counts;
  why.reasons = std::move(reasons);
  if (facts.nodes) {
    why.nodes = std::move(facts.nodes->funnel);
    why.nearest = std::move(facts.nodes->nearest);
    why.largest = std::move(facts.nodes->largest);
  }
  return why;
}

Why why_instance(const Ask& ask, const InstanceView& view) {
  const Instance& instance = *view.instance;
  Facts facts = gather(ask, *instance.app);
  Reasons reasons;
  explain_control_plane(facts, reasons);
  if (instance.is_scheduled()) {
    explain_failure(facts, reasons);
    if (!instance.reservation) {
      explain_placement(facts, reasons);
    }
  }
  explain_instance(facts, view, reasons);
  Why why;
  why.id = instance.id.value;
  why.type = "instance";
  why.status = std::string(to_text(instance.condition));
  why.since = to_iso8601(instance.since);
  why.text = fmt::format("{} is {}{}",
                         instance.id.value,
                         to_text(instance.condition),
                         reasons.empty() ? "" : ": " + reasons.front().text);
  if (instance.goal != Goal::running) {
    why.text += fmt::format("; it is to be {}", to_text(instance.goal));
  }
  why.reasons = std::move(reasons);
  if (facts.nodes && instance.is_scheduled() && !instance.reservation) {
    why.nodes = std::move(facts.nodes->funnel);
    why.nearest = std::move(facts.nodes->nearest);
    why.largest = std::move(facts.nodes->largest);
  }
  return why;
}

WhyMany why_group(const Ask& ask, const PathId& group) {
  std::vector<PathId> ids;
  for (const AppPtr& app : ask.snapshot.root.apps_below(group)) {
    ids.push_back(app->id);
  }
  WhyMany all = many(ask, ids);
  all.id = group.text();
  all.type = "group";
  all.status = all.total == 0 ? "running" : "attention";
  all.text = fmt::format("{} of {} services need attention", all.total, ids.size());
  return all;
}

WhyMany why_deployment(const Ask& ask, const DeploymentView& deployment) {
  const DeploymentPlan& plan = *deployment.plan;
  std::vector<PathId> ids;
  std::vector<std::string> names;
  for (const Action& action : deployment.current_actions) {
    ids.push_back(action.app);
    names.push_back(action.app.text());
  }
  WhyMany all = many(ask, ids);
  all.id = plan.id.value;
  all.type = "deployment";
  const bool halted = deployment.halt.kind != DeploymentHalt::Kind::none;
  all.status = deployment.halt.kind == DeploymentHalt::Kind::paused ? "paused" : "deploying";
  all.text = fmt::format("step {} of {} waits for {}{}",
                         deployment.step + 1,
                         plan.steps.size(),
                         join(names, ", "),
                         halted ? "; " + deployment.halt.reason : "");
  return all;
}

}  // namespace ekiden::marathon::explain
