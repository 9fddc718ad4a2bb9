#pragma once

#include "marathon/model/deployment.h"
#include "marathon/model/root.h"

namespace ekiden::marathon::deployment {

// The root in which what `plan` changed is as it was before; what others changed since stays
// [DP-30, DP-31]. A restored app gets `version` but keeps the time of its last config change, so
// that instances which still run the old config are left alone (unlike [DP-32]).
Root revert(const Root& current, const DeploymentPlan& plan, WallTime version);

}  // namespace ekiden::marathon::deployment
