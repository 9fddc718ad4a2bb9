#include "core/master/machines.h"

#include <algorithm>
#include <cctype>

#include <arpa/inet.h>
#include <fmt/core.h>

namespace ekiden::master {

using model::MachineId;

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

MachineId normalised(MachineId id) {
  if (id.hostname) {
    id.hostname = lower(*id.hostname);
  }
  return id;
}

std::string to_text(const MachineId& id) {
  return fmt::format("{} ({})", id.hostname.value_or(""), id.ip.value_or(""));
}

bool is_ip(const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool is_on(const MachineId& id, const std::string& hostname, const std::string& ip) {
  const bool hostname_fits = !id.hostname || id.hostname->empty() || *id.hostname == hostname;
  // An agent whose address is not known is known by its name.
  const bool ip_fits = !id.ip || id.ip->empty() || *id.ip == ip || *id.ip == hostname ||
                       (ip.empty() && id.hostname && !id.hostname->empty());
  return hostname_fits && ip_fits;
}

std::optional<std::string> id_problem(const MachineId& id) {
  const bool no_name = !id.hostname || id.hostname->empty();
  const bool no_ip = !id.ip || id.ip->empty();
  if (no_name && no_ip) {
    return "Both 'hostname' and 'ip' for a machine are empty";
  }
  if (!no_ip && !is_ip(*id.ip)) {
    return fmt::format("Failed to parse ip '{}' of a machine", *id.ip);
  }
  return std::nullopt;
}

// Also what is wrong with a list as such.
std::optional<std::string> list_problem(const std::vector<MachineId>& machines) {
  if (machines.empty()) {
    return "List of machines is empty";
  }
  std::set<MachineId> seen;
  for (const MachineId& id : machines) {
    if (auto problem = id_problem(id)) {
      return problem;
    }
    if (!seen.insert(normalised(id)).second) {
      return fmt::format("Machine '{}' appears more than once", to_text(id));
    }
  }
  return std::nullopt;
}

}  // namespace

void Machines::load(model::MaintenanceSchedule schedule, const std::vector<MachineId>& machines) {
  set_schedule(std::move(schedule));
  down_.clear();
  down(machines);
}

std::optional<std::string> Machines::problem(const model::MaintenanceSchedule& schedule) const {
  std::set<MachineId> seen;
  for (const model::MaintenanceWindow& window : schedule.windows) {
    if (window.machine_ids.empty()) {
      return "List of machines in the maintenance window is empty";
    }
    if (window.unavailability.duration && window.unavailability.duration->nanoseconds < 0) {
      return "Unavailability 'duration' is negative";
    }
    if (auto problem = list_problem(window.machine_ids)) {
      return problem;
    }
    for (const MachineId& id : window.machine_ids) {
      if (!seen.insert(normalised(id)).second) {
        return fmt::format("Machine '{}' appears more than once in the schedule", to_text(id));
      }
    }
  }
  for (const MachineId& id : down_) {
    if (!seen.contains(id)) {
      return fmt::format("Machine '{}' is deactivated and cannot be removed from the schedule",
                         to_text(id));
    }
  }
  return std::nullopt;
}

void Machines::set_schedule(model::MaintenanceSchedule schedule) {
  windows_.clear();
  for (const model::MaintenanceWindow& window : schedule.windows) {
    for (const MachineId& id : window.machine_ids) {
      windows_.insert_or_assign(normalised(id), window.unavailability);
    }
  }
  schedule_ = std::move(schedule);
}

std::optional<std::string> Machines::down_problem(const std::vector<MachineId>& machines) const {
  if (auto problem = list_problem(machines)) {
    return problem;
  }
  for (const MachineId& id : machines) {
    const MachineId known = normalised(id);
    if (!windows_.contains(known)) {
      return fmt::format("Machine '{}' is not part of a maintenance schedule", to_text(id));
    }
    if (down_.contains(known)) {
      return fmt::format("Machine '{}' is not in DRAINING mode and cannot be brought down",
                         to_text(id));
    }
  }
  return std::nullopt;
}

std::optional<std::string> Machines::up_problem(const std::vector<MachineId>& machines) const {
  if (auto problem = list_problem(machines)) {
    return problem;
  }
  for (const MachineId& id : machines) {
    if (!down_.contains(normalised(id))) {
      return fmt::format("Machine '{}' is not in DOWN mode and cannot be brought up", to_text(id));
    }
  }
  return std::nullopt;
}

void Machines::down(const std::vector<MachineId>& machines) {
  for (const MachineId& id : machines) {
    down_.insert(normalised(id));
  }
}

// They leave the schedule as well.
void Machines::up(const std::vector<MachineId>& machines) {
  model::MaintenanceSchedule rest = schedule_;
  for (const MachineId& id : machines) {
    const MachineId known = normalised(id);
    down_.erase(known);
    for (model::MaintenanceWindow& window : rest.windows) {
      std::erase_if(window.machine_ids,
                    [&](const MachineId& other) { return normalised(other) == known; });
    }
  }
  std::erase_if(rest.windows,
                [](const model::MaintenanceWindow& window) { return window.machine_ids.empty(); });
  set_schedule(std::move(rest));
}

bool Machines::is_down(const std::string& hostname, const std::string& ip) const {
  const std::string name = lower(hostname);
  return std::any_of(
      down_.begin(), down_.end(), [&](const MachineId& id) { return is_on(id, name, ip); });
}

std::optional<MachineId> Machines::find(const std::string& hostname, const std::string& ip) const {
  const std::string name = lower(hostname);
  for (const auto& [id, window] : windows_) {
    if (is_on(id, name, ip)) {
      return id;
    }
  }
  return std::nullopt;
}

std::optional<model::Unavailability> Machines::window(const std::string& hostname,
                                                      const std::string& ip) const {
  const auto machine = find(hostname, ip);
  return machine ? std::optional(windows_.at(*machine)) : std::nullopt;
}

std::vector<MachineId> Machines::draining() const {
  std::vector<MachineId> list;
  for (const auto& [id, window] : windows_) {
    if (!down_.contains(id)) {
      list.push_back(id);
    }
  }
  return list;
}

std::vector<MachineId> Machines::down() const {
  return {down_.begin(), down_.end()};
}

}  // namespace ekiden::master
