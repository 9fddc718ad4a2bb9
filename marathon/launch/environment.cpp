#include "marathon/launch/environment.h"

#include "core/base/strings.h"
#include "marathon/launch/container_info.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include <fmt/core.h>

namespace ekiden::marathon::launch {

namespace {

using Variables = std::map<std::string, std::string>;

constexpr std::size_t kLabelKeyMax = 493;
constexpr std::size_t kLabelValueMax = 512;
constexpr std::int32_t kRandomPortMin = 1025;
constexpr std::int32_t kRandomPortMax = 65535;

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return result;
}

struct Slot {
  std::int32_t requested = 0;  // container port, or the service port of a definition
  std::optional<std::string> name;
  std::optional<std::int32_t> host_port;
};

std::vector<Slot> slots_of(const App& app, const HostPorts& ports) {
  std::vector<Slot> slots;
  const auto port_at = [&](std::size_t i) { return i < ports.size() ? ports[i] : std::nullopt; };
  if (app.container && !app.container->port_mappings.empty()) {
    for (const PortMapping& mapping : app.container->port_mappings) {
      slots.push_back({mapping.container_port, mapping.name, port_at(slots.size())});
    }
  } else {
    for (const PortDefinition& definition : app.port_definitions) {
      slots.push_back({definition.port, definition.name, port_at(slots.size())});
    }
  }
  return slots;
}

std::int32_t unused_port(std::set<std::int32_t>& used, Random& random) {
  std::int32_t port = 0;
  do {
    port = kRandomPortMin +
           static_cast<std::int32_t>(random.below(kRandomPortMax - kRandomPortMin + 1));
  } while (!used.insert(port).second);
  return port;
}

// [EN-2]: PORT lists host ports and random ones; a fixed container port is not in it.
Variables port_variables(const std::vector<Slot>& slots, Random& random) {
  std::set<std::int32_t> used;
  for (const Slot& slot : slots) {
    used.insert(slot.requested);
    used.insert(slot.host_port.value_or(slot.requested));
  }
  Variables variables;
  std::vector<std::string> listed;
  std::vector<std::string> made_up;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    std::int32_t effective = slot.host_port.value_or(slot.requested);
    if (!slot.host_port && slot.requested <= 0) {
      effective = unused_port(used, random);
      made_up.push_back(std::to_string(effective));
    }
    const std::string text = std::to_string(effective);
    if (slot.host_port) {
      listed.push_back(text);
    }
    variables["PORT" + std::to_string(i)] = text;
    variables["PORT_" + (slot.requested > 0 ? std::to_string(slot.requested) : text)] = text;
    if (slot.name) {
      variables["PORT_" + upper(*slot.name)] = text;
      variables["PORT_" + escape_key(*slot.name)] = text;  // usable in a POSIX shell
    }
  }
  listed.insert(listed.end(), made_up.begin(), made_up.end());
  if (!listed.empty()) {
    variables["PORT"] = listed.front();
  }
  if (!slots.empty()) {
    variables["PORTS"] = join(listed, ",");
  }
  return variables;
}

void add_labels(const std::map<std::string, std::string>& labels, Variables& variables) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : labels) {
    if (key.size() >= kLabelKeyMax || value.size() >= kLabelValueMax) {
      continue;
    }
    const std::string escaped = escape_key(key);
    if (std::find(keys.begin(), keys.end(), escaped) == keys.end()) {
      keys.push_back(escaped);
    }
    variables["MARATHON_APP_LABEL_" + escaped] = value;
  }
  variables["MARATHON_APP_LABELS"] = join(keys, " ");
}

Variables context_variables(const EnvironmentInput& input) {
  const App& app = input.app;
  Variables variables;
  variables["MESOS_TASK_ID"] = input.task.value;
  variables["MARATHON_APP_ID"] = app.id.text();
  variables["MARATHON_APP_VERSION"] = to_iso8601(app.version_info.version);
  if (app.container && app.container->type == Engine::docker && app.container->docker) {
    variables["MARATHON_APP_DOCKER_IMAGE"] = app.container->docker->image;
  }
  variables["MARATHON_APP_RESOURCE_CPUS"] = java_text(app.cpus);
  variables["MARATHON_APP_RESOURCE_MEM"] = java_text(app.mem);
  variables["MARATHON_APP_RESOURCE_DISK"] = java_text(app.disk);
  variables["MARATHON_APP_RESOURCE_GPUS"] = std::to_string(app.gpus);
  variables["MARATHON_APP_ENFORCE_GROUP_ROLE"] = input.enforce_group_role ? "TRUE" : "FALSE";
  add_labels(app.labels, variables);
  return variables;
}

// Names of the app's secrets by variable.
using Secrets = std::map<std::string, std::string>;

void take_values(const std::map<std::string, EnvValue>& values,
                 Variables& variables,
                 Secrets& secrets) {
  for (const auto& [name, value] : values) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      secrets.erase(name);
      variables[name] = *text;
    } else {
      variables.erase(name);
      secrets[name] = std::get<Secret>(value).secret;
    }
  }
}

