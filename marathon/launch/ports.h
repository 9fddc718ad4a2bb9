#pragma once

#include "core/base/random.h"
#include "core/model/resources.h"
#include "marathon/launch/demand.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ekiden::marathon::launch {

// The host port of each slot, in their order; nothing for a port that stays inside
// the container [4.6].
using HostPorts = std::vector<std::optional<std::int32_t>>;

// spread: random ports are consecutive from a random start, so that a new task rarely gets the port
// of one that just died. ascending: what was reserved comes out the same way each time, so that a
// slot keeps its port.
enum class PortOrder { spread, ascending };

// Nothing: the offered ranges do not have what is asked for.
std::optional<HostPorts> choose_ports(const std::vector<PortWish>& wishes,
                                      std::vector<model::Range> offered,
                                      PortOrder order,
                                      Random& random);

}  // namespace ekiden::marathon::launch
