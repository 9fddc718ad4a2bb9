#pragma once

#include "core/json/json.h"
#include "lb/apps.h"

namespace ekiden::lb {

// [discovery 1.8] whether a task becomes a server. LOST, UNREACHABLE and unknown states stay in:
// absence of news is no reason to take a server out.
bool is_in_rotation(const json::Value& app,
                    const json::Value& task,
                    HealthRule rule,
                    HealthMemory& memory);

}  // namespace ekiden::lb
