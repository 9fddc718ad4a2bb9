#include "tests/sim/world.h"

#include "core/master/records.h"
#include "marathon/machine/records.h"

#include <fmt/core.h>

namespace ekiden::sim {

using namespace std::chrono_literals;

World::World(Options options) : options_(options), queue_(options.seed) {
  if (options.trace) {
    queue_.print_trace();
  }
  scheduler_links_ = std::make_unique<SchedulerLinks>(
      queue_,
      SchedulerLinks::Ends{
          [this](std::uint64_t id, api::scheduler::Call call) {
            master_->handle(master::SchedulerCall{id, std::move(call)});
          },
          [this](std::uint64_t id) { master_->handle(master::SchedulerClosed{id}); }});
  agent_links_ = std::make_unique<AgentLinks>(
      queue_,
      AgentLinks::Ends{[this](std::uint64_t id, api::agent_link::ToMaster message) {
                         master_->handle(master::AgentMessage{id, std::move(message)});
                       },
                       [this](std::uint64_t id) { master_->handle(master::AgentClosed{id}); }});
  make_master();
  for (std::size_t i = 0; i < kAgents; ++i) {
    make_agent(i);
  }
  make_marathon();
  make_test_framework();
}

void World::make_master() {
  master_ = std::make_unique<Node<master::Master>>(
      queue_,
      "master1",
      [this](const Disk& disk, Now now) {
        std::vector<Record> records;
        for (const char* kind : master::kRecordKinds) {
          for (auto& [key, value] : disk.load(kind)) {
            records.push_back({kind, key, value});
          }
        }
        auto machine = std::make_unique<master::Master>(
            master::MasterConfig{}, master::MasterFacts{}, Random(queue_.random().next()));
        const auto loaded = machine->load(records, now);
        CHECK(loaded, "{}", loaded.error().message);
        return machine;
      },
      [this](master::Effects fx) { dispatch(std::move(fx)); });
}

void World::make_agent(std::size_t index) {
  AgentHost& host = agents_[index];
  const std::string name = fmt::format("agent{}", index + 1);
  host.executors = std::make_unique<Executors>(
      queue_,
      name,
      Executors::Host{[&host] { return host.node->up(); },
                      [&host](agent::Input input) { host.node->handle(input); },
                      [this](const std::string& text) { violation(text); },
                      [this](const TaskId& task) { return kills_.contains(task); }});
  host.node = std::make_unique<Node<agent::Agent>>(
      queue_,
      name,
      [this, index](const Disk& disk, Now) {
        agent::AgentConfig config;
        config.info.hostname = fmt::format("127.0.0.{}", index + 1);
        config.info.resources = model::parse_resources(kAgentResources)->list();
        const agent::StoredRecords records{disk.load(agent::kAgentKind),
                                           disk.load(agent::kFrameworkKind),
                                           disk.load(agent::kExecutorKind),
                                           disk.load(agent::kTaskKind),
                                           disk.load(agent::kUpdateKind)};
        auto loaded =
            agent::Agent::load(std::move(config), Random(queue_.random().next()), records);
        CHECK(loaded, "{}", loaded.error().message);
        auto machine = std::make_unique<agent::Agent>(std::move(*loaded));
        for (const auto& [container, executor] : machine->executors()) {
          queue_.after(queue_.between(1ms, 20ms),
                       [this, index, id = container] { agents_[index].executors->adopt(id); });
        }
        return machine;
      },
      [this, index](agent::Effects fx) { dispatch(index, std::move(fx)); });
}

void World::make_marathon() {
  marathon_ = std::make_unique<Node<marathon::Marathon>>(
      queue_,
      "marathon",
      [this](const Disk& disk, Now now) {
        std::vector<Record> records;
        for (const std::string_view kind : marathon::records::kKinds) {
          for (auto& [key, value] : disk.load(std::string(kind))) {
            records.push_back({std::string(kind), key, value});
          }
        }
        auto machine = std::make_unique<marathon::Marathon>(marathon::Settings{},
                                                            Random(queue_.random().next()));
        const auto loaded = machine->load(records, now);
        CHECK(loaded, "{}", loaded.error().message);
        return machine;
      },
      [this](marathon::Marathon::Effects fx) { dispatch(std::move(fx)); });
  marathon_->after_step = [this] { check_marathon_step(); };
}

void World::make_test_framework() {
  test_framework_ = std::make_unique<TestFramework>(
      Random(queue_.random().next()),
      TestFramework::Host{[this](api::scheduler::Call call) {
                            if (test_link_) {
                              scheduler_links_->send_up(*test_link_, std::move(call));
                            }
                          },
                          [this](const TaskId& task) { kills_.insert(task); },
                          [this](const std::string& text) { violation(text); },
                          [this](const std::string& text) { queue_.trace(text); }});
}

void World::dispatch(master::Effects fx) {
  for (auto& event : fx.to_schedulers) {
    if (!master_->sends()) {
      return;
    }
    scheduler_links_->send_down(event.connection, std::move(event.event));
  }
  for (auto& order : fx.to_agents) {
    if (!master_->sends()) {
      return;
    }
    agent_links_->send_down(order.connection, std::move(order.message));
  }
  for (const auto id : fx.close_schedulers) {
    scheduler_links_->close_from_server(id);
  }
  for (const auto id : fx.close_agents) {
    agent_links_->close_from_server(id);
  }
  for (const auto& notice : fx.notify) {
    if (const auto* line = std::get_if<master::LogLine>(&notice)) {
      queue_.trace("master: " + line->text);
    } else if (const auto* updated = std::get_if<master::TaskUpdated>(&notice)) {
      queue_.trace(fmt::format("master: {} {} {}",
                               updated->status.task_id.value,
                               model::to_text(updated->status.state),
                               model::to_text(updated->status.reason)));
    }
  }
}

void World::dispatch(std::size_t index, agent::Effects fx) {
  AgentHost& host = agents_[index];
  if (fx.connect) {
    connect_agent(index);
  }
  for (auto& message : fx.to_master) {
    if (!host.node->sends()) {
      return;
    }
    if (host.link) {
      agent_links_->send_up(*host.link, std::move(message));
    }
  }
  for (const auto& reply : fx.reply) {
    host.executors->reply(reply);
  }
  for (const auto& event : fx.stream) {
    if (!host.node->sends()) {
      return;
    }
    host.executors->stream_event(event.id, event.event);
  }
  for (const auto id : fx.close) {
    host.executors->close_stream(id);
  }
  for (const auto& volume : fx.volumes) {
    if (volume.kind == agent::VolumeOrder::Kind::remove) {
      queue_.after(queue_.between(1ms, 100ms),
                   [&host, path = volume.path] { host.node->handle(agent::VolumeRemoved{path}); });
    }
  }
  for (const auto& order : fx.start) {
    if (!host.node->sends()) {
      return;
    }
    if (!host.node->disk().mentions(agent::kTaskKind,
                                    order.task ? order.task->task_id.value : "")) {
      violation("a container is started before its task is durable");
    }
    host.executors->start(order);
  }
  for (const auto& container : fx.adopt) {
    host.executors->adopt(container);
  }
  for (const auto& container : fx.destroy) {
    host.executors->destroy(container);
  }
  for (const auto& notice : fx.notify) {
    queue_.trace(fmt::format("agent{}: {}", index + 1, notice.text));
  }
}

void World::dispatch(marathon::Marathon::Effects fx) {
  for (auto& call : fx.send) {
    if (!marathon_->sends()) {
      return;
    }
    check_launch(call);
    if (const auto* kill = std::get_if<api::scheduler::Kill>(&call.body)) {
      queue_.trace("marathon kills " + kill->task_id.value);
      kills_.insert(kill->task_id);
    }
    if (marathon_link_) {
      scheduler_links_->send_up(*marathon_link_, std::move(call));
    }
  }
  for (const auto& reply : fx.reply) {
    const auto* rejected = std::get_if<marathon::Rejected>(&reply.body);
    queue_.trace(fmt::format("marathon answers {}{}",
                             reply.request,
                             rejected == nullptr ? "" : ": " + rejected->error.message));
  }
  trace(fx.notify);
  for (const auto& drain : fx.drains) {
    queue_.after(queue_.between(1ms, 1s), [this, task = drain.task, life = marathon_->life()] {
      if (life == marathon_->life()) {
        marathon_->handle(marathon::DrainDone{task});
      }
    });
  }
}

void World::trace(const std::vector<marathon::Notice>& notices) {
  for (const marathon::Notice& notice : notices) {
    if (const auto* line = std::get_if<marathon::LogNotice>(&notice.body)) {
      queue_.trace("marathon: " + line->text);
    } else if (const auto* status = std::get_if<marathon::StatusChanged>(&notice.body)) {
      queue_.trace(fmt::format("marathon hears {} {} {}",
                               status->instance->task->id.value,
                               status->task_status,
                               status->message));
    }
  }
}

void World::connect_agent(std::size_t index) {
  AgentHost& host = agents_[index];
  if (host.link) {
    agent_links_->break_link(*host.link, AgentLinks::Hears::server_only);
    host.link.reset();
  }
  const std::uint64_t life = host.node->life();
  if (!master_->up() || queue_.now().time < host.cut_until) {
    queue_.after(queue_.between(10ms, 1s), [this, index, life] {
      if (life == agents_[index].node->life() && !agents_[index].link) {
        agents_[index].node->handle(agent::MasterLost{});
      }
    });
    return;
  }
  host.link =
      agent_links_->open({[this, index, life](std::uint64_t id, api::agent_link::ToAgent message) {
                            if (life == agents_[index].node->life() && agents_[index].link == id) {
                              agents_[index].node->handle(agent::MasterMessage{std::move(message)});
                            }
                          },
                          [this, index, life](std::uint64_t id) {
                            if (life == agents_[index].node->life() && agents_[index].link == id) {
                              agents_[index].link.reset();
                              agents_[index].node->handle(agent::MasterLost{});
                            }
                          }});
}

void World::connect_marathon() {
  const std::uint64_t life = marathon_->life();
  const auto again = [this, life] {
    queue_.after(queue_.between(100ms, 1s), [this, life] {
      if (life == marathon_->life()) {
        connect_marathon();
      }
    });
  };
  if (!master_->up()) {
    marathon_->handle(marathon::LinkClosed{});
    again();
    return;
  }
  marathon_link_ =
      scheduler_links_->open({[this, life](std::uint64_t id, api::scheduler::Event event) {
                                if (life == marathon_->life() && marathon_link_ == id) {
                                  marathon_->handle(marathon::SchedulerEvent{std::move(event)});
                                }
                              },
                              [this, life, again](std::uint64_t id) {
                                if (life == marathon_->life() && marathon_link_ == id) {
                                  marathon_link_.reset();
                                  marathon_->handle(marathon::LinkClosed{});
                                  again();
                                }
                              }});
  marathon_->handle(marathon::LinkOpened{});
}

void World::connect_test_framework() {
  const auto again = [this] {
    queue_.after(queue_.between(100ms, 2s), [this] {
      if (!test_link_) {
        connect_test_framework();
      }
    });
  };
  if (!master_->up()) {
    again();
    return;
  }
  test_link_ = scheduler_links_->open({[this](std::uint64_t id, api::scheduler::Event event) {
                                         if (test_link_ == id) {
                                           test_framework_->on(event, queue_.now());
                                         }
                                       },
                                       [this, again](std::uint64_t id) {
                                         if (test_link_ == id) {
                                           test_link_.reset();
                                           test_framework_->disconnected();
                                           again();
                                         }
                                       }});
  test_framework_->connected(queue_.now());
}

// It crashes, and comes back with its records.
void World::lose_test_framework() {
  if (!test_link_) {
    return;
  }
  queue_.trace("crash test framework");
  scheduler_links_->break_link(*test_link_, SchedulerLinks::Hears::server_only);
  test_link_.reset();
  test_framework_->disconnected();
  queue_.after(queue_.between(100ms, 30s), [this] {
    if (!test_link_) {
      connect_test_framework();
    }
  });
}

// The next master takes over the store once it has been elected.
void World::crash_master() {
  if (!master_->up()) {
    return;
  }
  master_->crash();
  for (const auto id : scheduler_links_->all()) {
    scheduler_links_->break_link(id, SchedulerLinks::Hears::client_only);
  }
  for (const auto id : agent_links_->all()) {
    agent_links_->break_link(id, AgentLinks::Hears::client_only);
  }
  queue_.after(queue_.between(100ms, 20s), [this] {
    leader_ = (leader_ + 1) % kMasters;
    master_->set_name(fmt::format("master{}", leader_ + 1));
    master_->start();
  });
}

void World::crash_agent(std::size_t index) {
  AgentHost& host = agents_[index];
  if (!host.node->up()) {
    return;
  }
  host.node->crash();
  if (host.link) {
    agent_links_->break_link(*host.link, AgentLinks::Hears::server_only);
    host.link.reset();
  }
  host.executors->agent_crashed();
  queue_.after(queue_.between(100ms, 20s), [this, index] { agents_[index].node->start(); });
}

void World::crash_marathon() {
  if (!marathon_->up()) {
    return;
  }
  marathon_->crash();
  if (marathon_link_) {
    scheduler_links_->break_link(*marathon_link_, SchedulerLinks::Hears::server_only);
    marathon_link_.reset();
  }
  queue_.after(queue_.between(100ms, 10s), [this] {
    marathon_->start();
    connect_marathon();
  });
}

}  // namespace ekiden::sim
