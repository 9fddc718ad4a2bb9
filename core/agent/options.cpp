#include "core/agent/options.h"

#include "core/base/strings.h"

#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace ekiden::agent {
namespace {

constexpr std::uint64_t kMb = 1024ULL * 1024;

Flag bytes_flag(std::string name, std::uint64_t& target, std::string help) {
  return {std::move(name),
          std::move(help),
          fmt::format("{}MB", target / kMb),
          [&target](const std::string& text) -> Result<void> {
            constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
                {"TB", kMb * kMb}, {"GB", kMb * 1024}, {"MB", kMb}, {"KB", 1024}, {"B", 1}};
            for (const auto& [unit, size] : kUnits) {
              const auto number = text.ends_with(unit)
                                      ? parse_double(text.substr(0, text.size() - unit.size()))
                                      : std::nullopt;
              if (number && *number >= 0) {
                target = static_cast<std::uint64_t>(*number * static_cast<double>(size));
                return {};
              }
            }
            return fail(
                ErrorCode::invalid,
                fmt::format("'{}' is no size: write a number and B, KB, MB, GB or TB", text));
          }};
}

Flag fraction_flag(std::string name, double& target, std::string help) {
  return {std::move(name),
          std::move(help),
          fmt::format("{}", target),
          [&target](const std::string& text) -> Result<void> {
            const auto number = parse_double(text);
            if (!number || *number < 0 || *number > 1) {
              return fail(ErrorCode::invalid, fmt::format("'{}' is not between 0 and 1", text));
            }
            target = *number;
            return {};
          }};
}

Flag reconfiguration_flag(Options::Reconfiguration& target) {
  return {
      "reconfiguration_policy",
      "What may differ from the last start: nothing (equal), or more of everything (additive)",
      "equal",
      [&target](const std::string& text) -> Result<void> {
        if (text != "equal" && text != "additive") {
          return fail(ErrorCode::invalid, fmt::format("'{}' is neither equal nor additive", text));
        }
        target =
            text == "equal" ? Options::Reconfiguration::equal : Options::Reconfiguration::additive;
        return {};
      }};
}

Flag recover_flag(Options::Recover& target) {
  return {"recover",
          "What becomes of tasks of an earlier life: reconnect, or cleanup (end them, then exit)",
          "reconnect",
          [&target](const std::string& text) -> Result<void> {
            if (text != "reconnect" && text != "cleanup") {
              return fail(ErrorCode::invalid,
                          fmt::format("'{}' is neither reconnect nor cleanup", text));
            }
            target = text == "cleanup" ? Options::Recover::cleanup : Options::Recover::reconnect;
            return {};
          }};
}

Flags access_flags(Options& options) {
  return {flag("authenticate_http_readonly",
               options.authenticate_readonly,
               "Reads over HTTP need a principal and its secret"),
          flag("authenticate_http_readwrite",
               options.authenticate_readwrite,
               "Changes over HTTP need a principal and its secret"),
          flag("http_credentials",
               options.http_credentials,
               "File of principals and secrets: {\"credentials\": [{\"principal\", \"secret\"}]}")};
}

Flags executor_flags(Options& options) {
  return {flag("executor_registration_timeout",
               options.executor_registration_timeout,
               "How long a new executor may take to connect"),
          flag("executor_reregistration_timeout",
               options.executor_reregistration_timeout,
               "How long executors may take to come back after a restart of the agent"),
          flag("executor_shutdown_grace_period",
               options.executor_shutdown_grace,
               "How long an executor may take to end"),
          flag("registration_backoff_factor",
               options.registration_backoff,
               "First wait before registering again"),
          flag("executor_environment_variables",
               options.executor_environment,
               "JSON object of variables for every executor, or file:///path of it"),
          flag("docker", options.docker, "Docker's client, for sessions inside its containers"),
          flag("http_heartbeat_interval",
               options.http_heartbeat,
               "How often streams of containers show that they are alive"),
          flag("switch_user", options.switch_user, "Run tasks as the user that they name"),
          flag("cgroups_enable_cfs",
               options.cgroups_enable_cfs,
               "Tasks get no more CPU than they asked for, even when there is some")};
}

Flags disk_flags(Options& options) {
  return {flag("fetcher_cache_dir",
               options.fetcher_cache_dir,
               "Folder of downloads that tasks share; in the work folder when not given"),
          bytes_flag("fetcher_cache_size", options.fetcher_cache_bytes, "What they may come to"),
          flag("fetcher_stall_timeout",
               options.fetcher_stall_timeout,
               "How long a download may stand still"),
          flag("frameworks_home", options.frameworks_home, "Folder of relative URIs"),
          flag("gc_delay", options.gc_delay, "How long sandboxes stay after their executor ended"),
          fraction_flag("gc_disk_headroom",
                        options.gc_disk_headroom,
                        "Part of the disk to keep free: sandboxes go earlier when it fills"),
          flag("disk_watch_interval",
               options.disk_watch_interval,
               "How often the disk is looked at for that")};
}

