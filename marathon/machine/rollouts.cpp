// Deployments that wait, fail or are taken back: pause and resume, progressDeadlineSeconds,
// maxFailures and onFailure of upgradeStrategy.
#include "marathon/deployment/revert.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <utility>

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

using OnFailure = UpgradeStrategy::OnFailure;

constexpr std::string_view kOurselves = "ekiden";

// Grows with each new instance that serves and each old one that is gone.
std::int32_t progress_of(const deployment::Counts& counts) {
  return counts.current_serving - counts.outdated - counts.leaving;
}

}  // namespace

void Marathon::State::halt(RunningDeployment& running,
                           DeploymentHalt::Kind kind,
                           std::string reason) {
  running.halt = {kind, std::move(reason), now.wall};
  persist(std::string(records::kDeploymentHalt),
          records::number_key(running.number),
          records::write_halt(running.halt));
  notify(DeploymentHalted{running.plan, running.halt});
  dirty_deployments = true;
}

void Marathon::State::resume(RunningDeployment& running) {
  running.halt = {};
  running.failures = 0;
  persist(std::string(records::kDeploymentHalt), records::number_key(running.number), std::nullopt);
  for (const PathId& app : running.pending) {
    AppWork& work = work_of(app);
    if (work.action) {
      work.action->progress.reset();
      work.action->failures = 0;
    }
    dirty_apps.insert(app);
  }
  dirty_deployments = true;
}

void Marathon::State::on_command(const SteerDeployment& command) {
  RunningDeployment* running = find_deployment(command.id);
  if (!running) {
    reply(command.request,
          Rejected{{ErrorCode::not_found,
                    fmt::format("DeploymentPlan {} does not exist", command.id.value),
                    {}}});
    return;
  }
  const bool paused = running->halt.kind == DeploymentHalt::Kind::paused;
  if (command.to == SteerDeployment::To::pause && !paused) {
    halt(*running, DeploymentHalt::Kind::paused, fmt::format("paused by {}", command.actor));
  } else if (command.to == SteerDeployment::To::resume &&
             running->halt.kind != DeploymentHalt::Kind::none) {
    resume(*running);
    notify(DeploymentResumed{running->plan, command.actor});
  }
  reply(command.request, Done{});
}

// Paused: nothing is stopped and nothing replaced; what was lost meanwhile is made up for, so that
// a pause costs no capacity.
deployment::Decision Marathon::State::hold(const AppWork& work, const App* target) const {
  deployment::Decision decision;
  const deployment::Counts& counts = work.census.counts();
  if (target && counts.leaving == 0 && counts.wanted() < target->instances &&
      work.action->action.type == Action::Type::restart) {
    decision.start = target->instances - counts.wanted();
  }
  return decision;
}

void Marathon::State::note_progress(AppWork& work, const App* target) {
  const DeadlineKey key{DeadlineKey::Kind::progress, work.number, 0};
  if (!work.action || !target || !target->upgrade_strategy.progress_deadline_seconds) {
    deadlines.erase(key);
    return;
  }
  const std::int32_t progress = progress_of(work.census.counts());
  std::optional<std::int32_t>& best = work.action->progress;
  if (best && progress <= *best) {
    return;
  }
  best = progress;
  deadlines.set(
      key, now.time + std::chrono::seconds(*target->upgrade_strategy.progress_deadline_seconds));
  RunningDeployment& running = *find_deployment(work.action->deployment);
  if (running.halt.kind == DeploymentHalt::Kind::stalled) {
    resume(running);
    best = progress;
    notify(DeploymentResumed{running.plan, "progress"});
  }
}

void Marathon::State::progress_overdue(AppWork& work) {
  const AppPtr app = root.find_app(work.id);
  if (!work.action || !app || !app->upgrade_strategy.progress_deadline_seconds) {
    return;
  }
  const deployment::Counts& counts = work.census.counts();
  rollout_failed(
      work,
      fmt::format("no progress of {} for {} s: {} of {} new instances serve, {} old ones "
                  "are left",
                  work.id.text(),
                  *app->upgrade_strategy.progress_deadline_seconds,
                  counts.current_serving,
                  app->instances,
                  counts.outdated + counts.leaving));
}

// A new instance ended although it should run.
void Marathon::State::note_rollout_failure(const Slot& slot) {
  AppWork& work = *slot.work;
  if (!work.action || slot.instance->goal != Goal::running || slot.standing.outdated) {
    return;
  }
  RunningDeployment& running = *find_deployment(work.action->deployment);
  ++running.failures;
  ++work.action->failures;
  dirty_deployments = true;
  const auto max = slot.instance->app->upgrade_strategy.max_failures;
  if (max && work.action->failures > static_cast<std::uint32_t>(*max)) {
    rollout_failed(work,
                   fmt::format("{} new instances of {} ended, maxFailures is {}",
                               work.action->failures,
                               work.id.text(),
                               *max));
  }
}

void Marathon::State::rollout_failed(AppWork& work, std::string reason) {
  RunningDeployment& running = *find_deployment(work.action->deployment);
  if (running.halt.kind != DeploymentHalt::Kind::none) {
    return;  // said already
  }
  const AppPtr app = root.find_app(work.id);
  OnFailure then =
      app ? app->upgrade_strategy.on_failure.value_or(OnFailure::carry_on) : OnFailure::carry_on;
  if (then == OnFailure::rollback && running.origin.reverts) {
    then = OnFailure::pause;  // never back and forth
  }
  halt(running,
       then == OnFailure::carry_on ? DeploymentHalt::Kind::stalled : DeploymentHalt::Kind::paused,
       std::move(reason));
  if (then == OnFailure::rollback) {
    failed_rollouts.push_back(running.plan->id);
  }
}

void Marathon::State::roll_back(const RunningDeployment& running,
                                RequestId request,
                                DeploymentOrigin origin,
                                std::string why) {
  const DeploymentPlan plan = *running.plan;
  Submission submission;
  submission.root = deployment::revert(root, plan, next_version());
  submission.changed = plan.affected_apps();
  submission.request = request;
  submission.force = true;
  submission.origin = std::move(origin);
  submission.origin.reverts = plan.id;
  submission.why = std::move(why);
  submit(std::move(submission));
}

void Marathon::State::roll_back_failed() {
  for (const DeploymentId& id : std::exchange(failed_rollouts, {})) {
    if (const RunningDeployment* running = find_deployment(id)) {
      const std::string why = "rolled back: " + running->halt.reason;
      roll_back(*running, 0, {now.wall, std::string(kOurselves), {}}, why);
    }
  }
}

}  // namespace ekiden::marathon
