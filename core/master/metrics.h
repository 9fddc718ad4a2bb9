#pragma once

#include "core/base/metrics.h"

#include <string>

namespace ekiden::master {

// Every metric of the master, once. /metrics/snapshot gives the old names [mesos-core 4.8].
struct MasterMetrics {
  explicit MasterMetrics(Registry& r)
      : uptime_seconds(r.gauge("master_uptime_seconds", "Since this process started")),
        agents_active(r.gauge("master_agents_active", "Agents registered and connected")),
        agents_inactive(r.gauge("master_agents_inactive", "Agents registered, not connected")),
        agents_unreachable(r.gauge("master_agents_unreachable", "Agents given up for now")),
        frameworks_active(r.gauge("master_frameworks_active", "Frameworks subscribed")),
        frameworks_inactive(r.gauge("master_frameworks_inactive", "Frameworks not connected")),
        tasks_staging(r.gauge("master_tasks_staging", "Tasks on their way")),
        tasks_starting(r.gauge("master_tasks_starting", "Tasks starting")),
        tasks_running(r.gauge("master_tasks_running", "Tasks running")),
        tasks_killing(r.gauge("master_tasks_killing", "Tasks being killed")),
        tasks_unreachable(r.gauge("master_tasks_unreachable", "Tasks on unreachable agents")),
        outstanding_offers(r.gauge("master_outstanding_offers", "Offers nobody answered yet")),
        event_subscribers(r.gauge("master_event_subscribers", "Operator event streams")),
        offers_sent(r.counter("master_offers_sent_total", "Offers sent to frameworks")),
        tasks_finished(r.counter("master_tasks_finished_total", "Tasks that finished")),
        tasks_failed(r.counter("master_tasks_failed_total", "Tasks that failed")),
        tasks_killed(r.counter("master_tasks_killed_total", "Tasks that were killed")),
        tasks_lost(r.counter("master_tasks_lost_total", "Tasks lost, dropped or gone")),
        tasks_error(r.counter("master_tasks_error_total", "Tasks refused as invalid")),
        status_updates(r.counter("master_status_updates_total", "Status updates of known tasks")),
        slow_schedulers(r.counter("master_slow_schedulers_total",
                                  "Frameworks cut off because they read too slowly")),
        slow_agents(
            r.counter("master_slow_agents_total", "Agents cut off because they read too slowly")),
        slow_subscribers(r.counter("master_slow_subscribers_total",
                                   "Event streams closed because the reader was too slow")) {}

  Gauge uptime_seconds;
  Gauge agents_active;
  Gauge agents_inactive;
  Gauge agents_unreachable;
  Gauge frameworks_active;
  Gauge frameworks_inactive;
  Gauge tasks_staging;
  Gauge tasks_starting;
  Gauge tasks_running;
  Gauge tasks_killing;
  Gauge tasks_unreachable;
  Gauge outstanding_offers;
  Gauge event_subscribers;
  Counter offers_sent;
  Counter tasks_finished;
  Counter tasks_failed;
  Counter tasks_killed;
  Counter tasks_lost;
  Counter tasks_error;
  Counter status_updates;
  Counter slow_schedulers;
  Counter slow_agents;
  Counter slow_subscribers;
};

}  // namespace ekiden::master