Flags idle_flags() {
  Flags all;
  append(all,
         without_effect(
             Flag::Kind::toggle,
             "authenticate_http_executors,cgroups_cpu_enable_pids_and_tids_count,"
             "cgroups_limit_swap,docker_kill_orphans,"
             "disallow_sharing_agent_ipc_namespace,disallow_sharing_agent_pid_namespace,enforce_"
             "container_disk_quota,"
             "enforce_container_ports,gc_non_executor_container_sandboxes,hostname_lookup,"
             "memory_profiling,network_cni_metrics,network_cni_root_dir_persist,quiet,revocable_cpu"
             "_low_priority,strict,systemd_enable_support"));
  return all;
}

}  // namespace

Flags flags(Options& options) {
  Flags all = {
      flag("ip", options.ip, "Address to listen on"),
      flag("port", options.port, "Port to listen on"),
      flag("hostname", options.hostname, "Name that offers show; the address when not given"),
      flag("work_dir", options.work_dir, "Folder of sandboxes and state; one per agent"),
      flag("resources",
           options.resources,
           "What is offered, e.g. 'cpus:4;mem:8192;ports:[31000-32000]'; what is not named is "
           "detected"),
      flag("attributes", options.attributes, "What offers say about it, e.g. 'rack:r1;zone:a'"),
      {"launcher_dir",
       "Folder of ekiden-executor; that of this program when not given",
       "",
       [&options](const std::string& text) -> Result<void> {
         options.executor_path = text + "/ekiden-executor";
         return {};
       }},
      flag("docker_socket", options.docker_socket, "Socket of the Docker engine"),
      flag("cgroups_root", options.cgroups_root, "Name of its cgroups; one per agent of a host"),
      flag("default_role", options.default_role, "Role of resources that name none"),
      flag("domain", options.domain, "Fault domain: JSON, or file:///path of it"),
      flag("advertise_ip", options.advertise_ip, "Address that others reach this agent at"),
      flag("external_log_file", options.external_log_file, "The agent's log, to show it"),
      flag("secret_store_dir",
           options.secret_store_dir,
           "Folder of secrets, one file each, readable by the agent's user only"),
      recover_flag(options.recover),
      reconfiguration_flag(options.reconfiguration),
  };
  append(all, executor_flags(options));
  append(all, access_flags(options));
  append(all, disk_flags(options));
  append(all,
         without_effect(
             Flag::Kind::value,
             "acls,advertise_port,agent_features,agent_subsystems,appc_simple_discovery"
             "_uri_prefix,appc_store_dir,authenticatee,authentication_backoff_factor,"
             "authentication_timeout_max,authentication_timeout_min,authorizer,"
             "cgroups_destroy_timeout,cgroups_hierarchy,cgroups_net_cls_primary_handle,"
             "cgroups_net_cls_secondary_handles,container_disk_watch_interval,"
             "container_logger,containerizers,credential,csi_plugin_config_dir,"
             "default_container_dns,default_container_info,default_container_shm_size,"
             "disk_profile_adaptor,docker_config,"
             "docker_mesos_image,docker_registry,docker_remove_delay,docker_stop_timeout,"
             "docker_store_dir,docker_volume_checkpoint_dir,effective_capabilities,"
             "bounding_capabilities,"
             "hadoop_home,http_authenticators,http_executor_authenticators,"
             "image_gc_config,image_providers,image_provisioner_backend,"
             "initialize_driver_logging,ip_discovery_command,isolation,jwt_secret_key,launcher,"
             "log_dir,logbufsecs,logging_level,max_completed_executors_per_framework,"
             "master_detector,modules,modules_dir,network_cni_config_dir,network_cni_plugins_dir,"
             "nvidia_gpu_devices,oom_score_adj,oversubscribed_resources_interval,perf_duration,"
             "perf_events,perf_interval,qos_controller,qos_correction_interval_min,"
             "recovery_timeout,resource_estimator,"
             "resource_provider_config_dir,runtime_dir,sandbox_directory,secret_resolver,"
             "systemd_runtime_directory,version,volume_gid_range,volume_secret_dir,"
             "xfs_project_range"));
  append(all, idle_flags());
  return all;
}

}  // namespace ekiden::agent
