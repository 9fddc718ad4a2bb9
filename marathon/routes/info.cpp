#include "marathon/routes/api.h"

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

std::int64_t millis(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

json::Value text_or_null(const std::optional<std::string>& text) {
  return text ? json::Value(*text) : json::Value();
}

json::Value features(const Settings& settings) {
  json::Array all;
  for (const std::string& feature : settings.features) {
    all.emplace_back(feature);
  }
  return all;
}

// Every member of 3.16 and no other: clients refuse unknown ones. What does not exist here has
// the original's default.
json::Value marathon_config(const Settings& s, const Identity& identity) {
  return json::Object{
      {"access_control_allow_origin", nullptr},
      {"checkpoint", true},
      {"decline_offer_duration", millis(s.decline_offer_duration)},
      {"default_network_name", text_or_null(s.default_network_name)},
      {"env_vars_prefix",
       s.env_vars_prefix.empty() ? json::Value() : json::Value(s.env_vars_prefix)},
      {"executor", s.executor},
      {"failover_timeout",
       std::chrono::duration_cast<std::chrono::seconds>(s.failover_timeout).count()},
      {"features", features(s)},
      {"framework_name", s.framework_name},
      {"ha", false},
      {"hostname", s.hostname},
      {"launch_token", s.launch_tokens == 0 ? 100 : static_cast<std::int64_t>(s.launch_tokens)},
      {"launch_token_refresh_interval", millis(s.launch_token_refresh_interval)},
      {"leader_proxy_connection_timeout_ms", 5000},
      {"leader_proxy_read_timeout_ms", 10000},
      {"local_port_max", s.local_port_max},
      {"local_port_min", s.local_port_min},
      {"master", identity.master_url},
      {"max_instances_per_offer", static_cast<std::int64_t>(s.max_instances_per_offer)},
      {"mesos_bridge_name", s.mesos_bridge_name},
      {"mesos_heartbeat_failure_threshold", 5},
      {"mesos_heartbeat_interval", 15000},
      {"mesos_leader_ui_url",
       identity.master_url.empty() ? json::Value() : json::Value(identity.master_url)},
      {"mesos_role", s.mesos_role},
      {"mesos_user", s.user},
      {"new_group_enforce_role", s.new_group_enforce_role ? "Top" : "Off"},
      {"min_revive_offers_interval", millis(s.min_revive_offers_interval)},
      {"offer_matching_timeout", 3000},
      {"on_elected_prepare_timeout", 180000},
      {"reconciliation_initial_delay", millis(s.reconciliation_initial_delay)},
      {"reconciliation_interval", millis(s.reconciliation_interval)},
      {"scale_apps_initial_delay", 15000},
      {"scale_apps_interval", millis(s.scale_apps_interval)},
      {"store_cache", true},
      {"task_launch_confirm_timeout", millis(s.task_launch_confirm_timeout)},
      {"task_launch_timeout", millis(s.task_launch_timeout)},
      {"task_lost_expunge_initial_delay", 300000},
      {"task_lost_expunge_interval", 30000},
      {"task_reservation_timeout", millis(s.task_reservation_timeout)},
      {"webui_url", text_or_null(s.webui_url)},
      {"maintenance_mode", s.maintenance_mode}};
}

// There is no ZooKeeper, but clients read the object.
json::Value zookeeper_config(const Settings& settings) {
  return json::Object{{"zk", nullptr},
                      {"zk_compression", true},
                      {"zk_compression_threshold", 65536},
                      {"zk_connection_timeout", 10000},
                      {"zk_max_node_size", 1024000},
                      {"zk_max_versions", static_cast<std::int64_t>(settings.versions_per_app_max)},
                      {"zk_session_timeout", 10000},
                      {"zk_timeout", 10000}};
}

net::Response info(const Api& api) {
  const SnapshotPtr snapshot = api.snapshot();
  const Settings& settings = api.host().settings;
  const Identity& identity = api.identity();
  const json::Value framework =
      snapshot->framework_id ? json::Value(snapshot->framework_id->value) : json::Value();
  const json::Value all =
      json::Object{{"name", "marathon"},
                   {"version", identity.version},
                   {"buildref", "unknown"},
                   {"elected", true},
                   {"leader", identity.leader},
                   {"frameworkId", framework},
                   {"marathon_config", marathon_config(settings, identity)},
                   {"zookeeper_config", zookeeper_config(settings)},
                   {"http_config",
                    json::Object{{"http_port", static_cast<std::int64_t>(identity.http_port)},
                                 {"https_port", 8443}}}};
  return json_answer(200, json::to_text(all));
}

net::Response plugin_missing(const Request& request) {
  return missing("No plugin with this pluginId: " + request.params.at("id"));
}

}  // namespace

std::vector<net::Route> info_routes(Api& api) {
  const auto fixed = [](std::string body) {
    return [body = std::move(body)](const Request&, const Responder& respond) {
      respond(json_answer(200, body));
    };
  };
  return {
      {"GET", "/v2/info", json_only([&api](const Request&, const Responder& respond) {
         respond(info(api));
       })},
      {"GET",
       "/v2/leader",
       [&api](const Request&, const Responder& respond) {
         respond(json_answer(200, json::to_text(json::Object{{"leader", api.identity().leader}})));
       }},
      {"DELETE",
       "/v2/leader",
       [&api](const Request&, const Responder& respond) {
         respond(json_answer(200, R"({"message":"Leadership abdicated","details":[]})"));
         if (api.host().abdicate) {
           api.host().abdicate();
         }
       }},
      {"GET", "/v2/plugins", fixed("{\"plugins\":[]}")},
      {"GET",
       "/v2/plugins/*id",
       [](const Request& request, const Responder& respond) { respond(plugin_missing(request)); }},
  };
}

}  // namespace ekiden::marathon::routes
