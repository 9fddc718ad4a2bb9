#pragma once

#include "marathon/model/app.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What a pod has beyond an app [marathon-api 3.14]. A pod is an App whose `pod` is set: user,
// environment, labels, secrets, networks, constraints, strategies, role and instances are the App's
// members; resources, ports and persistent volumes of the App are derived from the containers
// (model/pod.cpp: complete_pod), so that whoever launches, scales or replaces needs no difference.
namespace ekiden::marathon {

struct PodCommand {  // a shell line, else arguments
  std::optional<std::string> shell;
  std::vector<std::string> argv;
  bool operator==(const PodCommand&) const = default;
};

struct PodExec {
  PodCommand command;
  std::optional<bool> override_entrypoint;
  bool operator==(const PodExec&) const = default;
};

struct PodImage {  // wire: kind DOCKER
  std::string id;
  std::optional<bool> force_pull;
  std::optional<Secret> pull_config;
  std::map<std::string, std::string> labels;
  bool operator==(const PodImage&) const = default;
};

struct PodEndpoint {
  std::string name;
  std::optional<std::int32_t> container_port;
  std::optional<std::int32_t> host_port;  // 0: random; absent: none
  std::vector<std::string> protocols = {"tcp"};
  std::map<std::string, std::string> labels;
  std::vector<std::string> network_names;
  bool operator==(const PodEndpoint&) const = default;
};

struct PodHttpCheck {
  std::string endpoint;
  std::optional<std::string> path;
  std::string scheme = "HTTP";
  bool operator==(const PodHttpCheck&) const = default;
};

struct PodTcpCheck {
  std::string endpoint;
  bool operator==(const PodTcpCheck&) const = default;
};

struct PodCommandCheck {
  PodCommand command;
  bool operator==(const PodCommandCheck&) const = default;
};

struct PodHealthCheck {
  std::optional<PodHttpCheck> http;
  std::optional<PodTcpCheck> tcp;
  std::optional<PodCommandCheck> exec;
  std::int32_t grace_period_seconds = 300;
  std::int32_t interval_seconds = 60;
  std::int32_t max_consecutive_failures = 3;
  std::int32_t timeout_seconds = 20;
  std::int32_t delay_seconds = 15;
  bool operator==(const PodHealthCheck&) const = default;
};

struct PodResources {
  double cpus = 1;
  double mem = 128;
  double disk = 0;
  std::int32_t gpus = 0;
  bool operator==(const PodResources&) const = default;
};

struct PodVolumeMount {
  std::string name;  // of a volume of the pod
  std::string mount_path;
  bool read_only = false;
  bool operator==(const PodVolumeMount&) const = default;
};

struct PodLifecycle {
  std::optional<double> kill_grace_period_seconds;
  bool operator==(const PodLifecycle&) const = default;
};

struct PodContainer {
  std::string name;
  std::optional<PodExec> exec;
  PodResources resources;
  std::optional<ResourceLimits> resource_limits;
  std::vector<PodEndpoint> endpoints;
  std::optional<PodImage> image;
  std::map<std::string, EnvValue> environment;
  std::optional<std::string> user;
  std::optional<PodHealthCheck> health_check;
  std::vector<PodVolumeMount> volume_mounts;
  std::vector<Artifact> artifacts;
  std::map<std::string, std::string> labels;
  std::optional<PodLifecycle> lifecycle;
  std::optional<bool> tty;
  std::optional<json::Value> linux_info;  // kept as it came, validated
  bool operator==(const PodContainer&) const = default;
};

// One of host, secret, persistent; none of them: ephemeral, it lives as long as the instance.
struct PodVolume {
  std::string name;
  std::optional<std::string> host;
  std::optional<std::string> secret;
  std::optional<PersistentVolume> persistent;
  bool operator==(const PodVolume&) const = default;
};

struct PodBackoff {  // seconds
  double backoff = 1;
  double backoff_factor = 1.15;
  double max_launch_delay = 300;
  bool operator==(const PodBackoff&) const = default;
};

struct Pod {
  std::vector<PodContainer> containers;
  std::vector<PodVolume> volumes;
  ExecutorResources executor_resources;
  PodBackoff backoff;
  std::optional<json::Value> linux_info;  // of the executor
  bool legacy_shared_cgroups = false;
  bool operator==(const Pod&) const = default;

  const PodVolume* find_volume(std::string_view name) const;
  std::size_t endpoint_count() const;
};

// The App members that follow from the pod: resources, ports, persistent volumes, backoff. To be
// called whenever `app.pod` was set.
void complete_pod(App& app);

// Where the ports of one container begin among all ports of the pod, which are in the order of the
// containers and their endpoints.
std::size_t first_port_of(const Pod& pod, std::size_t container);

}  // namespace ekiden::marathon
