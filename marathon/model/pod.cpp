#include "marathon/model/pod.h"

#include "core/base/strings.h"
#include "core/model/resources.h"

#include <algorithm>
#include <cmath>

namespace ekiden::marathon {
namespace {

// Each part rounded by itself, as it is asked for: then the sum is what the parts take together.
class Sum {
 public:
  void add(double part) { total_ += model::Scalar::from_double(part); }

  double total() const { return total_.to_double(); }

 private:
  model::Scalar total_;
};

PortMapping mapping_of(const PodEndpoint& endpoint) {
  PortMapping mapping;
  mapping.container_port = endpoint.container_port.value_or(0);
  mapping.host_port = endpoint.host_port;
  mapping.protocol = join(endpoint.protocols, ",");
  mapping.name = endpoint.name;
  mapping.labels = endpoint.labels;
  mapping.network_names = endpoint.network_names;
  return mapping;
}

Volume volume_of(const PodVolume& volume) {
  Volume result;
  result.container_path = volume.name;
  result.persistent = volume.persistent;
  return result;
}

std::int32_t whole_seconds(double seconds) {
  return static_cast<std::int32_t>(std::min(std::ceil(seconds), 1e9));
}

}  // namespace

const PodVolume* Pod::find_volume(std::string_view name) const {
  const auto found = std::find_if(
      volumes.begin(), volumes.end(), [&](const PodVolume& volume) { return volume.name == name; });
  return found == volumes.end() ? nullptr : &*found;
}

std::size_t Pod::endpoint_count() const {
  return first_port_of(*this, containers.size());
}

std::size_t first_port_of(const Pod& pod, std::size_t container) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < container && i < pod.containers.size(); ++i) {
    count += pod.containers[i].endpoints.size();
  }
  return count;
}

void complete_pod(App& app) {
  const Pod& pod = *app.pod;
  Sum cpus;
  Sum mem;
  Sum disk;
  cpus.add(pod.executor_resources.cpus);
  mem.add(pod.executor_resources.mem);
  disk.add(pod.executor_resources.disk);
  app.gpus = 0;
  Container container;
  container.type = Engine::mesos;
  for (const PodContainer& one : pod.containers) {
    cpus.add(one.resources.cpus);
    mem.add(one.resources.mem);
    disk.add(one.resources.disk);
    app.gpus += one.resources.gpus;
    for (const PodEndpoint& endpoint : one.endpoints) {
      container.port_mappings.push_back(mapping_of(endpoint));
    }
  }
  for (const PodVolume& volume : pod.volumes) {
    if (volume.persistent) {
      container.volumes.push_back(volume_of(volume));
    }
  }
  app.cpus = cpus.total();
  app.mem = mem.total();
  app.disk = disk.total();
  app.container = std::move(container);
  app.port_definitions.clear();
  app.executor_resources = pod.executor_resources;
  app.backoff_seconds = whole_seconds(pod.backoff.backoff);
  app.backoff_factor = pod.backoff.backoff_factor;
  app.max_launch_delay_seconds = whole_seconds(pod.backoff.max_launch_delay);
}

bool PodPtr::operator==(const PodPtr& other) const {
  return get() == other.get() || (*this && other && **this == *other);
}

bool App::has_health_checks() const {
  return !health_checks.empty() ||
         (pod && std::any_of(pod->containers.begin(),
                             pod->containers.end(),
                             [](const PodContainer& one) { return one.health_check.has_value(); }));
}

}  // namespace ekiden::marathon
