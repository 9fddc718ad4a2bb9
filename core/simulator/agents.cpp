#include "core/simulator/agents.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::simulator {

Agents::Agents(net::Loop& loop,
               const Clock& clock,
               AgentsOptions options,
               std::vector<api::MasterConnect> connects)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      connects_(std::move(connects)),
      timer_(loop, [this] { fire(); }) {
  world_.rules = options_.rules;
  Random random(options_.seed);
  agents_.resize(options_.count);
  for (std::size_t number = 0; number < agents_.size(); ++number) {
    model::AgentInfo info = options_.info;
    info.hostname = fmt::format("{}-{}", info.hostname, number + 1);
    agents_[number].agent = std::make_unique<Agent>(world_, std::move(info), Random(random.next()));
  }
}

Agents::~Agents() = default;

void Agents::start() {
  const Now now = clock_.now();
  const auto count = static_cast<Duration::rep>(std::max<std::size_t>(1, agents_.size()));
  for (std::size_t number = 0; number < agents_.size(); ++number) {
    const auto share = static_cast<Duration::rep>(number);
    agents_[number].agent->start(now.time + options_.spread / count * share);
    settle(number);
  }
}

void Agents::received(std::size_t number, const api::agent_link::ToAgent& message) {
  if (agents_[number].lost) {
    return;
  }
  Agent::Out out;
  agents_[number].agent->on(message, clock_.now(), out);
  perform(number, out);
}

void Agents::closed(std::size_t number) {
  Slot& slot = agents_[number];
  dead_.push_back(std::move(slot.link));
  loop_.post([this] { dead_.clear(); });
  if (slot.lost) {
    return;
  }
  slot.agent->on_lost(clock_.now());
  settle(number);
}

void Agents::perform(std::size_t number, Agent::Out& out) {
  Slot& slot = agents_[number];
  if (out.disconnect || out.connect) {
    if (slot.link != nullptr) {
      dead_.push_back(std::move(slot.link));
      loop_.post([this] { dead_.clear(); });
    }
  }
  if (out.connect) {
    slot.link = connects_[number % connects_.size()](
        [this, number](const api::agent_link::ToAgent& message) { received(number, message); },
        [this, number] { closed(number); });
  }
  for (api::agent_link::ToMaster& message : out.send) {
    if (slot.link != nullptr) {
      slot.link->send(std::move(message));
    }
  }
  settle(number);
}

void Agents::settle(std::size_t number) {
  Slot& slot = agents_[number];
  const bool is_registered = slot.agent->registered() && !slot.lost;
  registered_ += is_registered && !slot.was_registered ? 1 : 0;
  registered_ -= !is_registered && slot.was_registered ? 1 : 0;
  slot.was_registered = is_registered;
  const Time next = slot.lost ? kNever : slot.agent->next_deadline();
  if (next == slot.deadline) {
    return;
  }
  deadlines_.erase({slot.deadline, number});
  slot.deadline = next;
  if (next != kNever) {
    deadlines_.emplace(next, number);
  }
  timer_.set(deadlines_.empty() ? kNever : deadlines_.begin()->first);
}

void Agents::fire() {
  const Now now = clock_.now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.time) {
    const std::size_t number = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    agents_[number].deadline = kNever;
    Agent::Out out;
    agents_[number].agent->tick(now, out);
    perform(number, out);
  }
  timer_.set(deadlines_.empty() ? kNever : deadlines_.begin()->first);
}

std::size_t Agents::lose(std::size_t count, How how) {
  std::size_t tasks = 0;
  for (std::size_t number = 0; number < agents_.size() && count > 0; ++number) {
    Slot& slot = agents_[number];
    if (slot.lost) {
      continue;
    }
    --count;
    slot.lost = true;
    std::vector<std::string> ids;
    slot.agent->add_task_ids(ids);
    tasks += ids.size();
    if (how == How::closed) {
      slot.link.reset();
    }
    settle(number);
  }
  world_.counters.running -= tasks;
  return tasks;
}

void Agents::forget_times() {
  world_.counters.first_connect = kNever;
  world_.counters.last_registered = {};
}

std::size_t Agents::doubled() const {
  std::vector<std::string> ids;
  for (const Slot& slot : agents_) {
    if (!slot.lost) {
      slot.agent->add_task_ids(ids);
    }
  }
  std::sort(ids.begin(), ids.end());
  std::size_t twice = 0;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    twice += ids[i] == ids[i - 1] ? 1 : 0;
  }
  return twice;
}

}  // namespace ekiden::simulator
