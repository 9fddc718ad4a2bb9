// Running deployments: steps in order, actions side by side, each app brought nearer to its target
// whenever something about it changed [DP-17 to DP-20].
#include "marathon/instance/balance.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <algorithm>

namespace ekiden::marathon {

namespace {

std::string step_record(std::size_t step) {
  return std::to_string(step);
}

}  // namespace

const DeploymentPlan::Change* RunningDeployment::change_of(const PathId& app) const {
  const auto& changes = plan->changes;
  const auto found = std::lower_bound(
      changes.begin(), changes.end(), app, [](const auto& change, const PathId& id) {
        return change.app < id;
      });
  return found != changes.end() && found->app == app ? &*found : nullptr;
}

RunningDeployment* Marathon::State::find_deployment(const DeploymentId& id) {
  const auto number = deployment_numbers.find(id);
  return number == deployment_numbers.end() ? nullptr : &deployments.at(number->second);
}

RunningDeployment* Marathon::State::deployment_of(const PathId& app) {
  const DeploymentId* id = locks.holder(app);
  return id ? find_deployment(*id) : nullptr;
}

const RunningDeployment* Marathon::State::deployment_of(const PathId& app) const {
  const DeploymentId* id = locks.holder(app);
  const auto number = id ? deployment_numbers.find(*id) : deployment_numbers.end();
  return number == deployment_numbers.end() ? nullptr : &deployments.at(number->second);
}

void Marathon::State::begin_deployment(std::shared_ptr<const DeploymentPlan> plan,
                                       DeploymentOrigin origin) {
  const std::uint64_t number = ++last_number;
  RunningDeployment& running = deployments[number];
  running.number = number;
  running.plan = std::move(plan);
  running.origin = std::move(origin);
  running.origin.started = now.wall;
  deployment_numbers[running.plan->id] = number;
  locks.take(running.plan->id, running.plan->affected_apps());
  persist(std::string(records::kDeployment),
          records::number_key(number),
          records::write_plan(*running.plan, running.origin));
  dirty_deployments = true;
  notify(DeploymentStarted{running.plan});
  begin_step(running);
}

void Marathon::State::begin_step(RunningDeployment& running) {
  dirty_deployments = true;
  if (running.step >= running.plan->steps.size()) {
    end_deployment(running.number, Ending{});
    return;
  }
  const Step& step = running.plan->steps[running.step];
  for (const Action& action : step.actions) {
    running.pending.insert(action.app);
  }
  notify(DeploymentStepStarted{running.plan, running.step});
  for (const Action& action : step.actions) {
    begin_action(running, action);
  }
  if (running.pending.empty()) {
    end_step(running);
  }
}

void Marathon::State::begin_action(RunningDeployment& running, const Action& action) {
  announce_health_checks(action);
  if (action.type == Action::Type::start) {
    running.pending.erase(action.app);
    return;
  }
  AppWork& work = work_of(action.app);
  work.action = AppWork::ActiveAction{running.plan->id, action, std::nullopt, 0};
  const DeploymentPlan::Change* change = running.change_of(action.app);
  if (change && change->after) {
    set_target(work, *change->after);
  }
  if (action.type == Action::Type::restart) {
    work.rate_limit.reset(work.target.config);
    refresh_hunger(work);
  }
  for (const InstanceId& id : action.to_kill) {
    if (Slot* slot = find(id); slot && slot->instance->goal == Goal::running) {
      retire(*slot);
    }
  }
  if (work.target.needs_readiness) {
    for (const InstanceNumber number : work.instances) {
      want_readiness(*find(number));
    }
  }
  dirty_apps.insert(action.app);
}

void Marathon::State::announce_health_checks(const Action& action) {
  if (action.type == Action::Type::stop) {
    notify(HealthCheckRemoved{action.app});
    return;
  }
  const AppPtr app = root.find_app(action.app);
  if (!app || app->health_checks.empty()) {
    return;
  }
  AppWork& work = work_of(action.app);
  if (work.announced == app->version_info.version) {
    return;
  }
  work.announced = app->version_info.version;
  for (const HealthCheck& check : app->health_checks) {
    notify(HealthCheckAdded{app->id, app->version_info.version, check});
  }
}

void Marathon::State::end_step(RunningDeployment& running) {
  notify(DeploymentStepDone{running.plan, running.step, true});
  ++running.step;
  if (running.step < running.plan->steps.size()) {
    persist(std::string(records::kDeploymentStep),
            records::number_key(running.number),
            step_record(running.step));
  }
  begin_step(running);
}

void Marathon::State::end_deployment(std::uint64_t number, const Ending& ending) {
  const RunningDeployment running = std::move(deployments.at(number));
  deployments.erase(number);
  deployment_numbers.erase(running.plan->id);
  const std::vector<PathId> affected = running.plan->affected_apps();
  locks.release(running.plan->id, affected);
  for (const PathId& app : affected) {
    const auto work = apps.find(app);
    if (work != apps.end() && work->second->action &&
        work->second->action->deployment == running.plan->id) {
      work->second->action.reset();
      note_progress(*work->second, nullptr);
    }
    dirty_apps.insert(app);
  }
  const std::string key = records::number_key(number);
  persist(std::string(records::kDeployment), key, std::nullopt);
  if (running.step > 0) {
    persist(std::string(records::kDeploymentStep), key, std::nullopt);
  }
  if (running.halt.kind != DeploymentHalt::Kind::none) {
    persist(std::string(records::kDeploymentHalt), key, std::nullopt);
  }
  remember_deployment(running, ending);
  dirty_deployments = true;
  const bool success = ending.outcome == FinishedDeployment::Outcome::succeeded;
  notify(DeploymentEnded{running.plan, success, ending.reason});
}

void Marathon::State::action_done(AppWork& work) {
  RunningDeployment& running = *find_deployment(work.action->deployment);
  const Action::Type type = work.action->action.type;
  const PathId app = work.id;
  work.action.reset();
  note_progress(work, nullptr);
  if (type == Action::Type::stop) {
    work.rate_limit.reset_all();
    work.announced.reset();
    if (view.failures.erase(app)) {
      persist(std::string(records::kFailure), app.text(), std::nullopt);
    }
    notify(AppTerminated{app});
  }
  dirty_apps.insert(app);
  dirty_deployments = true;
  running.pending.erase(app);
  if (running.pending.empty()) {
    end_step(running);
  }
}

// Level triggered: compares what is with what should be, whoever asks and however often.
void Marathon::State::evaluate(AppWork& work) {
  AppPtr target;
  if (work.action) {
    const RunningDeployment* running = find_deployment(work.action->deployment);
    const DeploymentPlan::Change* change = running->change_of(work.id);
    target = change ? change->after : root.find_app(work.id);
  } else {
    // No definition is no order: instances without one are left alone.
    target = standing_definition(work.id);
    if (!target) {
      return;
    }
  }
  if (target) {
    set_target(work, *target);
  }
  note_progress(work, target.get());
  const deployment::Decision decision = decide(work, target.get());
  carry_out(work, target, decision);
  if (work.action && decision.done) {
    action_done(work);
  }
}

bool Marathon::State::is_paused(const AppWork::ActiveAction& action) {
  return find_deployment(action.deployment)->halt.kind == DeploymentHalt::Kind::paused;
}

deployment::Decision Marathon::State::decide(AppWork& work, const App* target) {
  const deployment::Counts& counts = work.census.counts();
  if (!work.action) {
    return deployment::advance_scale(target->instances, counts);
  }
  if (is_paused(*work.action)) {
    return hold(work, target);
  }
  const Action& action = work.action->action;
  if (action.type == Action::Type::stop || !target) {
    return deployment::advance_stop(counts);
  }
  if (action.type == Action::Type::scale) {
    return deployment::advance_scale(action.scale_to, counts);
  }
  const deployment::Replacement replacement{
      target->instances,
      target->upgrade_strategy,
      target->is_resident(),
      brake.engaged() ? deployment::Ailing::stay : deployment::Ailing::may_go};
  return deployment::advance_replace(replacement, counts);
}

void Marathon::State::carry_out(AppWork& work,
                                const AppPtr& target,
                                const deployment::Decision& decision) {
  std::vector<InstanceNumber> victims = work.census.first_outdated(decision.drop_outdated);
  if (decision.drop_surplus > 0) {
    const auto surplus = surplus_of(work, target.get(), decision.drop_surplus);
    victims.insert(victims.end(), surplus.begin(), surplus.end());
  }
  const bool ends = !target || (work.action && work.action->action.type == Action::Type::stop);
  for (const InstanceNumber number : victims) {
    if (Slot* slot = find(number)) {
      ends ? decommission(*slot) : retire(*slot);
    }
  }
  if (ends && !(work.action && is_paused(*work.action))) {
    drop_kept(work);
  }
  for (std::int32_t i = reuse_kept(work, target, decision.start); i < decision.start; ++i) {
    add_instance(target);
  }
}

// Idle ones, then those whose going keeps GROUP_BY balanced, then by rank.
std::vector<InstanceNumber> Marathon::State::surplus_of(const AppWork& work,
                                                        const App* target,
                                                        std::int32_t count) {
  if (!target || !instance::has_group_by(*target)) {
    return work.census.first_surplus(count);
  }
  const std::vector<InstanceNumber> order = work.census.first_surplus(work.census.counts().present);
  std::vector<InstanceNumber> victims;
  std::vector<InstancePtr> placed;
  for (const InstanceNumber number : order) {
    const Slot& slot = *find(number);
    if (slot.standing.presence != deployment::Standing::Presence::idle) {
      placed.push_back(slot.instance);
    } else if (victims.size() < static_cast<std::size_t>(count)) {
      victims.push_back(number);
    }
  }
  const std::size_t left = static_cast<std::size_t>(count) - victims.size();
  for (const InstancePtr& victim : instance::balanced_victims(*target, std::move(placed), left)) {
    victims.push_back(find(victim->id)->number);
  }
  for (const InstanceNumber number : order) {
    if (victims.size() >= static_cast<std::size_t>(count)) {
      break;
    }
    if (std::find(victims.begin(), victims.end(), number) == victims.end()) {
      victims.push_back(number);
    }
  }
  return victims;
}

}  // namespace ekiden::marathon
