#include "marathon/api/pod_status.h"
#include "marathon/api/render.h"

#include <algorithm>
#include <set>

namespace ekiden::marathon::wire {
namespace {

// Everything below one group as two sorted runs, so that the tree is written in one pass.
struct Members {
  std::vector<AppPtr> apps;                                             // in path order
  std::vector<std::pair<PathId, std::shared_ptr<const Group>>> groups;  // in path order
};

Members members_of(const Root& root, const PathId& id) {
  Members members;
  members.apps = root.apps_below(id);
  root.groups.for_each_from(id, [&](const PathId& group, const auto& found) {
    if (group != id && !group.is_below(id)) {
      return false;
    }
    members.groups.emplace_back(group, found);
    return true;
  });
  return members;
}

class Tree {
 public:
  Tree(const View& view, const GroupEmbed& embed, Members members)
      : view_(view), embed_(embed), members_(std::move(members)) {
    for (const auto& [id, group] : members_.groups) {
      groups_[id] = group;
      note_group(id);
    }
    for (const AppPtr& app : members_.apps) {
      const PathId parent = app->id.parent();
      (app->pod ? pods_ : apps_)[parent].push_back(app);
      note_group(parent);
    }
  }

  void write(std::string& out, const PathId& id) const;  // NOLINT: as deep as the groups are

 private:
  void note_group(PathId id) {
    while (!id.is_root() && children_[id.parent()].insert(id).second) {
      id = id.parent();
    }
  }

  const View& view_;
  const GroupEmbed& embed_;
  Members members_;
  std::map<PathId, std::shared_ptr<const Group>> groups_;
  std::map<PathId, std::vector<AppPtr>> apps_;
  std::map<PathId, std::vector<AppPtr>> pods_;
  std::map<PathId, std::set<PathId>> children_;
};

void write_tail(json::Writer& writer,
                const Snapshot& snapshot,
                const PathId& id,
                const Group& group) {
  writer.key("dependencies").begin_array();
  for (const PathId& dependency : group.dependencies) {
    writer.string(dependency.text());
  }
  writer.end_array();
  writer.member("version", to_iso8601(snapshot.root.version));
  if (!id.is_root() && id.parent().is_root()) {
    writer.key("enforceRole").boolean(group.enforce_role.value_or(false));
  }
}

void Tree::write(std::string& out, const PathId& id) const {
  out += "{\"id\":";
  out += json::to_text(json::Value(id.text()));
  out += ",\"apps\":";
  const auto apps = apps_.find(id);
  out += embed_.apps && apps != apps_.end() ? apps_array(view_, apps->second, embed_.app) : "[]";
  out += ",\"pods\":";
  const auto pods = pods_.find(id);
  out += embed_.pods && pods != pods_.end() ? pod_statuses(view_, pods->second) : "[]";
  out += ",\"groups\":[";
  const auto children = children_.find(id);
  if (embed_.groups && children != children_.end()) {
    bool first = true;
    for (const PathId& child : children->second) {
      if (!first) {
        out += ',';
      }
      first = false;
      write(out, child);
    }
  }
  out += "],";
  static const Group kImplied;
  const auto found = groups_.find(id);
  const Group& group = id.is_root()             ? view_.snapshot().root.root_group
                       : found == groups_.end() ? kImplied
                                                : *found->second;
  json::Writer tail;
  tail.begin_object();
  write_tail(tail, view_.snapshot(), id, group);
  tail.end_object();
  out.append(tail.take(), 1);
}

}  // namespace

GroupEmbed GroupEmbed::of(const std::vector<std::string>& values) {
  if (values.empty()) {
    return {true, true, true, {}};
  }
  const auto has = [&](std::string_view name) {
    return std::find(values.begin(), values.end(), name) != values.end();
  };
  std::vector<std::string> app_values;
  for (const std::string& value : values) {
    if (value.starts_with("group.apps.")) {
      app_values.push_back(value);
    }
  }
  return {has("group.groups"), has("group.apps"), has("group.pods"), Embed::of(app_values)};
}

std::string group_info(const View& view, const PathId& group, const GroupEmbed& embed) {
  std::string out;
  const Tree tree(view, embed, members_of(view.snapshot().root, group));
  tree.write(out, group);
  return out;
}

}  // namespace ekiden::marathon::wire
