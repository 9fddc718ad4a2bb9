#include "lb/templates.h"

namespace ekiden::lb {

// Names, who may replace them, and marathon-lb's default texts [discovery 1.11]. One row per
// template, in the order of the enum.
const std::vector<TemplateInfo>& template_table() {
  static const std::vector<TemplateInfo> kTable = {
      {Template::head, "HEAD", Scope::global, Form::verbatim, Opens::section, ""},
      {Template::userlist_head,
       "USERLIST_HEAD",
       Scope::app,
       Form::formatted,
       Opens::section,
       "\n"
       "userlist user_{backend}\n"
       "  user {user} password {passwd}\n"},
      {Template::http_frontend_head,
       "HTTP_FRONTEND_HEAD",
       Scope::global,
       Form::verbatim,
       Opens::section,
       "\n"
       "frontend marathon_http_in\n"
       "  bind *:80\n"
       "  mode http\n"},
      {Template::http_frontend_appid_head,
       "HTTP_FRONTEND_APPID_HEAD",
       Scope::global,
       Form::verbatim,
       Opens::section,
       "\n"
       "frontend marathon_http_appid_in\n"
       "  bind *:9091\n"
       "  mode http\n"},
      {Template::https_frontend_head,
       "HTTPS_FRONTEND_HEAD",
       Scope::global,
       Form::formatted,
       Opens::section,
       "\n"
       "frontend marathon_https_in\n"
       "  bind *:443 ssl {sslCerts}\n"
       "  mode http\n"},
      {Template::https_grouped_frontend_head,
       "HTTPS_GROUPED_FRONTEND_HEAD",
       Scope::global,
       Form::verbatim,
       Opens::section,
       "\n"
       "frontend marathon_https_in\n"
       "  bind *:443\n"
       "  mode tcp\n"
       "  tcp-request inspect-delay 5s\n"
       "  tcp-request content accept if { req_ssl_hello_type 1 }\n"},
      {Template::https_grouped_vhost_frontend_head,
       "HTTPS_GROUPED_VHOST_FRONTEND_HEAD",
       Scope::global,
       Form::formatted,
       Opens::section,
       "\n"
       "frontend {name}\n"
       "  mode http\n"
       "  bind abns@{name} accept-proxy ssl {sslCerts}{bindOpts}\n"},
      {Template::https_grouped_vhost_backend_head,
       "HTTPS_GROUPED_VHOST_BACKEND_HEAD",
       Scope::global,
       Form::formatted,
       Opens::section,
       "\n"
       "backend {name}\n"
       "  server loopback-for-tls abns@{name} send-proxy-v2\n"},
      {Template::https_grouped_vhost_frontend_acl,
       "HTTPS_GROUPED_VHOST_FRONTEND_ACL",
       Scope::global,
       Form::formatted,
       Opens::nothing,
       "  use_backend {backend} if {{ req_ssl_sni -i {host} }}\n"},
      {Template::frontend_head,
       "FRONTEND_HEAD",
       Scope::app,
       Form::formatted,
       Opens::section,
       "\n"
       "frontend {backend}\n"
       "  bind {bindAddr}:{servicePort}{sslCert}{bindOptions}\n"
       "  mode {mode}\n"},
      {Template::frontend_backend_glue,
       "FRONTEND_BACKEND_GLUE",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend {backend}\n"},
      {Template::backend_head,
       "BACKEND_HEAD",
       Scope::app,
       Form::formatted,
       Opens::section,
       "\n"
       "backend {backend}\n"
       "  balance {balance}\n"
       "  mode {mode}\n"},
      {Template::backend_redirect_http_to_https,
       "BACKEND_REDIRECT_HTTP_TO_HTTPS",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  redirect scheme https code 301 if !{{ ssl_fc }} "
       "host_{cleanedUpHostname}\n"},
      {Template::backend_redirect_http_to_https_with_path,
       "BACKEND_REDIRECT_HTTP_TO_HTTPS_WITH_PATH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  redirect scheme https code 301 if !{{ ssl_fc }} "
       "host_{cleanedUpHostname} path_{backend}\n"},
      {Template::backend_hsts_options,
       "BACKEND_HSTS_OPTIONS",
       Scope::app,
       Form::verbatim,
       Opens::nothing,
       "  rspadd  Strict-Transport-Security:\\ max-age=15768000\n"},
      {Template::backend_http_options,
       "BACKEND_HTTP_OPTIONS",
       Scope::app,
       Form::verbatim,
       Opens::nothing,
       "  option forwardfor\n"
       "  http-request set-header X-Forwarded-Port %[dst_port]\n"
       "  http-request add-header X-Forwarded-Proto https if { ssl_fc }\n"},
      {Template::backend_sticky_options,
       "BACKEND_STICKY_OPTIONS",
       Scope::app,
       Form::verbatim,
       Opens::nothing,
       "  cookie mesosphere_server_id insert indirect nocache\n"},
      {Template::backend_http_healthcheck_options,
       "BACKEND_HTTP_HEALTHCHECK_OPTIONS",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  option  httpchk GET {healthCheckPath}\n"
       "  timeout check {healthCheckTimeoutSeconds}s\n"},
      {Template::backend_tcp_healthcheck_options,
       "BACKEND_TCP_HEALTHCHECK_OPTIONS",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       ""},
      {Template::backend_server_options,
       "BACKEND_SERVER_OPTIONS",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  server {serverName} {host_ipv4}:{port} id "
       "{serverId}{cookieOptions}{healthCheckOptions}{otherOptions}\n"},
      {Template::backend_server_http_healthcheck_options,
       "BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "check inter {healthCheckIntervalSeconds}s fall "
       "{healthCheckFalls}{healthCheckPortOptions}"},
      {Template::backend_server_tcp_healthcheck_options,
       "BACKEND_SERVER_TCP_HEALTHCHECK_OPTIONS",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "check inter {healthCheckIntervalSeconds}s fall "
       "{healthCheckFalls}{healthCheckPortOptions}"},
      {Template::http_backend_proxypass_glue,
       "HTTP_BACKEND_PROXYPASS_GLUE",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  http-request set-header Host {hostname}\n"
       "  reqirep  \"^([^ :]*)\\ {proxypath}/?(.*)\" \"\\1\\ /\\2\"\n"},
      {Template::http_backend_revproxy_glue,
       "HTTP_BACKEND_REVPROXY_GLUE",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl hdr_location res.hdr(Location) -m found\n"
       "  rspirep \"^Location: (https?://{hostname}(:[0-9]+)?)?(/.*)\" "
       "\"Location:   {rootpath}\" if hdr_location\n"},
      {Template::http_backend_redir,
       "HTTP_BACKEND_REDIR",
       Scope::global,
       Form::formatted,
       Opens::nothing,
       "  acl is_root path -i /\n"
       "  acl is_domain hdr(host) -i {hostname}\n"
       "  redirect code 301 location {redirpath} if is_domain is_root\n"},
      {Template::http_backend_network_allowed_acl,
       "HTTP_BACKEND_NETWORK_ALLOWED_ACL",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl network_allowed src {network_allowed}\n"},
      {Template::tcp_backend_network_allowed_acl,
       "TCP_BACKEND_NETWORK_ALLOWED_ACL",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl network_allowed src {network_allowed}\n"},
      {Template::http_backend_acl_allow_deny,
       "HTTP_BACKEND_ACL_ALLOW_DENY",
       Scope::global,
       Form::verbatim,
       Opens::nothing,
       "  http-request allow if network_allowed\n"
       "  http-request deny\n"},
      {Template::tcp_backend_acl_allow_deny,
       "TCP_BACKEND_ACL_ALLOW_DENY",
       Scope::global,
       Form::verbatim,
       Opens::nothing,
       "  tcp-request content accept if network_allowed\n"
       "  tcp-request content reject\n"},
      {Template::http_frontend_acl,
       "HTTP_FRONTEND_ACL",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl host_{cleanedUpHostname} hdr(host) -i {hostname}\n"
       "  use_backend {backend} if host_{cleanedUpHostname}\n"},
      {Template::http_frontend_acl_with_auth,
       "HTTP_FRONTEND_ACL_WITH_AUTH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl host_{cleanedUpHostname} hdr(host) -i {hostname}\n"
       "  acl auth_{cleanedUpHostname} http_auth(user_{backend})\n"
       "  http-request auth realm \"{realm}\" if host_{cleanedUpHostname} "
       "!auth_{cleanedUpHostname}\n"
       "  use_backend {backend} if host_{cleanedUpHostname}\n"},
      {Template::http_frontend_acl_with_path,
       "HTTP_FRONTEND_ACL_WITH_PATH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl host_{cleanedUpHostname} hdr(host) -i {hostname}\n"
       "  acl path_{backend} path_beg {path}\n"
       "  use_backend {backend} if host_{cleanedUpHostname} path_{backend}\n"},
      {Template::http_frontend_acl_with_auth_and_path,
       "HTTP_FRONTEND_ACL_WITH_AUTH_AND_PATH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl host_{cleanedUpHostname} hdr(host) -i {hostname}\n"
       "  acl auth_{cleanedUpHostname} http_auth(user_{backend})\n"
       "  acl path_{backend} path_beg {path}\n"
       "  http-request auth realm \"{realm}\" if host_{cleanedUpHostname} "
       "path_{backend} !auth_{cleanedUpHostname}\n"
       "  use_backend {backend} if host_{cleanedUpHostname} path_{backend}\n"},
      {Template::http_frontend_acl_only,
       "HTTP_FRONTEND_ACL_ONLY",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl host_{cleanedUpHostname} hdr(host) -i {hostname}\n"},
      {Template::http_frontend_acl_only_with_path,
       "HTTP_FRONTEND_ACL_ONLY_WITH_PATH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl path_{backend} path_beg {path}\n"},
      {Template::https_frontend_acl_only_with_path,
       "HTTPS_FRONTEND_ACL_ONLY_WITH_PATH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl path_{backend} path_beg {path}\n"},
      {Template::http_frontend_acl_only_with_path_and_auth,
       "HTTP_FRONTEND_ACL_ONLY_WITH_PATH_AND_AUTH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl path_{backend} path_beg {path}\n"
       "  acl auth_{cleanedUpHostname} http_auth(user_{backend})\n"},
      {Template::http_frontend_routing_only,
       "HTTP_FRONTEND_ROUTING_ONLY",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend {backend} if host_{cleanedUpHostname}\n"},
      {Template::http_frontend_routing_only_with_auth,
       "HTTP_FRONTEND_ROUTING_ONLY_WITH_AUTH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl auth_{cleanedUpHostname} http_auth(user_{backend})\n"
       "  http-request auth realm \"{realm}\" if host_{cleanedUpHostname} "
       "!auth_{cleanedUpHostname}\n"
       "  use_backend {backend} if host_{cleanedUpHostname}\n"},
      {Template::http_frontend_routing_only_with_path,
       "HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend {backend} if host_{cleanedUpHostname} path_{backend}\n"},
      {Template::http_frontend_routing_only_with_path_and_auth,
       "HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH_AND_AUTH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  http-request auth realm \"{realm}\" if host_{cleanedUpHostname} "
       "path_{backend} !auth_{cleanedUpHostname}\n"
       "  use_backend {backend} if host_{cleanedUpHostname} path_{backend}\n"},
      {Template::https_frontend_acl,
       "HTTPS_FRONTEND_ACL",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend {backend} if {{ ssl_fc_sni {hostname} }}\n"},
      {Template::https_frontend_acl_with_auth,
       "HTTPS_FRONTEND_ACL_WITH_AUTH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl auth_{cleanedUpHostname} http_auth(user_{backend})\n"
       "  http-request auth realm \"{realm}\" if {{ ssl_fc_sni {hostname} }} "
       "!auth_{cleanedUpHostname}\n"
       "  use_backend {backend} if {{ ssl_fc_sni {hostname} }}\n"},
      {Template::https_frontend_acl_with_path,
       "HTTPS_FRONTEND_ACL_WITH_PATH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend {backend} if {{ ssl_fc_sni {hostname} }} "
       "path_{backend}\n"},
      {Template::https_frontend_acl_with_auth_and_path,
       "HTTPS_FRONTEND_ACL_WITH_AUTH_AND_PATH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl auth_{cleanedUpHostname} http_auth(user_{backend})\n"
       "  http-request auth realm \"{realm}\" if {{ ssl_fc_sni {hostname} }} "
       "path_{backend} !auth_{cleanedUpHostname}\n"
       "  use_backend {backend} if {{ ssl_fc_sni {hostname} }} "
       "path_{backend}\n"},
      {Template::http_frontend_appid_acl,
       "HTTP_FRONTEND_APPID_ACL",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl app_{cleanedUpAppId} hdr(x-marathon-app-id) -i {appId}\n"
       "  use_backend {backend} if app_{cleanedUpAppId}\n"},
      {Template::map_http_frontend_acl,
       "MAP_HTTP_FRONTEND_ACL",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend "
       "%[req.hdr(host),lower,regsub(:.*$,,),map({haproxy_dir}/domain2backend.map)]\n"},
      {Template::map_http_frontend_acl_only,
       "MAP_HTTP_FRONTEND_ACL_ONLY",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend "
       "%[req.hdr(host),lower,regsub(:.*$,,),map({haproxy_dir}/domain2backend.map)]\n"},
      {Template::map_https_frontend_acl,
       "MAP_HTTPS_FRONTEND_ACL",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend "
       "%[ssl_fc_sni,lower,map({haproxy_dir}/domain2backend.map)]\n"},
      {Template::map_http_frontend_appid_acl,
       "MAP_HTTP_FRONTEND_APPID_ACL",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  use_backend "
       "%[req.hdr(x-marathon-app-id),lower,map({haproxy_dir}/app2backend.map)]\n"},
      {Template::https_frontend_auth_acl_only,
       "HTTPS_FRONTEND_AUTH_ACL_ONLY",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  acl auth_{cleanedUpHostname} http_auth(user_{backend})\n"},
      {Template::https_frontend_auth_request_only,
       "HTTPS_FRONTEND_AUTH_REQUEST_ONLY",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  http-request auth realm \"{realm}\" if {{ ssl_fc_sni {hostname} }} "
       "!auth_{cleanedUpHostname}\n"},
      {Template::https_frontend_routing_only_with_path_and_auth,
       "HTTPS_FRONTEND_ROUTING_ONLY_WITH_PATH_AND_AUTH",
       Scope::app,
       Form::formatted,
       Opens::nothing,
       "  http-request auth realm \"{realm}\" if host_{cleanedUpHostname} "
       "path_{backend} !auth_{cleanedUpHostname}\n"
       "  use_backend {backend} if host_{cleanedUpHostname} path_{backend}\n"},
  };
  return kTable;
}

}  // namespace ekiden::lb
