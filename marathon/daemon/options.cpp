#include "marathon/daemon/options.h"

#include "core/base/strings.h"

#include <fmt/core.h>

namespace ekiden::marathon {
namespace {

Flag port_limit(std::string name, std::int32_t& target, std::string help) {
  return {std::move(name),
          std::move(help),
          std::to_string(target),
          [&target](const std::string& text) -> Result<void> {
            const auto number = whole_number(text, 0, 65535);
            if (!number) {
              return fail(number.error());
            }
            target = static_cast<std::int32_t>(*number);
            return {};
          }};
}

Flag features(Settings& settings) {
  return {"enable_features",
          "Comma list of vips, task_killing, external_volumes, secrets, gpu_resources",
          "",
          [&settings](const std::string& text) -> Result<void> {
            settings.features.clear();
            for (const auto name : split_nonempty(text, ',')) {
              settings.features.emplace(trim(name));
            }
            return {};
          }};
}

Flag enforce_role(Settings& settings) {
  return {"new_group_enforce_role",
          "Whether new top-level groups enforce their role: off or top",
          settings.new_group_enforce_role ? "top" : "off",
          [&settings](const std::string& text) -> Result<void> {
            if (text != "off" && text != "top") {
              return fail(ErrorCode::invalid, fmt::format("'{}' is neither off nor top", text));
            }
            settings.new_group_enforce_role = text == "top";
            return {};
          }};
}

Flag resource_roles_behaviour(Settings& settings) {
  return {"accepted_resource_roles_default_behavior",
          "Resources of apps that do not say: any, unreserved or reserved",
          "any",
          [&settings](const std::string& text) -> Result<void> {
            if (text == "any") {
              settings.accepted_roles_default = Settings::AcceptedRoles::any;
            } else if (text == "unreserved") {
              settings.accepted_roles_default = Settings::AcceptedRoles::unreserved;
            } else if (text == "reserved") {
              settings.accepted_roles_default = Settings::AcceptedRoles::reserved;
            } else {
              return fail(ErrorCode::invalid,
                          fmt::format("'{}' is none of any, unreserved, reserved", text));
            }
            return {};
          }};
}

Flag gpu_scheduling(Settings& settings) {
  return {"gpu_scheduling_behavior",
          "Whether apps without GPUs may use agents that have some: restricted or unrestricted",
          "restricted",
          [&settings](const std::string& text) -> Result<void> {
            if (text != "restricted" && text != "unrestricted") {
              return fail(ErrorCode::invalid,
                          fmt::format("'{}' is neither restricted nor unrestricted", text));
            }
            settings.gpu_scheduling =
                text == "restricted" ? Settings::Gpus::restricted : Settings::Gpus::unrestricted;
            return {};
          }};
}

Flags launch_flags(Settings& settings) {
  return {
      gpu_scheduling(settings),
      flag("mesos_authentication_principal",
           settings.principal,
           "Principal of this framework and of what it reserves"),
      flag("maintenance_mode",
           settings.maintenance_mode,
           "Whether agents in their maintenance window get no tasks"),
      flag("draining_seconds",
           settings.draining_time,
           Unit::seconds,
           "How long before the window they get none"),
      count_flag(
          "launch_tokens", settings.launch_tokens, "Launches that may be under way; 0 is no limit"),
      flag("launch_token_refresh_interval",
           settings.launch_token_refresh_interval,
           Unit::milliseconds,
           "How often all launch tokens come back"),
      flag("task_reservation_timeout",
           settings.task_reservation_timeout,
           Unit::milliseconds,
           "How long a new reservation may stay unseen"),
      flag("suppress_offers",
           settings.suppress_offers,
           "Whether the master is told when nothing is wanted"),
      flag("free_unknown_reservations",
           settings.free_unknown_reservations,
           "Whether volumes that no record names are destroyed, as Marathon does")};
}

Flags http_flags(Options& options) {
  return {flag("http_address", options.ip, "Address to listen on"),
          flag("http_port", options.port, "Port of the API and the page"),
          flag("hostname", options.settings.hostname, "Name that is told to others"),
          flag("webui_url", options.settings.webui_url, "Address of the page, shown by the master"),
          flag("access_control_allow_origin",
               options.front.allow_origins,
               "Origins that pages of others may come from"),
          flag("http_credentials", options.front.credentials, "user:password of every request"),
          flag("http_realm", options.front.realm, "Realm that clients are asked for"),
          flag("http_compression", options.front.compression, "Whether answers are packed"),
          count_flag("max_concurrent_marathon_health_checks",
                     options.probes_max,
                     "Health probes at one time; the others wait")};
}

Flags framework_flags(Settings& settings) {
  return {flag("framework_name", settings.framework_name, "Name to register with"),
          flag("mesos_role", settings.mesos_role, "Role of services that name none"),
          flag("mesos_user", settings.user, "User that tasks run as"),
          flag("failover_timeout",
               settings.failover_timeout,
               Unit::seconds,
               "How long the master keeps the tasks while this process is away"),
          flag("default_network_name",
               settings.default_network_name,
               "Name of container networks without one"),
          flag("mesos_bridge_name", settings.mesos_bridge_name, "Name of the bridge network"),
          port_limit("local_port_min", settings.local_port_min, "First of the service ports"),
          port_limit("local_port_max", settings.local_port_max, "Last of the service ports"),
          features(settings),
          enforce_role(settings),
          resource_roles_behaviour(settings),
          flag("default_accepted_resource_roles",
               settings.default_accepted_resource_roles,
               "Roles of the resources that apps use when they do not say"),
          flag("executor", settings.executor, "Executor of apps that name none"),
          flag("env_vars_prefix", settings.env_vars_prefix, "Prefix of generated variables"),
          flag("task_killing", settings.task_killing, "Whether tasks show that they are ending")};
}

Flags pace_flags(Settings& settings) {
  constexpr auto kMillis = Unit::milliseconds;
  return {flag("destroy_guard",
               settings.destroy_guard,
               "Large destruction over several apps needs force=true"),
          count_flag("zk_max_versions", settings.versions_per_app_max, "Versions kept of each app"),
          count_flag("deployment_history_max",
                     settings.deployment_history_max,
                     "Deployments that ended and are remembered"),
          count_flag("max_running_deployments",
                     settings.max_running_deployments,
                     "Deployments at one time; more are refused"),
          count_flag("max_instances_per_offer",
                     settings.max_instances_per_offer,
                     "Instances launched from one offer"),
          flag("decline_offer_duration",
               settings.decline_offer_duration,
               kMillis,
               "How long refused resources are not offered again"),
          flag("min_revive_offers_interval",
               settings.min_revive_offers_interval,
               kMillis,
               "Least time between two requests for offers"),
          flag("reconciliation_initial_delay",
               settings.reconciliation_initial_delay,
               kMillis,
               "When tasks are compared with the master first"),
          flag("reconciliation_interval",
               settings.reconciliation_interval,
               kMillis,
               "How often tasks are compared with the master"),
          flag("scale_apps_interval",
               settings.scale_apps_interval,
               kMillis,
               "How often the number of instances is looked at"),
          flag("task_launch_timeout",
               settings.task_launch_timeout,
               kMillis,
               "How long a task may take to run"),
          flag("task_launch_confirm_timeout",
               settings.task_launch_confirm_timeout,
               kMillis,
               "How long a launch may be without any news"),
          flag("kill_retry_timeout",
               settings.kill_retry_timeout,
               kMillis,
               "When a kill that was not answered is sent again"),
          count_flag("kill_chunk_size", settings.kill_chunk_size, "Kills sent at one time")};
}

Flags idle_flags() {
  Flags all = without_effect(
      Flag::Kind::value,
      "assets_path,backup_location,deprecated_features,"
      "event_stream_max_outstanding_messages,graceful_shutdown_timeout,"
      "group_manager_request_timeout,group_versions_cache_size,"
      "http_max_concurrent_requests,https_address,https_port,"
      "leader_proxy_connection_timeout,"
      "leader_proxy_max_open_connections,leader_proxy_read_timeout,logging_level,logstash,max_apps,"
      "max_parallel_offers,max_parallel_status_updates,max_queued_offers,"
      "max_queued_root_group_updates,max_queued_status_updates,"
      "mesos_authentication_secret,mesos_authentication_secret_file,"
      "mesos_heartbeat_failure_threshold,mesos_heartbeat_interval,mesos_leader_ui_url,"
      "metrics_datadog_api_key,metrics_datadog_host,metrics_datadog_port,"
      "metrics_datadog_protocol,metrics_datadog_transmission_interval_ms,"
      "metrics_histogram_reservoir_highest_trackable_value,"
      "metrics_histogram_reservoir_resetting_chunks,"
      "metrics_histogram_reservoir_resetting_interval_ms,"
      "metrics_histogram_reservoir_significant_digits,metrics_name_prefix,metrics_statsd_host,"
      "metrics_statsd_port,metrics_statsd_transmission_interval_ms,"
      "offer_matching_timeout,"
      "on_elected_prepare_timeout,plugin_conf,plugin_dir,scale_apps_initial_delay,sentry,"
      "sentry_tags,ssl_keystore_password,ssl_keystore_path,storage_compaction_interval,"
      "storage_compaction_scan_batch_size,task_lost_expunge_initial_delay,"
      "task_lost_expunge_interval,zk,zk_compression_threshold,"
      "zk_connection_timeout,zk_max_concurrency,zk_max_node_size,"
      "zk_session_timeout,zk_timeout");
  append(all,
         without_effect(
             Flag::Kind::toggle,
             "checkpoint,disable_http,ha,leader_proxy_ssl_ignore_hostname,"
             "mesos_authentication,metrics_datadog,"
             "metrics_histogram_reservoir_reset_periodically,metrics_prometheus,metrics_statsd,"
             "store_cache,zk_compression"));
  return all;
}

}  // namespace

Flags flags(Options& options) {
  Flags all = http_flags(options);
  append(all, framework_flags(options.settings));
  append(all, launch_flags(options.settings));
  append(all, pace_flags(options.settings));
  append(all, idle_flags());
  return all;
}

}  // namespace ekiden::marathon
