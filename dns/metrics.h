#pragma once

#include "core/base/metrics.h"

namespace ekiden::dns {

// Every metric of the DNS server, declared once. Counters may be used on any thread.
struct Metrics {
  explicit Metrics(Registry& r)
      : udp_queries(r.counter("dns_udp_queries_total", "Queries that came over UDP")),
        tcp_queries(r.counter("dns_tcp_queries_total", "Queries that came over TCP")),
        dropped(r.counter("dns_dropped_total", "Packets that were no query, not answered")),
        malformed(r.counter("dns_malformed_total", "Queries answered with FORMERR or NOTIMP")),
        not_found(r.counter("dns_not_found_total", "Queries answered with NXDOMAIN")),
        truncated(r.counter("dns_truncated_total", "Answers that were cut to fit")),
        refused(r.counter("dns_refused_total", "Queries answered with REFUSED")),
        failed(r.counter("dns_failed_total", "Queries answered with SERVFAIL")),
        send_failed(r.counter("dns_send_failed_total", "Answers that the system did not take")),
        forwarded(r.counter("dns_forwarded_total", "Queries sent to upstream resolvers")),
        forward_failed(r.counter("dns_forward_failed_total",
                                 "Forwarded queries that no upstream resolver answered")),
        tcp_refused(r.counter("dns_tcp_refused_total", "Connections over the limit, closed")),
        changes(r.counter("dns_changes_total", "Changes of the cluster taken over")),
        publications(r.counter("dns_publications_total", "Record sets published")),
        source_failures(r.counter("dns_source_failures_total",
                                  "Subscriptions and polls of the master that failed")),
        save_failures(r.counter("dns_save_failures_total", "Record saves that failed")),
        names(r.gauge("dns_names", "Names in the zone")),
        tasks(r.gauge("dns_tasks", "Tasks known")),
        age(r.gauge("dns_record_age_seconds",
                    "Time since the records were last known to agree with the master")) {}

  Counter udp_queries;
  Counter tcp_queries;
  Counter dropped;
  Counter malformed;
  Counter not_found;
  Counter truncated;
  Counter refused;
  Counter failed;
  Counter send_failed;
  Counter forwarded;
  Counter forward_failed;
  Counter tcp_refused;
  Counter changes;
  Counter publications;
  Counter source_failures;
  Counter save_failures;
  Gauge names;
  Gauge tasks;
  Gauge age;
};

}  // namespace ekiden::dns
