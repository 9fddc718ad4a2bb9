// What the API asks for: changes of the root, cancelling, killing.
#include "marathon/deployment/plan.h"
#include "marathon/machine/state.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

constexpr std::string_view kCancelled = "The upgrade has been cancelled";

std::string too_many_deployments(std::size_t max) {
  return fmt::format(
      "Max number ({}) of running deployments is achieved. Wait for existing deployments to "
      "complete or cancel oneusing force=true parameter. You can increase max deployment number "
      "by using --max_running_deployments parameter but be advised that this can have negative "
      "effects on the performance.",
      max);
}

}  // namespace

void Marathon::State::reply(RequestId request, decltype(Reply::body) body) {
  if (request != 0) {
    effects.reply.push_back({request, std::move(body)});
  }
}

// Milliseconds, and always after the last one: versions name definitions.
WallTime Marathon::State::next_version() const {
  using std::chrono::milliseconds;
  const WallTime present(std::chrono::floor<milliseconds>(now.wall.time_since_epoch()));
  return std::max(present, root.version + milliseconds(1));
}

change::Context Marathon::State::change_context(const ChangeRoot& command, WallTime version) const {
  change::History history;
  history.app_at = [this](const PathId& app, WallTime at) { return definition(app, at); };
  history.root_at = [this](WallTime at) -> std::optional<Root> {
    const auto found = root_history.find(at);
    return found == root_history.end() ? std::nullopt : std::optional(found->second);
  };
  history.instance = [this](const InstanceId& id) -> InstancePtr {
    const auto found = by_id.find(id);
    return found == by_id.end() ? nullptr : found->second->instance;
  };
  return {settings,
          version,
          std::move(history),
          command.dry_run ? change::Purpose::dry_run : change::Purpose::apply,
          command.force ? change::Force::yes : change::Force::no};
}

void Marathon::State::on_command(const ChangeRoot& command) {
  const WallTime version = next_version();
  const PathId group = change::group_of(command.change);
  const bool only_shown = command.dry_run || command.what_if;
  if (!only_shown && deployments.size() >= settings.max_running_deployments) {
    reply(command.request,
          Rejected{
              {ErrorCode::forbidden, too_many_deployments(settings.max_running_deployments), {}}});
    return;
  }
  Result<change::Outcome> outcome =
      change::apply(root, command.change, change_context(command, version));
  if (!outcome) {
    if (!only_shown) {
      notify(RootChangeFailed{group, version, outcome.error().message});
    }
    reply(command.request, Rejected{std::move(outcome.error())});
    return;
  }
  Submission submission{std::move(outcome->root),
                        std::move(outcome->created),
                        std::move(outcome->changed),
                        std::move(outcome->to_kill),
                        group,
                        command.request,
                        command.force,
                        {now.wall, command.actor, {}}};
  if (only_shown) {
    const auto plan = plan_for(submission);
    reply(command.request, Applied{version, plan->id, submission.created, *plan});
    return;
  }
  if (std::optional<Error> problem = guard_problem(submission)) {
    notify(RootChangeFailed{group, version, problem->message});
    reply(command.request, Rejected{std::move(*problem)});
    return;
  }
  submit(std::move(submission));
}

std::shared_ptr<const DeploymentPlan> Marathon::State::plan_for(const Submission& submission) {
  deployment::PlanInput input{DeploymentId{random.uuid()},
                              root,
                              submission.root,
                              submission.changed,
                              submission.to_kill,
                              [this](const PathId& app) {
                                const auto work = apps.find(app);
                                return work != apps.end() &&
                                       work->second->census.counts().outdated > 0;
                              }};
  return std::make_shared<const DeploymentPlan>(deployment::make_plan(input));
}

Marathon::State::Ending Marathon::State::overridden_by(const Submission& submission,
                                                       const DeploymentId& id) {
  if (submission.origin.reverts == id) {
    return {FinishedDeployment::Outcome::rolled_back, std::string(kCancelled), submission.why};
  }
  return {FinishedDeployment::Outcome::overridden,
          std::string(kCancelled),
          fmt::format("overridden by a newer change of {}", submission.origin.actor)};
}

void Marathon::State::submit(Submission submission) {
  const auto plan = plan_for(submission);
  const std::vector<DeploymentId> conflicts = locks.conflicts(plan->affected_apps());
  if (!conflicts.empty() && !submission.force) {
    reject(submission, plan, conflicts);
    return;
  }
  // One batch: the overridden plans go and the new one comes together [DP-24].
  for (const DeploymentId& id : conflicts) {
    end_deployment(find_deployment(id)->number, overridden_by(submission, id));
  }
  adopt_root(std::move(submission.root), *plan);
  notify(RootChanged{submission.group, root.version});
  reply(submission.request, Applied{root.version, plan->id, submission.created, std::nullopt});
  begin_deployment(plan, std::move(submission.origin));
}

void Marathon::State::reject(const Submission& submission,
                             const std::shared_ptr<const DeploymentPlan>& plan,
                             std::vector<DeploymentId> conflicts) {
  notify(DeploymentEnded{plan, false, "App is locked by another deployment"});
  notify(RootChangeFailed{
      submission.group, submission.root.version, "App is locked by another deployment"});
  reply(submission.request, Locked{std::move(conflicts)});
}

void Marathon::State::on_command(const CancelDeployment& command) {
  const RunningDeployment* running = find_deployment(command.id);
  if (!running) {
    reply(command.request,
          Rejected{{ErrorCode::not_found,
                    fmt::format("DeploymentPlan {} does not exist", command.id.value),
                    {}}});
    return;
  }
  if (command.force) {
    end_deployment(running->number,
                   {FinishedDeployment::Outcome::cancelled,
                    std::string(kCancelled),
                    fmt::format("stopped by {}", command.actor)});
    reply(command.request, Done{});
    return;
  }
  roll_back(*running,
            command.request,
            {now.wall, command.actor, {}},
            fmt::format("rolled back by {}", command.actor));
}

void Marathon::State::on_command(const KillInstances& command) {
  for (const InstanceId& id : command.instances) {
    Slot* slot = find(id);
    if (!slot) {
      continue;
    }
    if (command.wipe) {
      decommission(*slot);
    } else if (is_active(slot->instance->condition)) {
      kill(*slot);
    }
  }
  reply(command.request, Done{});
}

void Marathon::State::on_command(const ResetDelay& command) {
  const auto work = apps.find(command.app);
  if (work == apps.end() || work->second->queue.empty()) {
    reply(command.request,
          Rejected{{ErrorCode::not_found,
                    fmt::format("Application {} not found in tasks queue.", command.app.text()),
                    {}}});
    return;
  }
  work->second->rate_limit.reset_all();
  refresh_hunger(*work->second);
  dirty_queues.insert(command.app);
  reply(command.request, Done{});
}

}  // namespace ekiden::marathon
