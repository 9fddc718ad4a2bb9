#include "core/agent/volumes.h"

#include "core/model/resource_operations.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::agent {

using model::DiskSource;
using model::Reservation;

bool on_whole_disk(const model::Resource& resource) {
  return resource.disk && resource.disk->source &&
         resource.disk->source->type == DiskSource::Type::mount;
}

std::optional<std::string> volume_path(const model::Resource& resource) {
  if (!resource.disk || !resource.disk->persistence) {
    return std::nullopt;
  }
  std::string root;
  if (const auto& source = resource.disk->source) {
    if (on_whole_disk(resource)) {
      return source->mount && source->mount->root ? *source->mount->root : "";
    }
    if (source->path && source->path->root) {
      root = *source->path->root + "/";
    }
  }
  std::string role = resource.reservations.empty() ? "*" : resource.reservations.back().role;
  std::replace(role.begin(), role.end(), '/', ' ');
  return fmt::format("{}volumes/roles/{}/{}", root, role, resource.disk->persistence->id);
}

std::vector<VolumeMount> volume_mounts(const std::vector<model::Resource>& resources) {
  std::vector<VolumeMount> mounts;
  for (const model::Resource& resource : resources) {
    auto path = volume_path(resource);
    if (path && resource.disk->volume) {
      mounts.push_back({std::move(*path),
                        resource.disk->volume->container_path,
                        resource.disk->volume->mode == model::VolumeRef::Mode::ro});
    }
  }
  return mounts;
}

bool is_checkpointed(const model::Resource& resource) {
  return (resource.disk && resource.disk->persistence) ||
         std::any_of(resource.reservations.begin(),
                     resource.reservations.end(),
                     [](const Reservation& one) { return one.type == Reservation::Type::dynamic; });
}

model::Resource as_configured(model::Resource resource) {
  resource = model::without_volume(std::move(resource));
  std::erase_if(resource.reservations,
                [](const Reservation& one) { return one.type == Reservation::Type::dynamic; });
  return resource;
}

}  // namespace ekiden::agent
