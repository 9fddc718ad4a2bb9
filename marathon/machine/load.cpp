// From records to state. A record that cannot be read is reported and skipped where the rest can do
// without it; nothing is killed or erased because of it.
#include "core/base/strings.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

std::size_t order_of(const Record& record) {
  const auto& kinds = records::kKinds;
  return static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), record.kind) -
                                  kinds.begin());
}

Error explain(const Record& record, const Error& error) {
  return {
      error.code,
      fmt::format("cannot load record {} of kind {}: {}", record.key, record.kind, error.message),
      {}};
}

}  // namespace

Result<void> Marathon::State::load(const std::vector<Record>& records) {
  std::vector<Record> ordered;
  for (const Record& record : records) {
    if (record.value) {
      ordered.push_back(record);
    }
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const Record& a, const Record& b) {
    return std::pair(order_of(a), a.key) < std::pair(order_of(b), b.key);
  });
  for (const Record& record : ordered) {
    if (Result<void> loaded = load_one(record); !loaded) {
      return fail(explain(record, loaded.error()));
    }
  }
  load_history(ordered);
  recover();
  return {};
}

Result<void> Marathon::State::load_one(const Record& record) {
  const std::string& value = *record.value;
  if (record.kind == records::kMeta && record.key == "framework-id") {
    framework_id = FrameworkId{value};
  } else if (record.kind == records::kMeta && record.key == "root") {
    Result<Group> top = records::read_group(value);
    if (!top) {
      return fail(top.error());
    }
    root.version = top->version;
    root.root_group = std::move(*top);
  } else if (record.kind == records::kDefinition) {
    Result<App> app = records::read_app(value);
    Result<std::uint64_t> number = records::parse_number_key(record.key);
    if (!app || !number) {
      return fail(app ? number.error() : app.error());
    }
    load_definition(std::move(*app), *number);
  } else if (record.kind == records::kApp) {
    Result<WallTime> version = records::read_version(value);
    const PathId id = PathId::parse(record.key);
    AppPtr app = version ? definition(id, *version) : nullptr;
    if (!app) {
      return fail(ErrorCode::not_found,
                  "its definition is not stored; restore the store from a backup");
    }
    root.apps.set(id, std::move(app));
  } else if (record.kind == records::kGroup) {
    Result<Group> group = records::read_group(value);
    if (!group) {
      return fail(group.error());
    }
    group->version = root.version;
    root.groups.set(PathId::parse(record.key), std::make_shared<const Group>(std::move(*group)));
  } else if (record.kind == records::kDeployment) {
    return load_deployment(record);
  } else if (record.kind == records::kDeploymentStep) {
    Result<std::uint64_t> number = records::parse_number_key(record.key);
    const auto running = number ? deployments.find(*number) : deployments.end();
    if (running != deployments.end()) {
      running->second.step = static_cast<std::size_t>(parse_int(value).value_or(0));
    }
  } else if (record.kind == records::kDeploymentHalt || record.kind == records::kHistory) {
    load_history_of_deployments(record);
  } else if (record.kind == records::kInstance) {
    return load_instance(record);
  } else if (record.kind == records::kFailure) {
    if (Result<TaskFailure> failure = records::read_failure(value)) {
      view.failures.set(PathId::parse(record.key),
                        std::make_shared<const TaskFailure>(std::move(*failure)));
    }
  } else if (record.kind == records::kReleased) {
    if (Result<std::uint64_t> number = records::parse_number_key(record.key)) {
      released[InstanceId{value}] = *number;
      released_by_number[*number] = InstanceId{value};
      last_number = std::max(last_number, *number);
    }
  } else if (record.kind == records::kExpunged) {
    if (Result<std::uint64_t> number = records::parse_number_key(record.key)) {
      expunged[InstanceId{value}] = *number;
      expunged_by_number[*number] = InstanceId{value};
      last_number = std::max(last_number, *number);
    }
  }
  return {};
}

void Marathon::State::load_definition(App app, std::uint64_t number) {
  last_number = std::max(last_number, number);
  const auto shared = std::make_shared<const App>(std::move(app));
  definition_records[shared->id][shared->version_info.version] = number;
  remember_version(shared);
}

Result<void> Marathon::State::load_deployment(const Record& record) {
  Result<std::uint64_t> number = records::parse_number_key(record.key);
  if (!number) {
    return fail(number.error());
  }
  last_number = std::max(last_number, *number);
  Result<DeploymentPlan> plan = records::read_plan(
      *record.value,
      [this](const PathId& app, WallTime version) { return definition(app, version); });
  if (!plan) {  // one plan that cannot go on does not stop the others [DP-34]
    warn(fmt::format("deployment {} is dropped: {}", record.key, plan.error().message));
    return {};
  }
  RunningDeployment& running = deployments[*number];
  running.number = *number;
  running.plan = std::make_shared<const DeploymentPlan>(std::move(*plan));
  running.origin = records::read_origin(*record.value);
  deployment_numbers[running.plan->id] = *number;
  locks.take(running.plan->id, running.plan->affected_apps());
  return {};
}

