#include "marathon/change/draft.h"

#include "marathon/validation/resident.h"
#include "marathon/validation/root.h"

#include <algorithm>

namespace ekiden::marathon::change {
namespace {

bool has_zero_port(const App& app) {
  const auto ports = app.service_ports();
  return std::find(ports.begin(), ports.end(), 0) != ports.end();
}

// The table of marathon-behaviour.md 1.2.
VersionInfo stamp(const App* before, const App& after, WallTime version, bool restarted) {
  if (before == nullptr || is_upgrade(*before, after)) {
    return {version, version, version};
  }
  const VersionInfo& old = before->version_info;
  const bool full = old.last_scaling_at != WallTime{};
  const WallTime scaled = full ? old.last_scaling_at : old.version;
  const WallTime configured = full ? old.last_config_change_at : old.version;
  if (before->instances != after.instances) {
    return {version, version, configured};
  }
  if (restarted) {
    return {version, scaled, version};
  }
  return old;
}

}  // namespace

Error no_such_app(const PathId& id) {
  return {ErrorCode::not_found, "App '" + id.text() + "' does not exist", {}};
}

Error shared_id() {
  return {ErrorCode::invalid,
          "Object is not valid",
          {{"/", "Applications and Pods may not share the same id"}}};
}

Error no_such_group(const PathId& id) {
  return {ErrorCode::not_found, "Group '" + id.text() + "' does not exist", {}};
}

std::shared_ptr<Group> Draft::copy_group(const PathId& id) const {
  if (id.is_root()) {
    return std::make_shared<Group>(after_.root_group);
  }
  const auto* found = after_.groups.find(id);
  return found ? std::make_shared<Group>(**found) : std::make_shared<Group>();
}

void Draft::put_group(const PathId& id, const Group& group) {
  if (id.is_root()) {
    after_.root_group = group;
  } else {
    after_.groups.set(id, std::make_shared<const Group>(group));
  }
}

void Draft::ensure_group(const PathId& id) {
  for (PathId group = id; !group.is_root(); group = group.parent()) {
    if (after_.groups.find(group)) {
      continue;
    }
    Group fresh;
    fresh.version = context_.version;
    if (group.parent().is_root()) {
      fresh.enforce_role = context_.settings.new_group_enforce_role;
    }
    put_group(group, fresh);
  }
}

void Draft::put_app(App app) {
  const PathId id = app.id;
  if (after_.groups.find(id) && after_.apps_below(id).empty()) {
    erase_group(id);
  }
  ensure_group(id.parent());
  touched_.insert(id);
  after_.apps.set(id, std::make_shared<const App>(std::move(app)));
}

void Draft::erase_app(const PathId& id) {
  touched_.insert(id);
  after_.apps.erase(id);
}

void Draft::restart_app(const PathId& id) {
  touched_.insert(id);
  restarted_.insert(id);
}

void Draft::set_dependencies(const PathId& group, std::vector<PathId> dependencies) {
  std::sort(dependencies.begin(), dependencies.end());
  dependencies.erase(std::unique(dependencies.begin(), dependencies.end()), dependencies.end());
  auto copy = copy_group(group);
  if (copy->dependencies == dependencies) {
    return;
  }
  copy->dependencies = std::move(dependencies);
  put_group(group, *copy);
  regrouped_.insert(group);
}

void Draft::set_enforce_role(const PathId& group, bool enforce) {
  auto copy = copy_group(group);
  copy->enforce_role = enforce;
  put_group(group, *copy);
}

void Draft::erase_group(const PathId& id) {
  for (const AppPtr& app : after_.apps_below(id)) {
    erase_app(app->id);
  }
  std::vector<PathId> groups;
  after_.groups.for_each_from(id, [&](const PathId& group, const auto&) {
    const bool inside = group == id || group.is_below(id);
    if (inside) {
      groups.push_back(group);
    }
    return inside;
  });
  for (const PathId& group : groups) {
    after_.groups.erase(group);
  }
  if (id.is_root()) {
    after_.root_group = Group{};
  }
}

void Draft::kill_first(const PathId& app, InstanceId instance) {
  to_kill_[app].push_back(std::move(instance));
}

void Draft::stamp_versions() {
  for (const PathId& id : touched_) {
    const AppPtr after = after_.find_app(id);
    if (!after) {
      continue;
    }
    const AppPtr before = before_.find_app(id);
    App stamped = *after;
    stamped.version_info = stamp(before.get(), stamped, context_.version, restarted_.count(id) > 0);
    after_.apps.set(id, std::make_shared<const App>(std::move(stamped)));
  }
  after_.version = context_.version;
  after_.root_group.version = context_.version;
}

Result<void> Draft::validate() const {
  std::vector<PathId> apps(touched_.begin(), touched_.end());
  for (const PathId& group : regrouped_) {
    for (const AppPtr& app : after_.apps_below(group)) {
      apps.push_back(app->id);
    }
  }
  auto legal = validation::to_result(validation::root_problems(after_, apps));
  if (!legal) {
    return legal;
  }
  validation::Problems problems;
  std::size_t index = 0;
  for (const PathId& id : touched_) {
    const AppPtr before = before_.find_app(id);
    const AppPtr after = after_.find_app(id);
    if (!before || !after || *before == *after) {
      continue;
    }
    validation::check_resident_update(
        *before, *after, validation::indexed(after->pod ? "/pod" : "/app", index++), problems);
    const auto role = context_.force == Force::yes ? validation::RoleChange::allow
                                                   : validation::RoleChange::refuse;
    validation::check_resident_role(*before, *after, role, problems);
  }
  return validation::to_result(problems.take());
}

Result<void> Draft::assign_ports() {
  std::vector<AppPtr> apps;
  for (const PathId& id : touched_) {
    if (const AppPtr app = after_.find_app(id)) {
      apps.push_back(app);
    }
  }
  PortPool pool(before_, apps, context_.settings);
  for (const AppPtr& app : apps) {
    if (!has_zero_port(*app)) {
      continue;
    }
    App with_ports = *app;
    const AppPtr old = before_.find_app(app->id);
    if (auto done = pool.assign(with_ports, old.get()); !done) {
      return done;
    }
    after_.apps.set(app->id, std::make_shared<const App>(std::move(with_ports)));
  }
  return {};
}

Result<Outcome> Draft::finish() && {
  if (context_.purpose == Purpose::apply) {
    if (auto assigned = assign_ports(); !assigned) {
      return fail(std::move(assigned.error()));
    }
    stamp_versions();
    if (auto legal = validate(); !legal) {
      return fail(std::move(legal.error()));
    }
  }
  Outcome outcome;
  for (const PathId& id : touched_) {
    const AppPtr before = before_.find_app(id);
    const AppPtr after = after_.find_app(id);
    if (!before && after) {
      outcome.created.push_back(id);
    }
    const bool same = before && after && *before == *after;
    if (same) {
      after_.apps.set(id, before);  // an unchanged definition stays the same object
    } else if (before || after) {
      outcome.changed.push_back(id);
    }
  }
  outcome.root = std::move(after_);
  outcome.to_kill = std::move(to_kill_);
  return outcome;
}

}  // namespace ekiden::marathon::change
