#pragma once

#include "core/json/json.h"
#include "lb/service.h"

#include <functional>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace ekiden::lb {

// What GET /v2/apps?embed=apps.tasks says, turned into services [discovery 1.2, 1.6 to 1.10, 1.12].

enum class HealthRule { ignore, require };    // require: only alive tasks become servers
enum class Enabled { by_default, by_label };  // by_label: strict mode

struct AppsOptions {
  std::set<std::string> groups = {"*"};
  Enabled enabled = Enabled::by_default;
  HealthRule health = HealthRule::ignore;
  int assigned_port_min = 10050;  // both 0: no automatic service ports
  int assigned_port_max = 10100;
  std::string bind_addr = "*";       // of service ports, unless a label says otherwise
  std::string framework_name;        // the app with this id (without the slash) is ourselves
  std::set<std::string> left_out;    // apps found to make the configuration invalid
  std::set<std::string> tasks_out;   // tasks that leave rotation although Marathon lists them
  std::set<std::string> kept_empty;  // backends that stay although they have no server
};

// An IPv4 address for a host name; nothing when it cannot be resolved.
using Resolve = std::function<std::optional<std::string>(const std::string& host)>;

// The last known health of tasks, for answers that leave it out. Bounded: the least recently used
// are forgotten.
class HealthMemory {
 public:
  explicit HealthMemory(std::size_t capacity = 1000) : capacity_(capacity) {}

  void remember(const std::string& task_id, bool alive);
  bool recall(const std::string& task_id);  // unknown: not alive

 private:
  struct Entry {
    std::string task_id;
    bool alive = false;
  };

  std::size_t capacity_;
  std::list<Entry> recent_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_task_;
};

struct Services {
  std::vector<Service> services;   // by (app id, port)
  std::vector<Rejected> rejected;  // by app id
};

Services services_of(const json::Array& apps,
                     const AppsOptions& options,
                     const Resolve& resolve,
                     HealthMemory& memory);

// Host names that need resolving before services_of can be asked.
std::set<std::string> hosts_of(const json::Array& apps);
bool is_ip_address(const std::string& text);

}  // namespace ekiden::lb
