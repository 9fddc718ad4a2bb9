#pragma once

#include "core/model/task.h"
#include "marathon/launch/ports.h"
#include "marathon/settings.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::marathon::launch {

// The container of an app's task [5.6]; nothing without a container and with host networking.
std::optional<model::ContainerInfo> container_info(const App& app,
                                                   const TaskId& task,
                                                   const HostPorts& ports,
                                                   const Settings& settings);

// Nothing for an empty map.
std::optional<model::Labels> labels_of(const std::map<std::string, std::string>& labels);

// "udp,tcp" is two protocols.
std::vector<std::string> protocols(const std::string& text);

}  // namespace ekiden::marathon::launch
