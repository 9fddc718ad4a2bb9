#include "core/model/operation.h"

#include "core/model/operation_names.h"

namespace ekiden::model {

bool is_terminal(OperationState state) {
  switch (state) {
    case OperationState::finished:
    case OperationState::failed:
    case OperationState::error:
    case OperationState::dropped:
    case OperationState::gone_by_operator:
      return true;
    default:
      return false;
  }
}

std::string_view to_text(OperationState state) {
  for (const auto& [known, name, number] : kOperationStateNames) {
    if (known == state) {
      return name;
    }
  }
  return {};
}

std::string_view to_text(Operation::Type type) {
  for (const auto& [known, name, number] : kOperationTypeNames) {
    if (known == type) {
      return name;
    }
  }
  return {};
}

}  // namespace ekiden::model
