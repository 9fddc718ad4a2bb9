#include "marathon/change/draft.h"
#include "marathon/validation/app.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ekiden::marathon::change {
namespace {

using validation::indexed;
using validation::Problems;
using wire::AppForm;
using wire::GroupForm;

bool is_top_level(const PathId& id) {
  return !id.is_root() && id.parent().is_root();
}

bool touches_services(const GroupForm& form) {
  if (form.apps || form.scale_by || form.version) {
    return true;
  }
  const auto groups = form.groups.value_or(std::vector<GroupForm>{});
  return std::any_of(groups.begin(), groups.end(), touches_services);
}

// ---- structural rules, before anything is changed
struct Structure {  // what does not change while the tree is walked
  const Root& root;
  bool touches_services;
};

void check_role_change(const GroupForm& form,
                       const PathId& id,
                       const Structure& structure,
                       Problems& problems) {
  if (!form.enforce_role) {
    return;
  }
  if (!is_top_level(id)) {
    problems.require(
        !*form.enforce_role,
        "/enforceRole",
        "enforceRole can only be set for top-level groups, and " + id.text() + " is not top-level");
    return;
  }
  const auto* existing = structure.root.groups.find(id);
  const bool differs = existing && (*existing)->enforce_role.value_or(false) != *form.enforce_role;
  problems.require(!differs || !structure.touches_services,
                   "/enforceRole",
                   "enforceRole cannot be modified in a request that adds, removes or modifies "
                   "services; please make these changes in separate requests.");
}

// NOLINTNEXTLINE: depth is bounded by the JSON parser
void check_structure(const GroupForm& form,
                     const PathId& id,
                     const Structure& structure,
                     const std::string& prefix,
                     Problems& problems) {
  validation::check_id(id.text(), prefix + "/id", problems);
  const std::string not_child = "Identifier is not child of '" + id.text() + "'";
  for (std::size_t i = 0; form.apps && i < form.apps->size(); ++i) {
    const std::string path = indexed(prefix + "/apps", i) + "/id";
    const AppForm& app = (*form.apps)[i];
    if (!app.id) {
      problems.add(path, "not defined");
      continue;
    }
    problems.require(PathId::parse(*app.id, id).parent() == id, path, not_child);
  }
  for (std::size_t i = 0; form.dependencies && i < form.dependencies->size(); ++i) {
    validation::check_id(PathId::parse((*form.dependencies)[i], id).text(),
                         indexed(prefix + "/dependencies", i),
                         problems);
  }
  check_role_change(form, id, structure, problems);
  for (std::size_t i = 0; form.groups && i < form.groups->size(); ++i) {
    const GroupForm& child = (*form.groups)[i];
    const std::string path = indexed(prefix + "/groups", i);
    if (!child.id) {
      problems.add(path + "/id", "not defined");
      continue;
    }
    const PathId child_id = PathId::parse(*child.id, id);
    problems.require(child_id.parent() == id, path + "/id", not_child);
    check_structure(child, child_id, structure, path, problems);
  }
}

// ---- structural update
Result<void> set_apps(Draft& draft, const PathId& group, const std::vector<AppForm>& forms) {
  std::set<PathId> wanted;
  for (const AppForm& form : forms) {
    wanted.insert(PathId::parse(*form.id, group));
  }
  for (const AppPtr& app : draft.after().apps_below(group)) {
    if (!app->pod && app->id.parent() == group && wanted.count(app->id) == 0) {
      draft.erase_app(app->id);
    }
  }
  for (const PathId& id : wanted) {
    if (draft.after().find_pod(id)) {
      return fail(shared_id());
    }
  }
  for (AppForm form : forms) {
    form.id = PathId::parse(*form.id, group).text();
    for (std::string& dependency :
         form.dependencies ? *form.dependencies : form.dependencies.emplace()) {
      dependency = PathId::parse(dependency, group).text();
    }
    auto app = define(std::move(form), draft.place());
    if (!app) {
      return fail(std::move(app.error()));
    }
    draft.put_app(std::move(*app));
  }
  return {};
}

// NOLINTNEXTLINE: depth is bounded by the JSON parser
Result<void> put_structure(Draft& draft, const PathId& id, const GroupForm& form) {
  draft.ensure_group(id);
  if (form.enforce_role && is_top_level(id)) {
    draft.set_enforce_role(id, *form.enforce_role);
  }
  if (form.dependencies) {
    std::vector<PathId> dependencies;
    for (const std::string& dependency : *form.dependencies) {
      dependencies.push_back(PathId::parse(dependency, id));
    }
    draft.set_dependencies(id, std::move(dependencies));
  }
  if (form.groups) {
    const auto existing = draft.after().direct_groups(id);
    std::set<PathId> gone(existing.begin(), existing.end());
    for (const GroupForm& child : *form.groups) {
      gone.erase(PathId::parse(*child.id, id));
    }
    for (const PathId& child : gone) {
      draft.erase_group(child);
    }
  }
  if (form.apps) {
    if (auto done = set_apps(draft, id, *form.apps); !done) {
      return done;
    }
  }
  for (const GroupForm& child : form.groups.value_or(std::vector<GroupForm>{})) {
    if (auto done = put_structure(draft, PathId::parse(*child.id, id), child); !done) {
      return done;
    }
  }
  return {};
}

Result<void> put_checked(Draft& draft, const PathId& id, const GroupForm& form) {
  Problems problems;
  const Structure structure{draft.before(), touches_services(form)};
  check_structure(form, id, structure, "", problems);
  if (auto legal = validation::to_result(problems.take()); !legal) {
    return legal;
  }
  return put_structure(draft, id, form);
}

// ---- rollback and scaling
Result<void> check_alone(const GroupForm& form) {
  const int others = (form.id.has_value() ? 1 : 0) + (form.apps ? 1 : 0) + (form.groups ? 1 : 0) +
                     (form.dependencies ? 1 : 0) + (form.enforce_role ? 1 : 0);
  Problems problems;
  const std::string reason = "not allowed in conjunction with other properties.";
  problems.require(!form.version || (others == 0 && !form.scale_by), "/version", reason);
  problems.require(!form.scale_by || (others == 0 && !form.version), "/scaleBy", reason);
  return validation::to_result(problems.take());
}

Result<void> scale(Draft& draft, const PathId& id, double factor) {
  if (!draft.before().has_group(id)) {
    return fail(no_such_group(id));
  }
  for (const AppPtr& app : draft.before().plain_apps_below(id)) {
    const double wanted = std::ceil(app->instances * factor);
    App scaled = *app;
    scaled.instances = static_cast<std::int32_t>(
        std::min(wanted, static_cast<double>(std::numeric_limits<std::int32_t>::max())));
    draft.put_app(std::move(scaled));
  }
  return {};
}

Result<void> restore(Draft& draft, const PathId& id, const std::string& text) {
  const auto version = parse_iso8601(text);
  if (!version) {
    return fail(ErrorCode::invalid,
                "Invalid timestamp provided '" + text + "'. Expecting ISO-8601 datetime string.");
  }
  const auto& root_at = draft.context().history.root_at;
  const std::optional<Root> old = root_at ? root_at(*version) : std::nullopt;
  if (!old || !old->has_group(id)) {
    return fail(ErrorCode::invalid,
                "Group " + id.text() + " not available in version " + to_iso8601(*version));
  }
  draft.erase_group(id);
  draft.ensure_group(id);
  old->groups.for_each_from(id, [&](const PathId& group, const auto& found) {
    if (group != id && !group.is_below(id)) {
      return false;
    }
    draft.ensure_group(group);
    draft.set_dependencies(group, found->dependencies);
    if (found->enforce_role) {
      draft.set_enforce_role(group, *found->enforce_role);
    }
    return true;
  });
  for (const AppPtr& app : old->apps_below(id)) {
    draft.put_app(*app);
  }
  return {};
}

}  // namespace

