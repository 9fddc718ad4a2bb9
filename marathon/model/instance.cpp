#include "marathon/model/instance.h"

#include "core/base/check.h"
#include "core/base/strings.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ekiden::marathon {
namespace {

// marathon-behaviour.md 3.2, one row per condition.
struct Row {
  Condition condition;
  std::string_view text;
  std::string_view task_state;
  bool active, terminal, failure, lost, considered_terminal, unkillable, backoff, scale_check;
};

constexpr bool Y = true;
constexpr bool n = false;
constexpr std::array kRows = {
    Row{Condition::scheduled, "Scheduled", "TASK_STAGING", n, n, n, n, n, n, n, n},
    Row{Condition::provisioned, "Provisioned", "TASK_STAGING", Y, n, n, n, n, n, n, n},
    Row{Condition::staging, "Staging", "TASK_STAGING", Y, n, n, n, n, n, n, n},
    Row{Condition::starting, "Starting", "TASK_STARTING", Y, n, n, n, n, n, n, n},
    Row{Condition::running, "Running", "TASK_RUNNING", Y, n, n, n, n, n, n, n},
    Row{Condition::killing, "Killing", "TASK_KILLING", Y, n, n, n, n, n, n, n},
    Row{Condition::unreachable, "Unreachable", "TASK_UNREACHABLE", Y, n, n, Y, Y, Y, n, n},
    Row{Condition::unreachable_inactive,
        "UnreachableInactive",
        "TASK_UNREACHABLE",
        n,
        n,
        n,
        n,
        Y,
        Y,
        n,
        Y},
    Row{Condition::error, "Error", "TASK_ERROR", n, Y, Y, n, Y, n, Y, Y},
    Row{Condition::failed, "Failed", "TASK_FAILED", n, Y, Y, n, Y, n, Y, Y},
    Row{Condition::gone, "Gone", "TASK_GONE", n, Y, Y, Y, Y, Y, Y, Y},
    Row{Condition::dropped, "Dropped", "TASK_DROPPED", n, Y, Y, Y, Y, Y, Y, Y},
    Row{Condition::unknown, "Unknown", "TASK_UNKNOWN", n, Y, Y, Y, Y, Y, n, Y},
    Row{Condition::finished, "Finished", "TASK_FINISHED", n, Y, n, n, Y, n, Y, Y},
    Row{Condition::killed, "Killed", "TASK_KILLED", n, Y, n, n, Y, n, n, Y},
};

const Row& row(Condition condition) {
  const Row& found = kRows[static_cast<std::size_t>(condition)];
  CHECK(found.condition == condition, "the table of conditions is out of order");
  return found;
}

constexpr std::size_t kUuidLength = 36;

bool is_uuid(std::string_view text) {
  if (text.size() != kUuidLength) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "<path>.instance-<uuid>" at the begin of `text`: where it ends, or npos.
std::size_t end_of_instance_id(std::string_view text) {
  for (std::string_view prefix : {".instance-", ".marathon-"}) {
    const std::size_t at = text.rfind(prefix);
    if (at == std::string_view::npos || at == 0) {
      continue;
    }
    const std::size_t begin = at + prefix.size();
    if (is_uuid(text.substr(begin, kUuidLength))) {
      return begin + kUuidLength;
    }
  }
  return std::string_view::npos;
}

// "<path>.<uuid>" or "<path>_<uuid>", from before instances existed.
std::optional<InstanceId> from_legacy(std::string_view text) {
  if (const std::size_t dot = text.rfind('.');
      dot != std::string_view::npos && is_number(text.substr(dot + 1))) {
    text = text.substr(0, dot);
  }
  if (text.size() < kUuidLength + 2) {
    return std::nullopt;
  }
  const std::size_t at = text.size() - kUuidLength - 1;
  if ((text[at] != '.' && text[at] != '_') || !is_uuid(text.substr(at + 1))) {
    return std::nullopt;
  }
  return InstanceId{std::string(text.substr(0, at)) + ".marathon-" +
                    std::string(text.substr(at + 1))};
}

}  // namespace

bool is_active(Condition condition) {
  return row(condition).active;
}

bool is_terminal(Condition condition) {
  return row(condition).terminal;
}

bool is_failure(Condition condition) {
  return row(condition).failure;
}

bool is_lost(Condition condition) {
  return row(condition).lost;
}

bool is_considered_terminal(Condition condition) {
  return row(condition).considered_terminal;
}

bool is_unkillable(Condition condition) {
  return row(condition).unkillable;
}

bool counts_for_backoff(Condition condition) {
  return row(condition).backoff;
}

bool triggers_scale_check(Condition condition) {
  return row(condition).scale_check;
}

std::string_view to_text(Condition condition) {
  return row(condition).text;
}

std::string_view to_task_state(Condition condition) {
  return row(condition).task_state;
}

std::string_view to_text(Goal goal) {
  switch (goal) {
    case Goal::running:
      return "Running";
    case Goal::stopped:
      return "Stopped";
    case Goal::decommissioned:
      return "Decommissioned";
  }
  return "";
}

std::string_view to_text(Reservation::State state) {
  switch (state) {
    case Reservation::State::fresh:
      return "new";
    case Reservation::State::launched:
      return "launched";
    case Reservation::State::suspended:
      return "suspended";
  }
  return "";
}

std::string LocalVolume::uuid() const {
  return persistence_id.substr(persistence_id.rfind('#') + 1);
}

InstanceId make_instance_id(const PathId& app, std::string_view uuid) {
  return InstanceId{app.safe_path() + ".instance-" + std::string(uuid)};
}

TaskId make_task_id(const InstanceId& id, std::uint32_t incarnation) {
  return make_task_id(id, "_app", incarnation);
}

TaskId make_task_id(const InstanceId& id, std::string_view container, std::uint32_t incarnation) {
  std::string text = id.value;
  text += '.';
  text += container;
  text += '.';
  text += std::to_string(incarnation);
  return TaskId{std::move(text)};
}

ExecutorId make_pod_executor_id(const InstanceId& id) {
  const std::size_t at = id.value.size() - std::min(id.value.size(), kUuidLength);
  const PathId app = app_of(id).value_or(PathId());
  return ExecutorId{"instance-" + app.safe_path() + "." + id.value.substr(at)};
}

std::vector<const Task*> tasks_of(const Instance& instance) {
  std::vector<const Task*> tasks;
  for (const Task& task : instance.containers) {
    tasks.push_back(&task);
  }
  if (tasks.empty() && instance.task) {
    tasks.push_back(&*instance.task);
  }
  return tasks;
}

const Task* find_task(const Instance& instance, const TaskId& id) {
  for (const Task* task : tasks_of(instance)) {
    if (task->id == id) {
      return task;
    }
  }
  return nullptr;
}

std::optional<InstanceId> instance_of(const TaskId& id) {
  const std::string_view text = id.value;
  const std::size_t end = end_of_instance_id(text);
  if (end == std::string_view::npos) {
    return from_legacy(text);
  }
  // What follows is nothing, ".<container>" or ".<container>.<incarnation>".
  if (end != text.size() && text[end] != '.') {
    return std::nullopt;
  }
  return InstanceId{std::string(text.substr(0, end))};
}

std::optional<PathId> app_of(const InstanceId& id) {
  const std::string_view text = id.value;
  const std::size_t end = end_of_instance_id(text);
  if (end != text.size()) {
    return std::nullopt;
  }
  const std::size_t prefix = std::string_view(".instance-").size();
  return PathId::from_safe_path(text.substr(0, end - kUuidLength - prefix));
}

}  // namespace ekiden::marathon
