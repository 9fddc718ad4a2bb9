#pragma once

#include "core/model/offer.h"
#include "core/model/resources.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::master {

// What an operation is judged by besides itself: its framework, or an operator.
struct OperationRules {
  std::optional<std::string> principal;  // of the framework or the caller
  std::optional<std::string> allocation_role =
      std::nullopt;                     // absent: an operator, who holds no role
  std::vector<std::string> roles = {};  // of the framework
  bool shared = true;                   // may create shared volumes
};

// Why the operation cannot be done on an agent with that total [mesos-core 2.7, 5.4, 5.6]; whether
// the resources are free is another question. Resources carry no allocation role.
std::optional<std::string> operation_problem(const model::Operation& operation,
                                             const model::Resources& total,
                                             const OperationRules& rules);

}  // namespace ekiden::master
