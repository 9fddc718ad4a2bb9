#include "core/agent/options.h"

namespace ekiden::agent {

namespace {

Flags idle_flags() {
  Flags all;
  append(all,
         without_effect(
             Flag::Kind::toggle,
             "authenticate_http_executors,authenticate_http_readonly,"
             "authenticate_http_readwrite,cgroups_cpu_enable_pids_and_tids_count,"
             "cgroups_enable_cfs,cgroups_limit_swap,docker_kill_orphans,"
             "disallow_sharing_agent_ipc_namespace,disallow_sharing_agent_pid_namespace,enforce_"
             "container_disk_quota,"
             "enforce_container_ports,gc_non_executor_container_sandboxes,hostname_lookup,"
             "memory_profiling,network_cni_metrics,network_cni_root_dir_persist,quiet,revocable_cpu"
             "_low_priority,strict,switch_user,systemd_enable_support"));
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
      flag("executor_registration_timeout",
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
  };
  append(
      all,
      without_effect(
          Flag::Kind::value,
          "acls,advertise_ip,advertise_port,agent_features,agent_subsystems,appc_simple_discovery"
          "_uri_prefix,appc_store_dir,authenticatee,authentication_backoff_factor,"
          "authentication_timeout_max,authentication_timeout_min,authorizer,"
          "cgroups_destroy_timeout,cgroups_hierarchy,cgroups_net_cls_primary_handle,"
          "cgroups_net_cls_secondary_handles,container_disk_watch_interval,"
          "container_logger,containerizers,credential,csi_plugin_config_dir,"
          "default_container_dns,default_container_info,default_container_shm_size,"
          "default_role,"
          "disk_profile_adaptor,disk_watch_interval,docker,docker_config,"
          "docker_mesos_image,docker_registry,docker_remove_delay,docker_stop_timeout,"
          "docker_store_dir,docker_volume_checkpoint_dir,domain,effective_capabilities,"
          "bounding_capabilities,executor_environment_variables,external_log_file,"
          "fetcher_cache_dir,fetcher_cache_size,fetcher_stall_timeout,frameworks_home,gc_delay,"
          "gc_disk_headroom,hadoop_home,http_authenticators,http_executor_authenticators,"
          "http_heartbeat_interval,image_gc_config,image_providers,image_provisioner_backend,"
          "initialize_driver_logging,ip_discovery_command,isolation,jwt_secret_key,launcher,"
          "log_dir,logbufsecs,logging_level,max_completed_executors_per_framework,"
          "master_detector,modules,modules_dir,network_cni_config_dir,network_cni_plugins_dir,"
          "nvidia_gpu_devices,oom_score_adj,oversubscribed_resources_interval,perf_duration,"
          "perf_events,perf_interval,qos_controller,qos_correction_interval_min,"
          "reconfiguration_policy,recover,recovery_timeout,resource_estimator,"
          "resource_provider_config_dir,runtime_dir,sandbox_directory,secret_resolver,"
          "systemd_runtime_directory,version,volume_gid_range,volume_secret_dir,"
          "xfs_project_range"));
  append(all, idle_flags());
  return all;
}

}  // namespace ekiden::agent
