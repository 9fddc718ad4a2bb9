#pragma once

#include "core/base/result.h"
#include "core/model/agent.h"
#include "core/model/offer_constraints.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::allocator {

// What of an agent decides who may see it at all, besides its resources.
struct AgentSpec {
  std::string hostname;
  std::vector<model::Attribute> attributes;
  std::optional<model::DomainInfo> domain;
  bool multi_role = true;  // capabilities
  bool hierarchical_role = true;
  bool reservation_refinement = true;
  bool operator==(const AgentSpec&) const = default;
};

// --offer_constraints_re2_max_mem, --offer_constraints_re2_max_program_size
struct RegexLimits {
  std::int64_t max_mem = 4096;
  int max_program_size = 100;
};

// Offer constraints of a framework, ready to be asked [mesos-core 2.17].
class ConstraintsFilter {
 public:
  // Fails for empty groups, selectors and predicates that say nothing, and bad or too large
  // expressions.
  static Result<std::shared_ptr<const ConstraintsFilter>> compile(
      const model::OfferConstraints& constraints, const RegexLimits& limits);

  virtual ~ConstraintsFilter() = default;
  // True: the framework must not be offered the agent in that role.
  virtual bool excludes(const std::string& role, const AgentSpec& agent) const = 0;
};

}  // namespace ekiden::allocator
