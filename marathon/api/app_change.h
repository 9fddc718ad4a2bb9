#pragma once

#include "marathon/model/history.h"

namespace ekiden::marathon::wire {

// What a change of a plan does to the definition, member by member as JSON shows it. Versions
// differ by nature and are left out.
FinishedDeployment::AppChange describe_change(const DeploymentPlan::Change& change);

}  // namespace ekiden::marathon::wire
