#include "core/master/visibility.h"

#include "core/base/overloaded.h"

#include <algorithm>

namespace ekiden::master {
namespace {

namespace actions = wire::actions;

std::string user_of(const std::optional<model::CommandInfo>& command,
                    const std::string& framework_user) {
  return command && command->user ? *command->user : framework_user;
}

void keep(std::vector<FrameworkView>& frameworks, const Viewer& viewer) {
  std::erase_if(frameworks,
                [&](const FrameworkView& framework) { return !viewer.sees(framework.info); });
  for (FrameworkView& framework : frameworks) {
    for (auto* list : {&framework.tasks, &framework.unreachable, &framework.completed}) {
      std::erase_if(*list,
                    [&](const TaskPtr& task) { return !viewer.sees(*task, framework.info.user); });
    }
    std::erase_if(framework.executors, [&](const ExecutorView& executor) {
      return !viewer.sees(executor, framework.info.user);
    });
  }
}

}  // namespace

bool Viewer::sees_everything() const {
  return acls == nullptr ||
         !(acls->restricts(actions::kViewFrameworks) || acls->restricts(actions::kViewTasks) ||
           acls->restricts(actions::kViewExecutors) || acls->restricts(actions::kViewRoles));
}

bool Viewer::sees(const model::FrameworkInfo& framework) const {
  return acls == nullptr || acls->allows(actions::kViewFrameworks, principal, framework.user);
}

bool Viewer::sees(const Task& task, const std::string& framework_user) const {
  return acls == nullptr ||
         acls->allows(
             actions::kViewTasks, principal, user_of(task.info.unpack().command, framework_user));
}

bool Viewer::sees(const ExecutorView& executor, const std::string& framework_user) const {
  return acls == nullptr ||
         acls->allows(
             actions::kViewExecutors, principal, user_of(executor.info.command, framework_user));
}

bool Viewer::sees_role(const std::string& role) const {
  return acls == nullptr || acls->allows(actions::kViewRoles, principal, role);
}

SnapshotPtr visible(SnapshotPtr snapshot, const Viewer& viewer) {
  if (viewer.sees_everything()) {
    return snapshot;
  }
  auto made = std::make_shared<Snapshot>(*snapshot);
  keep(made->frameworks, viewer);
  keep(made->completed_frameworks, viewer);
  std::erase_if(made->weights, [&](const model::WeightInfo& weight) {
    return !viewer.sees_role(weight.role.value_or("*"));
  });
  std::erase_if(made->quotas,
                [&](const model::QuotaConfig& quota) { return !viewer.sees_role(quota.role); });
  return made;
}

bool sees(const Viewer& viewer, const Notice& notice, const FrameworkUsers& users) {
  const auto sees_task = [&](const Task& task) {
    const auto found = users.find(task.framework_id);
    return viewer.sees(task, found == users.end() ? "" : found->second);
  };
  return std::visit(
      Overloaded{
          [&](const TaskAdded& added) { return sees_task(*added.task); },
          [&](const TaskUpdated& updated) { return sees_task(*updated.task); },
          [&](const FrameworkAdded& added) { return viewer.sees(added.framework.info); },
          [&](const FrameworkUpdated& updated) { return viewer.sees(updated.framework.info); },
          [&](const FrameworkRemoved& removed) { return viewer.sees(removed.info); },
          [](const auto&) { return true; }},
      notice);
}

}  // namespace ekiden::master
