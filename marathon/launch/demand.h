#pragma once

#include "core/model/resources.h"
#include "marathon/model/app.h"
#include "marathon/model/pattern.h"
#include "marathon/settings.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ekiden::marathon::launch {

struct PortWish {  // of one slot
  enum class Kind { none, fixed, random };
  Kind kind = Kind::none;
  std::int32_t port = 0;  // of a fixed one
};

struct VolumeWish {  // a persistent volume that is to be made
  std::string name;  // where it appears in the container
  PersistentVolume volume;
  std::vector<std::optional<Pattern>> paths;  // LIKE on its disk's path; nothing: never matches
};

// What one launch asks of an offer, whatever is launched [4.5].
struct Demand {
  struct Executor {  // of its own, beside the task: cpus, mem, disk
    model::Scalar cpus;
    model::Scalar mem;
    model::Scalar disk;
  };

  model::Scalar cpus;
  model::Scalar mem;
  model::Scalar disk;
  model::Scalar gpus;
  std::optional<Executor> executor;                  // a custom one; pods count theirs in
  std::vector<PortWish> ports;                       // in the order of the slots
  std::vector<VolumeWish> volumes;                   // a resident has some
  std::vector<std::string> accepted_resource_roles;  // empty: by the settings
  std::optional<std::string> gpu_behaviour;          // label GPU_SCHEDULING_BEHAVIOR
  bool names_fault_domain = false;                   // a constraint on @region or @zone

  bool is_resident() const { return !volumes.empty(); }
};

Demand demand_of(const App& app, const Settings& settings);
// The path of a custom executor; empty: the command executor runs the task [5.1].
std::string custom_executor(const App& app, const Settings& settings);
std::vector<PortWish> port_wishes(const App& app);

// Roles whose resources a service of `role` may use.
std::set<std::string> accepted_roles(const Demand& demand,
                                     const std::string& role,
                                     const Settings& settings);

}  // namespace ekiden::marathon::launch
