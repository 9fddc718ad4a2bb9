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

// People change apps at random moments, and what the second framework shall run.
void World::people() {
  for (const char* app : kApps) {
    const std::uint64_t instances = 1 + queue_.random().below(6);
    const char* constraint = queue_.chance(0.3) ? R"(,"constraints":[["hostname","UNIQUE"]])" : "";
    queue_.after(queue_.between(1s, 5s), [this, app, instances, constraint] {
      put_app(fmt::format(R"({{"id":"{}","cmd":"sleep 1","cpus":0.5,"mem":64,"instances":{},)"
                          R"("backoffSeconds":1,"maxLaunchDelaySeconds":10{}}})",
                          app,
                          instances,
                          constraint));
    });
  }
  const std::uint64_t changes = 2 + queue_.random().below(8);
  for (std::uint64_t i = 0; i < changes; ++i) {
    queue_.after(queue_.between(20s, kTroubles), [this] { change_apps(); });
  }
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t plain = queue_.random().below(8);
    const std::uint64_t volumes = queue_.random().below(4);
    queue_.after(i == 0 ? Duration{} : queue_.between(20s, kTroubles),
                 [this, plain, volumes] { test_framework_->want(plain, volumes); });
  }
}

void World::change_apps() {
  if (!marathon_->up()) {
    return;
  }
  const marathon::SnapshotPtr snapshot = marathon_->machine().snapshot();
  if (!snapshot->deployments.empty() && queue_.chance(0.3)) {
    queue_.trace("people cancel a deployment");
    marathon::CancelDeployment cancel;
    cancel.request = next_request_++;
    cancel.id = snapshot->deployments.front()->plan->id;
    cancel.force = queue_.chance(0.5);
    marathon_->handle(marathon::Command(cancel));
    return;
  }
  change_one_app();
}

void World::change_one_app() {
  const char* app = kApps[queue_.random().below(std::size(kApps))];
  const std::uint64_t number = queue_.random().below(7);
  const marathon::SnapshotPtr snapshot = marathon_->machine().snapshot();
  const auto id = marathon::PathId::parse(app);
  if (snapshot->root.find_app(id) == nullptr) {
    return;
  }
  switch (queue_.random().below(4)) {
    case 0:
      put_app(fmt::format(R"({{"id":"{}","instances":{}}})", app, number));
      break;
    case 1:
      put_app(fmt::format(R"({{"id":"{}","cmd":"sleep {}"}})", app, number));
      break;
    case 2: {
      queue_.trace(fmt::format("people restart {}", app));
      marathon::ChangeRoot change;
      change.request = next_request_++;
      change.change = marathon::RestartApp{id};
      change.force = true;
      marathon_->handle(marathon::Command(std::move(change)));
      break;
    }
    default: {
      marathon::KillInstances kill;
      kill.request = next_request_++;
      snapshot->instances.for_each([&](const marathon::PathId&, const auto& list) {
        list->all.for_each([&](const marathon::InstanceId& instance, const auto& view) {
          if (kill.instances.empty() && view->instance->task) {
            kill.instances.push_back(instance);
            killed_by_people_.insert(view->instance->task->id.value);
          }
        });
      });
      queue_.trace("people kill an instance");
      marathon_->handle(marathon::Command(std::move(kill)));
      break;
    }
  }
}

void World::faults() {
  Weather weather;
  weather.latency_max = queue_.between(1ms, 100ms);
  weather.slow = queue_.random().unit() * 0.03;
  scheduler_links_->set_weather(weather);
  weather.loss = queue_.random().unit() * 0.05;
  weather.duplicate = queue_.random().unit() * 0.03;
  weather.reorder = queue_.chance(0.5) ? queue_.random().unit() * 0.03 : 0;
  agent_links_->set_weather(weather);
  const std::uint64_t count = queue_.random().below(40);
  for (std::uint64_t i = 0; i < count; ++i) {
    queue_.after(queue_.between(5s, kTroubles), [this] { one_fault(); });
  }
  queue_.after(kTroubles, [this] { heal(); });
}

template <class Machine>
void World::pause(Node<Machine>& node) {
  node.pause();
  queue_.after(queue_.between(100ms, 2min), [&node] { node.resume(); });
}

// A process dies or stops for a while, or its calendar is set.
void World::process_fault(std::size_t index) {
  AgentHost& host = agents_[index];
  const int outputs = 1 + static_cast<int>(queue_.random().below(6));
  switch (queue_.random().below(11)) {
    case 0:
      crash_master();
      break;
    case 1:
      crash_agent(index);
      break;
    case 2:
      crash_marathon();
      break;
    case 3:
      lose_test_framework();
      break;
    case 4:
      master_->crash_in(outputs, [this] { crash_master(); });
      break;
    case 5:
      host.node->crash_in(outputs, [this, index] { crash_agent(index); });
      break;
    case 6:
      marathon_->crash_in(outputs, [this] { crash_marathon(); });
      break;
    case 7:
      pause(*master_);
      break;
    case 8:
      pause(*host.node);
      break;
    case 9:
      pause(*marathon_);
      break;
    default: {
      const Duration by = queue_.between(-3h, 3h);
      queue_.trace("the calendar jumps by " + to_text(by));
      queue_.jump_wall(by);
      break;
    }
  }
}

