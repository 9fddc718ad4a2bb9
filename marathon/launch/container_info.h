#pragma once

#include "core/model/task.h"
#include "marathon/launch/ports.h"
#include "marathon/settings.h"

#include <optional>

namespace ekiden::marathon::launch {

// The container of an app's task [5.6]; nothing without a container and with host networking.
std::optional<model::ContainerInfo> container_info(const App& app,
                                                   const TaskId& task,
                                                   const HostPorts& ports,
                                                   const Settings& settings);

// "udp,tcp" is two protocols.
std::vector<std::string> protocols(const std::string& text);

}  // namespace ekiden::marathon::launch
