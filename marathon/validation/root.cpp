#include "marathon/validation/root.h"

#include "marathon/validation/app.h"

#include <map>
#include <set>

namespace ekiden::marathon::validation {
namespace {

// Depth-first over "needs": app -> what it and its enclosing groups depend on. Only what can be
// reached from the changed apps is visited; a new cycle contains one of them or, when a group's
// dependencies changed, one of its apps.
class Cycles {
 public:
  explicit Cycles(const Root& root) : root_(root) {}

  bool from(const PathId& start);

 private:
  enum class Mark { open, done };

  struct Frame {
    PathId app;
    std::vector<PathId> needs;
    std::size_t next = 0;
  };

  std::vector<PathId> needs_of(const PathId& id) const;
  void add_targets(const std::vector<PathId>& dependencies, std::vector<PathId>& out) const;

  const Root& root_;
  std::map<PathId, Mark> marks_;
};

void Cycles::add_targets(const std::vector<PathId>& dependencies, std::vector<PathId>& out) const {
  for (const PathId& dependency : dependencies) {
    if (root_.find_app(dependency)) {
      out.push_back(dependency);
      continue;
    }
    for (const AppPtr& app : root_.apps_below(dependency)) {
      out.push_back(app->id);
    }
  }
}

std::vector<PathId> Cycles::needs_of(const PathId& id) const {
  std::vector<PathId> needs;
  const AppPtr app = root_.find_app(id);
  if (!app) {
    return needs;
  }
  add_targets(app->dependencies, needs);
  for (PathId group = id.parent(); !group.is_root(); group = group.parent()) {
    if (const auto* found = root_.groups.find(group)) {
      add_targets((*found)->dependencies, needs);
    }
  }
  add_targets(root_.root_group.dependencies, needs);
  return needs;
}

bool Cycles::from(const PathId& start) {
  if (marks_.count(start) > 0) {
    return false;
  }
  std::vector<Frame> stack;
  const auto enter = [&](const PathId& id) {
    marks_[id] = Mark::open;
    stack.push_back({id, needs_of(id), 0});
  };
  enter(start);
  while (!stack.empty()) {
    Frame& frame = stack.back();
    if (frame.next == frame.needs.size()) {
      marks_[frame.app] = Mark::done;
      stack.pop_back();
      continue;
    }
    const PathId need = frame.needs[frame.next++];
    const auto mark = marks_.find(need);
    if (mark == marks_.end()) {
      enter(need);
    } else if (mark->second == Mark::open) {
      return true;
    }
  }
  return false;
}

std::string_view same_identifier(const App& app) {
  return app.pod ? "Groups and Pods may not have the same identifier."
                 : "Groups and Applications may not have the same identifier.";
}

void check_place(const Root& root, const App& app, Problems& problems) {
  const bool is_group = root.groups.find(app.id) || !root.apps_below(app.id).empty();
  problems.require(!is_group, "/", std::string(same_identifier(app)));
  for (PathId group = app.id.parent(); !group.is_root(); group = group.parent()) {
    if (const AppPtr other = root.find_app(group)) {
      problems.add("/", std::string(same_identifier(*other)));
    }
  }
}

// Names of DVDI volumes that may be used once only.
std::set<std::string> exclusive_volumes(const App& app) {
  std::set<std::string> names;
  if (app.container) {
    for (const Volume& volume : app.container->volumes) {
      if (volume.external && (*volume.external)["provider"].as_string() == "dvdi" &&
          !(*volume.external)["shared"].as_bool()) {
        names.insert(std::string((*volume.external)["name"].as_string()));
      }
    }
  }
  return names;
}

void check_volume_conflicts(const Root& root, const App& app, Problems& problems) {
  const auto names = exclusive_volumes(app);
  if (names.empty()) {
    return;
  }
  root.apps.for_each([&](const PathId& id, const AppPtr& other) {
    if (id == app.id) {
      return;
    }
    for (const std::string& name : exclusive_volumes(*other)) {
      problems.require(names.count(name) == 0,
                       "/apps/" + app.id.text() + "/container",
                       "Volume name '" + name + "' in " + app.id.text() +
                           " conflicts with volume(s) of same name in app(s): " + id.text());
    }
  });
}

}  // namespace

std::vector<Problem> root_problems(const Root& root, const std::vector<PathId>& changed) {
  Problems problems;
  Cycles cycles(root);
  for (const PathId& id : changed) {
    const AppPtr app = root.find_app(id);
    if (!app) {
      continue;
    }
    check_place(root, *app, problems);
    check_volume_conflicts(root, *app, problems);
    for (const Problem& problem : definition_problems(*app)) {
      problems.add("/apps/" + id.text(), problem.reason);
    }
    problems.require(!cycles.from(id), "/", "Dependency graph has cyclic dependencies.");
  }
  return problems.take();
}

}  // namespace ekiden::marathon::validation
