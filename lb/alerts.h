#pragma once

#include "lb/render.h"

#include <set>
#include <string>
#include <string_view>

namespace ekiden::lb {

// Reads HAProxy's complaints ("[ALERT] ... parsing [haproxy.cfg:17] : ...", "Starting frontend
// web_10000: cannot bind socket ...") and finds the apps behind them. Empty: nobody in particular.
std::vector<Rejected> culprits(const Rendered& rendered, std::string_view output);

}  // namespace ekiden::lb
