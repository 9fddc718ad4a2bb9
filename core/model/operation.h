#pragma once

#include "core/model/offer.h"
#include "core/model/resources.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::model {

enum class OperationState {
  unsupported,
  pending,
  finished,
  failed,
  error,
  dropped,
  unreachable,
  gone_by_operator,
  recovering,
  unknown,
};

bool is_terminal(OperationState state);          // [mesos-core 2.13]
std::string_view to_text(OperationState state);  // "OPERATION_FINISHED"
std::string_view to_text(Operation::Type type);  // "RESERVE"

struct OperationStatus {
  std::optional<OperationId> operation_id;
  OperationState state = OperationState::unsupported;
  std::optional<std::string> message;
  std::vector<Resource> converted_resources;
  std::optional<std::string> uuid;  // 16 raw bytes; wire: uuid.value; present: wants an acknowledge
  std::optional<AgentId> agent_id;
  std::optional<ResourceProviderId> resource_provider_id;
  bool operator==(const OperationStatus&) const = default;
};

}  // namespace ekiden::model