void World::network_fault(std::size_t index) {
  switch (queue_.random().below(5)) {
    case 0:
      queue_.trace(fmt::format("link of agent{} breaks", index + 1));
      if (agents_[index].link) {
        agent_links_->break_link(*agents_[index].link, AgentLinks::Hears::both);
      }
      break;
    case 1:
      queue_.trace("link of marathon breaks");
      if (marathon_link_) {
        scheduler_links_->break_link(*marathon_link_, SchedulerLinks::Hears::both);
      }
      break;
    case 2:
      cut_off(index, queue_.between(1s, 3min));
      break;
    case 3: {  // half of the cluster
      const Duration length = queue_.between(1s, 2min);
      for (std::size_t i = 0; i < kAgents; i += 2) {
        cut_off(i, length);
      }
      break;
    }
    default:
      cut_off_marathon();
      break;
  }
}

// Neither side hears that the link is gone; they find out by silence.
void World::cut_off(std::size_t index, Duration length) {
  AgentHost& host = agents_[index];
  queue_.trace(fmt::format("agent{} is cut off for {}", index + 1, to_text(length)));
  host.cut_until = std::max(host.cut_until, queue_.now().time + length);
  if (!host.link) {
    return;
  }
  agent_links_->break_link(*host.link, AgentLinks::Hears::nobody);
  queue_.after(queue_.between(1s, 30s), [this, index, link = *host.link, life = host.node->life()] {
    AgentHost& mine = agents_[index];
    if (life == mine.node->life() && mine.link == link) {
      mine.link.reset();
      mine.node->handle(agent::MasterLost{});
    }
  });
}

void World::cut_off_marathon() {
  queue_.trace("marathon is cut off");
  if (!marathon_link_) {
    return;
  }
  const std::uint64_t link = *marathon_link_;
  scheduler_links_->break_link(link, SchedulerLinks::Hears::nobody);
  queue_.after(queue_.between(1s, 60s), [this, link, life = master_->life()] {
    if (life == master_->life()) {
      master_->handle(master::SchedulerClosed{link});
    }
  });
  queue_.after(queue_.between(1s, 60s), [this, link, life = marathon_->life()] {
    if (life == marathon_->life() && marathon_link_ == link) {
      marathon_link_.reset();
      marathon_->handle(marathon::LinkClosed{});
      connect_marathon();
    }
  });
}

void World::one_fault() {
  const std::size_t index = queue_.random().below(kAgents);
  const std::uint64_t kind = queue_.random().below(10);
  if (kind < 5) {
    process_fault(index);
  } else if (kind < 8) {
    network_fault(index);
  } else if (kind == 8) {
    agents_[index].executors->kill_one(Executors::Death::exits);
  } else {
    agents_[index].executors->kill_one(Executors::Death::vanishes);
  }
}

void World::heal() {
  queue_.trace("everything heals");
  healed_ = true;
  scheduler_links_->set_weather({});
  agent_links_->set_weather({});
  master_->resume();
  master_->crash_in(0, {});
  marathon_->resume();
  marathon_->crash_in(0, {});
  for (AgentHost& host : agents_) {
    host.cut_until = Time{};
    host.node->resume();
    host.node->crash_in(0, {});
  }
}

bool World::converged(std::string* what) {
  if (!master_->up() || !marathon_->up()) {
    *what = "a daemon is down";
    return false;
  }
  const marathon::SnapshotPtr snapshot = marathon_->machine().snapshot();
  std::map<std::string, int> running;
  std::map<TaskId, AgentId> of_test;
  int all = 0;
  for (const AgentHost& host : agents_) {
    if (!host.node->up() || !host.node->machine().id()) {
      *what = "an agent is down";
      return false;
    }
    for (const TaskId& task : host.executors->running()) {
      const std::string& id = task.value;
      if (id.starts_with("test-")) {
        of_test[task] = *host.node->machine().id();
        continue;
      }
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
  if (!test_framework_->content(what)) {
    return false;
  }
  if (of_test != test_framework_->running()) {
    *what += fmt::format("; of the test framework {} run, it knows {}",
                         of_test.size(),
                         test_framework_->running().size());
    return false;
  }
  return equal;
}

void World::tick_test_framework() {
  test_framework_->tick(queue_.now());
  queue_.after(3s, [this] { tick_test_framework(); });
}

Outcome World::run() {
  master_->start();
  for (AgentHost& host : agents_) {
    host.node->start();
  }
  marathon_->start();
  connect_marathon();
  connect_test_framework();
  tick_test_framework();
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
  if (!violation_ && quiet_since != kNever) {
    check_end();
  } else if (!violation_) {
    violation("after everything healed desired does not become actual: " + what);
  }
  return {violation_, queue_.digest(), queue_.count()};
}

}  // namespace ekiden::sim
