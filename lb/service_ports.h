#pragma once

#include "core/json/json.h"

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

namespace ekiden::lb {

enum class Network { host, container, bridge };

// [discovery 1.6] the networking mode of an app.
Network network_of(const json::Value& app);
// Service ports in label order, those that are absent dropped; empty when the app names none.
std::vector<int> service_ports(const json::Value& app, Network network);
// [discovery 1.7] the ports of a task, in the order in which they pair with service ports.
std::vector<int> task_ports(const json::Value& app, const json::Value& task, Network network);

// Gives service ports to apps that have an address per task and name no service port. The same
// apps in the same order always get the same ports.
class PortAssigner {
 public:
  PortAssigner(int min, int max) : min_(min), max_(max) {}

  // One port per task port; a port that cannot be had is skipped.
  std::vector<int> assign(std::string_view app_id, const std::vector<int>& task_ports);

 private:
  int choose(std::string_view app_id, int task_port) const;  // 0: the range is used up

  int min_;  // 0: assign nothing
  int max_;
  std::set<int> taken_;
};

}  // namespace ekiden::lb
