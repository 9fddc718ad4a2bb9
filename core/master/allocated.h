#pragma once

#include "core/model/resources.h"

#include <string>
#include <vector>

namespace ekiden::master {

inline model::Resources bare(const std::vector<model::Resource>& resources) {
  return model::Resources(resources).with_allocation(std::nullopt);
}

inline std::vector<model::Resource> with_role(std::vector<model::Resource> resources,
                                              const std::string& role) {
  for (model::Resource& resource : resources) {
    resource.allocation_role = role;
  }
  return resources;
}

}  // namespace ekiden::master
