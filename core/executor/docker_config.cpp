#include "core/executor/docker_config.h"

#include "core/base/strings.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include <fmt/core.h>

namespace ekiden::executor {

using json::Value;

namespace {

constexpr double kMemoryMinMb = 32;
constexpr double kSharesPerCpu = 1024;
constexpr double kSharesMin = 2;
constexpr std::size_t kLogHeader = 8;
constexpr const char* kMesosBridge = "mesos-bridge";  // Marathon's name of the bridge network

Value& host_config(Value& body) {
  if (body.find("HostConfig") == nullptr) {
    body.set("HostConfig", json::Object{});
  }
  return *body.find("HostConfig");
}

void append(Value& object, const char* name, const std::string& text) {
  if (object.find(name) == nullptr) {
    object.set(name, json::Array{});
  }
  object.find(name)->array().emplace_back(text);
}

void set_member(Value& object, const char* name, const std::string& key, Value value) {
  if (object.find(name) == nullptr) {
    object.set(name, json::Object{});
  }
  object.find(name)->set(key, std::move(value));
}

std::pair<std::string, std::string> split_once(const std::string& text, char separator) {
  const std::size_t at = text.find(separator);
  return at == std::string::npos ? std::pair(text, std::string())
                                 : std::pair(text.substr(0, at), text.substr(at + 1));
}

// "512m" in bytes.
std::int64_t size_bytes(const std::string& text) {
  std::string number = to_lower(text);
  while (!number.empty() && number.back() == 'b') {
    number.pop_back();
  }
  std::int64_t unit = 1;
  if (!number.empty()) {
    const std::size_t power = std::string("kmgt").find(number.back());
    if (power != std::string::npos) {
      unit = std::int64_t{1} << (10 * (power + 1));
      number.pop_back();
    }
  }
  return static_cast<std::int64_t>(parse_double(number).value_or(0) * static_cast<double>(unit));
}

bool is_true(const std::string& text) {
  return text.empty() || iequals(text, "true") || text == "1";
}

void add_ulimit(Value& body, const std::string& text) {
  const auto [name, values] = split_once(text, '=');
  const auto [soft, hard] = split_once(values, ':');
  Value limit;
  limit.set("Name", name);
  limit.set("Soft", parse_int(soft).value_or(0));
  limit.set("Hard", parse_int(hard.empty() ? soft : hard).value_or(0));
  Value& host = host_config(body);
  if (host.find("Ulimits") == nullptr) {
    host.set("Ulimits", json::Array{});
  }
  host.find("Ulimits")->array().push_back(std::move(limit));
}

void add_device(Value& body, const std::string& text) {
  const auto parts = split(text, ':');
  Value device;
  device.set("PathOnHost", std::string(parts[0]));
  device.set("PathInContainer", std::string(parts.size() > 1 ? parts[1] : parts[0]));
  device.set("CgroupPermissions", std::string(parts.size() > 2 ? parts[2] : "rwm"));
  Value& host = host_config(body);
  if (host.find("Devices") == nullptr) {
    host.set("Devices", json::Array{});
  }
  host.find("Devices")->array().push_back(std::move(device));
}

using Apply = std::function<void(Value& body, const std::string& text)>;

Apply host_list(const char* name) {
  return [name](Value& body, const std::string& text) { append(host_config(body), name, text); };
}

Apply host_text(const char* name) {
  return [name](Value& body, const std::string& text) { host_config(body).set(name, text); };
}

Apply host_flag(const char* name) {
  return
      [name](Value& body, const std::string& text) { host_config(body).set(name, is_true(text)); };
}

Apply host_size(const char* name) {
  return [name](Value& body, const std::string& text) {
    host_config(body).set(name, size_bytes(text));
  };
}

Apply host_number(const char* name) {
  return [name](Value& body, const std::string& text) {
    host_config(body).set(name, parse_int(text).value_or(0));
  };
}

Apply host_member(const char* name, char separator = '=') {
  return [name, separator](Value& body, const std::string& text) {
    const auto [key, value] = split_once(text, separator);
    set_member(host_config(body), name, key, value);
  };
}

Apply body_text(const char* name) {
  return [name](Value& body, const std::string& text) { body.set(name, text); };
}

Apply body_flag(const char* name) {
  return [name](Value& body, const std::string& text) { body.set(name, is_true(text)); };
}

void ignore(Value&, const std::string&) {}

// Those that end up in the HostConfig part.
void add_host_flags(std::map<std::string, Apply>& flags) {
  flags["ulimit"] = add_ulimit;
  flags["device"] = add_device;
  flags["volume"] = flags["v"] = host_list("Binds");
  flags["add-host"] = host_list("ExtraHosts");
  flags["cap-add"] = host_list("CapAdd");
  flags["cap-drop"] = host_list("CapDrop");
  flags["dns"] = host_list("Dns");
  flags["dns-search"] = host_list("DnsSearch");
  flags["dns-opt"] = flags["dns-option"] = host_list("DnsOptions");
  flags["security-opt"] = host_list("SecurityOpt");
  flags["group-add"] = host_list("GroupAdd");
  flags["link"] = host_list("Links");
  flags["volumes-from"] = host_list("VolumesFrom");
  flags["net"] = flags["network"] = host_text("NetworkMode");
  flags["ipc"] = host_text("IpcMode");
  flags["pid"] = host_text("PidMode");
  flags["uts"] = host_text("UTSMode");
  flags["userns"] = host_text("UsernsMode");
  flags["runtime"] = host_text("Runtime");
  flags["cgroup-parent"] = host_text("CgroupParent");
  flags["volume-driver"] = host_text("VolumeDriver");
  flags["cpuset-cpus"] = host_text("CpusetCpus");
  flags["cpuset-mems"] = host_text("CpusetMems");
  flags["privileged"] = host_flag("Privileged");
  flags["read-only"] = host_flag("ReadonlyRootfs");
  flags["init"] = host_flag("Init");
  flags["oom-kill-disable"] = host_flag("OomKillDisable");
  flags["memory"] = flags["m"] = host_size("Memory");
  flags["memory-swap"] = host_size("MemorySwap");
  flags["memory-reservation"] = host_size("MemoryReservation");
  flags["shm-size"] = host_size("ShmSize");
  flags["cpu-shares"] = flags["c"] = host_number("CpuShares");
  flags["cpu-period"] = host_number("CpuPeriod");
  flags["cpu-quota"] = host_number("CpuQuota");
  flags["pids-limit"] = host_number("PidsLimit");
  flags["memory-swappiness"] = host_number("MemorySwappiness");
  flags["oom-score-adj"] = host_number("OomScoreAdj");
  flags["tmpfs"] = host_member("Tmpfs", ':');
  flags["sysctl"] = host_member("Sysctls");
  flags["storage-opt"] = host_member("StorageOpt");
}

// The flags of `docker run` that have a meaning in the Engine's API.
std::map<std::string, Apply> make_flags() {
  std::map<std::string, Apply> flags;
  flags["label"] = flags["l"] = [](Value& body, const std::string& text) {
    const auto [key, value] = split_once(text, '=');
    set_member(body, "Labels", key, value);
  };
  flags["env"] =
      flags["e"] = [](Value& body, const std::string& text) { append(body, "Env", text); };
  flags["entrypoint"] = [](Value& body, const std::string& text) {
    body.set("Entrypoint", json::Array{Value(text)});
  };
  flags["expose"] = [](Value& body, const std::string& text) {
    set_member(body,
               "ExposedPorts",
               text.find('/') == std::string::npos ? text + "/tcp" : text,
               json::Object{});
  };
  flags["cpus"] = [](Value& body, const std::string& text) {
    host_config(body).set("NanoCpus",
                          static_cast<std::int64_t>(parse_double(text).value_or(0) * 1e9));
  };
  flags["log-driver"] = [](Value& body, const std::string& text) {
    set_member(host_config(body), "LogConfig", "Type", text);
  };
  flags["log-opt"] = [](Value& body, const std::string& text) {
    const auto [key, value] = split_once(text, '=');
    set_member(host_config(body), "LogConfig", "Config", json::Object{});
    host_config(body).find("LogConfig")->find("Config")->set(key, value);
  };
  add_host_flags(flags);
  flags["hostname"] = flags["h"] = body_text("Hostname");
  flags["domainname"] = body_text("Domainname");
  flags["user"] = flags["u"] = body_text("User");
  flags["workdir"] = flags["w"] = body_text("WorkingDir");
  flags["stop-signal"] = body_text("StopSignal");
  flags["mac-address"] = body_text("MacAddress");
  flags["tty"] = flags["t"] = body_flag("Tty");
  flags["interactive"] = flags["i"] = body_flag("OpenStdin");
  // Ours to decide: the container is started once, named and removed by the agent.
  flags["rm"] = flags["detach"] = flags["d"] = flags["name"] = flags["restart"] = ignore;
  return flags;
}

double resource(const model::TaskInfo& task, std::string_view name) {
  return model::Resources(task.resources).scalar(name).to_double();
}

void set_limits(const model::TaskInfo& task, Value& body) {
  Value& host = host_config(body);
  const auto bytes = [](double mb) { return static_cast<std::int64_t>(mb * 1024 * 1024); };
  const double mem = std::max(resource(task, "mem"), kMemoryMinMb);
  const auto limit = task.limits.find("mem");
  if (limit == task.limits.end()) {
    host.set("Memory", bytes(mem));
  } else {
    host.set("MemoryReservation", bytes(mem));
    if (std::isfinite(limit->second)) {
      host.set("Memory", bytes(std::max(limit->second, mem)));
    }
  }
  const double shares = std::max(resource(task, "cpus") * kSharesPerCpu, kSharesMin);
  host.set("CpuShares", static_cast<std::int64_t>(shares));
  const auto cpus = task.limits.find("cpus");
  if (cpus != task.limits.end() && std::isfinite(cpus->second)) {
    host.set("NanoCpus", static_cast<std::int64_t>(cpus->second * 1e9));
  }
}

void set_command(const model::TaskInfo& task, Value& body) {
  if (!task.command) {
    return;
  }
  const model::CommandInfo& command = *task.command;
  json::Array words;
  if (command.shell && command.value) {
    body.set("Entrypoint", json::Array{Value("/bin/sh")});
    words = {Value("-c"), Value(*command.value)};
  } else if (!command.shell) {
    if (command.value) {
      words.emplace_back(*command.value);
    }
    for (const std::string& argument : command.arguments) {
      words.emplace_back(argument);
    }
  }
  if (!words.empty()) {
    body.set("Cmd", std::move(words));
  }
}

Result<void> set_volumes(const model::ContainerInfo& container,
                         const std::string& sandbox,
                         Value& body) {
  append(host_config(body), "Binds", sandbox + ":" + kDockerSandbox);
  for (const model::VolumeRef& volume : container.volumes) {
    const bool relative_target =
        volume.container_path.empty() || volume.container_path.front() != '/';
    const std::string target = relative_target
                                   ? std::string(kDockerSandbox) + "/" + volume.container_path
                                   : volume.container_path;
    if (volume.source && volume.source->docker_volume) {
      const auto& named = *volume.source->docker_volume;
      append(host_config(body), "Binds", named.name + ":" + target);
      if (named.driver) {
        host_config(body).set("VolumeDriver", *named.driver);
      }
      continue;
    }
    if (!volume.host_path) {
      set_member(body, "Volumes", target, json::Object{});
      continue;
    }
    const bool relative_source = volume.host_path->empty() || volume.host_path->front() != '/';
    if (relative_source && relative_target) {
      return fail(
          ErrorCode::invalid,
          fmt::format("volume {}: host and container path cannot both be relative", target));
    }
    const std::string source =
        relative_source ? sandbox + "/" + *volume.host_path : *volume.host_path;
    append(host_config(body),
           "Binds",
           source + ":" + target + (volume.mode == model::VolumeRef::Mode::ro ? ":ro" : ""));
  }
  return {};
}

Result<void> set_network(const model::ContainerInfo& container, Value& body) {
  const model::DockerInfo& docker = *container.docker;
  std::string mode;
  switch (docker.network) {
    case model::DockerInfo::Network::host:
      mode = "host";
      break;
    case model::DockerInfo::Network::bridge:
      mode = "bridge";
      break;
    case model::DockerInfo::Network::none:
      mode = "none";
      break;
    case model::DockerInfo::Network::user:
      if (container.network_infos.empty() || !container.network_infos.front().name) {
        return fail(ErrorCode::invalid, "a user network needs network_infos with a name");
      }
      mode = *container.network_infos.front().name;
      break;
  }
  host_config(body).set("NetworkMode", mode);
  if (container.hostname && mode != "host") {
    body.set("Hostname", *container.hostname);
  }
  for (const model::PortMapping& mapping : docker.port_mappings) {
    const std::string port =
        fmt::format("{}/{}", mapping.container_port, to_lower(mapping.protocol.value_or("tcp")));
    set_member(body, "ExposedPorts", port, json::Object{});
    Value binding;
    binding.set("HostPort", std::to_string(mapping.host_port));
    set_member(host_config(body), "PortBindings", port, json::Array{std::move(binding)});
  }
  return {};
}

}  // namespace

Result<void> apply_parameter(const model::Parameter& parameter, json::Value& body) {
  const std::map<std::string, Apply> flags = make_flags();
  const auto found = flags.find(parameter.key);
  if (found == flags.end()) {
    return fail(ErrorCode::unsupported,
                fmt::format("docker parameter '{}' is not supported; remove it from the app",
                            parameter.key));
  }
  found->second(body, parameter.value);
  return {};
}

Result<json::Value> docker_create_body(const model::TaskInfo& task, const DockerContext& context) {
  if (!task.container || !task.container->docker) {
    return fail(ErrorCode::invalid, "the task has no Docker image");
  }
  const model::DockerInfo& docker = *task.container->docker;
  Value body;
  body.set("Image", docker.image);
  std::map<std::string, std::string> variables;
  for (const std::string& variable : context.environment) {
    const auto [name, value] = split_once(variable, '=');
    variables[name] = value;
  }
  if (task.command && task.command->environment) {
    for (const auto& variable : task.command->environment->variables) {
      variables[variable.name] = variable.value.value_or("");
    }
  }
  body.set("Env", json::Array{});
  for (const auto& [name, value] : variables) {
    append(body, "Env", name + "=" + value);
  }
  set_command(task, body);
  set_limits(task, body);
  host_config(body).set("Privileged", docker.privileged);
  Result<void> done = set_volumes(*task.container, context.sandbox, body);
  for (const std::string& bind : context.binds) {
    append(host_config(body), "Binds", bind);
  }
  done = done ? set_network(*task.container, body) : done;
  for (const model::Parameter& parameter : docker.parameters) {
    done = done ? apply_parameter(parameter, body) : done;
  }
  if (!done) {
    return fail(done.error());
  }
  return body;
}

bool needs_docker(const std::optional<model::ContainerInfo>& container) {
  return container && (container->type == model::ContainerInfo::Type::docker ||
                       (container->mesos_image && container->mesos_image->docker_name));
}

model::TaskInfo as_docker_task(model::TaskInfo task) {
  if (!task.container || task.container->type == model::ContainerInfo::Type::docker ||
      !task.container->mesos_image) {
    return task;
  }
  model::ContainerInfo& container = *task.container;
  model::DockerInfo docker;
  docker.image = container.mesos_image->docker_name.value_or("");
  docker.force_pull_image = !container.mesos_image->cached.value_or(true);
  if (!container.network_infos.empty() && container.network_infos.front().name) {
    const bool bridge = *container.network_infos.front().name == kMesosBridge;
    docker.network = bridge ? model::DockerInfo::Network::bridge : model::DockerInfo::Network::user;
    docker.port_mappings = container.network_infos.front().port_mappings;
  }
  container.type = model::ContainerInfo::Type::docker;
  container.docker = std::move(docker);
  container.mesos_image.reset();
  return task;
}

ImageName parse_image(const std::string& image) {
  if (image.find('@') != std::string::npos) {
    return {image, ""};
  }
  const std::size_t slash = image.rfind('/');
  const std::size_t colon = image.find(':', slash == std::string::npos ? 0 : slash);
  if (colon == std::string::npos) {
    return {image, "latest"};
  }
  return {image.substr(0, colon), image.substr(colon + 1)};
}

std::vector<model::NetworkInfo> docker_networks(const json::Value& inspected) {
  std::vector<model::NetworkInfo> infos;
  for (const auto& [name, network] : inspected["NetworkSettings"]["Networks"].as_object()) {
    model::NetworkInfo info;
    for (const auto& [member, protocol] :
         {std::pair("IPAddress", "IPv4"), std::pair("GlobalIPv6Address", "IPv6")}) {
      const std::string address(network[member].as_string());
      if (!address.empty()) {
        info.ip_addresses.push_back({protocol, address});
      }
    }
    if (info.ip_addresses.empty()) {
      continue;  // host and none
    }
    info.name = name;
    infos.push_back(std::move(info));
  }
  return infos;
}

std::string docker_address(const json::Value& inspected) {
  const auto infos = docker_networks(inspected);
  return infos.empty() ? "" : infos.front().ip_addresses.front().ip_address.value_or("");
}

std::vector<DockerLogDecoder::Piece> DockerLogDecoder::feed(std::string_view bytes) {
  buffer_.append(bytes);
  std::vector<Piece> pieces;
  std::size_t at = 0;
  while (buffer_.size() - at >= kLogHeader) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(buffer_[at + i]); };
    const std::size_t size = (std::size_t{byte(4)} << 24) | (std::size_t{byte(5)} << 16) |
                             (std::size_t{byte(6)} << 8) | std::size_t{byte(7)};
    if (buffer_.size() - at < kLogHeader + size) {
      break;
    }
    pieces.push_back({byte(0) == 2 ? 2 : 1, buffer_.substr(at + kLogHeader, size)});
    at += kLogHeader + size;
  }
  buffer_.erase(0, at);
  return pieces;
}

}  // namespace ekiden::executor
