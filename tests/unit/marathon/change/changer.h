#pragma once

#include "marathon/change/apply.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::change {

// A root group that changes are applied to, one second apart.
class Changer {
 public:
  Result<Outcome> apply(const Change& change,
                        Purpose purpose = Purpose::apply,
                        Force force = Force::no) {
    now_ += std::chrono::seconds(1);
    Context context{settings, now_, history};
    context.purpose = purpose;
    context.force = force;
    auto outcome = change::apply(root, change, context);
    if (outcome && purpose == Purpose::apply) {
      root = outcome->root;
    }
    return outcome;
  }

  // PUT of one app; the body is JSON.
  Result<Outcome> put(const std::string& id, const std::string& body) {
    PutApps wanted;
    wanted.apps.push_back({PathId::parse(id), json::parse(body).value()});
    return apply(wanted);
  }

  Result<Outcome> put_group(const std::string& id, const std::string& body) {
    return apply(PutGroup{PathId::parse(id), json::parse(body).value()});
  }

  Result<Outcome> post_group(const std::string& body) {
    return apply(CreateGroup{PathId(), json::parse(body).value()});
  }

  AppPtr app(const std::string& id) const { return root.find_app(PathId::parse(id)); }

  WallTime now() const { return now_; }

  Settings settings;
  History history;
  Root root;

 private:
  WallTime now_{std::chrono::seconds(1714557600)};
};

inline std::string message_of(const Result<Outcome>& outcome) {
  return outcome ? "" : outcome.error().message;
}

inline bool has_problem(const Result<Outcome>& outcome,
                        const std::string& path,
                        const std::string& reason) {
  if (outcome) {
    return false;
  }
  for (const Problem& problem : outcome.error().problems) {
    if (problem.path == path && problem.reason.find(reason) != std::string::npos) {
      return true;
    }
  }
  return false;
}

inline std::vector<std::string> texts(const std::vector<PathId>& ids) {
  std::vector<std::string> all;
  for (const PathId& id : ids) {
    all.push_back(id.text());
  }
  return all;
}

}  // namespace ekiden::marathon::change
