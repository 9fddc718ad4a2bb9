#pragma once

#include "marathon/change/apply.h"
#include "marathon/change/definition.h"

#include <set>

namespace ekiden::marathon::change {

// The new root group while it is made: what it was, what it is now and what was touched.
class Draft {
 public:
  Draft(const Root& before, const Context& context)
      : before_(before), after_(before), context_(context) {}

  const Root& before() const { return before_; }

  const Root& after() const { return after_; }

  const Context& context() const { return context_; }

  Place place() const { return {after_, context_.settings}; }

  // Groups around it come into being; an empty group of the same id gives way [2.1].
  void put_app(App app);
  void erase_app(const PathId& id);
  void restart_app(const PathId& id);
  void ensure_group(const PathId& id);
  void set_dependencies(const PathId& group, std::vector<PathId> dependencies);
  void set_enforce_role(const PathId& group, bool enforce);
  void erase_group(const PathId& id);  // with everything below it; the root is emptied
  void kill_first(const PathId& app, InstanceId instance);

  // Ports, versions, validation: what is left of the pipeline [DP-1].
  Result<Outcome> finish() &&;

 private:
  std::shared_ptr<Group> copy_group(const PathId& id) const;
  void put_group(const PathId& id, const Group& group);
  Result<void> assign_ports();
  void stamp_versions();
  Result<void> validate() const;

  const Root& before_;
  Root after_;
  const Context& context_;
  std::set<PathId> touched_;
  std::set<PathId> restarted_;
  std::set<PathId> regrouped_;  // groups whose dependencies changed
  std::map<PathId, std::vector<InstanceId>> to_kill_;
};

// One function per kind of change.
Result<void> change(Draft& draft, const CreateApp& wanted);
Result<void> change(Draft& draft, const PutApps& wanted);
Result<void> change(Draft& draft, const DeleteApp& wanted);
Result<void> change(Draft& draft, const RestartApp& wanted);
Result<void> change(Draft& draft, const PutPod& wanted);
Result<void> change(Draft& draft, const DeletePod& wanted);
Result<void> change(Draft& draft, const CreateGroup& wanted);
Result<void> change(Draft& draft, const PutGroup& wanted);
Result<void> change(Draft& draft, const DeleteGroup& wanted);
Result<void> change(Draft& draft, const PatchGroup& wanted);
Result<void> change(Draft& draft, const KillAndScale& wanted);

Error no_such_app(const PathId& id);
Error shared_id();  // of an app and a pod [4.11]
Error no_such_group(const PathId& id);

// The lowest free service ports [DP-11]: free is what no app of the old root and none of the
// changed apps uses.
class PortPool {
 public:
  PortPool(const Root& before, std::vector<AppPtr> changed, const Settings& settings);
  // `app` is new or upgraded; `old` may be null.
  Result<void> assign(App& app, const App* old);

 private:
  void find_used();
  void mark(const App& app);
  std::optional<std::int32_t> take_lowest();

  const Root& before_;
  std::vector<AppPtr> changed_;
  const Settings& settings_;
  std::vector<bool> used_;  // by port; empty: not looked yet
  std::int32_t next_;
};

}  // namespace ekiden::marathon::change
