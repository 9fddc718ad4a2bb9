#include "core/model/task_state.h"

#include "core/model/state_names.h"

namespace ekiden::model {

bool is_terminal(TaskState state) {
  switch (state) {
    case TaskState::staging:
    case TaskState::starting:
    case TaskState::running:
    case TaskState::killing:
    case TaskState::unreachable:
    case TaskState::unknown:
      return false;
    case TaskState::finished:
    case TaskState::failed:
    case TaskState::killed:
    case TaskState::error:
    case TaskState::lost:
    case TaskState::dropped:
    case TaskState::gone:
    case TaskState::gone_by_operator:
      return true;
  }
  return false;
}

std::string_view to_text(TaskState state) {
  for (const auto& [known, name, number] : kTaskStateNames) {
    if (known == state) {
      return name;
    }
  }
  return {};
}

std::string_view to_text(StatusReason reason) {
  for (const auto& [known, name, number] : kStatusReasonNames) {
    if (known == reason) {
      return name;
    }
  }
  return {};
}

}  // namespace ekiden::model
