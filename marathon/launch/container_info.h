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

// What `linuxInfo` of an app's or pod's container asks for.
model::LinuxInfo linux_info(const json::Value& wanted);

// A secret of the app, by the name that its definition gives it: the agent looks up its source, so
// that no value travels through us.
model::Secret secret_reference(const App& app, const std::string& name);
model::VolumeSource secret_source(const App& app, const std::string& name);

// One entry per network that is not the host's, with the mappings that are meant for it.
void add_networks(const App& app,
                  const HostPorts& ports,
                  const Settings& settings,
                  model::ContainerInfo& info);

// "udp,tcp" is two protocols.
std::vector<std::string> protocols(const std::string& text);

}  // namespace ekiden::marathon::launch
