#include "core/model/framework.h"

#include "core/model/common.h"

#include <algorithm>

namespace ekiden::model {

const std::string* Labels::find(std::string_view key) const {
  for (const Label& label : labels) {
    if (label.key == key && label.value) {
      return &*label.value;
    }
  }
  return nullptr;
}

bool FrameworkInfo::has(FrameworkCapability capability) const {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

std::vector<std::string> FrameworkInfo::all_roles() const {
  if (has(FrameworkCapability::multi_role)) {
    return roles;
  }
  return {role.value_or("*")};
}

}  // namespace ekiden::model
