#pragma once

#include "marathon/explain/why.h"

#include <vector>

// What is known about one app, gathered once, and the rules that turn it into reasons.
namespace ekiden::marathon::explain {

struct Facts {
  const Ask& ask;
  const App& app;
  const AppInstances* instances = nullptr;
  const QueueView* queue = nullptr;
  const TaskFailure* failure = nullptr;
  const DeploymentView* deployment = nullptr;
  InstanceCounts counts;
  bool delayed = false;
  std::optional<Nodes> nodes;  // when something waits for a place
};

Facts gather(const Ask& ask, const App& app);

// "3 min", "45 s", "2 h"
std::string duration_text(Duration duration);
std::string number_text(double value);

// Each adds what it finds.
using Reasons = std::vector<Reason>;
void explain_control_plane(const Facts& facts, Reasons& reasons);  // 20
void explain_deployment(const Facts& facts, Reasons& reasons);     // 8, 16
void explain_history(const Facts& facts, Reasons& reasons);        // 17
void explain_failure(const Facts& facts, Reasons& reasons);        // 9 to 13, 19
void explain_placement(const Facts& facts, Reasons& reasons);      // 1 to 4, 6, 7, 18, 19
void explain_instances(const Facts& facts, Reasons& reasons);      // 6, 10, 14, 15, 18
void explain_ports(const Facts& facts, Reasons& reasons);          // 5

// Of one instance alone: 6, 9, 10, 14, 15, 18.
void explain_instance(const Facts& facts, const InstanceView& view, Reasons& reasons);

// What a task's last words mean.
Reason read_failure(const TaskFailure& failure);

}  // namespace ekiden::marathon::explain
