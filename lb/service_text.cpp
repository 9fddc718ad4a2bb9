#include "lb/service_text.h"

#include "core/base/strings.h"
#include "lb/names.h"

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

std::string_view mode_text(Mode mode) {
  return mode == Mode::http ? "http" : "tcp";
}

std::string first_vhost(const Service& service) {
  return service.vhosts.substr(0, service.vhosts.find(','));
}

void add_frontend(ServiceText& out, const Service& service, Filler& fill) {
  const std::string cert = service.ssl_cert.empty() ? "" : " ssl crt " + service.ssl_cert;
  const std::string options = service.bind_options.empty() ? "" : " " + service.bind_options;
  fill.add(out.frontend, Template::frontend_head, {{"sslCert", cert}, {"bindOptions", options}});
  fill.add(out.frontend, Template::frontend_backend_glue);
}

void add_appid(ServiceText& out, const Service& service, Filler& fill, const TextOptions& options) {
  if (service.mode != Mode::http) {
    return;
  }
  fill.add(out.appid, Template::http_frontend_appid_acl);
  if (options.maps == Maps::yes) {
    const bool own = service.overrides.contains(Template::http_frontend_appid_acl);
    fill.add(out.appid_map_rule,
             own ? Template::http_frontend_appid_acl : Template::map_http_frontend_appid_acl,
             {{"haproxy_dir", options.map_folder}});
  }
}

}  // namespace

Filler::Filler(const Service& service, const Templates& templates)
    : service_(service),
      templates_(templates),
      port_(fmt::format("{}", service.port)),
      acl_host_(acl_host(first_vhost(service), service.app_id)),
      app_name_(clean(service.app_id)),
      common_{{"backend", service.name},
              {"servicePort", port_},
              {"mode", mode_text(service.mode)},
              {"balance", service.balance},
              {"bindAddr", service.bind_addr},
              {"appId", service.app_id},
              {"cleanedUpAppId", app_name_},
              {"cleanedUpHostname", acl_host_},
              {"path", service.path}} {
  if (service.auth) {
    common_.emplace_back("realm", service.auth->realm);
    common_.emplace_back("user", service.auth->user);
    common_.emplace_back("passwd", service.auth->password);
  }
}

const std::string& Filler::raw(Template id) const {
  const auto own = service_.overrides.find(id);
  return own == service_.overrides.end() ? templates_.text(id) : own->second;
}

void Filler::fill(std::string& out, Template id, std::string_view text, const Fields& extra) {
  Fields fields = extra;
  fields.insert(fields.end(), common_.begin(), common_.end());
  if (extra.empty() || extra.front().first != "hostname") {
    fields.emplace_back("hostname", service_.vhosts);
  }
  const auto reason = format_into(out, text, fields);
  if (reason && !error_) {
    error_ = fmt::format("template {}: {}", info(id).name, *reason);
  }
}

void Filler::add(std::string& out, Template id, const Fields& extra) {
  const std::string& text = raw(id);
  if (info(id).form == Form::verbatim) {
    out += text;
  } else {
    fill(out, id, text, extra);
  }
  // Another app's line follows: a text without an end must not run into it.
  if (!text.empty() && !out.empty() && out.back() != '\n') {
    out += '\n';
  }
}

std::string Filler::made(Template id, const Fields& extra) {
  std::string text;
  add(text, id, extra);
  return text;
}

ServiceTextResult text_of(const Service& service,
                          const Templates& templates,
                          const TextOptions& options) {
  ServiceTextResult result;
  Filler fill(service, templates);
  if (service.auth) {
    fill.add(result.text.userlist, Template::userlist_head);
  }
  add_vhosts(result.text, service, fill, options);
  add_appid(result.text, service, fill, options);
  add_frontend(result.text, service, fill);
  add_backend(result.text, service, fill);
  result.error = fill.error();
  return result;
}

}  // namespace ekiden::lb