// Only for people: what cannot be read is left out.
void Marathon::State::load_history_of_deployments(const Record& record) {
  const Result<std::uint64_t> number = records::parse_number_key(record.key);
  if (!number) {
    return;
  }
  if (record.kind == records::kHistory) {
    if (Result<FinishedDeployment> finished = records::read_finished(*record.value)) {
      view.finished.set(*number, std::make_shared<const FinishedDeployment>(std::move(*finished)));
      last_number = std::max(last_number, *number);
    }
    return;
  }
  const auto running = deployments.find(*number);
  if (Result<DeploymentHalt> halt = records::read_halt(*record.value);
      halt && running != deployments.end()) {
    running->second.halt = std::move(*halt);
  }
}

Result<void> Marathon::State::load_instance(const Record& record) {
  Result<std::uint64_t> number = records::parse_number_key(record.key);
  if (!number) {
    return fail(number.error());
  }
  last_number = std::max(last_number, *number);
  // A version that is gone: the newest one known [3.10].
  const auto find_app = [this](const PathId& app, WallTime version) -> AppPtr {
    if (AppPtr exact = definition(app, version)) {
      return exact;
    }
    const auto* versions = view.versions.find(app);
    return versions && !(*versions)->empty() ? (*versions)->rbegin()->second : nullptr;
  };
  Result<Instance> instance = records::read_instance(*record.value, find_app);
  if (!instance) {
    warn(fmt::format("instance record {} is left alone: {}", record.key, instance.error().message));
    return {};
  }
  insert(std::move(*instance), *number).stored = true;
  return {};
}

// Walks back from the present root, undoing one change after the other.
void Marathon::State::load_history(const std::vector<Record>& ordered) {
  Root past = root;
  if (root.version != WallTime{}) {
    root_history[past.version] = past;
  }
  for (auto record = ordered.rbegin(); record != ordered.rend(); ++record) {
    if (record->kind != records::kRootVersion || record->key != to_iso8601(past.version)) {
      continue;
    }
    Result<records::RootUndo> undo = records::read_undo(*record->value);
    if (!undo) {
      break;
    }
    past.version = undo->version_before;
    bool complete = past.version != WallTime{};
    for (const records::RootUndo::AppBefore& app : undo->apps) {
      AppPtr before = app.version ? definition(app.app, *app.version) : nullptr;
      complete = complete && (before || !app.version);
      if (before) {
        past.apps.set(app.app, std::move(before));
      } else {
        past.apps.erase(app.app);
      }
    }
    for (const DeploymentPlan::GroupChange& change : undo->groups) {
      if (change.group.is_root()) {
        past.root_group = change.before ? *change.before : Group();
      } else if (change.before) {
        past.groups.set(change.group, change.before);
      } else {
        past.groups.erase(change.group);
      }
    }
    if (!complete) {
      break;
    }
    root_history[past.version] = past;
  }
}

// Deployments go on where they were, health is watched again, kills are sent again when the link
// is up.
void Marathon::State::recover() {
  view.root = root;
  view.framework_id = framework_id;
  for (const auto& [version, old] : root_history) {
    view.root_versions.push_back(version);
  }
  view.versions.for_each([this](const PathId& app, const auto&) {
    if (!root.find_app(app)) {
      deleted_apps.push_back(app);
    }
  });
  root.apps.for_each([this](const PathId& id, const AppPtr& app) {
    AppWork& work = work_of(id);
    work.announced = app->version_info.version;
    roles.try_emplace(app->role);
    dirty_apps.insert(id);
  });
  for (const auto& [number, slot] : slots) {
    follow_health(*slot);
    const Instance& instance = *slot->instance;
    if (instance.reservation && instance.reservation->deadline) {
      deadlines.set({DeadlineKey::Kind::reservation, number, 0},
                    now.time + settings.task_reservation_timeout);
    }
    if (instance.goal != Goal::running && instance.task &&
        !is_considered_terminal(instance.condition)) {
      start_kill(*slot);
    }
  }
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, running] : deployments) {
    numbers.push_back(number);
  }
  for (const std::uint64_t number : numbers) {
    begin_step(deployments.at(number));
  }
  dirty_deployments = true;
}

}  // namespace ekiden::marathon
