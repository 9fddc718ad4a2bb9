#include "tests/sim/executors.h"

#include "core/base/overloaded.h"

#include <fmt/core.h>

namespace ekiden::sim {

using namespace std::chrono_literals;
using model::TaskState;
namespace executor = api::executor;

namespace {

std::string raw_uuid(Random& random) {
  std::string bytes;
  for (int i = 0; i < 16; ++i) {
    bytes.push_back(static_cast<char>(random.below(256)));
  }
  return bytes;
}

}  // namespace

void Executors::start(const agent::StartContainer& order) {
  if (processes_.contains(order.container)) {
    host_.violation(fmt::format("{}: container {} is started twice", name_, order.container.value));
    return;
  }
  if (!order.task) {
    host_.violation(name_ + ": a command executor without a task");
    return;
  }
  queue_.trace(fmt::format("{} starts {}", name_, order.task->task_id.value));
  Process process;
  process.order = order;
  process.pid = next_pid_++;
  processes_[order.container] = std::move(process);
  queue_.touch();
  const ContainerId container = order.container;
  queue_.after(queue_.between(1ms, 50ms), [this, container] { adopt(container); });
  subscribe(container, queue_.between(1ms, 200ms));
}

// Also what a launcher says about a process it is asked for.
void Executors::adopt(const ContainerId& container) {
  if (!host_.agent_up()) {
    return;
  }
  const auto found = processes_.find(container);
  if (found == processes_.end()) {
    host_.to_agent(agent::ContainerMissing{container});
  } else if (found->second.alive) {
    host_.to_agent(agent::ContainerStarted{container, found->second.pid});
  } else {
    host_.to_agent(agent::ContainerExited{container, std::nullopt, std::nullopt});
  }
}

void Executors::destroy(const ContainerId& container) {
  const auto found = processes_.find(container);
  if (found == processes_.end() || !found->second.alive) {
    return;
  }
  Process& process = found->second;
  if (!process.terminal && !host_.may_end(task_of(process))) {
    host_.violation(fmt::format(
        "{}: task {} is destroyed and nobody asked for it", name_, task_of(process).value));
  }
  exit(container, queue_.between(1ms, 100ms));
}

Executors::Process* Executors::find(std::uint64_t stream) {
  for (auto& [container, process] : processes_) {
    if (process.alive && process.stream == stream) {
      return &process;
    }
  }
  return nullptr;
}

void Executors::subscribe(const ContainerId& container, Duration delay) {
  Process& process = processes_.at(container);
  if (process.subscribing || process.stream) {
    return;
  }
  process.subscribing = true;
  queue_.after(delay, [this, container] {
    Process& mine = processes_.at(container);
    mine.subscribing = false;
    if (!mine.alive || mine.stream) {
      return;
    }
    if (!host_.agent_up()) {
      subscribe(container, 500ms);
      return;
    }
    executor::Subscribe call;
    if (mine.launched) {
      call.unacknowledged_tasks.push_back(*mine.order.task);
    }
    call.unacknowledged_updates = mine.unacknowledged;
    mine.stream = next_request_++;
    host_.to_agent(agent::ExecutorRequest{
        *mine.stream,
        {*mine.order.framework.id, mine.order.executor.executor_id, std::move(call)}});
  });
}

void Executors::reply(const agent::Reply& reply) {
  Process* process = find(reply.id);
  if (process != nullptr && reply.status != 200) {
    process->stream.reset();
    subscribe(process->order.container, 1s);
  }
}

void Executors::close_stream(std::uint64_t stream) {
  if (Process* process = find(stream); process != nullptr) {
    process->stream.reset();
    subscribe(process->order.container, queue_.between(10ms, 500ms));
  }
}

void Executors::agent_crashed() {
  for (auto& [container, process] : processes_) {
    if (process.alive) {
      process.stream.reset();
      subscribe(container, queue_.between(100ms, 1500ms));
    }
  }
}

void Executors::stream_event(std::uint64_t stream, const executor::Event& event) {
  queue_.after(1ms, [this, stream, event] {
    if (Process* process = find(stream); process != nullptr) {
      on_event(*process, event);
    }
  });
}

void Executors::update(Process& process, TaskState state) {
  model::TaskStatus status;
  status.task_id = task_of(process);
  status.state = state;
  status.source = model::StatusSource::executor;
  status.uuid = raw_uuid(queue_.random());
  status.timestamp = to_epoch_seconds(queue_.now().wall);
  process.unacknowledged.push_back(status);
  process.terminal = process.terminal || model::is_terminal(state);
  queue_.touch();
  if (process.stream && host_.agent_up()) {
    host_.to_agent(agent::ExecutorRequest{next_request_++,
                                          {*process.order.framework.id,
                                           process.order.executor.executor_id,
                                           executor::Update{std::move(status)}}});
  }
}

void Executors::end(Process& process, TaskState state) {
  if (process.ending) {
    return;
  }
  process.ending = true;
  const ContainerId container = process.order.container;
  queue_.after(queue_.between(1ms, 1s), [this, container, state] {
    Process& mine = processes_.at(container);
    if (mine.alive && !mine.terminal) {
      update(mine, state);
    }
  });
}

void Executors::on_event(Process& process, const executor::Event& event) {
  const ContainerId container = process.order.container;
  if (std::holds_alternative<executor::Launch>(event)) {
    if (process.launched) {
      host_.violation(fmt::format("{}: task {} is launched twice", name_, task_of(process).value));
      return;
    }
    process.launched = true;
    queue_.touch();
    ++starts_[task_of(process)];
    update(process, TaskState::starting);
    queue_.after(queue_.between(1ms, 300ms), [this, container] {
      Process& mine = processes_.at(container);
      if (mine.alive && !mine.terminal) {
        update(mine, TaskState::running);
      }
    });
  } else if (std::holds_alternative<executor::Kill>(event)) {
    if (!host_.may_end(task_of(process))) {
      host_.violation(
          fmt::format("{}: a kill of {} that nobody asked for", name_, task_of(process).value));
    }
    end(process, TaskState::killed);
  } else if (std::holds_alternative<executor::Shutdown>(event)) {
    if (process.launched && !process.terminal && !host_.may_end(task_of(process))) {
      host_.violation(
          fmt::format("{}: a shutdown of {} that nobody asked for", name_, task_of(process).value));
    }
    exit(container, 10ms);
  } else if (const auto* acknowledged = std::get_if<executor::Acknowledged>(&event)) {
    std::erase_if(process.unacknowledged, [&](const model::TaskStatus& status) {
      return status.uuid == acknowledged->uuid;
    });
    if (process.terminal && process.unacknowledged.empty()) {
      exit(container, 50ms);
    }
  }
}

void Executors::exit(const ContainerId& container, Duration delay) {
  queue_.after(delay, [this, container] {
    Process& process = processes_.at(container);
    if (!process.alive) {
      return;
    }
    process.alive = false;
    queue_.touch();
    process.stream.reset();
    queue_.trace(fmt::format("{} {} exits", name_, task_of(process).value));
    queue_.after(queue_.between(1ms, 20ms), [this, container] {
      if (host_.agent_up()) {
        host_.to_agent(agent::ContainerExited{container, 0, std::nullopt});
      }
    });
  });
}

bool Executors::kill_one(Death death) {
  std::vector<ContainerId> candidates;
  for (const auto& [container, process] : processes_) {
    if (process.alive && process.launched && !process.terminal) {
      candidates.push_back(container);
    }
  }
  if (candidates.empty()) {
    return false;
  }
  const ContainerId container = candidates[queue_.random().below(candidates.size())];
  Process& process = processes_.at(container);
  queue_.trace(fmt::format("{} {} dies by itself", name_, task_of(process).value));
  if (death == Death::exits) {
    end(process, TaskState::failed);
  } else {
    exit(container, Duration{});
  }
  return true;
}

model::Resources Executors::used() const {
  model::Resources sum;
  for (const auto& [container, process] : processes_) {
    if (process.alive && !process.terminal) {
      sum += model::Resources(process.order.task->resources).with_allocation(std::nullopt);
    }
  }
  return sum;
}

std::vector<TaskId> Executors::running() const {
  std::vector<TaskId> ids;
  for (const auto& [container, process] : processes_) {
    if (process.alive && process.launched && !process.terminal) {
      ids.push_back(task_of(process));
    }
  }
  return ids;
}

}  // namespace ekiden::sim
