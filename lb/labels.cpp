#include "lb/labels.h"

#include "core/base/strings.h"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

constexpr std::string_view kPrefix = "HAPROXY_";
constexpr int kIndexMax = 1000;

using Reason = std::optional<std::string>;
using Setter = Reason (*)(Service&, std::string_view);

Reason set_int(std::optional<int>& target, std::string_view value) {
  const auto number = parse_int(trim(value));
  constexpr std::int64_t kLimit = std::numeric_limits<int>::max();
  if (!number || *number > kLimit || *number < -kLimit) {
    return fmt::format("\"{}\" is not a whole number", value);
  }
  target = static_cast<int>(*number);
  return std::nullopt;
}

template <auto Member>
Reason text(Service& service, std::string_view value) {
  service.*Member = value;
  return std::nullopt;
}

template <auto Member>
Reason flag(Service& service, std::string_view value) {
  service.*Member = label_is_true(value);
  return std::nullopt;
}

Reason auth(Service& service, std::string_view value) {
  const auto parts = split(value, ':');
  if (parts.size() != 3) {
    return "it must be realm:user:password";
  }
  if (parts[0].find_first_of("\"\\$") != std::string_view::npos) {
    return "the realm must not contain quotes, backslashes or dollar signs";
  }
  service.auth = Auth{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
  return std::nullopt;
}

Reason weight(Service& service, std::string_view value) {
  std::optional<int> number;
  Reason reason = set_int(number, value);
  service.weight = number.value_or(0);
  return reason;
}

Reason port(Service& service, std::string_view value) {
  std::optional<int> number;
  if (Reason reason = set_int(number, value)) {
    return reason;
  }
  if (*number < 1 || *number > 65535) {
    return fmt::format("{} is not a port", *number);
  }
  service.port = *number;
  return std::nullopt;
}

Reason path(Service& service, std::string_view value) {
  service.path = value;
  service.weight = service.weight == 0 ? 1 : service.weight;
  return std::nullopt;
}

Reason mode(Service& service, std::string_view value) {
  const std::string word = to_lower(value);
  service.mode = word == "http" ? Mode::http : word == "tcp" ? Mode::tcp : Mode::unknown;
  return service.mode == Mode::unknown ? Reason("it must be http or tcp") : std::nullopt;
}

Reason vhost(Service& service, std::string_view value) {
  service.vhosts = to_lower(value);
  return std::nullopt;
}

Reason networks(Service& service, std::string_view value) {
  for (const std::string_view network : split_nonempty(value, ' ')) {
    service.allowed_networks.emplace_back(network);
  }
  return std::nullopt;
}

Reason groups(Service& service, std::string_view value) {
  service.groups.clear();
  for (const std::string_view group : split(value, ',')) {
    service.groups.emplace_back(group);
  }
  return std::nullopt;
}

Reason bind_options(Service& service, std::string_view value) {
  service.bind_options = value;
  return std::nullopt;
}

Reason health_port_index(Service& service, std::string_view value) {
  return set_int(service.health_port_index, value);
}

// In alphabetical order, which is the order of effect: BACKEND_WEIGHT before PATH.
const std::map<std::string_view, Setter> kSetters = {
    {"AUTH", auth},
    {"BACKEND_HEALTHCHECK_PORT_INDEX", health_port_index},
    {"BACKEND_NETWORK_ALLOWED_ACL", networks},
    {"BACKEND_WEIGHT", weight},
    {"BALANCE", text<&Service::balance>},
    {"BIND_ADDR", text<&Service::bind_addr>},
    {"BIND_OPTIONS", bind_options},
    {"ENABLED", flag<&Service::enabled>},
    {"GROUP", groups},
    {"HTTP_BACKEND_PROXYPASS_PATH", text<&Service::proxypass_path>},
    {"HTTP_BACKEND_REDIR", text<&Service::redir_path>},
    {"HTTP_BACKEND_REVPROXY_PATH", text<&Service::revproxy_path>},
    {"MODE", mode},
    {"PATH", path},
    {"PORT", port},
    {"REDIRECT_TO_HTTPS", flag<&Service::redirect_to_https>},
    {"SSL_CERT", text<&Service::ssl_cert>},
    {"STICKY", flag<&Service::sticky>},
    {"USE_HSTS", flag<&Service::hsts>},
    {"VHOST", vhost},
};

bool has_control(std::string_view value) {
  return std::any_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

Reason override_template(Service& service, Template id, const std::string& value) {
  std::string text_of = replace_all(value, "\r\n", "\n");
  if (Reason reason = overreach(id, text_of)) {
    return reason;
  }
  service.overrides[id] = std::move(text_of);
  return std::nullopt;
}

Reason apply(Service& service, const std::string& name, const std::string& value) {
  const auto setter = kSetters.find(name);
  if (setter != kSetters.end()) {
    return has_control(value) ? Reason("it contains a line break or control character")
                              : setter->second(service, value);
  }
  const auto id = template_named(name);
  if (id && info(*id).scope == Scope::app) {
    return override_template(service, *id, value);
  }
  return std::nullopt;  // not ours
}

}  // namespace

bool label_is_true(std::string_view value) {
  const std::string word = to_lower(value);
  return word == "true" || word == "t" || word == "yes" || word == "y";
}

Labels read_labels(const json::Value& labels) {
  Labels result;
  for (const auto& [key, value] : labels.as_object()) {
    if (!key.starts_with(kPrefix) || !value.is_string()) {
      continue;
    }
    const std::string_view rest = std::string_view(key).substr(kPrefix.size());
    const std::size_t bar = rest.find('_');
    const auto index =
        bar == std::string_view::npos ? std::nullopt : parse_int(rest.substr(0, bar));
    if (index && *index >= 0 && *index <= kIndexMax) {
      result.port[static_cast<int>(*index)][std::string(rest.substr(bar + 1))] = value.as_string();
    } else {
      result.app[std::string(rest)] = value.as_string();
    }
  }
  return result;
}

std::optional<std::string> apply_labels(Service& service, const Labels& labels) {
  if (const auto group = labels.app.find("GROUP"); group != labels.app.end()) {
    groups(service, group->second);
  }
  const auto mine = labels.port.find(service.index);
  if (mine == labels.port.end()) {
    return std::nullopt;
  }
  for (const auto& [name, value] : mine->second) {
    if (Reason reason = apply(service, name, value)) {
      return fmt::format("label HAPROXY_{}_{}: {}", service.index, name, *reason);
    }
  }
  return std::nullopt;
}

}  // namespace ekiden::lb
