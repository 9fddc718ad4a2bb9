#pragma once

#include "core/json/json.h"
#include "marathon/api/app_form.h"
#include "marathon/model/pod.h"
#include "marathon/settings.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

// A pod as it is written on the wire [marathon-api 3.14]: a request is decoded into it, normalised
// and turned into an App whose `pod` is set; answers go the other way.
namespace ekiden::marathon::wire {

struct ScalingForm {
  std::string kind = "fixed";
  std::int32_t instances = 1;
  bool operator==(const ScalingForm&) const = default;
};

struct PodUpgradeForm : UpgradeStrategy {  // no member is required
  bool operator==(const PodUpgradeForm&) const = default;
};

struct PodConstraintForm {
  std::string field_name;
  std::string op;
  std::optional<std::string> value;
  bool operator==(const PodConstraintForm&) const = default;
};

struct PlacementForm {
  std::vector<PodConstraintForm> constraints;
  std::optional<std::vector<std::string>> accepted_resource_roles;
  bool operator==(const PlacementForm&) const = default;
};

struct SchedulingForm {
  std::optional<PodBackoff> backoff;
  std::optional<PodUpgradeForm> upgrade;
  std::optional<PlacementForm> placement;
  std::optional<KillSelection> kill_selection;
  std::optional<UnreachableStrategy> unreachable_strategy;
  bool operator==(const SchedulingForm&) const = default;
};

// A container with its limits as they came; they become numbers in PodContainer.
struct PodContainerForm : PodContainer {
  std::optional<ResourceLimitsForm> limits;
  bool operator==(const PodContainerForm&) const = default;
};

struct PodForm {
  std::string id;
  std::optional<std::string> version;
  std::optional<std::string> user;
  std::map<std::string, EnvValue> environment;
  std::map<std::string, std::string> labels;
  std::vector<PodContainerForm> containers;
  std::map<std::string, SecretSource> secrets;
  std::vector<PodVolume> volumes;
  std::vector<Network> networks;
  std::optional<ScalingForm> scaling;
  std::optional<SchedulingForm> scheduling;
  std::optional<ExecutorResources> executor_resources;
  std::optional<std::string> role;
  std::optional<json::Value> linux_info;
  std::optional<bool> legacy_shared_cgroups;
  bool operator==(const PodForm&) const = default;
};

bool has_persistent_volumes(const PodForm& form);

// With the error texts of 1.9: message "Invalid JSON" and every problem.
Result<PodForm> decode_pod(std::string_view body);
Result<PodForm> decode_pod(const json::Value& body);

// Names of networks, host ports of endpoints, strategies [marathon-api 3.14].
void normalise(PodForm& form, const Settings& settings);

// `form` is normalised and free of problems; the version is taken where it is legible.
App pod_to_app(const PodForm& form);
PodForm to_pod_form(const App& pod);

std::string pod_to_json(const App& pod);           // as in every answer
std::string pod_spec_json(const App& pod);         // as in a status: without an empty placement
Result<App> pod_from_json(std::string_view text);  // what pod_to_json wrote: for records

}  // namespace ekiden::marathon::wire
