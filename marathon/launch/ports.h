#pragma once

#include "core/base/random.h"
#include "core/model/resources.h"
#include "marathon/model/app.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ekiden::marathon::launch {

// The host port of each of the app's ports, in their order; nothing for a port that stays inside
// the container [4.6].
using HostPorts = std::vector<std::optional<std::int32_t>>;

// Random ports are consecutive from a random start, so that a new task rarely gets the port of one
// that just died. Nothing: the offered ranges do not have what the app needs.
std::optional<HostPorts> choose_ports(const App& app,
                                      std::vector<model::Range> offered,
                                      Random& random);

}  // namespace ekiden::marathon::launch
