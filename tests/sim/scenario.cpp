#include "core/json/json.h"
#include "tests/sim/world.h"

#include <fmt/core.h>

namespace ekiden::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kTroubles = 4min;      // how long things break
constexpr Duration kConvergence = 40min;  // bound for desired to equal actual afterwards
constexpr Duration kQuiet = 60s;          // it must stay equal for that long
constexpr std::uint64_t kEventsMax = 2'000'000;
const char* const kApps[] = {"/a", "/group/b"};

}  // namespace

void World::put_app(const std::string& body) {
  queue_.trace("people put " + body);
  auto value = json::parse(body);
  CHECK(value, "{}", value.error().message);
  marathon::PutApps put;
  put.apps.push_back({marathon::PathId::parse((*value)["id"].as_string()), *value});
  marathon::ChangeRoot change;
  change.request = next_request_++;
  change.change = std::move(put);
  change.force = true;
  change.actor = "sim";
  marathon_->handle(marathon::Command(std::move(change)));
}

// People change apps at random moments.
void World::people() {
  for (const char* app : kApps) {
    const std::uint64_t instances = 1 + queue_.random().below(4);
    queue_.after(queue_.between(1s, 5s), [this, app, instances] {
      put_app(fmt::format(R"({{"id":"{}","cmd":"sleep 1","cpus":0.5,"mem":64,"instances":{},)"
                          R"("backoffSeconds":1,"maxLaunchDelaySeconds":10}})",
                          app,
                          instances));
    });
  }
  const std::uint64_t changes = 2 + queue_.random().below(5);
  for (std::uint64_t i = 0; i < changes; ++i) {
    const char* app = kApps[queue_.random().below(2)];
    const bool scale = queue_.chance(0.5);
    const std::uint64_t number = queue_.random().below(5);
    queue_.after(queue_.between(20s, kTroubles), [this, app, scale, number] {
      if (!marathon_->up() ||
          marathon_->machine().snapshot()->root.find_app(marathon::PathId::parse(app)) == nullptr) {
        return;
      }
      put_app(scale ? fmt::format(R"({{"id":"{}","instances":{}}})", app, number)
                    : fmt::format(R"({{"id":"{}","cmd":"sleep {}"}})", app, number));
    });
  }
}

void World::faults() {
  Weather weather;
  weather.latency_max = queue_.between(1ms, 100ms);
  weather.slow = queue_.random().unit() * 0.03;
  scheduler_links_->set_weather(weather);
  weather.loss = queue_.random().unit() * 0.05;
  weather.duplicate = queue_.random().unit() * 0.03;
  agent_links_->set_weather(weather);
  const std::uint64_t count = queue_.random().below(24);
  for (std::uint64_t i = 0; i < count; ++i) {
    queue_.after(queue_.between(5s, kTroubles), [this] { one_fault(); });
  }
  queue_.after(kTroubles, [this] { heal(); });
}

void World::one_fault() {
  const std::size_t index = queue_.random().below(kAgents);
  AgentHost& host = agents_[index];
  switch (queue_.random().below(8)) {
    case 0:
      if (master_->up()) {
        crash_master();
      }
      break;
    case 1:
      crash_agent(index);
      break;
    case 2:
      crash_marathon();
      break;
    case 3:
      queue_.trace(fmt::format("link of agent{} breaks", index + 1));
      if (host.link) {
        agent_links_->break_link(*host.link, AgentLinks::Hears::both);
      }
      break;
    case 4:
      queue_.trace("link of marathon breaks");
      if (marathon_link_) {
        scheduler_links_->break_link(*marathon_link_, SchedulerLinks::Hears::both);
      }
      break;
    case 5: {
      const Duration length = queue_.between(1s, 3min);
      queue_.trace(fmt::format("agent{} is cut off for {}", index + 1, to_text(length)));
      host.cut_until = queue_.now().time + length;
      if (host.link) {
        agent_links_->break_link(*host.link, AgentLinks::Hears::nobody);
        queue_.after(queue_.between(1s, 30s),
                     [this, index, link = *host.link, life = host.node->life()] {
                       AgentHost& mine = agents_[index];
                       if (life == mine.node->life() && mine.link == link) {
                         mine.link.reset();
                         mine.node->handle(agent::MasterLost{});
                       }
                     });
      }
      break;
    }
    case 6:
      host.executors->kill_one(Executors::Death::exits);
      break;
    default:
      host.executors->kill_one(Executors::Death::vanishes);
      break;
  }
}

void World::heal() {
  queue_.trace("everything heals");
  healed_ = true;
  scheduler_links_->set_weather({});
  agent_links_->set_weather({});
  for (AgentHost& host : agents_) {
    host.cut_until = Time{};
  }
}

bool World::converged(std::string* what) {
  if (!master_->up() || !marathon_->up()) {
    *what = "a daemon is down";
    return false;
  }
  const marathon::SnapshotPtr snapshot = marathon_->machine().snapshot();
  std::map<std::string, int> running;
  int all = 0;
  for (const AgentHost& host : agents_) {
    for (const TaskId& task : host.executors->running()) {
      const std::string& id = task.value;
      ++running[id.substr(0, id.find(".instance-"))];
      ++all;
    }
  }
  int wanted = 0;
  bool equal = snapshot->deployments.empty();
  *what = fmt::format("{} deployments are under way", snapshot->deployments.size());
  for (const char* path : kApps) {
    const auto id = marathon::PathId::parse(path);
    const auto app = snapshot->root.find_app(id);
    const int instances = app == nullptr ? 0 : app->instances;
    wanted += instances;
    if (running[id.safe_path()] != instances) {
      equal = false;
      *what += fmt::format("; {} runs {} of {}", path, running[id.safe_path()], instances);
    }
  }
  if (all != wanted) {
    equal = false;
    *what += fmt::format("; {} tasks run, {} are wanted", all, wanted);
  }
  return equal;
}

Outcome World::run() {
  master_->start();
  for (AgentHost& host : agents_) {
    host.node->start();
  }
  marathon_->start();
  connect_marathon();
  people();
  faults();
  const Time end = queue_.now().time + kTroubles + kConvergence;
  Time quiet_since = kNever;
  bool is_quiet = false;
  std::string what;
  while (!violation_ && queue_.next() <= end && queue_.count() < kEventsMax) {
    queue_.run_one();
    if (queue_.take_touched()) {
      check();
      is_quiet = healed_ && converged(&what);
      quiet_since = is_quiet ? std::min(quiet_since, queue_.now().time) : kNever;
    }
    if (quiet_since != kNever && queue_.now().time - quiet_since > kQuiet) {
      break;
    }
  }
  if (!violation_ && quiet_since == kNever) {
    violation("after everything healed desired does not become actual: " + what);
  }
  return {violation_, queue_.digest(), queue_.count()};
}

}  // namespace ekiden::sim
