#pragma once

#include "core/base/metrics.h"

namespace ekiden::lb {

struct Metrics {
  explicit Metrics(Registry& r)
      : fetches(r.counter("lb_fetches_total", "Times the apps were asked of Marathon")),
        fetch_failures(r.counter("lb_fetch_failures_total", "Times Marathon gave no apps")),
        events(r.counter("lb_events_total", "Events received from Marathon")),
        runs(r.counter("lb_runs_total", "Configurations computed")),
        run_failures(r.counter("lb_run_failures_total", "Configurations not brought to HAProxy")),
        reloads(r.counter("lb_reloads_total", "Reloads of HAProxy")),
        starts(r.counter("lb_starts_total", "Starts of HAProxy")),
        runtime_changes(
            r.counter("lb_runtime_changes_total", "Server changes made without a reload")),
        validations(r.counter("lb_validations_total", "Runs of haproxy -c")),
        drains(r.counter("lb_drains_total", "Tasks taken out of rotation on request")),
        drain_timeouts(
            r.counter("lb_drain_timeouts_total", "Drains that ended with sessions still open")),
        rejected(r.gauge("lb_apps_rejected", "Apps left out of the configuration")),
        services(r.gauge("lb_services", "Backends of the configuration")),
        servers(r.gauge("lb_servers", "Servers of the configuration")),
        age(r.gauge("lb_last_fetch_age_seconds", "Age of the apps in use; -1: never fetched")),
        run_seconds(r.histogram("lb_run_seconds",
                                "Time from the apps to HAProxy changed",
                                {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10})) {}

  Counter fetches;
  Counter fetch_failures;
  Counter events;
  Counter runs;
  Counter run_failures;
  Counter reloads;
  Counter starts;
  Counter runtime_changes;
  Counter validations;
  Counter drains;
  Counter drain_timeouts;
  Gauge rejected;
  Gauge services;
  Gauge servers;
  Gauge age;
  Histogram run_seconds;
};

}  // namespace ekiden::lb
