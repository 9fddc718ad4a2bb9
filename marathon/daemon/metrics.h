#pragma once

#include "core/base/metrics.h"

namespace ekiden::marathon {

// Every metric of Marathon [marathon-api 2.15]; dots of the JSON form are underscores here.
struct MarathonMetrics {
  explicit MarathonMetrics(Registry& r)
      : apps(r.gauge("marathon_apps_active_gauge", "Apps that are defined")),
        groups(r.gauge("marathon_groups_active_gauge", "Groups that are defined")),
        deployments(r.gauge("marathon_deployments_active_gauge", "Deployments that run")),
        running(r.gauge("marathon_instances_running_gauge", "Instances that run")),
        staged(r.gauge("marathon_instances_staged_gauge", "Instances that were sent to an agent")),
        healthy(r.gauge("marathon_instances_healthy_gauge", "Instances that are healthy")),
        waiting(r.gauge("marathon_instances_waiting_gauge", "Instances that wait for an offer")),
        connected(r.gauge("marathon_mesos_connected_gauge", "1 while connected to a master")),
        streams(r.gauge("marathon_http_event_streams_active_gauge", "Readers of the event stream")),
        probes_waiting(r.gauge("marathon_health_probes_waiting_gauge", "Probes that wait")),
        uptime(r.gauge("marathon_uptime_gauge_seconds", "Since the process started")),
        deployments_started(r.counter("marathon_deployments_counter", "Deployments started")),
        status_updates(r.counter("marathon_mesos_task_updates_counter", "Status updates seen")),
        calls(r.counter("marathon_mesos_calls_counter", "Calls sent to the master")),
        probes(r.counter("marathon_health_probes_counter", "Health probes performed")),
        health_kills(
            r.counter("marathon_health_kills_counter", "Instances killed for their checks")),
        drains(r.counter("marathon_drains_counter", "Tasks taken out of the load balancers")) {}

  Gauge apps, groups, deployments, running, staged, healthy, waiting, connected, streams,
      probes_waiting, uptime;
  Counter deployments_started, status_updates, calls, probes, health_kills, drains;
};

}  // namespace ekiden::marathon
