#pragma once

#include "core/base/random.h"
#include "core/model/common.h"
#include "marathon/launch/ports.h"
#include "marathon/model/pod.h"
#include "marathon/settings.h"

#include <string>
#include <string_view>

namespace ekiden::marathon::launch {

struct EnvironmentInput {
  const App& app;
  const TaskId& task;
  const std::string& host;
  const HostPorts& ports;
  const Settings& settings;
  bool enforce_group_role = false;
};

// What a task finds in its environment [EN-1, EN-2]: context, then ports and HOST (with the
// prefix), then the app's own variables; the later wins.
model::Environment environment(const EnvironmentInput& input, Random& random);

struct PodEnvironmentInput {
  const App& app;  // the pod
  const PodContainer& container;
  const TaskId& task;
  const ExecutorId& executor;
  const std::string& host;
  const HostPorts& ports;  // of all endpoints of the pod
  const Settings& settings;
  bool enforce_group_role = false;
};

// Of one container of a pod [TB-2]: what the user sets, and over it what the system says.
model::Environment environment(const PodEnvironmentInput& input);

// The text Java gives a double: "1.0", "1.0E-4", "1.6777216E7".
std::string java_text(double value);
// Runs of characters outside [a-zA-Z0-9_] become one "_", then upper case.
std::string escape_key(std::string_view key);

}  // namespace ekiden::marathon::launch