Result<void> change(Draft& draft, const CreateGroup& wanted) {
  auto form = wire::decode_group(wanted.body);
  if (!form) {
    return fail(std::move(form.error()));
  }
  const PathId id = form->id ? PathId::parse(*form->id, wanted.base) : wanted.base;
  if (draft.before().find_plain_app(id)) {
    return fail(ErrorCode::conflict, "An app with the path " + id.text() + " already exists.");
  }
  if (draft.before().has_group(id)) {
    return fail(ErrorCode::conflict,
                "Group " + id.text() + " is already created. Use PUT to change this group.");
  }
  if (auto legal = check_alone(*form); !legal) {
    return legal;
  }
  return put_checked(draft, id, *form);
}

Result<void> change(Draft& draft, const PutGroup& wanted) {
  auto form = wire::decode_group(wanted.body);
  if (!form) {
    return fail(std::move(form.error()));
  }
  if (auto legal = check_alone(*form); !legal) {
    return legal;
  }
  if (form->version) {
    return restore(draft, wanted.id, *form->version);
  }
  if (form->scale_by) {
    return scale(draft, wanted.id, *form->scale_by);
  }
  const PathId id = form->id ? PathId::parse(*form->id, wanted.id) : wanted.id;
  return put_checked(draft, id, *form);
}

Result<void> change(Draft& draft, const DeleteGroup& wanted) {
  if (!draft.before().has_group(wanted.id)) {
    return fail(no_such_group(wanted.id));
  }
  draft.erase_group(wanted.id);
  return {};
}

Result<void> change(Draft& draft, const PatchGroup& wanted) {
  if (!draft.before().has_group(wanted.id)) {
    return fail(no_such_group(wanted.id));
  }
  if (!is_top_level(wanted.id)) {
    return fail(
        Error{ErrorCode::invalid, "Object is not valid", {{"/", "Path needs to be top-level"}}});
  }
  draft.ensure_group(wanted.id);
  draft.set_enforce_role(
      wanted.id, wanted.enforce_role.value_or(draft.context().settings.new_group_enforce_role));
  return {};
}

}  // namespace ekiden::marathon::change
