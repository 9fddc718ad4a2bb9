#pragma once

#include "core/base/time.h"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ekiden::marathon {

// What shapes decisions; the defaults are Marathon's (marathon-behaviour.md Appendix A, B).
struct Settings {
  std::string framework_name = "marathon";
  std::string hostname = "localhost";
  std::string user = "root";
  std::string mesos_role = "*";
  std::set<std::string> features;       // "vips", "task_killing", "secrets", ...
  bool new_group_enforce_role = false;  // --new_group_enforce_role top
  std::vector<std::string> default_accepted_resource_roles;  // empty: by the next one
  enum class AcceptedRoles { any, unreserved, reserved };
  AcceptedRoles accepted_roles_default = AcceptedRoles::any;
  std::optional<std::string> principal;  // of the framework and its reservations
  enum class Gpus { restricted, unrestricted };
  Gpus gpu_scheduling = Gpus::restricted;  // restricted: GPUs are for who asks for some
  bool maintenance_mode = true;            // agents that are going away get no launches
  Duration draining_time{};                // so long before they go
  std::optional<std::string> webui_url;
  std::string executor = "//cmd";
  std::string env_vars_prefix;
  std::optional<std::string> default_network_name;
  std::string mesos_bridge_name = "mesos-bridge";
  Duration failover_timeout = std::chrono::hours(24 * 7);
  std::int32_t local_port_min = 10000;
  std::int32_t local_port_max = 20000;
  std::size_t max_running_deployments = 100;
  std::size_t max_instances_per_offer = 1000;  // Marathon: 5; see docs/decisions.md
  std::size_t launch_tokens = 0;  // launches without a running task; 0: no limit (Marathon: 100)
  Duration launch_token_refresh_interval = std::chrono::seconds(30);
  Duration task_reservation_timeout = std::chrono::seconds(20);
  bool suppress_offers = true;
  bool offer_constraints = false;  // tell the master which agents can fit
  Duration min_offer_constraints_update_interval = std::chrono::seconds(1);
  bool free_unknown_reservations = false;  // reservations of ours without any record
  Duration decline_offer_duration = std::chrono::seconds(120);
  Duration min_revive_offers_interval = std::chrono::seconds(5);
  Duration reconciliation_initial_delay = std::chrono::seconds(15);
  Duration reconciliation_interval = std::chrono::minutes(10);
  Duration scale_apps_interval = std::chrono::minutes(5);
  Duration task_launch_confirm_timeout = std::chrono::minutes(5);
  Duration task_launch_timeout = std::chrono::minutes(5);
  Duration kill_retry_timeout = std::chrono::seconds(30);
  Duration drain_timeout = std::chrono::seconds(10);
  std::size_t kill_chunk_size = 100;
  std::size_t versions_per_app_max = 50;
  std::size_t deployment_history_max = 500;
  bool destroy_guard = false;  // large destruction over several apps needs force=true
  bool task_killing = true;
};

}  // namespace ekiden::marathon
