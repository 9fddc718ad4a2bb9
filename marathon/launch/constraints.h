#pragma once

#include "core/model/offer.h"
#include "core/model/offer_constraints.h"
#include "marathon/model/instance.h"
#include "marathon/model/pattern.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ekiden::marathon::launch {

// The text of a constraint's field: "hostname", "@region", "@zone", else the attribute of that
// name [4.7]. Nothing: the offer or agent lacks it.
std::optional<std::string> field_of(const std::string& field, const model::Offer& offer);
std::optional<std::string> field_of(const std::string& field, const AgentPlace& place);
std::string to_text(const model::Attribute& attribute);
AgentPlace place_of(const model::Offer& offer);

// Does an instance occupy its place when others of the config `since` are placed? Not what is lost,
// or waits without a reservation, or is of an older config [4.4, defect 25a].
bool is_placed(const Instance& instance, WallTime since);
std::string to_text(const Constraint& constraint);  // "[hostname, GROUP_BY, 3]"

// The constraints of one app with the placed instances counted by value, so that one offer costs
// the number of constraints and not of instances. `placed` is called for each launch of the batch.
class Placement {
 public:
  explicit Placement(const App& app) : Placement(app.constraints, app.instances) {}

  Placement(const std::vector<Constraint>& constraints, std::int32_t instances);

  bool empty() const { return rules_.empty(); }

  // An instance that counts: not lost, not waiting, of the current config [4.4].
  void count(const Instance& instance);
  // The same without an instance that was counted: it may stay where it is.
  Placement without(const Instance& instance) const;
  // Values that exist in the cluster, for GROUP_BY without a number [CO-2].
  void see(const model::Offer& offer);
  bool fits(const model::Offer& offer) const;
  void placed(const model::Offer& offer);
  // The constraints that the offer does not meet, in words: "[rack, UNIQUE]".
  std::vector<std::string> failing(const model::Offer& offer) const;
  // What the master may be told, so that it offers only agents that can fit: never more than what
  // fits() would refuse anyway [RV-1].
  std::vector<model::AttributeConstraint> wanted_agents() const;

 private:
  struct Rule {
    Constraint constraint;
    std::optional<std::int64_t> number;
    std::optional<Pattern> pattern;  // nothing: the expression is not valid
    // Instances by value; those without the field are one group of their own.
    std::map<std::optional<std::string>, std::int64_t> groups;
    std::optional<std::string> first;  // value of the first counted instance
    std::set<std::string> seen;
  };

  bool fits(const Rule& rule, const std::optional<std::string>& value) const;
  bool fits_group(const Rule& rule, const std::string& value) const;

  void enter(const std::vector<std::optional<std::string>>& values);

  std::int64_t instances_ = 0;
  std::int64_t counted_ = 0;
  std::vector<Rule> rules_;
};

}  // namespace ekiden::marathon::launch
