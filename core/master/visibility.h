#pragma once

#include "core/master/snapshot.h"
#include "core/wire/acls.h"

#include <map>
#include <memory>
#include <string>

namespace ekiden::master {

// Who reads, and what the rules let them see [mesos-core 5.14: view_frameworks, view_tasks,
// view_executors, view_roles]: what they may not see is left out.
struct Viewer {
  std::shared_ptr<const wire::Acls> acls;
  std::string principal;

  bool sees_everything() const;
  bool sees(const model::FrameworkInfo& framework) const;
  bool sees(const Task& task, const std::string& framework_user) const;
  bool sees(const ExecutorView& executor, const std::string& framework_user) const;
  bool sees_role(const std::string& role) const;
};

// The same snapshot when nothing is hidden.
SnapshotPtr visible(SnapshotPtr snapshot, const Viewer& viewer);

// By framework: for events, which name their framework only.
using FrameworkUsers = std::map<FrameworkId, std::string>;
bool sees(const Viewer& viewer, const Notice& notice, const FrameworkUsers& users);

}  // namespace ekiden::master
