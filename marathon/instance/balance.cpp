#include "marathon/instance/balance.h"

#include "marathon/launch/constraints.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

namespace ekiden::marathon::instance {

namespace {

using Value = std::optional<std::string>;

Value value_of(const std::string& field, const Instance& instance) {
  return instance.place ? launch::field_of(field, *instance.place) : std::nullopt;
}

// Sizes of the groups that one GROUP_BY makes.
struct Grouping {
  std::string field;
  std::map<Value, std::int64_t> sizes;
  std::int64_t initial = 0;

  std::int64_t largest() const {
    std::int64_t most = 0;
    for (const auto& [value, size] : sizes) {
      most = std::max(most, size);
    }
    return most;
  }

  std::int64_t imbalance() const {
    if (sizes.empty()) {
      return 0;
    }
    std::int64_t least = sizes.begin()->second;
    for (const auto& [value, size] : sizes) {
      least = std::min(least, size);
    }
    return largest() - least;
  }

  void remove(const Value& value) {
    const auto at = sizes.find(value);
    if (at != sizes.end() && --at->second == 0) {
      sizes.erase(at);
    }
  }
};

std::vector<Grouping> groupings_of(const App& app, const std::vector<InstancePtr>& instances) {
  std::vector<Grouping> groupings;
  for (const Constraint& constraint : app.constraints) {
    if (constraint.op != ConstraintOperator::group_by) {
      continue;
    }
    Grouping grouping{constraint.field, {}, 0};
    for (const InstancePtr& instance : instances) {
      ++grouping.sizes[value_of(constraint.field, *instance)];
    }
    grouping.initial = grouping.imbalance();
    groupings.push_back(std::move(grouping));
  }
  return groupings;
}

bool keeps_balance(const std::vector<Grouping>& groupings, const Instance& victim) {
  return std::all_of(groupings.begin(), groupings.end(), [&](Grouping grouping) {
    grouping.remove(value_of(grouping.field, victim));
    return grouping.imbalance() <= 1 || grouping.imbalance() < grouping.initial;
  });
}

// Index of the next victim among `left`, or nothing.
std::optional<std::size_t> pick(std::vector<Grouping> groupings,
                                const std::vector<InstancePtr>& left) {
  std::stable_sort(groupings.begin(), groupings.end(), [](const auto& a, const auto& b) {
    return a.imbalance() > b.imbalance();
  });
  for (const Grouping& grouping : groupings) {
    const std::int64_t largest = grouping.largest();
    for (std::size_t i = 0; i < left.size(); ++i) {
      const auto size = grouping.sizes.find(value_of(grouping.field, *left[i]));
      if (size->second == largest && keeps_balance(groupings, *left[i])) {
        return i;
      }
    }
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (keeps_balance(groupings, *left[i])) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace

bool has_group_by(const App& app) {
  return std::any_of(app.constraints.begin(), app.constraints.end(), [](const Constraint& one) {
    return one.op == ConstraintOperator::group_by;
  });
}

std::vector<InstancePtr> balanced_victims(const App& app,
                                          std::vector<InstancePtr> candidates,
                                          std::size_t count) {
  if (count >= candidates.size()) {
    return candidates;
  }
  std::vector<Grouping> groupings = groupings_of(app, candidates);
  std::vector<InstancePtr> victims;
  while (victims.size() < count) {
    const std::optional<std::size_t> next = pick(groupings, candidates);
    if (!next) {
      break;
    }
    const InstancePtr victim = candidates[*next];
    candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(*next));
    for (Grouping& grouping : groupings) {
      grouping.remove(value_of(grouping.field, *victim));
    }
    victims.push_back(victim);
  }
  return victims;
}

}  // namespace ekiden::marathon::instance
