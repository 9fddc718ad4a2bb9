#pragma once

#include "core/model/attributes.h"
#include "core/model/resources.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::model {

struct AgentInfo {
  std::string hostname;
  std::int32_t port = 5051;
  std::vector<Resource> resources;
  std::vector<Attribute> attributes;
  std::optional<AgentId> id;
  std::optional<DomainInfo> domain;
  bool operator==(const AgentInfo&) const = default;
};

}  // namespace ekiden::model
