#include "lb/drains.h"

#include "core/json/json.h"

#include <algorithm>
#include <map>

namespace ekiden::lb {

namespace {

using namespace std::chrono_literals;

constexpr Duration kLookInterval = 50ms;

}  // namespace

Drains::Drains(Parts parts) : parts_(std::move(parts)), timer_(parts_.loop, [this] { look(); }) {}

bool Drains::add(std::string task_id, std::uint64_t after_fetch, net::Responder respond) {
  if (drains_.size() >= kMax) {
    return false;
  }
  parts_.metrics.drains.add();
  drains_.push_back({std::move(task_id),
                     after_fetch,
                     std::move(respond),
                     parts_.clock.now().time + parts_.timeout,
                     Phase::waiting_for_apps});
  timer_.set_after(kLookInterval);
  return true;
}

std::vector<std::string> Drains::due(std::uint64_t fetch) {
  std::vector<std::string> tasks;
  for (Drain& drain : drains_) {
    if (drain.phase == Phase::waiting_for_apps && drain.after_fetch <= fetch) {
      drain.phase = Phase::waiting_for_run;
      tasks.push_back(drain.task_id);
    }
  }
  return tasks;
}

void Drains::taken_out(const std::vector<std::string>& task_ids) {
  for (Drain& drain : drains_) {
    const bool mine = std::find(task_ids.begin(), task_ids.end(), drain.task_id) != task_ids.end();
    if (mine && drain.phase == Phase::waiting_for_run) {
      drain.phase = Phase::waiting_for_sessions;
    }
  }
  look();
}

// One question for all of them at a time; the timer asks again while any is left.
void Drains::look() {
  if (drains_.empty()) {
    return;
  }
  timer_.set_after(kLookInterval);
  std::vector<std::string> tasks;
  const Time now = parts_.clock.now().time;
  for (const Drain& drain : drains_) {
    if (drain.phase == Phase::waiting_for_sessions || drain.deadline <= now) {
      tasks.push_back(drain.task_id);
    }
  }
  if (looking_ || tasks.empty()) {
    return;
  }
  looking_ = parts_.worker.post([this,
                                 tasks,
                                 alive = std::weak_ptr<bool>(parts_.alive),
                                 &applier = parts_.applier,
                                 &loop = parts_.loop] {
    std::vector<std::pair<std::string, DrainState>> states;
    for (const std::string& task : tasks) {
      states.emplace_back(task, applier.drain_state(task));
    }
    loop.post([this, states = std::move(states), alive] {
      if (!alive.expired()) {
        counted(states);
      }
    });
  });
}

void Drains::counted(const std::vector<std::pair<std::string, DrainState>>& states) {
  looking_ = false;
  const std::map<std::string, DrainState> by_task(states.begin(), states.end());
  const Time now = parts_.clock.now().time;
  for (auto drain = drains_.begin(); drain != drains_.end();) {
    const auto state = by_task.find(drain->task_id);
    const bool over = drain->deadline <= now;
    const bool empty = drain->phase == Phase::waiting_for_sessions && state != by_task.end() &&
                       state->second.sessions == 0;
    if (state == by_task.end() || !(empty || over)) {
      ++drain;
      continue;
    }
    answer(*drain, state->second);
    drain = drains_.erase(drain);
  }
}

void Drains::answer(const Drain& drain, const DrainState& state) {
  if (state.sessions > 0) {
    parts_.metrics.drain_timeouts.add();
  }
  json::Value body;
  body.set("taskId", drain.task_id);
  body.set("drained", state.sessions == 0 && drain.phase == Phase::waiting_for_sessions);
  body.set("known", state.known);
  body.set("sessions", state.sessions);
  drain.respond(net::json_response(200, json::to_text(body)));
}

}  // namespace ekiden::lb
