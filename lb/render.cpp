#include "lb/render.h"

#include "lb/sections.h"

#include <algorithm>

namespace ekiden::lb {

// Order of the file [discovery 1.13]: head, user lists, port 80, 9091, 443, service ports,
// backends.

namespace {

struct Part {
  const Service* service = nullptr;
  ServiceText text;
  int weight = 0;
};

std::vector<Part> parts_of(const Services& services,
                           const Templates& templates,
                           const RenderOptions& options,
                           std::vector<Rejected>& rejected) {
  std::vector<Part> parts;
  std::set<std::string> bad;
  for (const Service& service : services.services) {
    ServiceTextResult made = text_of(service, templates, options.text);
    if (made.error && bad.insert(service.app_id).second) {
      rejected.push_back({service.app_id, *made.error});
    }
    parts.push_back({&service, std::move(made.text), service.weight});
  }
  std::erase_if(parts, [&](const Part& part) { return bad.contains(part.service->app_id); });
  return parts;
}

// Names of a side that go to the map; the first service that has some writes the rule and moves
// behind all weights of 0 and more [discovery 1.15].
void apply_map(std::vector<Part>& parts, VhostBlock ServiceText::*side, MapLines& lines) {
  bool written = false;
  for (Part& part : parts) {
    VhostBlock& block = part.text.*side;
    if (!block.in_map) {
      continue;
    }
    for (const std::string& name : part.text.vhost_names) {
      lines.add(name, part.service->name);
    }
    if (!written) {
      written = true;
      part.weight = -1;
      block.text = block.map_rule;
    }
  }
}

std::vector<const Part*> by_weight(const std::vector<Part>& parts) {
  std::vector<const Part*> order;
  for (const Part& part : parts) {
    order.push_back(&part);
  }
  std::stable_sort(order.begin(), order.end(), [](const Part* a, const Part* b) {
    return a->weight > b->weight;
  });
  return order;
}

void add_appid_section(Sections& out,
                       const std::vector<Part>& parts,
                       const Templates& templates,
                       const RenderOptions& options,
                       MapLines& lines) {
  out.add(bound(templates, Template::http_frontend_appid_head, "*:9091", options.appid_bind));
  std::set<std::string_view> seen;
  bool rule_written = false;
  for (const Part& part : parts) {
    if (part.service->mode != Mode::http || !seen.insert(part.service->app_id).second) {
      continue;
    }
    if (options.text.maps == Maps::no) {
      out.add(part.text.appid, part.service->app_id);
      continue;
    }
    lines.add(part.service->app_id, part.service->name);
    if (!rule_written) {
      rule_written = true;
      out.add(part.text.appid_map_rule, part.service->app_id);
    }
  }
}

void add_https_section(Sections& out,
                       const std::vector<Part>& parts,
                       const Templates& templates,
                       const RenderOptions& options) {
  if (options.https == Https::plain) {
    out.add(https_head(templates, options));
    for (const Part* part : by_weight(parts)) {
      out.add(part->text.https.text, part->service->app_id);
    }
    return;
  }
  GroupedHttps grouped(templates, options);
  for (const Part* part : by_weight(parts)) {
    grouped.add(*part->service, part->text);
  }
  grouped.write(out);
}

void add_service_sections(Sections& out, const std::vector<Part>& parts, Rendered& result) {
  for (const Part& part : parts) {
    out.add(part.text.frontend, part.service->app_id);
  }
  for (const Part& part : parts) {
    out.add(part.text.backend, part.service->app_id);
    out.add_servers(part.text.servers, part.service->app_id);
    auto& servers = result.servers[part.service->name];
    servers.insert(servers.end(), part.text.servers.begin(), part.text.servers.end());
    result.app_of_backend[part.service->name] = part.service->app_id;
    result.bind_of_backend[part.service->name] = {part.service->bind_addr, part.service->port};
  }
}

}  // namespace

std::string_view Rendered::owner_of(std::size_t line) const {
  const auto after = std::upper_bound(
      owners.begin(), owners.end(), line, [](std::size_t wanted, const Owner& owner) {
        return wanted < owner.line;
      });
  return after == owners.begin() ? std::string_view() : std::string_view((after - 1)->app_id);
}

Rendered render(const Services& services,
                const Templates& templates,
                const RenderOptions& options) {
  Rendered result;
  result.rejected = services.rejected;
  std::vector<Part> parts = parts_of(services, templates, options, result.rejected);
  MapLines domains;
  MapLines apps;
  if (options.http == Http::bound) {
    apply_map(parts, &ServiceText::http, domains);
  }
  if (options.https != Https::none) {
    apply_map(parts, &ServiceText::https, domains);
  }
  Sections out(result);
  out.add(templates.replaced(Template::head) ? templates.text(Template::head) : options.head);
  for (const Part& part : parts) {
    out.add(part.text.userlist, part.service->app_id);
  }
  if (options.http == Http::bound) {
    out.add(bound(templates, Template::http_frontend_head, "*:80", options.http_bind));
    for (const Part* part : by_weight(parts)) {
      out.add(part->text.http.text, part->service->app_id);
    }
  }
  add_appid_section(out, parts, templates, options, apps);
  if (options.https != Https::none) {
    add_https_section(out, parts, templates, options);
  }
  add_service_sections(out, parts, result);
  result.domain_map = domains.text();
  result.app_map = apps.text();
  return result;
}

}  // namespace ekiden::lb
