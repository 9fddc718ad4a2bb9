#pragma once

#include "lb/render.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::lb {

// What the running HAProxy has, and how it becomes what is wanted without a reload.

struct RunningServer {
  enum class State { ready, out };
  std::string text;  // its line; empty: known by name only
  State state = State::ready;
};

struct Running {
  std::string skeleton;
  std::string domain_map;
  std::string app_map;
  std::map<std::string, std::map<std::string, RunningServer>> servers;  // by backend, then name
};

// One step over the stats socket.
struct RuntimeStep {
  enum class Kind { add, ready, take_out, remove };
  Kind kind = Kind::add;
  std::string backend;
  std::string server;
  std::string text;  // add: the line; take_out: unchanged
  // The commands of the Runtime API, in order; all must succeed (of a remove: may fail, as long as
  // a connection is open).
  std::vector<std::string> commands() const;
  bool operator==(const RuntimeStep&) const = default;
};

struct Plan {
  std::string reload_because;      // empty: the steps are enough
  std::vector<RuntimeStep> steps;  // servers that enter come before servers that leave
};

Plan plan(const Running& running, const Rendered& wanted);
// After a start or reload with this configuration.
Running running_after(const Rendered& loaded);
// What a HAProxy that loaded this file has. Server lines of `kept_backend` belong to the skeleton.
Running running_from_file(std::string_view file);
void record(Running& running, const RuntimeStep& step);
// Corrects `running` by the answer to "show servers state".
void correct(Running& running, std::string_view servers_state);

// Backends of ours whose servers are no tasks.
inline constexpr std::string_view kAdminBackend = "ekiden_lb_admin";

}  // namespace ekiden::lb
