#include "core/base/strings.h"
#include "lb/service_text.h"

namespace ekiden::lb {

// Which templates a virtual host needs [discovery 1.13, the matrix; 1.15 for maps]. With one name
// the ACL and the rule stand together; with several, ACLs of one name collect the hosts and one
// rule follows. Without path and auth a map lookup replaces all of it.

namespace {

using T = Template;

struct Writer {
  const Service& service;
  Filler& fill;
  const std::vector<std::string>& names;

  void add(std::string& out, T id) const { fill.add(out, id); }

  void each(std::string& out, T id) const {
    for (const std::string& name : names) {
      fill.add(out, id, {{"hostname", name}});
    }
  }
};

std::string http_single(const Writer& w) {
  const bool path = !w.service.path.empty();
  const bool auth = w.service.auth.has_value();
  std::string out;
  if (w.service.redirect_to_https && path) {
    w.each(out, T::http_frontend_acl_only);
    w.add(out, T::http_frontend_acl_only_with_path);
    w.add(out, T::backend_redirect_http_to_https_with_path);
  } else if (w.service.redirect_to_https) {
    w.each(out, T::http_frontend_acl);
    w.add(out, T::backend_redirect_http_to_https);
  } else if (path) {
    w.each(out, auth ? T::http_frontend_acl_with_auth_and_path : T::http_frontend_acl_with_path);
  } else {
    w.each(out, auth ? T::http_frontend_acl_with_auth : T::http_frontend_acl);
  }
  return out;
}

std::string http_several(const Writer& w) {
  const bool path = !w.service.path.empty();
  const bool auth = w.service.auth.has_value();
  std::string out;
  if (path) {
    w.add(
        out,
        auth ? T::http_frontend_acl_only_with_path_and_auth : T::http_frontend_acl_only_with_path);
  }
  w.each(out, T::http_frontend_acl_only);
  if (w.service.redirect_to_https) {
    w.add(out,
          path ? T::backend_redirect_http_to_https_with_path : T::backend_redirect_http_to_https);
  } else if (path) {
    w.add(out,
          auth ? T::http_frontend_routing_only_with_path_and_auth
               : T::http_frontend_routing_only_with_path);
  } else {
    w.add(out, auth ? T::http_frontend_routing_only_with_auth : T::http_frontend_routing_only);
  }
  return out;
}

std::string https(const Writer& w) {
  const bool path = !w.service.path.empty();
  const bool auth = w.service.auth.has_value();
  std::string out;
  if (path) {
    w.add(out, T::https_frontend_acl_only_with_path);
    w.each(out, auth ? T::https_frontend_acl_with_auth_and_path : T::https_frontend_acl_with_path);
  } else {
    w.each(out, auth ? T::https_frontend_acl_with_auth : T::https_frontend_acl);
  }
  return out;
}

// The label of the template without MAP_ replaces the map rule.
std::string map_rule(const Writer& w, T map_id, T own_id, const TextOptions& options) {
  const T used = w.service.overrides.contains(own_id) ? own_id : map_id;
  std::string out;
  w.fill.add(out, used, {{"haproxy_dir", options.map_folder}});
  return out;
}

}  // namespace

void add_vhosts(ServiceText& out,
                const Service& service,
                Filler& fill,
                const TextOptions& options) {
  if (service.vhosts.empty()) {
    return;
  }
  for (const std::string_view name : split(service.vhosts, ',')) {
    out.vhost_names.emplace_back(name);
  }
  const Writer w{service, fill, out.vhost_names};
  const bool several = out.vhost_names.size() > 1;
  const bool plain = options.maps == Maps::yes && service.path.empty() && !service.auth.has_value();
  if (plain && !service.redirect_to_https) {
    out.http.in_map = true;
    out.http.map_rule =
        several ? map_rule(w, T::map_http_frontend_acl_only, T::http_frontend_acl_only, options)
                : map_rule(w, T::map_http_frontend_acl, T::http_frontend_acl, options);
  } else {
    out.http.text = several ? http_several(w) : http_single(w);
  }
  if (plain) {
    out.https.in_map = true;
    out.https.map_rule = map_rule(w, T::map_https_frontend_acl, T::https_frontend_acl, options);
  } else {
    out.https.text = https(w);
  }
}

}  // namespace ekiden::lb
