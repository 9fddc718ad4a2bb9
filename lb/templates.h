#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::lb {

// Every template of discovery 1.11, in the order of the table in templates.cpp.
enum class Template {
  head,
  userlist_head,
  http_frontend_head,
  http_frontend_appid_head,
  https_frontend_head,
  https_grouped_frontend_head,
  https_grouped_vhost_frontend_head,
  https_grouped_vhost_backend_head,
  https_grouped_vhost_frontend_acl,
  frontend_head,
  frontend_backend_glue,
  backend_head,
  backend_redirect_http_to_https,
  backend_redirect_http_to_https_with_path,
  backend_hsts_options,
  backend_http_options,
  backend_sticky_options,
  backend_http_healthcheck_options,
  backend_tcp_healthcheck_options,
  backend_server_options,
  backend_server_http_healthcheck_options,
  backend_server_tcp_healthcheck_options,
  http_backend_proxypass_glue,
  http_backend_revproxy_glue,
  http_backend_redir,
  http_backend_network_allowed_acl,
  tcp_backend_network_allowed_acl,
  http_backend_acl_allow_deny,
  tcp_backend_acl_allow_deny,
  http_frontend_acl,
  http_frontend_acl_with_auth,
  http_frontend_acl_with_path,
  http_frontend_acl_with_auth_and_path,
  http_frontend_acl_only,
  http_frontend_acl_only_with_path,
  https_frontend_acl_only_with_path,
  http_frontend_acl_only_with_path_and_auth,
  http_frontend_routing_only,
  http_frontend_routing_only_with_auth,
  http_frontend_routing_only_with_path,
  http_frontend_routing_only_with_path_and_auth,
  https_frontend_acl,
  https_frontend_acl_with_auth,
  https_frontend_acl_with_path,
  https_frontend_acl_with_auth_and_path,
  http_frontend_appid_acl,
  map_http_frontend_acl,
  map_http_frontend_acl_only,
  map_https_frontend_acl,
  map_http_frontend_appid_acl,
  https_frontend_auth_acl_only,
  https_frontend_auth_request_only,
  https_frontend_routing_only_with_path_and_auth,
};

enum class Scope { global, app };         // may an app's label replace it?
enum class Form { formatted, verbatim };  // are braces placeholders?
enum class Opens { nothing, section };    // does it start a section?

struct TemplateInfo {
  Template id;
  std::string_view name;  // without the HAPROXY_ prefix
  Scope scope;
  Form form;
  Opens opens;
  std::string_view text;
};

const std::vector<TemplateInfo>& template_table();
const TemplateInfo& info(Template id);
std::optional<Template> template_named(std::string_view name);

// original: marathon-lb's words, some of which HAProxy removed in 2.1. current: the same effect in
// words that today's HAProxy knows (HSTS, path stripping, Location rewriting).
enum class Words { original, current };

// The texts in use: built in, replaced by files, replaced by environment (callers apply in that
// order with set).
class Templates {
 public:
  explicit Templates(Words words = Words::original);
  void set(Template id, std::string text);
  // HAPROXY_<NAME> of an environment; the two characters backslash and n mean a line break.
  void set_from_environment(const std::map<std::string, std::string>& environment);

  const std::string& text(Template id) const { return texts_[static_cast<std::size_t>(id)]; }

  bool replaced(Template id) const { return replaced_[static_cast<std::size_t>(id)]; }

 private:
  std::vector<std::string> texts_;
  std::vector<bool> replaced_;
};

// Why `text`, given by an app for template `id`, could reach beyond the app; nothing when it
// cannot.
std::optional<std::string> overreach(Template id, std::string_view text);

}  // namespace ekiden::lb
