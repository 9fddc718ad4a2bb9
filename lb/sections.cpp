#include "lb/sections.h"

#include "core/base/strings.h"
#include "lb/names.h"

#include <algorithm>

namespace ekiden::lb {

namespace {

template <class List>
std::string certificate_text(const List& certificates) {
  std::string out;
  for (const std::string& certificate : certificates) {
    out += (out.empty() ? "crt " : " crt ") + certificate;
  }
  return out;
}

}  // namespace

void Sections::append(std::string_view text, std::string_view app_id) {
  auto& owners = result_.owners;
  if (owners.empty() || owners.back().app_id != app_id) {
    owners.push_back({line_, std::string(app_id)});
  }
  result_.text += text;
  line_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void Sections::add(std::string_view text, std::string_view app_id) {
  if (!text.empty()) {
    append(text, app_id);
    result_.skeleton += text;
  }
}

void Sections::add_servers(const std::vector<ServerLine>& servers, std::string_view app_id) {
  for (const ServerLine& server : servers) {
    append(server.file_text, app_id);
  }
}

void MapLines::add(std::string_view key, std::string_view value) {
  if (seen_.emplace(key, value).second) {
    text_.append(key).append(" ").append(value).append("\n");
  }
}

std::string bound(const Templates& templates,
                  Template id,
                  std::string_view default_bind,
                  std::string_view bind) {
  const std::string& text = templates.text(id);
  return templates.replaced(id) || bind == default_bind ? text
                                                        : replace_all(text, default_bind, bind);
}

std::string https_head(const Templates& templates, const RenderOptions& options) {
  const std::string certificates = certificate_text(options.certificates);
  std::string out;
  format_into(out,
              bound(templates, Template::https_frontend_head, "*:443", options.https_bind),
              {{"sslCerts", certificates}});
  return out;
}

std::string GroupedHttps::filled(Template id, const Fields& fields) const {
  std::string out;
  format_into(out, templates_.text(id), fields);
  return out;
}

void GroupedHttps::add(const Service& service, const ServiceText& text) {
  for (const std::string& name : text.vhost_names) {
    Vhost& vhost = vhosts_[name];
    if (!service.ssl_cert.empty()) {
      vhost.certificates.insert(service.ssl_cert);
    }
    if (!service.bind_options.empty()) {
      vhost.bind_options.insert(service.bind_options);
    }
    vhost.blocks.emplace_back(text.https.text, service.app_id);
  }
}

void GroupedHttps::write(Sections& out) const {
  out.add(bound(templates_, Template::https_grouped_frontend_head, "*:443", options_.https_bind));
  for (const auto& [host, vhost] : vhosts_) {
    const std::string name = clean(host);
    out.add(
        filled(Template::https_grouped_vhost_frontend_acl, {{"backend", name}, {"host", host}}));
  }
  for (const auto& [host, vhost] : vhosts_) {
    const std::string name = clean(host);
    const std::string certificates = vhost.certificates.empty()
                                         ? certificate_text(options_.certificates)
                                         : certificate_text(vhost.certificates);
    std::string bind_options;
    for (const std::string& option : vhost.bind_options) {
      bind_options += " " + option;
    }
    out.add(filled(Template::https_grouped_vhost_backend_head, {{"name", name}}));
    out.add(filled(Template::https_grouped_vhost_frontend_head,
                   {{"name", name}, {"sslCerts", certificates}, {"bindOpts", bind_options}}));
    for (const auto& [text, app_id] : vhost.blocks) {
      out.add(text, app_id);
    }
  }
}

}  // namespace ekiden::lb
