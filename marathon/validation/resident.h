#pragma once

#include "marathon/model/app.h"
#include "marathon/validation/problems.h"

namespace ekiden::marathon::validation {

enum class RoleChange { refuse, allow };  // allow: the request is forced

// What an update of a service with persistent volumes may not change [DP-3, marathon-api 4.11].
// `prefix` is "/app(i)".
void check_resident_update(const App& before,
                           const App& after,
                           const std::string& prefix,
                           Problems& problems);
void check_resident_role(const App& before,
                         const App& after,
                         RoleChange change,
                         Problems& problems);

}  // namespace ekiden::marathon::validation
