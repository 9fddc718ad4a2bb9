#pragma once

#include "core/agent/types.h"
#include "core/model/resources.h"

#include <optional>
#include <string>
#include <vector>

// Persistent volumes on an agent's disks; pure [mesos-core 5.6, 6.9].
namespace ekiden::agent {

// Where a volume's data lie: relative paths are below the work directory. Nothing when the resource
// is not a persistent volume.
std::optional<std::string> volume_path(const model::Resource& resource);
bool on_whole_disk(const model::Resource& resource);  // a MOUNT disk
std::vector<VolumeMount> volume_mounts(const std::vector<model::Resource>& resources);
// Whether the agent must remember it: its flags do not say it.
bool is_checkpointed(const model::Resource& resource);
// What the flags must hold for it: without dynamic reservations, not a volume.
model::Resource as_configured(model::Resource resource);

}  // namespace ekiden::agent
