#include "lb/head.h"

#include <set>

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

constexpr std::string_view kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:"
    "ECDHE-RSA-AES256-SHA384:DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:AES128-GCM-SHA256:"
    "AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:!aNULL:!MD5:!DSS";
constexpr std::string_view kTlsOptions = "no-sslv3 no-tlsv10 no-tls-tickets";

std::string global_section(const HeadOptions& options) {
  std::string out = "global\n";
  if (!options.log_target.empty()) {
    out += fmt::format("  log {0} local0\n  log {0} local1 notice\n", options.log_target);
  }
  out += "  spread-checks 5\n  max-spread-checks 15000\n";
  if (options.connections_max > 0) {
    out += fmt::format("  maxconn {}\n", options.connections_max);
  }
  if (options.hard_stop_seconds > 0) {
    out += fmt::format("  hard-stop-after {}s\n", options.hard_stop_seconds);
  }
  out += "  tune.ssl.default-dh-param 2048\n";
  for (const std::string_view side : {"bind", "server"}) {
    out += fmt::format("  ssl-default-{0}-ciphers {1}\n  ssl-default-{0}-options {2}\n",
                       side,
                       kCiphers,
                       kTlsOptions);
  }
  out += fmt::format("  stats socket {} mode 600 level admin expose-fd listeners\n",
                     options.stats_socket);
  out += fmt::format("  server-state-file global\n  server-state-base {}\n", options.state_folder);
  return out;
}

std::string defaults_section(const HeadOptions& options) {
  std::string out =
      "defaults\n  load-server-state-from-file global\n  log global\n  retries 3\n"
      "  backlog 10000\n  maxconn 10000\n  timeout connect 3s\n  timeout client 30s\n"
      "  timeout server 30s\n  timeout tunnel 3600s\n  timeout http-keep-alive 1s\n"
      "  timeout http-request 15s\n  timeout queue 30s\n  timeout tarpit 60s\n";
  const std::set<std::string> sorted(options.default_options.begin(),
                                     options.default_options.end());
  for (const std::string& option : sorted) {
    out += fmt::format("  option            {}\n", option);
  }
  return out;
}

std::string stats_section(const HeadOptions& options) {
  std::string out = fmt::format(
      "listen stats\n  bind {}\n  balance\n  mode http\n  stats enable\n"
      "  monitor-uri /_haproxy_health_check\n"
      "  http-request use-service prometheus-exporter if {{ path /metrics }}\n",
      options.stats_bind);
  if (!options.admin_address.empty()) {
    out += fmt::format(
        "  use_backend ekiden_lb_admin if {{ path_beg /_haproxy_get /_mlb_signal/ }}\n"
        "backend ekiden_lb_admin\n  mode http\n  server admin {}\n",
        options.admin_address);
  }
  return out;
}

}  // namespace

std::string head_text(const HeadOptions& options) {
  return global_section(options) + defaults_section(options) + stats_section(options);
}

}  // namespace ekiden::lb
