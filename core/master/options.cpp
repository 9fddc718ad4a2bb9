#include "core/master/options.h"

namespace ekiden::master {

Flags flags(Options& options) {
  MasterConfig& machine = options.machine;
  Flags all = {
      flag("ip", options.ip, "Address to listen on"),
      flag("port", options.port, "Port to listen on"),
      flag("hostname", options.hostname, "Name that is told to others; the address when not given"),
      flag("cluster", options.cluster, "Name of the cluster, to show"),
      flag("agent_ping_timeout",
           machine.agent_ping_interval,
           "How often agents are pinged, and how long an answer may take"),
      count_flag("max_agent_ping_timeouts",
                 machine.agent_pings_missed_max,
                 "Pings missed in a row before an agent is unreachable"),
      flag("agent_reregister_timeout",
           machine.agent_reregister_timeout,
           "How long known agents may take to come back after a restart of the master"),
      {"offer_timeout",
       "Offers that nobody answered are taken back after it; never when not given",
       "",
       [&machine](const std::string& text) -> Result<void> {
         const auto duration = parse_duration(text);
         if (!duration) {
           return fail(duration.error());
         }
         machine.offer_timeout = *duration;
         return {};
       }},
      flag("allocation_interval",
           machine.allocator.interval,
           "How often offers are made when nothing urgent asks for them"),
      count_flag("max_completed_frameworks",
                 machine.completed_frameworks_max,
                 "Completed frameworks that are remembered"),
      count_flag("max_completed_tasks_per_framework",
                 machine.completed_tasks_max,
                 "Completed tasks of a framework that are remembered"),
  };
  append(all,
         without_effect(
             Flag::Kind::value,
             "acls,advertise_ip,advertise_port,agent_removal_rate_limit,allocator,"
             "authentication_v0_timeout,authenticators,authorizers,credentials,"
             "default_message_of_the_day,domain,external_log_file,"
             "fair_sharing_excluded_resource_names,firewall_rules,framework_sorter,"
             "http_authenticators,http_framework_authenticators,initialize_driver_logging,"
             "ip_discovery_command,log_dir,logbufsecs,logging_level,"
             "max_operator_event_stream_subscribers,max_unreachable_tasks_per_framework,"
             "memory_profiling,min_allocatable_resources,modules,modules_dir,"
             "offer_constraints_re2_max_mem,offer_constraints_re2_max_program_size,quorum,"
             "rate_limits,recovery_agent_removal_limit,registry,registry_fetch_timeout,"
             "registry_gc_interval,registry_max_agent_age,registry_max_agent_count,"
             "registry_store_timeout,role_sorter,roles,user_sorter,webui_dir,weights,whitelist,zk,"
             "zk_session_timeout"));
  append(all,
         without_effect(
             Flag::Kind::toggle,
             "authenticate,authenticate_agents,authenticate_frameworks,"
             "authenticate_http_frameworks,authenticate_http_readonly,"
             "authenticate_http_readwrite,filter_gpu_resources,hostname_lookup,log_auto_initialize,"
             "publish_per_framework_metrics,quiet,registry_strict,"
             "require_agent_domain,root_submissions"));
  return all;
}

}  // namespace ekiden::master