model::Environment to_environment(const App& app, Variables variables, const Secrets& secrets) {
  model::Environment result;
  for (auto& [name, value] : variables) {
    result.variables.push_back({name, std::move(value)});
  }
  for (const auto& [name, secret] : secrets) {
    model::EnvironmentVariable& variable = result.variables.emplace_back();
    variable.name = name;
    variable.type = model::EnvironmentVariable::Type::secret;
    variable.secret = secret_reference(app, secret);
  }
  return result;
}

// ---- pods
Variables pod_context(const PodEnvironmentInput& input) {
  const PodResources& resources = input.container.resources;
  Variables variables;
  variables["HOST"] = input.host;
  variables["MESOS_TASK_ID"] = input.task.value;
  variables["MESOS_EXECUTOR_ID"] = input.executor.value;
  variables["MARATHON_APP_ID"] = input.app.id.text();
  variables["MARATHON_APP_VERSION"] = to_iso8601(input.app.version_info.version);
  variables["MARATHON_CONTAINER_ID"] = input.container.name;
  variables["MARATHON_APP_ENFORCE_GROUP_ROLE"] = input.enforce_group_role ? "TRUE" : "FALSE";
  variables["MARATHON_CONTAINER_RESOURCE_CPUS"] = java_text(resources.cpus);
  variables["MARATHON_CONTAINER_RESOURCE_MEM"] = java_text(resources.mem);
  variables["MARATHON_CONTAINER_RESOURCE_DISK"] = java_text(resources.disk);
  variables["MARATHON_CONTAINER_RESOURCE_GPUS"] = std::to_string(resources.gpus);
  std::map<std::string, std::string> labels = input.container.labels;
  labels.insert(input.app.labels.begin(), input.app.labels.end());  // the container's win
  add_labels(labels, variables);
  return variables;
}

// Endpoints of every container, for every container.
void add_endpoints(const PodEnvironmentInput& input, Variables& variables) {
  const std::string prefix = upper(input.settings.env_vars_prefix);
  const bool host_network = input.app.uses_host_network();
  std::size_t slot = 0;
  for (const PodContainer& container : input.app.pod->containers) {
    for (const PodEndpoint& endpoint : container.endpoints) {
      const std::string name = escape_key(endpoint.name);
      const auto host_port = slot < input.ports.size() ? input.ports[slot] : std::nullopt;
      ++slot;
      const auto container_port = endpoint.container_port ? endpoint.container_port : host_port;
      const auto effective = host_network ? host_port : container_port;
      if (effective) {
        variables[prefix + "ENDPOINT_" + name] = std::to_string(*effective);
      }
      if (host_port) {
        variables[prefix + "EP_HOST_" + name] = std::to_string(*host_port);
      }
      if (endpoint.container_port || (!host_network && container_port)) {
        variables[prefix + "EP_CONTAINER_" + name] = std::to_string(*container_port);
      }
    }
  }
}

}  // namespace

model::Environment environment(const EnvironmentInput& input, Random& random) {
  Variables variables = context_variables(input);
  Variables with_prefix = port_variables(slots_of(input.app, input.ports), random);
  with_prefix["HOST"] = input.host;
  for (auto& [name, value] : with_prefix) {
    variables[input.settings.env_vars_prefix + name] = std::move(value);
  }
  Secrets secrets;
  take_values(input.app.env, variables, secrets);
  return to_environment(input.app, std::move(variables), secrets);
}

model::Environment environment(const PodEnvironmentInput& input) {
  Variables variables;
  Secrets secrets;
  take_values(input.app.env, variables, secrets);
  take_values(input.container.environment, variables, secrets);
  Variables system = pod_context(input);
  add_endpoints(input, system);
  for (auto& [name, value] : system) {
    secrets.erase(name);
    variables[name] = std::move(value);
  }
  return to_environment(input.app, std::move(variables), secrets);
}

std::string java_text(double value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(
      buffer.data(), buffer.data() + buffer.size(), std::abs(value), std::chars_format::scientific);
  const std::string text(buffer.data(), end.ptr);
  const std::size_t e = text.find('e');
  const int exponent = e == std::string::npos ? 0 : std::stoi(text.substr(e + 1));
  std::string digits = text.substr(0, e);
  std::erase(digits, '.');
  const std::string sign = value < 0 ? "-" : "";
  if (value == 0) {
    return "0.0";
  }
  if (exponent < -3 || exponent >= 7) {
    const std::string rest = digits.size() > 1 ? digits.substr(1) : "0";
    return fmt::format("{}{}.{}E{}", sign, digits[0], rest, exponent);
  }
  if (exponent < 0) {
    return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() < whole) {
    digits.append(whole - digits.size(), '0');
  }
  const std::string rest = digits.substr(whole);
  return sign + digits.substr(0, whole) + "." + (rest.empty() ? "0" : rest);
}

std::string escape_key(std::string_view key) {
  std::string result;
  bool in_run = false;
  for (const char c : key) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    if (plain) {
      result += c;
    } else if (!in_run) {
      result += '_';
    }
    in_run = !plain;
  }
  return upper(result);
}

}  // namespace ekiden::marathon::launch
