#include "cli/simulation.h"

#include "core/base/log.h"
#include "core/json/json.h"
#include "core/wire/connect.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace ekiden::cli {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPoll = 5ms;
// libcurl looks through all connections to a host for each call.
constexpr std::size_t kAgentsPerClient = 250;

std::vector<std::string> all_steps() {
  return {"register", "launch", "state", "offers", "recover", "lose", "idle", "kill"};
}

}  // namespace

Simulation::Simulation(net::Loop& loop,
                       const SimulateCommand& command,
                       std::function<void(int)> on_done)
    : loop_(loop),
      command_(command),
      on_done_(std::move(on_done)),
      timer_(loop, [this] { poll(); }) {}

Simulation::~Simulation() = default;

Result<void> Simulation::start() {
  const auto known = all_steps();
  for (const std::string& name : command_.steps) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return fail(ErrorCode::invalid,
                  fmt::format("there is no step '{}': steps are register, launch, state, offers, "
                              "recover, lose, idle, kill",
                              name));
    }
  }
  for (std::size_t i = 0; i <= command_.agents / kAgentsPerClient + 1; ++i) {
    clients_.push_back(std::make_unique<net::Client>(loop_));
  }
  if (!command_.masters.empty()) {
    url_ = command_.masters.front();
  } else {
    const std::vector<std::string> flags = {
        "--agent_ping_timeout=" + to_text(command_.ping_interval),
        fmt::format("--max_agent_ping_timeouts={}", command_.pings_missed_max),
        "--agent_reregister_timeout=" + to_text(command_.reregister_timeout)};
    master_ = std::make_unique<SimulatedMaster>(command_.work_dir, flags);
    if (auto started = master_->start(); !started) {
      return started;
    }
    add({"start", [] {}, [this] { return master_->ready(); }, [this] { url_ = master_->url(); }});
  }
  plan();
  timer_.set_after(Duration::zero());
  return {};
}

void Simulation::plan() {
  const auto wanted_step = [this](const std::string& name) {
    return command_.steps.empty() ||
           std::find(command_.steps.begin(), command_.steps.end(), name) != command_.steps.end();
  };
  add(registering());
  const bool by_marathon = !command_.marathon.empty();
  if (wanted_step("launch")) {
    add(by_marathon ? deploying() : launching());
  }
  if (wanted_step("state")) {
    add(reading_state());
  }
  if (wanted_step("offers") && !by_marathon) {
    add(cycling_offers());
  }
  if (wanted_step("recover") && master_ != nullptr) {
    add(recovering());
  }
  if (wanted_step("lose") && command_.lose > 0) {
    add(losing());
  }
  if (wanted_step("idle") && command_.idle > Duration::zero()) {
    add(idling());
  }
  if (wanted_step("kill") && !by_marathon) {
    add(killing());
  }
}

void Simulation::add(const Step& step) {
  steps_.push_back(step);
}

void Simulation::poll() {
  if (at_ == steps_.size()) {
    return finish();
  }
  Step& step = steps_[at_];
  if (begun_ == Time{}) {
    begun_ = clock_.now().time;
    if (master_ != nullptr) {
      before_ = usage_of(master_->pid());
    }
    measured_.push_back({step.name, {}});
    answer_.reset();
    step.begin();
  }
  if (step.done()) {
    step.end();
    begun_ = {};
    ++at_;
  } else if (clock_.now().time - begun_ > command_.limit) {
    wrong_.push_back(fmt::format("{}: not done after {}", step.name, to_text(command_.limit)));
    expect_all_running();
    return finish();
  } else if (master_ != nullptr && !master_->alive()) {
    wrong_.push_back(step.name + ": the master has died");
    return finish();
  }
  timer_.set_after(kPoll);
}

void Simulation::finish() {
  timer_.cancel();
  on_done_(wrong_.empty() ? 0 : 1);
}

void Simulation::make_agents() {
  simulator::AgentsOptions options;
  options.count = command_.agents;
  options.info.hostname = "simulated";
  if (auto resources = model::parse_resources(command_.agent_resources)) {
    options.info.resources = resources->list();
  }
  options.rules.start_delay = command_.start_delay;
  options.rules.failure_rate = static_cast<double>(command_.failures_per_thousand) / 1000;
  if (command_.lifetime > Duration::zero()) {
    options.rules.lifetime = command_.lifetime;
  }
  options.seed = command_.seed;
  std::vector<api::MasterConnect> connects;
  wire::StreamOptions stream;
  stream.masters = command_.masters.empty() ? std::vector{url_} : command_.masters;
  for (std::size_t i = 1; i < clients_.size(); ++i) {  // the first is the framework's
    connects.push_back(wire::http_master_connect(loop_, *clients_[i], stream));
  }
  agents_ =
      std::make_unique<simulator::Agents>(loop_, clock_, std::move(options), std::move(connects));
}

void Simulation::make_scheduler() {
  wire::StreamOptions stream;
  stream.masters = command_.masters.empty() ? std::vector{url_} : command_.masters;
  simulator::SchedulerOptions options;
  options.tasks_per_agent = command_.tasks_per_agent;
  options.labels = command_.labels;
  scheduler_ = std::make_unique<simulator::Scheduler>(
      loop_, clock_, options, wire::http_scheduler_connect(loop_, *clients_.front(), stream));
}

void Simulation::measure(std::string name, double value, std::string unit) {
  measured_.back().figures.push_back({std::move(name), value, std::move(unit)});
}

void Simulation::expect(std::uint64_t is, std::uint64_t should_be, const std::string& what) {
  if (is != should_be) {
    wrong_.push_back(
        fmt::format("{}: {} {} instead of {}", measured_.back().step, is, what, should_be));
  }
}

double Simulation::seconds_since_begin(Time until) const {
  return std::max(1e-9, to_seconds(until - begun_));
}

double Simulation::master_cpu() {
  return master_ == nullptr ? 0 : usage_of(master_->pid()).cpu_seconds - before_.cpu_seconds;
}

std::string Simulation::table() const {
  std::string text;
  for (const Measured& one : measured_) {
    std::string step = one.step;
    for (const Figure& figure : one.figures) {
      const auto digits = figure.value == std::floor(figure.value) || figure.value >= 1000 ? 0 : 3;
      text += fmt::format(
          "{:<10} {:<34} {:>14.{}f} {}\n", step, figure.name, figure.value, digits, figure.unit);
      step.clear();
    }
  }
  for (const std::string& what : wrong_) {
    text += "wrong: " + what + "\n";
  }
  return text + (wrong_.empty() ? "correct: all tasks run once, none was lost\n" : "");
}

std::string Simulation::json() const {
  json::Object steps;
  for (const Measured& one : measured_) {
    json::Object figures;
    for (const Figure& figure : one.figures) {
      figures.emplace_back(figure.name, figure.value);
    }
    steps.emplace_back(one.step, std::move(figures));
  }
  json::Array wrong(wrong_.begin(), wrong_.end());
  return json::to_text(json::Object{{"steps", std::move(steps)}, {"wrong", std::move(wrong)}}) +
         "\n";
}

}  // namespace ekiden::cli
